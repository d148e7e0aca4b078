"""What the data cannot show of a reform is said, instead of a nil or a partial effect."""

import numpy
import pytest
from click.testing import CliRunner

from openfisca_cej.analysis import sources
from openfisca_cej.analysis.blind_spots import UNSEEN
from openfisca_cej.analysis.compare import compare
from openfisca_cej.commands.compare import compare as command
from openfisca_cej.report import page


def people(count: int = 20, **changed):
    """Twenty adults of the first tier, aged 20, who signed in January 2025."""
    return {
        "date_naissance": numpy.full(count, numpy.datetime64("2004-06-01")),
        "cej_date_signature": numpy.full(count, numpy.datetime64("2025-01-10")),
        "cej_situation_fiscale": numpy.full(count, "non_imposable"),
    } | changed


def some(value, nothing, count: int = 20):
    """A column in which the first twelve have something."""
    return numpy.array([value] * 12 + [nothing] * (count - 12))


@pytest.mark.parametrize(
    ("name", "variable"),
    [("mayotte_alignee", "residence_mayotte"), ("prime_activite_du_mois", "ppa")],
)
def test_nobody_to_touch_is_not_a_nil_effect(name: str, variable: str) -> None:
    found = compare(name, people(), "2025-01:2025-06", replicates=0)
    assert found.unseen
    (warning,) = found.warnings
    assert variable in warning
    assert warning in found.limits
    assert UNSEEN in page.lead(found)
    assert [label for label, _ in page.key_figures(found)] == ["Total dû, avant"]


def test_somebody_to_touch_gives_the_effect() -> None:
    # Majors of the first tier, from January to March 2025: 552.29 € and not 314.80 €.
    lived = people(residence_mayotte=some(True, False))
    found = compare("mayotte_alignee", lived, "2025-01:2025-03", replicates=0, min_group=0)
    assert (found.unseen, found.warnings) == (False, ())
    assert found.window.measure("total").difference == pytest.approx(3 * 12 * (552.29 - 314.80))
    assert "coûte 8 550 €" in page.lead(found).replace("\u202f", " ").replace("\u00a0", " ")
    # A prime of January only: its end brings February and March back.
    paid = people(**{"ppa@2025-01": some(100.0, 0.0), "ppa@2025-02": numpy.zeros(20)})
    found = compare("prime_activite_du_mois", paid, "2025-01:2025-03", replicates=0, min_group=0)
    assert not found.warnings
    assert found.window.measure("total").difference == pytest.approx(2 * 12 * 552.29)


def test_an_age_limit_is_seen_in_part_when_nobody_is_beyond_it() -> None:
    # Twelve are 26 in March 2025: due until March, and until June if the limit is raised.
    births = some("1999-03-15", "2004-06-01").astype("datetime64[D]")
    found = compare("age_29", people(date_naissance=births), "2025-01:2025-06", replicates=0)
    assert not found.unseen
    assert found.window.measure("total").difference == pytest.approx(12 * (561.68 * 3), abs=0.01)
    (warning,) = found.warnings
    assert "avant de signer (date_naissance)" in warning
    assert page.cautions(found)[0].startswith("Effet partiel")
    older = births.copy()
    older[0] = numpy.datetime64("1998-03-15")
    assert not compare("age_29", people(date_naissance=older), "2025-01", replicates=0).warnings
    # Beyond the limit as a disabled worker, one is not touched.
    disabled = people(date_naissance=older, rqth=numpy.arange(20) == 0)
    assert compare("age_29", disabled, "2025-01", replicates=0).warnings


def test_sanctions_of_one_scale_do_not_show_the_other() -> None:
    decided = people(**{"cej_sanction_motif@2025-08": some("manquement", "aucun")})
    found = compare("sanctions_2022", decided, "2025-07:2025-10", replicates=0, min_group=0)
    assert not found.unseen
    assert found.window.measure("total").difference > 0
    (warning,) = found.warnings
    assert "cej_rang_manquement" in warning
    # A failing of April is out of time: the scale of 2022 was then in force under both laws.
    early = {**decided, "cej_rang_manquement@2025-04": some(1, 0)}
    found = compare("sanctions_2022", early, "2025-07:2025-10", replicates=0, min_group=0)
    assert found.warnings == (warning,)
    both = {**decided, "cej_rang_manquement@2025-08": some(1, 0)}
    found = compare("sanctions_2022", both, "2025-07:2025-10", replicates=0, min_group=0)
    assert not found.warnings


