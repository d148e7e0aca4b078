"""The register of paragraphs: nothing without a status, nothing computed without rule and test."""

import datetime
import functools
import math
import re
from pathlib import Path

import pytest
import yaml

from openfisca_cej import CountryTaxBenefitSystem
from openfisca_cej.droit import articles, places, registre
from openfisca_cej.droit.fiche import dossier, leaves, parameter_paths

CASES = Path(__file__).resolve().parent.parent / "contrat_engagement_jeune"

REGISTRE = "openfisca_cej/droit/registre.yaml"

# Texts whose versions nobody follows: a circular, an article and a decree that were not read whole.
UNFOLLOWED = ("Circulaire du 21 février 2022", "L5411-1", "Décret 2025-478 art. 12")

# Paragraphs of a version that waited for their decree, that of 30 May 2025 (L5412-1, VI).
APPLIED_LATER = {("L5412-1", "III"), ("L5412-1", "IV")}


@pytest.fixture(scope="module")
def system() -> CountryTaxBenefitSystem:
    return CountryTaxBenefitSystem()


@functools.cache
def cited() -> dict:
    return registre.tests_by_entry(CASES)


def paragraphs():
    return [(entry, part) for entry in registre.entries() for part in entry.paragraphs]


@functools.cache
def lines() -> list[str]:
    return registre.REGISTER.read_text(encoding="utf-8").splitlines()


def where(entry, part) -> str:
    """The line of the register, to be edited, and its paragraph."""
    starts = [rank for rank, line in enumerate(lines()) if line == f"- nom: {entry.name}"]
    start = starts[-1 if entry.earlier else 0]
    at = next(
        rank
        for rank, line in enumerate(lines()[start:], start + 1)
        if line.strip().replace('"', "") == f"- repere: {part.mark}"
    )
    return f"{REGISTRE}:{at}: {entry.title}, {part.mark}"


def entry_of(text: str, earlier: bool = False) -> registre.ArticleEntry:
    (found,) = [entry for entry in registre.find(text) if entry.earlier == earlier]
    return found


# --- What it holds --------------------------------------------------------------------------------


def test_every_paragraph_has_a_status_and_says_something() -> None:
    for entry, part in paragraphs():
        assert part.status in registre.STATUSES, where(entry, part)
        assert len(part.says.split()) >= 3, where(entry, part)
        assert not part.says.endswith("."), where(entry, part)


def test_a_paragraph_that_is_not_computed_or_not_whole_says_why() -> None:
    for entry, part in paragraphs():
        if part.status == registre.COMPUTED:
            assert part.reason is None, where(entry, part)
        else:
            kind, _, detail = (part.reason or "").partition(" : ")
            assert kind in registre.REASONS, where(entry, part)
            assert detail, where(entry, part)


def test_a_paragraph_is_carried_by_something_unless_it_is_not_computed() -> None:
    for entry, part in paragraphs():
        carried = part.variables or part.parameters
        assert bool(carried) == (part.status != registre.NOT_COMPUTED), where(entry, part)


def test_a_computed_paragraph_is_carried_by_a_variable_not_by_a_number_alone() -> None:
    for entry, part in paragraphs():
        if part.status == registre.COMPUTED:
            assert part.variables, where(entry, part)


def test_an_article_and_a_paragraph_at_a_time_are_there_once() -> None:
    names = [(entry.name, entry.earlier) for entry in registre.entries()]
    assert len(set(names)) == len(names)
    for entry in registre.entries():
        marks = [(part.mark, part.since) for part in entry.paragraphs]
        assert marks
        assert len(set(marks)) == len(marks), entry.title


def test_the_names_exist_in_the_system(system) -> None:
    known = leaves(system)
    for entry, part in paragraphs():
        unknown = set(part.variables) - set(system.variables)
        assert not unknown, f"{where(entry, part)}: {unknown}"
        for path in part.parameters:
            alone = registre.Paragraph("", "", "", parameters=(path,))
            assert any(alone.carries(leaf) for leaf in known), f"{where(entry, part)}: {path}"


def test_no_variable_is_without_a_paragraph(system) -> None:
    named = {name for _, part in paragraphs() for name in part.variables}
    lonely = sorted(set(system.variables) - named)
    assert not lonely, "\n" + "\n".join(f"{REGISTRE}: no paragraph names {name}" for name in lonely)


