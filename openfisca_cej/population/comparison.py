"""The embedded population beside what is published: what was aimed at, and what was not."""

from typing import Any

import numpy

from openfisca_cej.population.display import Differences, number, percent
from openfisca_cej.population.summary import Totals
from openfisca_cej.population.synthetic import WINDOW, load
from openfisca_cej.population.table import Population


def shares(population: Population) -> dict[str, float]:
    """Shares of the population that the margins constrain."""
    attributes = population.attributes
    return {
        "moins_de_22_ans": float(numpy.mean(attributes["age"] < 22)),
        "sans_diplome": float(numpy.mean(attributes["diplome"] == "aucun")),
        "qpv": float(numpy.mean(attributes["qpv"])),
    }


def comparisons(
    population: Population, totals: Totals, margins: dict[str, Any]
) -> list[Differences]:
    """Lines of the table: the margins, then the results, which were aimed at by nothing.

    A result is compared only if the simulation follows every contract to its end.
    """
    found = shares(population)
    lines = [
        Differences(
            entry["libelle"],
            percent(found[name]),
            entry["publie"],
            abs(found[name] - entry["valeur"]) <= entry["tolerance"],
        )
        for name, entry in margins["comparaisons"].items()
    ]
    paid = load("validation")["payes_paca_2022"]
    share = totals.ever_paid / totals.weight
    label = f"{paid['libelle_demonstration']} (résultat)"
    whole = totals.months[0] <= WINDOW[0] and totals.months[-1] >= WINDOW[-1]
    agrees = share > paid["publie"][0] if whole else None
    lines.append(Differences(label, percent(share), paid["texte"], agrees))
    entered = margins["entrees"]["valeur"]
    counted = totals.persons == entered
    return [Differences("Entrants", number(totals.persons), number(entered), counted), *lines]
