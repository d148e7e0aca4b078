"""What is in doubt in the law of the months compared."""

import dated_values
import numpy
import pytest
from openfisca_core.periods import period

from openfisca_cej.analysis import scope
from openfisca_cej.analysis.caveats import caveats
from openfisca_cej.analysis.compare import compare
from openfisca_cej.population.months import month_range

AMOUNTS = "contrat_engagement_jeune.montant_forfaitaire.general"
NOT_TAXED, MINOR = f"{AMOUNTS}.majeur_non_imposable", f"{AMOUNTS}.mineur"
SMIC = "marche_travail.salaire_minimum.smic.smic_b_mensuel"
LATE = period(dated_values.next_move(NOT_TAXED)[:7])


@pytest.mark.parametrize(
    ("months", "told", "silent"),
    [
        # Amounts of the general case are published until 2026-03, and deduced after.
        ("2024-04:2026-03", "", "566,17"),
        ("2026-03:2026-04", "Majeur, foyer non imposable (566,17 € depuis le 1er avril 2026)", ""),
    ],
)
def test_deduced_values(system, months: str, told: str, silent: str) -> None:
    found = " ".join(caveats(system, month_range(months))).replace("\u00a0", " ")
    assert told in found
    assert not silent or silent not in found


def limits_of(reform, months: str, min_group: int = 11) -> list[str]:
    """What is told of values out of date, for twenty adults without resources and two minors."""
    year = LATE.start.year
    data = {
        "date_naissance": numpy.array(
            [f"{year - 20}-01-02"] * 20 + [f"{year - 17}-12-02"] * 2, "datetime64[D]"
        ),
        "cej_date_signature": numpy.full(22, numpy.datetime64(str(LATE.offset(-2).start))),
        "cej_situation_fiscale": numpy.array(["non_imposable"] * 22),
    }
    found = compare(reform, data, months, replicates=0, min_group=min_group)
    assert all(type(case.frozen) is tuple for case in found.cases)
    return [one for one in found.limits if "la dernière valeur connue" in one]


def test_a_comparison_tells_the_values_that_have_moved_and_who_rests_on_them() -> None:
    higher = {"parameters": {NOT_TAXED: {str(LATE.offset(-24).start): 600}}}
    for reform in (None, higher):
        told = limits_of(reform, f"{LATE.last_month}:{LATE.offset(1)}", min_group=1)
        people = [one for one in told if "Mois-personnes" in one]
        assert len(people) == 2
        # Two months out of three of each adult, then of each minor.
        assert people[0].startswith("Majeur, foyer non imposable")
        assert "Mois-personnes concernés : 40 sur 66." in people[0]
        assert people[1].startswith("Mineur")
        assert "Mois-personnes concernés : 4 sur 66." in people[1]
        cases = [one for one in told if one.startswith("Cas types : Mineur")]
        assert len(cases) == 1
        assert "Concernés : 17 ans, foyer non imposable." in cases[0]


def test_a_count_that_may_be_of_too_few_persons_is_not_told() -> None:
    told = [one for one in limits_of(None, str(LATE)) if "Mois-personnes" in one]
    assert "concernés : 20 sur 22." in told[0]
    assert "concernés : moins de 11 sur 22." in told[1]


def test_a_comparison_of_months_that_are_known_says_nothing() -> None:
    known = period(min(dated_values.next_move(NOT_TAXED), dated_values.next_move(SMIC))[:7])
    assert limits_of(None, str(known.last_month)) == []


def test_the_day_of_a_stock_is_told_in_words() -> None:
    stock = {"universe": "stock", "year": "2023-06-30"}
    june = month_range("2023-06:2023-06")
    assert scope.sentence(stock, june).startswith("Jeunes en contrat le 30 juin 2023 : ni ceux")
    assert scope.note(stock, 2023, june) == "en contrat le 30 juin 2023"
