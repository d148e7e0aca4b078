"""The embedded population beside what the region published, and how sure the only result is.

The share paid at least once comes out of the law; it is printed with its interval over draws of the
assumptions, and no assumption moves for it.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej.french import percent
from openfisca_cej.french import plain_number as number
from openfisca_cej.population import assumptions as named_assumptions
from openfisca_cej.population import engine
from openfisca_cej.population.display import Differences
from openfisca_cej.population.months import month_number
from openfisca_cej.population.schema import RESULT
from openfisca_cej.population.summary import Totals
from openfisca_cej.population.synthetic import WINDOW, Entrants, load
from openfisca_cej.population.table import Population, joined

#: Draws of the assumptions, and persons in each, for the interval of the embedded population.
DRAWS, SIZE = 40, 1000

#: The release knew of the payments of the months before.
RELEASE = month_number("2023-03")


class Interval(NamedTuple):
    """Median and 95 % of draws of a share: during the whole contract, and before the release."""

    whole: tuple[float, float, float]
    before: tuple[float, float, float]


def shares(population: Population) -> dict[str, float]:
    """Shares of the population that the release speaks of."""
    attributes = population.attributes
    return {
        "moins_de_22_ans": float(numpy.mean(attributes["age"] < 22)),
        "sans_diplome": float(numpy.mean(attributes["diplome"] == "aucun")),
        "qpv": float(numpy.mean(attributes["qpv"])),
        "emploi_durable": float(numpy.mean(attributes["emploi_durable"])),
        "formation": float(numpy.mean(attributes["formation"])),
    }


def interval(
    system: TaxBenefitSystem,
    source: str | None,
    given: dict[str, Any],
    seed: int,
    draws: int = DRAWS,
) -> Interval:
    """Shares paid at least once, over draws of the assumptions and of small populations."""
    margins = load("marges_paca_2022")
    made = [
        Entrants(system, margins, taken, seed + 1 + rank, SIZE)
        for rank, (taken, _) in enumerate(named_assumptions.draws(source, given, draws, seed))
    ]
    for making in made:
        making.every_month = True
    population = joined([making.population() for making in made])
    blocks = engine.simulate(system, population, WINDOW, (RESULT,), population.count)
    paid = numpy.vstack([block.values[RESULT] > 0 for block in blocks]).reshape(draws, SIZE, -1)
    before = paid[:, :, : RELEASE - WINDOW[0]]
    whole, known = (bounds(part.any(axis=2).mean(axis=1)) for part in (paid, before))
    return Interval(whole, known)


def bounds(values: numpy.ndarray) -> tuple[float, float, float]:
    """Bounds of 95 % of the values, and their median in between."""
    low, median, high = numpy.quantile(values, [0.025, 0.5, 0.975]).tolist()
    return low, median, high


def comparisons(
    population: Population,
    totals: Totals,
    margins: dict[str, Any],
    found: Interval | None = None,
) -> list[Differences]:
    """A line for each figure of the release: what the population has, and what kind it is.

    The result is compared only if the simulation follows every contract to its end.
    """
    whole = totals.months[0] <= WINDOW[0] and totals.months[-1] >= WINDOW[-1]
    simulated = shares(population)
    lines = []
    for name, entry in load("communique_paca_2023")["chiffres"].items():
        label, published, kind = entry["libelle"], entry["publie"], entry["nature"]
        if name == "entrants":
            agrees = totals.persons == margins["entrees"]["valeur"]
            lines.append(Differences(label, number(totals.persons), published, agrees, kind))
        elif name == "payes":
            lines += results(entry, totals.ever_paid / totals.weight, whole, found)
        elif name in margins["comparaisons"]:
            known = margins["comparaisons"][name]
            agrees = abs(simulated[name] - known["valeur"]) <= known["tolerance"]
            lines.append(Differences(label, percent(simulated[name]), published, agrees, kind))
        elif name in simulated:
            agrees = simulated[name] > entry["borne"] if "borne" in entry else None
            lines.append(Differences(label, percent(simulated[name]), published, agrees, kind))
        else:
            lines.append(Differences(label, "", published, None, kind))
    return lines


def not_modelled() -> str:
    """Why some figures of the release are not modelled, in French."""
    figures = load("communique_paca_2023")["chiffres"].values()
    reasons = [f"{one['libelle']} : {one['pourquoi']}" for one in figures if "pourquoi" in one]
    return f"Non modélisé : {' ; '.join(reasons)}."


def results(
    entry: dict[str, Any], share: float, whole: bool, found: Interval | None
) -> Sequence[Differences]:
    """The share paid at least once; with the draws, the same as the release could know it."""
    label, published, kind = entry["libelle"], entry["publie"], entry["nature"]
    agrees = share > entry["borne"] if whole else None
    lines = [Differences(label, percent(share), published, agrees, kind)]
    if found is not None:
        for name, values in (
            ("pendant le contrat", found.whole),
            ("avant mars 2023", found.before),
        ):
            low, median, high = values
            text = f"{percent(median)} [{percent(low)} à {percent(high)}]"
            inside = high > entry["borne"]
            told = f"  sur {DRAWS} tirages, {name}"
            lines.append(Differences(told, text, published, inside, kind))
    return lines