def test_no_parameter_is_without_a_paragraph(system) -> None:
    known = leaves(system)
    assert len(known) > 80
    lonely = [leaf for leaf in known if not any(part.carries(leaf) for _, part in paragraphs())]
    assert not lonely, "\n" + "\n".join(f"{REGISTRE}: no paragraph names {name}" for name in lonely)


#: « 300 € », « 80 % »: what a sentence says of the law's numbers, but for what it dates.
AMOUNT = re.compile(r"(\d[\d ]*(?:,\d+)?) (€|%)")

#: Amounts that the sentences of a variable say of what its paragraphs do not hold.
OF_OTHER_TEXTS = {("reductions", "61 €"), ("cej_revenus_micro_entreprise", "305 €")}


def outdated(system, sentence: str, parts: list[registre.Paragraph]) -> list[str]:
    """The amounts of a sentence that no parameter of these paragraphs has since its last value."""
    if re.search(r"\b20\d\d\b", sentence):
        return []
    last = []
    for path in leaves(system):
        if any(part.carries(path) for part in parts):
            node = functools.reduce(getattr, path.split("."), system.parameters)
            brackets = [
                one
                for bracket in getattr(node, "brackets", ())
                for one in bracket.children.values()
            ]
            last += [one.values_list[0].value for one in brackets or [node]]
    held = [value for value in last if isinstance(value, int | float)]
    held += [1 - value for value in held]
    return [
        found[0]
        for found in AMOUNT.finditer(sentence)
        if not any(
            math.isclose(value * (100 if found[2] == "%" else 1), number_in(found[1]))
            for value in held
        )
    ]


def number_in(text: str) -> float:
    """« 4 050,5 »."""
    return float(text.replace(" ", "").replace(",", "."))


def test_an_amount_said_in_words_is_that_of_a_parameter_today(system) -> None:
    """Where the law moves a number, the sentences that say it are named."""
    offenders = [
        f"{where(entry, part)}: no parameter of it is {amount} any more: end it there (jusqu_a), "
        "and write what it says since (depuis)"
        for entry, part in paragraphs()
        if part.until is None and part.parameters
        for amount in outdated(system, part.says, [part])
    ]
    for name, variable in system.variables.items():
        parts = [part for _, part in paragraphs() if name in part.variables]
        offenders += [
            f"{places.shown(*places.of_variable(variable))}: {name} says {amount}, which is no "
            "parameter of its paragraphs in the register any more: write the new one"
            for amount in outdated(system, f"{variable.label}. {variable.documentation}", parts)
            if (name, amount) not in OF_OTHER_TEXTS
        ]
    assert not offenders, "\n".join(offenders)


def test_what_is_computed_has_a_test_in_yaml_that_cites_the_article() -> None:
    for entry in registre.entries():
        if any(part.status != registre.NOT_COMPUTED for part in entry.paragraphs):
            assert cited()[entry], f"no test in YAML cites {entry.title}"


@functools.cache
def outputs() -> dict[tuple[str, str], frozenset[str]]:
    """What each test in YAML, (file, name), checks: all the words of its output."""
    return {
        (file.relative_to(CASES).as_posix(), str(case["name"])): frozenset(words(case["output"]))
        for file in sorted(CASES.rglob("*.yaml"))
        for case in yaml.safe_load(file.read_text(encoding="utf-8"))
    }


def words(told) -> set[str]:
    """The keys of an output, at whatever depth: names of variables, persons and months."""
    if not isinstance(told, dict):
        return set()
    return {str(key) for key in told}.union(*map(words, told.values()))


def formulas(system, part: registre.Paragraph) -> set[str]:
    return {name for name in part.variables if system.variables[name].formulas}


def computed():
    return [(entry, part) for entry, part in paragraphs() if part.status == registre.COMPUTED]


def test_each_computed_paragraph_has_a_test_that_checks_what_carries_it(system) -> None:
    """One that cites the paragraph, or that it names; an input is checked by the allowance."""
    offenders = []
    for entry, part in computed():
        carrying = formulas(system, part) or {"cej_allocation"}
        proofs = [test for test in outputs() if entry.proves(test[1], part)]
        if not any(outputs()[test] & carrying for test in proofs):
            name = f"{entry.name} {part.mark.replace(',', '')} — …"
            offenders.append(
                f"{where(entry, part)}: no case named « {name} » expects {min(carrying)}; the "
                "start of another name may stand under « tests: »"
            )
    assert not offenders, "\n" + "\n".join(offenders)


