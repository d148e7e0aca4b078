"""The figures published on the entrants of France in 2022 and 2023, beside what is computed."""

import functools
from collections.abc import Callable
from typing import Any

from openfisca_cej.analysis.comparison import Published
from openfisca_cej.analysis.scope import everybody
from openfisca_cej.analysis.sources import BOTH_YEARS, published
from openfisca_cej.analysis.tally import DIGITS, WINDOW, EffectTally, Sums
from openfisca_cej.french import month_name
from openfisca_cej.population.months import month_number, month_text
from openfisca_cej.population.synthetic import LOCAL, NATIONAL
from openfisca_cej.population.universes import ENTRANTS
from openfisca_cej.population.validation import MONTHS, SERIES, YEAR

Values = tuple[float, float]

#: Figures of a month that is known by its rank only.
EXTREMES: dict[str, Callable[..., int]] = {"allocataires_minimum": min, "allocataires_maximum": max}


def figures(tally: EffectTally, years: str) -> tuple[Published, ...]:
    """The published figures that bear on the window and on these entrants.

    Entrants of 2022 alone are all those in a contract until December 2022: the others figures
    bear on the entrants of both years.
    """
    known = published()
    months = set(tally.layout.months)
    both = years == BOTH_YEARS
    found = []
    for name, compute in of_both_years(tally).items() if both else ():
        needed, values = compute
        if months.issuperset(needed):
            entry = known[name]
            if name in EXTREMES:
                entry = {**entry, "libelle": f"{entry['libelle']} ({extreme_months(tally, name)})"}
            found.append(figure(name, entry, *values()))
    covered = everybody({"universe": ENTRANTS, "year": years})
    series = known[SERIES]
    for text, value in series["publie"].items():
        month = month_number(text)
        if month in months and month in covered:
            usual = known["allocataires_moyenne"]
            entry = {**usual, **series, "publie": [value, value]}
            found.append(figure(SERIES, entry, *present(tally, month), text))
    return tuple(found)


def extreme_months(tally: EffectTally, name: str) -> str:
    """Which month of the year is the lowest or the highest: published, then simulated."""
    series = published()[SERIES]["publie"]
    which = EXTREMES[name]
    real = which(YEAR, key=lambda month: series[month_text(month)])
    own = which(YEAR, key=lambda month: present(tally, month)[0])
    if real == own:
        return month_name(real)
    return f"{month_name(real)} ; simulé : {month_name(own)}"


def figure(
    name: str, entry: dict[str, Any], before: float, after: float, month: str = ""
) -> Published:
    """A published figure and the computed ones."""
    low, high = (float(value) for value in entry["publie"])
    texts = (entry["definition"], entry["unite"])
    return Published(
        name,
        entry["libelle"],
        month,
        *texts,
        (low, high),
        entry["statut"],
        entry["source"],
        before,
        after,
        entry["tolerance"],
    )


def of_both_years(tally: EffectTally) -> dict[str, tuple[range, Callable[[], Values]]]:
    """For each figure: the months that it needs, and what the tally gives."""
    layout, whole = tally.layout, tally.whole

    def sides(sums: Sums, column: int) -> Values:
        before, change = sums.baseline[column], sums.difference[column]
        return before / 2**DIGITS, (before + change) / 2**DIGITS

    def share(key: str | None) -> Values:
        sums, start = whole, layout.start
        if key is not None:
            sums, start = tally.groups["operateur", key], 0
        (persons, _), paid = (
            sides(sums, start + WINDOW.index(name)) for name in ("personnes", "personnes_payees")
        )
        return paid[0] / persons, paid[1] / persons

    def average() -> Values:
        return mean([present(tally, month) for month in YEAR])

    def extreme(which: Callable[..., float]) -> Values:
        series = [present(tally, month) for month in YEAR]
        return which(before for before, _ in series), which(after for _, after in series)

    def summed(quantity: str) -> Values:
        values = [sides(whole, layout.month(quantity, month)) for month in YEAR]
        return sum(before for before, _ in values), sum(after for _, after in values)

    def spent() -> Values:
        before, after = summed("centimes")
        return before / 100, after / 100

    def distinct() -> Values:
        return sides(whole, layout.year("personnes_payees", YEAR[0] // 12))

    figures: dict[str, tuple[range, Callable[[], Values]]] = {
        "allocataires_moyenne": (YEAR, average),
        "allocataires_minimum": (YEAR, lambda: extreme(min)),
        "allocataires_maximum": (YEAR, lambda: extreme(max)),
        "payes_2023": (YEAR, distinct),
        "depense_2023": (YEAR, lambda: scaled(spent(), 1e-6)),
        "montant_moyen_2023": (YEAR, lambda: divided(spent(), summed("allocataires"))),
        "montant_par_jeune_2023": (YEAR, lambda: divided(spent(), distinct())),
        "payes": (MONTHS, lambda: share(None)),
    }
    for name, key in (("payes_ml", LOCAL), ("payes_ft", NATIONAL)):
        if ("operateur", key) in tally.groups:
            figures[name] = (MONTHS, functools.partial(share, key))
    return figures


def present(tally: EffectTally, month: int) -> Values:
    """Those paid for the month who are in a contract on its last day."""
    column = tally.layout.month("presents", month)
    before, change = tally.whole.baseline[column], tally.whole.difference[column]
    return before / 2**DIGITS, (before + change) / 2**DIGITS


def mean(values: list[Values]) -> Values:
    """Means of both sides."""
    return (
        sum(before for before, _ in values) / len(values),
        sum(after for _, after in values) / len(values),
    )


def scaled(values: Values, by: float) -> Values:
    """Both sides, multiplied."""
    return values[0] * by, values[1] * by


def divided(top: Values, bottom: Values) -> Values:
    """Both sides, divided; nil where there is nobody."""
    before, after = (a / b if b else 0.0 for a, b in zip(top, bottom, strict=True))
    return before, after
