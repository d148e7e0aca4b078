"""Which amounts of a population rest on values that the law has moved since the last one known.

Nothing is tried for the months whose values are known, nor for values that no formula has read:
a run that has neither costs the same. The others are computed again with the values moved, a chunk
at a time (see ``explain.frozen``): the answer is that of each person and month, not of a sample.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from itertools import chain
from typing import Any

import numpy
from numpy.typing import NDArray
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej import french
from openfisca_cej.explain import frozen
from openfisca_cej.explain.frozen import Found, Mask
from openfisca_cej.explain.sources import Frozen
from openfisca_cej.population.months import month_period
from openfisca_cej.population.table import Population

#: Person-months that rest on a value, by value.
Counts = dict[Frozen, int]

NAMES = tuple(item.name for item in fields(Frozen))


class Stale:
    """The values that some of the months know no more, and the law that notes those it reads.

    ``amounts`` are the variables looked at.
    """

    def __init__(self, system: TaxBenefitSystem, months: range, amounts: Sequence[str]) -> None:
        self.system = system
        self.months = months
        self.amounts = amounts
        self.due = {
            month: frozen.known_no_more(system, month_period(month), *amounts) for month in months
        }
        self.watch = frozen.Watch(system, [one for found in self.due.values() for one in found])

    @property
    def law(self) -> TaxBenefitSystem:
        """The law to compute with: the same, watched."""
        return self.watch.law

    def where(
        self,
        population: Population,
        rows: slice | NDArray[Any],
        known: Mapping[str, NDArray[Any]],
        bunches: NDArray[numpy.int64] | None = None,
    ) -> dict[Frozen, Mask]:
        """Where the amounts of some persons rest on each value: persons × months.

        ``known`` are the values computed with ``law``, by variable; a person-month is told when
        one of the amounts rests on the value. Values on which none rests are not there. ``bunches``
        are the numbers of the bunches of linked persons (None: all are alone).
        """
        read = self.watch.read
        late = [month for month in self.months if not set(read).isdisjoint(self.due[month])]
        if not late or not self.amounts:
            return {}
        after = late[0] - self.months[0]
        trial = StaleTrial(self, population, rows, late[0], bunches)
        trial.known = {name: known[name][:, after:] for name in self.amounts}
        everywhere = numpy.ones_like(next(iter(trial.known.values())), dtype=bool)
        told = frozen.that_matter(read, trial.differs, everywhere)
        return {one: numpy.pad(mask, ((0, 0), (after, 0))) for one, mask in told.items()}


def amounts(system: TaxBenefitSystem, variables: Sequence[str]) -> list[str]:
    """Those of some variables that are amounts."""
    return [name for name in variables if system.get_variable(name, True).value_type is float]


def add(counts: Counts, found: Mapping[Frozen, Mask], months: Any = slice(None)) -> None:
    """Count the person-months of some persons more, in some of the columns of months."""
    for one, mask in found.items():
        if count := int(numpy.count_nonzero(mask[:, months])):
            counts[one] = counts.get(one, 0) + count


def either(law: Mapping[Frozen, Mask], reformed: Mapping[Frozen, Mask]) -> dict[Frozen, Mask]:
    """Where the amounts of a law or of its reform rest on each value, told as the law has it."""
    found = dict(law)
    for one, mask in reformed.items():
        same = next((known for known in law if known.is_moved_with(one)), one)
        found[same] = found[same] | mask if same in found else mask
    return found


def to_json(counts: Counts) -> list[dict[str, Any]]:
    """The values and their person-months as JSON, in the order of their paths."""
    ordered = sorted(counts, key=lambda one: (one.path, one.due))
    return [
        {**asdict(one), "sentence": one.sentence, "person_months": counts[one]} for one in ordered
    ]


def gathered(parts: Iterable[list[dict[str, Any]]]) -> Counts:
    """The counts of parts of a population, from what they told."""
    counts: Counts = {}
    for item in chain.from_iterable(parts):
        one = Frozen(**{name: item[name] for name in NAMES})
        counts[one] = counts.get(one, 0) + item["person_months"]
    return counts


def sentences(counts: Counts, person_months: int, smallest: int = 0) -> list[str]:
    """What is said beside the amounts of so many person-months, in French.

    A count under the smallest is not told.
    """
    whole = french.number(person_months, 0)
    found = []
    for item in to_json(counts):
        few = item["person_months"] < smallest
        count = f"moins de {smallest}" if few else french.number(item["person_months"], 0)
        found.append(f"{item['sentence']} Mois-personnes concernés : {count} sur {whole}.")
    return found


@dataclass
class StaleTrial:
    """Some persons whose amounts are computed again from a month on, with values moved."""

    stale: Stale
    population: Population
    rows: slice | NDArray[Any]
    first: int
    bunches: NDArray[numpy.int64] | None
    known: dict[str, NDArray[Any]] = field(default_factory=dict)

    def differs(self, some: Found, among: Mask) -> Mask:
        """Where the amounts are others, of the persons who have a place in ``among``."""
        who = numpy.flatnonzero(self.linked(numpy.any(among, axis=1)))
        found = numpy.zeros((len(who), among.shape[1]), dtype=bool)
        for factor in frozen.TRIED:
            law = frozen.with_moved(self.stale.system, some, factor)
            for name, values in self.computed(law, who).items():
                before = self.known[name][who]
                found |= (values != before) & ~numpy.isnan(before)
        everyone = numpy.zeros_like(among)
        everyone[who] = found
        return everyone & among

    def linked(self, persons: NDArray[numpy.bool_]) -> NDArray[numpy.bool_]:
        """The persons, and those who are linked to them."""
        if self.bunches is None:
            return persons
        bunches = numpy.zeros(self.bunches.max() + 1, dtype=bool)
        bunches[self.bunches[persons]] = True
        return bunches[self.bunches]

    def computed(self, law: TaxBenefitSystem, who: NDArray[Any]) -> dict[str, NDArray[Any]]:
        """The amounts of some of the persons under a law."""
        from openfisca_cej.population import engine

        ranks = numpy.arange(self.population.count)[self.rows]
        chunk = engine.Chunk(law, self.population, ranks[who], self.stale.months)
        months = range(self.first, self.stale.months[-1] + 1)
        found = chunk.run(months, list(self.known), lambda person_months: None)
        chunk.release()
        return found