def test_each_rule_of_a_computed_paragraph_is_checked_beside_its_tests(system) -> None:
    """Every variable with a formula is an output in a file that holds tests of the paragraph."""
    offenders = []
    for entry, part in computed():
        files = {
            file for file, name in outputs() if entry.is_cited_by(name) or entry.proves(name, part)
        }
        checked = frozenset().union(*(outputs()[test] for test in outputs() if test[0] in files))
        offenders += [
            f"{where(entry, part)}: no case of its file expects {name}"
            for name in formulas(system, part) - checked
        ]
    assert not offenders, "\n" + "\n".join(offenders)


def test_the_tests_that_a_paragraph_names_exist() -> None:
    names = [name for _, name in outputs()]
    for entry, part in paragraphs():
        for start in part.tests:
            assert any(name.startswith(start) for name in names), f"{where(entry, part)}: {start}"


@pytest.mark.parametrize(
    ("name", "article", "mark", "expected"),
    [
        ("D5131-19 I 1° a — x", "D5131-19", "I, 1°, a", True),
        ("D5131-19 I 1° a — x", "D5131-19", "I, 1°, b", False),
        ("D5131-19 I — x", "D5131-19", "I, 2°", False),
        ("R5131-20 II — x", "R5131-20", "I, 1°", False),
        ("CGI 1657 1 bis — x", "CGI 1657", "2", False),
        ("R5412-3-1 — x", "R5412-3-1", "tout", True),
        ("R5412-3 — deux refus d'offre raisonnable, x", "L5412-1", "III", True),
    ],
)
def test_a_test_proves_the_paragraph_that_it_cites(name, article, mark, expected) -> None:
    entry = entry_of(article)
    (part,) = [part for part in entry.paragraphs if part.mark == mark]
    assert entry.proves(name, part) == expected


def test_the_articles_of_the_versions_are_all_there() -> None:
    """Every article of the codes whose versions are followed has its paragraphs."""
    held = {(entry.code, entry.number) for entry in registre.entries()}
    followed = {(one.code, one.number) for one in articles() if one.code.startswith("code")}
    assert followed - held == set()


def test_the_dates_of_paragraphs_are_those_of_versions() -> None:
    for entry, part in paragraphs():
        if not entry.versions:
            assert entry.name in UNFOLLOWED, entry.name
            continue
        first_days = {version.first_day for version in entry.versions}
        last_days = {version.maintained_until or version.last_day for version in entry.versions}
        if (entry.name, part.mark) in APPLIED_LATER:
            assert part.since == datetime.date(2025, 6, 1)
            first_days.add(part.since)
        assert part.since is None or part.since in first_days, (
            f"{where(entry, part)}: {part.since} is the first day of no version: write it in "
            "openfisca_cej/droit/articles.yaml"
        )
        assert part.until is None or part.until in last_days, (
            f"{where(entry, part)}: {part.until} is the last day of no version: write it in "
            "openfisca_cej/droit/articles.yaml"
        )


def test_a_paragraph_ends_with_the_last_version_of_its_article() -> None:
    """A repealed article has no paragraph without an end."""
    for entry, part in paragraphs():
        if entry.versions and all(version.last_day for version in entry.versions):
            assert part.until is not None, where(entry, part)


def test_what_carries_a_paragraph_exists_in_its_time(system) -> None:
    """A parameter has a value, and a variable a formula, on the first day of the paragraph."""
    creation = datetime.date(2022, 3, 1)
    for entry in registre.entries():
        for part in entry.paragraphs:
            # The law of 2023 is applied « at the latest » in 2026, and « not yet » is a value.
            day = max(part.since or creation, creation).isoformat()
            for path in parameter_paths(entry, system):
                if not part.carries(path) or "revalorisation" in path:
                    continue
                node = functools.reduce(getattr, path.split("."), system.parameters)
                assert node.get_at_instant(day) is not None, f"{where(entry, part)}: {path}"