def test_months_that_the_reform_reads_and_the_file_lacks_are_named() -> None:
    wages = people(**{"salaire_net@2024-12": some(400.0, 0.0), "salaire_net@2025-01": some(0.0, 0)})
    found = compare("ressources_trois_mois", wages, "2025-01:2025-02", replicates=0)
    (warning,) = found.warnings
    assert "salaire_net 2024-10…2024-11" in warning
    assert warning in found.limits
    assert warning in page.cautions(found)[0]
    # The same wage each month: given for every month, or with all of them, nothing is lacking.
    for given in (
        {"salaire_net": some(400.0, 0.0)},
        {f"salaire_net@{month}": some(4.0, 0) for month in ("2024-10", "2024-11", "2024-12")}
        | {"salaire_net@2025-01": some(4.0, 0)},
    ):
        found = compare("ressources_trois_mois", people(**given), "2025-01:2025-02", replicates=0)
        assert not found.warnings
    # Months before the first signature are not read, nor by the law in force those before M−1.
    late = compare("ressources_trois_mois", wages, "2024-06:2025-02", replicates=0)
    assert late.warnings == (warning,)


def test_what_a_cohort_is_and_is_not() -> None:
    def of(year: str, months: str, universe: str = "entrants"):
        origin = sources.of_universe(universe, "France", year, 400, 0)
        return compare("sans_condition_fiscale", origin, months, replicates=0, draws=0)

    cohort = of("2023", "2023-01:2023-12")
    assert "leurs mois de janvier à décembre 2023 seulement : ce n'est pas" in cohort.scope
    assert "--year 2022-2023" in cohort.scope
    assert cohort.scope in cohort.limits
    assert cohort.scope in page.cautions(cohort)
    assert cohort.headline == ""
    assert [one.label for one in cohort.of_kind("annee")] == [
        "2023 (12 mois, entrés en 2023 seulement)"
    ]
    short = of("2022", "2022-03:2022-12")
    assert "moins d'une année" in short.scope

    year = of("2022-2023", "2022-03:2024-02")
    assert (year.scope, year.headline) == ("", "2023")
    assert [one.label for one in year.of_kind("annee")] == [
        "2022 (10 mois)",
        "2023 (12 mois)",
        "2024 (2 mois, fin de contrats, sans entrants)",
    ]
    total = year.main.measure("total")
    assert total == year.of_kind("annee")[1].measure("total")
    lead = page.lead(year)
    assert lead.startswith("En 2023, ")
    assert "740" in lead.partition("publiée de 2023")[2]

    neet = of("2023", "2023-01:2023-02", "neet")
    assert "potentiel" in neet.scope
    assert "la réforme coûterait" in page.lead(neet)
    assert "% de plus que le potentiel" in page.lead(neet)
    assert "dus" not in page.lead(neet)
    assert page.key_figures(neet)[0][0] == "Potentiel, avant"


def test_the_command_states_the_year_and_says_what_is_not_seen(tmp_path) -> None:
    def run(*arguments: str) -> str:
        out = tmp_path / arguments[0]
        options = ("--size", "400", "--replicates", "0", "--draws", "0")
        result = CliRunner().invoke(command, [*arguments, *options, "--out", str(out)])
        assert result.exit_code == 0, result.output
        return result.output

    text = run("mayotte_alignee")
    assert "Ces données ne permettent pas de voir l'effet de la réforme." in text
    assert "! Aucune de ces personnes ne réside à Mayotte (residence_mayotte)" in text
    assert "2024 (12 mois, fin de contrats, sans entrants)" in text
    assert "Dépense d'allocation, 2023" in text
    text = run("montants_rsa", "--year", "2023")
    assert "! Jeunes entrés en 2023, leurs mois de janvier à décembre 2023 seulement" in text
