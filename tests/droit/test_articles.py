"""The register of the articles: what it must hold, and which version it gives on a day."""

import datetime
import re
from pathlib import Path
from types import SimpleNamespace

import numpy
import pytest
import yaml
from dated_values import last_month
from openfisca_core.periods import DateUnit
from openfisca_core.periods import period as periode
from test_revalorisations import AMOUNTS

import openfisca_cej
from openfisca_cej import CountryTaxBenefitSystem, droit

PACKAGE = Path(openfisca_cej.__file__).resolve().parent
WORK_CODE = "code du travail"
ARTICLE_LINK = "https://www.legifrance.gouv.fr/codes/article_lc/"
FIRST, LAST = "2022-03", last_month()

# Articles of the section and of the sanctions that no rule may cite, but the law is made of.
SECTION = (
    *(f"L5131-{number}" for number in ("3", "4", "5", "6", "6-1", "7")),
    *(f"R5131-{number}" for number in (*range(4, 9), *range(10, 19), 20, 21, 22, 24, 25, 26)),
    *("D5131-9", "D5131-19", "D5131-23", "L5411-6", "L5412-1"),
    *(f"R5412-{n}" for n in ("1", "2", "3", "3-1", "3-2", "3-3", "3-4", "4", "5", "6", "7", "7-1")),
)

# Values of parameters that rest on a text of a later day, and why.
EXPLAINED = {
    ("complementaire_sante_solidaire/presomption", "2022-03-01"): "« no » until the law of 2023",
    ("contrat/mois_apres_parcours", "2022-03-01"): "the list was fixed eight days after the decree",
    ("garantie_jeunes/montant", "2021-04-01"): "an amount of 2021, maintained by the law of 2022",
}


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def version(number: str, on: str) -> droit.Version | None:
    return droit.in_force(number, WORK_CODE, day(on))


def cites(*links: str):
    return SimpleNamespace(reference=list(links), definition_period=DateUnit.MONTH)


def ids_cited(variable, on: str) -> list[str | None]:
    return [found.id for _, found in droit.versions_cited(variable, day(on))]


@pytest.fixture(scope="module")
def system() -> CountryTaxBenefitSystem:
    return CountryTaxBenefitSystem()


# --- The register ---------------------------------------------------------------------------------


def test_every_identifier_cited_by_the_rules_and_parameters_is_in_the_register() -> None:
    files = [
        file
        for folder in ("variables", "parameters")
        for file in (PACKAGE / "texts.py", *(PACKAGE / folder).rglob("*"))
        # The RSA of the parameters is read by reforms alone: no rule of the CEJ cites it.
        if file.suffix in (".py", ".yaml") and "prestations_sociales" not in file.parts
    ]
    cited = {
        found.group()
        for file in files
        for found in re.finditer(
            r"(?:LEGIARTI|JORFARTI|JORFTEXT)\d+(?:/[\d-]+)?", file.read_text(encoding="utf-8")
        )
    }
    assert len(cited) > 50
    unknown = [link for link in sorted(cited) if droit.article_of(link) is None]
    assert not unknown, "\n" + "\n".join(
        f"openfisca_cej/droit/articles.yaml: write the version {link}, which is cited"
        for link in unknown
    )


def test_versions_of_an_article_follow_one_another_without_overlap() -> None:
    for article in droit.articles():
        assert article.versions, article.title
        for found in article.versions:
            assert found.last_day is None or found.first_day <= found.last_day, article.title
        for before, after in zip(article.versions, article.versions[1:], strict=False):
            assert before.last_day is not None, article.title
            assert before.last_day < after.first_day, article.title


def test_versions_say_what_changed_and_how_it_is_known() -> None:
    for article in droit.articles():
        for found in article.versions:
            where = f"{article.title}, {found.first_day}"
            assert found.confidence in ("lu", "publié", "déduit"), where
            assert 3 <= len(found.change.split()) <= 30, where
            assert not found.change.endswith("."), where
            assert found.link.startswith("https://www.legifrance.gouv.fr/"), where
            if found.maintained_until is not None:
                assert found.maintained_until > found.last_day, where


def test_an_identifier_and_an_article_are_there_once() -> None:
    found = [version.id for article in droit.articles() for version in article.versions]
    identifiers = [identifier for identifier in found if identifier is not None]
    assert len(set(identifiers)) == len(identifiers)
    names = [(article.code, article.number) for article in droit.articles()]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("number", SECTION)
def test_the_section_is_there_whether_or_not_a_rule_cites_it(number: str) -> None:
    assert any(version(number, on) for on in ("2022-03-01", "2025-06-01"))


def test_a_link_of_the_register_leads_back_to_its_version() -> None:
    for article in droit.articles():
        for found in article.versions:
            assert droit.article_of(found.link) == (article, found)