# --- Who cites what -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "article", "earlier", "expected"),
    [
        ("R5131-22 1° — le salaire", "R5131-22", False, True),
        ("R5131-22 1° — le salaire", "R5131-2", False, None),
        ("R5131-22 (2019) — les bourses", "R5131-22", True, True),
        ("R5131-22 (2019) — les bourses", "R5131-22", False, False),
        ("R5131-22 — les bourses", "R5131-22", True, False),
        ("R5131-24 et R5131-25 (2017) — à charge", "R5131-24", True, True),
        ("Loi 2021-1900 art. 208 II et D5131-20 (2017) — x", "D5131-20", True, True),
        ("Loi 2021-1900 art. 208 II et D5131-20 (2017) — x", "Loi 2021-1900 art. 208", False, True),
        ("R5412-1 à R5412-3-2 — les bornes", "R5412-3", False, True),
        ("R5412-1 à R5412-3-2 — les bornes", "R5412-3-4", False, False),
        ("R5412-3-1 — la fraude", "R5412-3", False, False),
        ("L5131-6-1 — la caution", "L5131-6", False, False),
        ("L861-2 5° CSS — la présomption", "Loi 2023-1250 art. 45", False, True),
        ("Convention — comme R5131-16 le permet", "R5131-16", False, False),
    ],
)
def test_the_name_of_a_test_cites_an_article_before_its_dash(
    name: str, article: str, earlier: bool, expected: bool | None
) -> None:
    found = [entry for entry in registre.find(article) if entry.earlier == earlier]
    if expected is None:
        assert found == []
        return
    assert [entry.is_cited_by(name) for entry in found] == [expected]


def test_tests_are_found_with_their_file() -> None:
    name = "R5131-22 (2019) — "
    found = cited()[entry_of("R5131-22", earlier=True)]
    assert found
    assert all(file == "garantie_jeunes.yaml" for file, _ in found)
    assert any(test.startswith(name) for _, test in found)


def test_a_folder_without_tests_is_not_taken_for_an_empty_one(tmp_path) -> None:
    with pytest.raises(FileNotFoundError):
        registre.tests_by_entry(tmp_path / "nulle_part")


@pytest.mark.parametrize("text", ["D5131-19", "d. 5131-19", "D 5131-19", "d5131-19"])
def test_an_article_is_found_however_it_is_written(text: str) -> None:
    assert [entry.title for entry in registre.find(text)] == [
        "D5131-19",
        "D5131-19 (garantie jeunes)",
    ]


def test_an_article_of_a_law_is_found_by_its_name() -> None:
    assert entry_of("cgi 197").code == "code général des impôts"
    assert entry_of("L861-2").name == "Loi 2023-1250 art. 45"
    assert registre.find("R5131-2") == []


def test_an_unknown_article_has_near_ones() -> None:
    assert "D5131-19" in registre.nearest("D5131-91")
    assert registre.nearest("zzzz") == []


def test_counts_add_up_to_the_paragraphs() -> None:
    found = registre.counts(registre.entries())
    assert sum(found.values()) == len(paragraphs())
    one = registre.counts([entry_of("CGI 1657")])
    assert one == {"calculé": 2, "en partie": 0, "non calculé": 1}


# --- The file of an article -----------------------------------------------------------------------


def test_the_file_of_an_article_holds_its_versions_numbers_rules_and_tests(system) -> None:
    told = dossier(entry_of("D5131-23"), system, [("degressivite.yaml", "D5131-23 — x")])
    assert {part["paragraph"] for part in told["paragraphs"]} == {"1°", "2°"}
    assert told["versions"][0]["id"] == "LEGIARTI000045202337"
    numbers = {one["path"].split(".")[-1]: one["values"] for one in told["parameters"]}
    assert numbers["abattement"]["2022-03-01"] == 300
    assert numbers["part_smic"]["2022-03-01"] == 0.8
    assert numbers["smic_b_mensuel"]["2024-11-01"] == 1801.8
    assert list(numbers["smic_b_mensuel"]) == sorted(numbers["smic_b_mensuel"])
    rules = {one["name"]: one["computed"] for one in told["variables"]}
    assert rules["cej_coefficient_degressivite"]
    assert told["tests"] == [{"file": "degressivite.yaml", "name": "D5131-23 — x"}]


def test_a_folder_of_parameters_is_opened_and_a_scale_told_by_brackets(system) -> None:
    told = dossier(entry_of("CGI 197"), system, None)
    numbers = {one["path"].split(".")[-1]: one["values"] for one in told["parameters"]}
    assert {"seuil_celib", "seuil_couple", "taux"} < set(numbers)
    # Incomes of 2024: 0, 11 % from 11 497, 30 % from 29 315.
    first = [(one["rate"], one["threshold"]) for one in numbers["bareme"]["2024-01-01"][:3]]
    assert first == [(0, 0), (0.11, 11497), (0.3, 29315)]
    assert told["tests"] is None
