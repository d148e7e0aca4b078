"""Marginal rates over a population: rates worked out by hand, person by person."""

import numpy
import pytest

from openfisca_cej.analysis.compare import compare
from openfisca_cej.report.page import to_html

ABATEMENT = "contrat_engagement_jeune.ressources.degressivite.abattement"
FIRST = "contrat_engagement_jeune.montant_forfaitaire.general.majeur_non_imposable"

#: A month of 2025: 552.29 € less its share of (wage − 300) / (0.8 × 1801.80 − 300), so that a euro
#: takes 552.29 / 1141.44 = 0.4838… away; nothing under 300 €, nothing is left from 1441.44 €.
MONTHS = "2025-02:2025-03"


def people(wages: list[float], **changed: object) -> dict[str, object]:
    """Adults of the first tier, each with the same wage every month."""
    count = len(wages)
    return {
        "individu_id": numpy.array([f"p{rank}" for rank in range(count)]),
        "date_naissance": numpy.full(count, numpy.datetime64("2003-05-01")),
        "cej_date_signature": numpy.full(count, numpy.datetime64("2024-10-10")),
        "cej_situation_fiscale": numpy.full(count, "non_imposable"),
        "salaire_net": numpy.array(wages),
        **changed,
    }


def told(reform: object, data: dict[str, object], months: str = MONTHS, smallest: int = 0):
    found = compare(reform, data, months, by=[], min_group=smallest, replicates=0, rates=True).rates
    assert found is not None
    return {
        group.key: tuple(
            getattr(group.measure("mois_payes"), side) for side in ("baseline", "reform")
        )
        for group in found.groups
    }


def test_the_taper_takes_its_slope_and_nothing_is_taken_under_or_over_it() -> None:
    # Without a wage, nobody is counted; 1500 € is past the end: not paid, so not counted either.
    # An abatement of 900 € leaves 541.44 € to lose it all over: 552.29 / 541.44 = 1.02 a euro.
    data = people([0, 200, 600, 1000, 1500])
    assert told({ABATEMENT: {"2025-01-01": 900}}, data) == {
        "0": (2, 4),
        "0-0.25": (0, 0),
        "0.25-0.5": (4, 0),
        "0.5-0.75": (0, 0),
        "0.75-1": (0, 0),
        "plus_de_1": (0, 2),
        "ensemble": (6, 6),
        "seuil_a_50_euros": (0, 2),
    }


@pytest.mark.parametrize(
    ("amount", "band"),
    # Over 1141.44 €: 0.4995 a euro, 0.5005, 0.7499, 0.7508, 0.9996, 1.0005.
    [
        (570.15, "0.25-0.5"),
        (571.3, "0.5-0.75"),
        (856, "0.5-0.75"),
        (857, "0.75-1"),
        (1141, "0.75-1"),
        (1142, "plus_de_1"),
    ],
)
def test_each_rate_is_in_its_band(amount: float, band: str) -> None:
    found = told({FIRST: {"2025-01-01": amount}}, people([600]))
    assert next(key for key, (_law, after) in found.items() if after) == band


def test_only_the_months_that_have_a_wage_get_another_euro() -> None:
    # 600 € in January alone: read by February (0.48 a euro); March reads February, where nothing
    # is paid, and has none of its own: it is not counted.
    data = people([0])
    del data["salaire_net"]
    data |= {"salaire_net@2025-01": numpy.array([600.0]), "salaire_net@2025-02": numpy.array([0.0])}
    assert told(None, data)["ensemble"] == (1, 1)
    assert told(None, data)["0.25-0.5"] == (1, 1)
    # A mean over three months takes a third of it, in both months: 0.16 a euro over 100 €.
    longer = {
        "contrat_engagement_jeune.ressources.nombre_mois": {"2025-01-01": 3},
        ABATEMENT: {"2025-01-01": 100},
    }
    # 552.29 / (1441.44 − 100) / 3 = 0.137…
    assert told(longer, data)["0-0.25"] == (0, 2)


def test_cells_of_few_persons_are_masked_and_what_they_follow_from_too() -> None:
    # The reform takes nothing from 32 persons (20 under the law), and 1.02 € a euro from 3. Those
    # 3 are hidden, and with them the band that moves the fewest other persons (12, not 15).
    data = people([200.0] * 20 + [600.0] * 12 + [1400.0] * 3)
    found = told({ABATEMENT: {"2025-01-01": 900}}, data, smallest=11)
    assert found["plus_de_1"] == (None, None)
    assert found["0"] == (None, None)
    assert found["0.25-0.5"] == (30, 0)
    assert found["ensemble"] == (70, 70)


def test_shares_are_of_the_paid_months_with_a_wage() -> None:
    data = people([200, 600, 1000, 0], poids=numpy.array([1.0, 2.0, 1.0, 5.0]))
    found = compare(None, data, MONTHS, by=[], min_group=0, replicates=0, rates=True)
    assert found.rates is not None
    shares = {group.key: group.measure("part").baseline for group in found.rates.groups}
    assert {key: share for key, share in shares.items() if share} == {
        "0": 0.25,
        "0.25-0.5": 0.75,
        "ensemble": 1,
    }
    rows = [row for row in found.rows() if row["table"] == "taux_marginaux"]
    assert len(rows) == 2 * len(found.rates.groups)
    assert {type(row["baseline"]) for row in rows} == {float}
    assert "Plus de 0,25 à 0,50" in to_html(found)
    without = compare(None, data, MONTHS, by=[], min_group=0, replicates=0)
    assert without.rates is None
    assert "Plus de 0,25 à 0,50" not in to_html(without)


def test_whoever_is_linked_to_a_worker_is_computed_with_them() -> None:
    # A couple: one works, the other does not; a third lives alone and works.
    data = people([600, 0, 600], menage_id=numpy.array(["a", "a", "b"]))
    alone = people([600, 0, 600])
    assert told(None, data) == told(None, alone)
    assert told(None, data)["0.25-0.5"] == (4, 4)
