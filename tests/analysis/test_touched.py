"""Whom a reform touches most, and why nothing changes for the others: counted by hand."""

import dataclasses

import numpy
import pytest

from openfisca_cej.analysis.compare import compare
from openfisca_cej.analysis.comparison import Comparison
from openfisca_cej.analysis.touched import most_touched
from openfisca_cej.analysis.unchanged import TOLD
from openfisca_cej.report import page

FIRST = "contrat_engagement_jeune.montant_forfaitaire.general.majeur_non_imposable"
MONTHS = "2025-01:2025-03"
ENDED, NEVER = numpy.datetime64("2024-12-20"), numpy.datetime64("NaT", "D")


def people() -> dict[str, numpy.ndarray]:
    """Seven persons of one operator, each with a reason of their own, and two of another."""
    count = 9

    def only(rank: int, value: float) -> numpy.ndarray:
        return numpy.where(numpy.arange(count) == rank, value, 0.0)

    tiers = numpy.full(count, "non_imposable", dtype=object)
    tiers[2], tiers[7:] = "au_dela", "premiere_tranche"
    born = numpy.full(count, numpy.datetime64("2003-05-01"))
    born[1] = numpy.datetime64("2008-06-01")
    complete = numpy.full(count, numpy.datetime64("2024-12-10"))
    complete[6] = numpy.datetime64("2025-12-10")
    return {
        "individu_id": numpy.array([f"p{rank}" for rank in range(count)]),
        "date_naissance": born,
        "cej_date_signature": numpy.full(count, numpy.datetime64("2024-12-10")),
        "cej_date_dossier_complet": complete,
        "cej_situation_fiscale": tiers.astype(str),
        "salaire_net": only(3, 3_000.0),
        "indemnites_volontariat": only(4, 500.0),
        "rsa": only(5, 600.0),
        "operateur": numpy.array(["a"] * 7 + ["b"] * 2),
        "poids": numpy.array([1.0, 2.0, 3.0, 5.0, 7.0, 11.0, 13.0, 1.0, 1.0]),
    }


def compared(**options: object) -> Comparison:
    how = {"by": ["operateur"], "min_group": 0, "replicates": 0, **options}
    return compare({FIRST: {"2025-01-01": 600}}, people(), MONTHS, **how)


def test_each_month_of_those_for_whom_nothing_changes_has_the_reason_of_the_law() -> None:
    found = compared()
    touched = most_touched(found.whole, found.breakdowns)
    assert touched is not None
    # The first alone gains, one of the 42 that the seven weigh.
    assert (touched.most[0], touched.most[1].key, touched.least[0]) == (1 / 42, "a", 0)
    reasons = {one.name: one.difference for one in touched.most[1].measures if one.name in TOLD}
    # Three months each, by the weight of the person.
    assert reasons == {
        "inchanges_payes": 3 * 2,
        "inchanges_tranche": 3 * 3,
        "inchanges_ressources": 3 * 5,
        "inchanges_suspendus": 3 * 7,
        "inchanges_rsa": 3 * 11,
        "inchanges_tardifs": 3 * 13,
        "inchanges_prime_activite": 0,
        "inchanges_sanction": 0,
    }
    # Of one group alone: the others could be deduced.
    other = touched.least[1]
    assert not {one.name for one in (*other.measures, *found.whole.measures)} & TOLD.keys()
    assert page.told_of_unchanged(found).replace("\u00a0", " ") == (
        "Rien ne change pour 97,6 % du groupe « a » ; leurs mois de contrat : 39 dont le dossier "
        "est venu trop tard, 33 exclus par le RSA, 21 suspendus par une ressource du mois, 15 où "
        "les ressources ne laissent rien, 9 sans montant pour la tranche du foyer fiscal, 6 payés "
        "au même montant."
    )


def test_reasons_are_of_everybody_where_no_group_is_touched_more() -> None:
    found = compared(by=[])
    assert most_touched(found.whole, found.breakdowns) is None
    # The two of the other operator are paid as before: 2 × 3 months more.
    assert found.whole.measure("inchanges_payes").difference == 3 * 2 + 2 * 3
    assert "de ces personnes" in page.told_of_unchanged(found)


def test_a_reason_that_rests_on_too_few_is_not_told() -> None:
    # Three are paid as before (weights 2, 1 and 1); each other reason is of one person.
    found = compared(by=[], min_group=2)
    reasons = {one.name: one for one in found.whole.measures if one.name in TOLD}
    assert [name for name, one in reasons.items() if one.difference] == ["inchanges_payes"]
    masked = {name for name, one in reasons.items() if one.masked}
    assert masked == reasons.keys() - {"inchanges_payes", "inchanges_prime_activite"} - {
        "inchanges_sanction"
    }
    # The winner is alone too: how many lie unchanged is hidden, and so is why.
    assert page.told_of_unchanged(found) == ""