# --- Which version --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "on", "identifier"),
    [
        ("L5131-6", "2022-02-28", "LEGIARTI000033023848"),
        ("L5131-6", "2022-03-01", "LEGIARTI000044979502"),
        ("L5131-6", "2023-12-31", "LEGIARTI000044979502"),
        ("L5131-6", "2024-01-01", "LEGIARTI000048601789"),
        ("L5131-6", "2025-01-01", "LEGIARTI000048590598"),
        ("R5131-16", "2024-12-31", "LEGIARTI000049816238"),
        ("R5131-22", "2026-06-30", "LEGIARTI000045207433"),
        ("R5131-22", "2026-07-01", "LEGIARTI000054167633"),
        ("R5131-18", "2025-05-31", "LEGIARTI000045207449"),
        ("R5412-1", "2025-06-01", "LEGIARTI000051679596"),
    ],
)
def test_the_version_in_force_changes_on_its_day(number, on, identifier) -> None:
    assert version(number, on).id == identifier


def test_no_version_once_repealed_before_creation_or_for_an_unknown_article() -> None:
    assert version("R5131-18", "2025-06-01") is None
    assert version("R5131-20", "2022-02-28") is None
    assert version("R9999-1", "2025-06-01") is None
    assert droit.in_force("D5131-19", "code général des impôts", day("2025-06-01")) is None


def test_a_link_may_ask_for_the_version_of_a_day() -> None:
    link = ARTICLE_LINK + "LEGIARTI000046860759"
    article, found = droit.article_of(link)
    assert (article.title, found.first_day) == (
        "article 197 du code général des impôts",
        day("2023-01-01"),
    )
    assert droit.article_of(link + "/2025-02-16")[1].first_day == day("2025-02-16")
    assert droit.article_of(link + "/1999-01-01") is None


def test_other_links_point_to_no_article() -> None:
    page = "https://www.service-public.fr/particuliers/vosdroits/F32700"
    assert droit.article_of(page) is None
    assert droit.article_of("LEGIARTI000000000000") is None
    variable = cites(page, ARTICLE_LINK + "LEGIARTI000045207447")
    assert ids_cited(variable, "2025-06-01") == ["LEGIARTI000045207447"]


def test_an_article_cited_in_its_three_versions_is_given_once() -> None:
    identifiers = ("LEGIARTI000044979502", "LEGIARTI000048601789", "LEGIARTI000048590598")
    variable = cites(*(ARTICLE_LINK + identifier for identifier in identifiers))
    assert ids_cited(variable, "2024-05-01") == ["LEGIARTI000048601789"]


def test_a_later_version_replaces_the_one_cited_and_an_earlier_never_does() -> None:
    of_2022 = cites(ARTICLE_LINK + "LEGIARTI000045207433")
    assert ids_cited(of_2022, "2026-08-01") == ["LEGIARTI000054167633"]
    of_2025 = cites(ARTICLE_LINK + "LEGIARTI000051679596")
    assert version("R5412-1", "2023-01-01") is not None
    assert ids_cited(of_2025, "2023-01-01") == []


def test_a_single_link_may_be_a_plain_string() -> None:
    variable = SimpleNamespace(reference=ARTICLE_LINK + "LEGIARTI000045207447")
    assert ids_cited(variable, "2025-06-01") == ["LEGIARTI000045207447"]
    assert ids_cited(SimpleNamespace(reference=None), "2025-06-01") == []


def test_the_garantie_jeunes_keeps_its_own_version_under_a_number_used_again(system) -> None:
    """R5131-21 now lists deductible resources: another subject than the taper of 2017."""
    variable = system.variables["cej_garantie_jeunes_allocation"]
    assert version("R5131-21", "2022-06-01").id == "LEGIARTI000045207445"
    assert "LEGIARTI000033700946" in ids_cited(variable, "2022-06-01")
    assert "LEGIARTI000045207445" not in ids_cited(variable, "2022-06-01")
    assert "LEGIARTI000033700946" in ids_cited(variable, "2023-08-31")
    assert ids_cited(variable, "2023-09-01") == ["JORFTEXT000044637640"]


# --- The rules and their versions -----------------------------------------------------------------


def periods_of(variable) -> list[str]:
    """The months, or the years, that the tests look at, from the first of its formula."""
    if variable.definition_period == DateUnit.YEAR:
        first = max(min(variable.formulas), "2020-01-01")
        return [str(year) for year in range(int(first[:4]), int(LAST[:4]) + 1)]
    first = max(min(variable.formulas)[:7], FIRST)
    after = numpy.datetime64(LAST, "M") + numpy.timedelta64(1, "M")
    return [str(month) for month in numpy.arange(first, after, dtype="M8[M]")]


