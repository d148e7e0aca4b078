"""The results of a comparison as tables of a workbook: budget, persons, months; exact figures."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from openfisca_cej.analysis.comparison import MONTH, YEAR, Comparison, Measure, Period
from openfisca_cej.report import words

Value = str | float | None

PERIOD = (
    *("Période", "Mesure", "Unité", "Avant", "Après", "Écart"),
    *("Écart, bas", "Écart, haut", "Échantillonnage, bas", "Échantillonnage, haut"),
)
GROUPS = (
    *("Découpage", "Groupe", "Personnes", "Gagnants", "Perdants", "Inchangés"),
    *("Gain moyen par mois", "Perte moyenne par mois"),
    *("Total dû, avant", "Total dû, après", "Écart", "Écart, bas", "Écart, haut"),
)


@dataclass(frozen=True)
class ResultTable:
    """A sheet of results: its name, the title above, the headings, the rows."""

    name: str
    title: str
    headers: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]


def tables(found: Comparison) -> list[ResultTable]:
    """The three sheets of results."""
    years = [*found.of_kind(YEAR), found.window]
    return [
        ResultTable("Budget", "Budget, par année", PERIOD, tuple(of_periods(years))),
        ResultTable("Personnes", "Gagnants et perdants, par groupe", GROUPS, tuple(people(found))),
        ResultTable("Par mois", "Mois par mois", PERIOD, tuple(of_periods(found.of_kind(MONTH)))),
    ]


def of_periods(periods: Sequence[Period]) -> Iterator[tuple[Value, ...]]:
    """A row for each measure of each period."""
    for period in periods:
        for one in period.measures:
            values = (one.baseline, one.reform, one.difference)
            spans = (*(one.interval or (None, None)), *(one.sampling or (None, None)))
            told = (shown(one, value) for value in values)
            yield (period.label, one.label, one.unit, *told, *spans)


def people(found: Comparison) -> Iterator[tuple[Value, ...]]:
    """A row for everybody, then for each group of each breakdown."""
    groups = [("Ensemble", found.whole)]
    groups += [(cut.label, group) for cut in found.breakdowns for group in cut.groups]
    for label, group in groups:
        persons, total = group.measure("personnes"), group.measure("total")
        names = ("gagnants", "perdants", "inchanges", "gain_moyen", "perte_moyenne")
        counts = [group.measure(name) for name in names]
        yield (
            label,
            group.label,
            shown(persons, persons.baseline),
            *(shown(one, one.difference) for one in counts),
            *(shown(total, value) for value in (total.baseline, total.reform, total.difference)),
            *(total.interval or (None, None)),
        )


def shown(measure: Measure, value: float | None) -> Value:
    """A value; « secret » where it is hidden."""
    return words.SECRET if value is None and measure.masked else value