@pytest.mark.parametrize("outcome", ["gagnants", "perdants"])
def test_groups_are_told_apart_by_who_loses_where_some_do(outcome: str) -> None:
    amount = 600 if outcome == "gagnants" else 500
    found = compare(
        {FIRST: {"2025-01-01": amount}}, people(), MONTHS, by=["operateur"], min_group=0
    )
    assert f"la part des {outcome} va de 0" in page.told_of_groups(found).replace("\u00a0", " ")
    none = dataclasses.replace(found, breakdowns=())
    assert page.told_of_groups(none) == ""


def in_two_years(changed: dict[str, numpy.ndarray] | None = None, **options: object) -> Comparison:
    """Fifteen are paid 600 € and not 552.29 from January 2025 on, of thirty under contract."""
    data = {
        "individu_id": numpy.array([f"p{rank:02d}" for rank in range(30)]),
        "date_naissance": numpy.full(30, numpy.datetime64("2003-05-01")),
        "cej_date_signature": numpy.full(30, numpy.datetime64("2024-11-10")),
        "cej_situation_fiscale": numpy.array(["non_imposable"] * 15 + ["premiere_tranche"] * 15),
        "salaire_net": numpy.zeros(30),
    }
    how = {"by": [], "min_group": 0, "replicates": 0, "months": "2024-12:2025-03", **options}
    return compare({FIRST: {"2025-01-01": 600}}, data | (changed or {}), **how)


def of_year(found: Comparison, year: str) -> dict[str, float | None]:
    (period,) = (one for one in found.of_kind("annee") if one.period == year)
    return {
        name: None if (one := period.measure(name)).masked else one.baseline or one.difference
        for name in ("personnes", "gagnants", "perdants")
    }


def test_winners_of_a_year_are_those_of_its_months() -> None:
    # 47.71 € a month in 2025; over the four months of contract, 35.78.
    found = in_two_years(threshold=40)
    assert of_year(found, "2024") == {"personnes": 30, "gagnants": 0, "perdants": 0}
    assert of_year(found, "2025") == {"personnes": 30, "gagnants": 15, "perdants": 0}
    assert found.whole.measure("gagnants").difference == 0
    # The end of five contracts in December: they are in no month of 2025.
    left = in_two_years({"cej_date_fin": numpy.where(numpy.arange(30) < 5, ENDED, NEVER)})
    assert of_year(left, "2025") == {"personnes": 25, "gagnants": 10, "perdants": 0}


def test_money_of_a_year_is_told_beside_the_people_of_that_year() -> None:
    found = dataclasses.replace(in_two_years(threshold=40), headline="2025")
    told = page.winners(found)[0].replace("\u00a0", " ")
    assert told.startswith(
        "En 2025, parmi les jeunes en contrat, 15 personnes (50 %) y gagnent ; personne n'y perd. "
        "Sur toute la période (de décembre 2024 à mars 2025), personne n'y gagne ; personne n'y"
    )
    alone = dataclasses.replace(in_two_years(months="2025-01:2025-03"), headline="2025")
    assert page.winners(alone)[0].startswith("En 2025, 15 personnes")


def test_nobody_loses_is_said_where_even_how_many_are_compared_is_hidden() -> None:
    data = {name: values[:1] for name, values in people().items()}
    found = compare({FIRST: {"2025-01-01": 600}}, data, MONTHS, by=[], min_group=11)
    assert page.winners(found)[0].startswith(
        "De janvier 2025 à mars 2025, trop peu de personnes y gagnent pour que leur nombre soit "
        "publié ; personne n'y perd."
    )


def test_what_a_year_hides_cannot_be_deduced_from_the_window() -> None:
    # Few gain: hidden over the window, so in its only year.
    tiers = numpy.array(["non_imposable"] * 3 + ["premiere_tranche"] * 27)
    few = in_two_years({"cej_situation_fiscale": tiers}, min_group=11, months="2025-01:2025-03")
    assert few.whole.measure("gagnants").masked
    assert of_year(few, "2025")["gagnants"] is None
    # Four have no contract in 2025, which the number of those who have one would tell.
    ends = {"cej_date_fin": numpy.where(numpy.arange(30) > 25, ENDED, NEVER)}
    left = in_two_years(ends, min_group=11)
    assert left.whole.measure("personnes").baseline == 30
    assert of_year(left, "2024")["personnes"] == 30
    assert of_year(left, "2025")["personnes"] is None