def test_every_computed_variable_cites_in_each_month_a_version_then_in_force(system) -> None:
    offenders = []
    looked_at = 0
    for name, variable in system.variables.items():
        if not variable.formulas:
            continue
        for when in periods_of(variable):
            looked_at += 1
            on = droit.day_of(variable, periode(when))
            if not droit.versions_cited(variable, on):
                offenders.append(f"{name}: no article in force in {when} among its references")
    assert looked_at > 1000
    assert not offenders, "\n" + "\n".join(offenders)


def lives_of_citations(system):
    """(variable, first and last days of its life, version cited), last None while it lives."""
    for variable in system.variables.values():
        first = day("2022-03-01")
        if variable.formulas:
            first = max(first, day(min(variable.formulas)))
        if variable.definition_period == DateUnit.YEAR:
            # The first year of income that counts is that of the last notice before the scheme.
            first = datetime.date(first.year - 1, 1, 1)
        for link in variable.reference or ():
            found = droit.article_of(link)
            if found is not None:
                yield variable.name, first, variable.end, found[1]


def overlaps(first, last, cited: droit.Version) -> bool:
    """Tell whether a version applied, or still bound someone, on a day of a life."""
    end = cited.maintained_until or cited.last_day
    return (end is None or end >= first) and (last is None or cited.first_day <= last)


def test_every_version_that_a_variable_cites_applied_in_its_life(system) -> None:
    """A repealed version beside the right one misleads the reader, inputs included."""
    found = list(lives_of_citations(system))
    assert len(found) > 200
    assert [one for one in found if not overlaps(*one[1:])] == []
    # What was repealed before and still bound someone: the garantie jeunes, and nothing else.
    kept = {name for name, first, _, cited in found if cited.last_day and cited.last_day < first}
    assert kept == {
        f"cej_garantie_jeunes_{name}"
        for name in ("allocation", "date_entree", "date_fin", "en_cours", "indemnites_comptees")
    }


def test_a_version_repealed_before_the_scheme_does_not_overlap_it() -> None:
    before = version("L5131-6", "2022-02-28")
    assert not overlaps(day("2022-03-01"), None, before)
    assert overlaps(day("2022-02-28"), None, before)
    assert not overlaps(day("2022-03-01"), day("2025-05-31"), version("R5412-2", "2025-06-01"))
    # The garantie jeunes: R5131-21 of 2017, kept until 31 August 2023.
    assert overlaps(day("2023-08-31"), None, droit.article_of("LEGIARTI000033700946")[1])
    assert not overlaps(day("2023-09-01"), None, droit.article_of("LEGIARTI000033700946")[1])


def test_the_law_of_an_income_is_the_one_of_the_tax_notice(system) -> None:
    yearly = system.variables["cej_impot_brut"]
    assert droit.day_of(yearly, periode("2024")) == day("2025-09-01")
    assert [found.change for _, found in droit.versions_cited(yearly, day("2025-09-01"))] == [
        "Barème et décote des revenus de 2024"
    ]
    monthly = system.variables["cej_allocation"]
    assert droit.day_of(monthly, periode("2024-11")) == day("2024-11-01")
    with pytest.raises(ValueError, match="cej_date_signature has no period"):
        droit.day_of(system.variables["cej_date_signature"], periode("eternity"))


def references() -> list[tuple[str, str, str]]:
    """(parameter, date, link) of each reference of the parameters."""
    folder = PACKAGE / "parameters"
    found = []
    for file in sorted(folder.rglob("*.yaml")):
        content = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
        name = file.relative_to(folder).with_suffix("").as_posix()
        for date, items in (content.get("metadata", {}).get("reference") or {}).items():
            found += [(name, str(date), item["href"]) for item in items]
    return found


def test_a_parameter_cites_at_a_date_a_version_that_covers_it_or_that_is_explained() -> None:
    offenders = []
    explained = set()
    for name, date, link in references():
        found = droit.article_of(link)
        if found is None:
            continue
        on = day(date)
        if name.startswith("impot_revenu/bareme") or "/plaf_qf/" in name:
            on = datetime.date(on.year + 1, 9, 1)  # dated by the year of the income
        maintained = found[1].maintained_until
        if found[1].covers(on) or (maintained is not None and on <= maintained):
            continue
        key = (name.removeprefix("contrat_engagement_jeune/"), date)
        explained.add(key)
        if key not in EXPLAINED:
            offenders.append(f"{name}: {date}: {found[0].title} since {found[1].first_day}")
    assert not offenders, "\n" + "\n".join(offenders)
    assert explained == EXPLAINED.keys()


def test_the_amounts_of_april_2026_cite_where_their_coefficient_comes_from() -> None:
    """None is printed anywhere; what they are worth: see test_revalorisations.py."""
    decree = "JORFTEXT000053733826"
    citing = {name for name, date, link in references() if link.endswith(decree)}
    assert citing.issuperset(AMOUNTS)
