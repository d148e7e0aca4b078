"""Compare the population engine with plain NumPy and with OpenFisca-France, in one run.

Usage: python benchmarks/population.py [--persons 1000000] [--rounds 9] [--only NAME ...]

Every comparison alternates its two sides (A B A B …) in one process, on the same arrays, and takes
the time of the processor, so that the ratio holds when the speed of the machine drifts.
OpenFisca-France is measured where it is installed (`make bench` installs it beside the package, on
OpenFisca-Core 44.7).
"""

import argparse
import functools
import importlib.util
import multiprocessing
import statistics
import time
from collections.abc import Callable

import numpy
from rich.console import Console
from rich.table import Table

from openfisca_cej import CountryTaxBenefitSystem
from openfisca_cej.population.engine import simulate
from openfisca_cej.population.memory import keep_freed_memory
from openfisca_cej.population.months import month_number, month_text
from openfisca_cej.population.table import Input, Population

RESOURCES = {
    "deductibles": ("chomage_net", "revenus_stage_formation_pro"),
    "partiellement": (
        "salaire_net",
        "remuneration_apprenti",
        "indemnites_chomage_partiel",
        "indemnites_journalieres_maladie",
    ),
}
FIRST = month_number("2024-01")

#: Amounts, SMIC and tax year of 2024, for the plain code.
AMOUNTS = {
    "2024-01": (528, 316.8, 0, 211.2, 211.2, 0),
    "2024-04": (552.29, 331.37, 0, 220.92, 220.92, 0),
}
SMIC = {"2024-01": 1766.92, "2024-11": 1801.8}


class People:
    """Random persons with everything that both sides read, drawn once."""

    def __init__(self, count: int, months: int) -> None:
        draw = numpy.random.default_rng(2024)
        births = numpy.datetime64("1996-01-01")
        self.count = count
        self.birth = births + draw.integers(0, 14 * 365, count).astype("timedelta64[D]")
        signatures = numpy.datetime64("2023-10-01")
        self.signature = signatures + draw.integers(0, 400, count).astype("timedelta64[D]")
        self.tier = draw.integers(0, 3, count).astype(numpy.int16)
        # A few different columns, given in turn to the months: drawing is not what is measured.
        columns = [
            numpy.where(draw.random(count) < 0.3, draw.integers(0, 150_000, count) / 100, 0)
            for _ in range(8)
        ]
        names = [name for group in RESOURCES.values() for name in group]
        self.resources = {
            (name, month): columns[(rank + 3 * month) % len(columns)]
            for rank, name in enumerate(names)
            for month in range(FIRST - 1, FIRST + months)
        }

    def population(self) -> Population:
        """The same persons as the engine reads them."""
        inputs = [
            Input("date_naissance", None, self.birth),
            Input("cej_date_signature", None, self.signature),
            Input("cej_situation_fiscale", None, self.tier),
            *(
                Input(name, month_text(month), values)
                for (name, month), values in self.resources.items()
            ),
        ]
        return Population(self.count, [], inputs)


def engine(people: People, months: int, system) -> list[numpy.ndarray]:
    """Allowances by the engine: inputs set, formulas run, results as they come, by chunks."""
    window = range(FIRST, FIRST + months)
    blocks = simulate(system, people.population(), window, ["cej_allocation"])
    return [block.values["cej_allocation"] for block in blocks]


def in_force(values: dict[str, object], month: int):
    """The value in force in the month."""
    return values[max(date for date in values if month_number(date) <= month)]


def day(month: int) -> numpy.datetime64:
    """First day of the month."""
    return numpy.datetime64(month_text(month), "D")


def read(amounts: numpy.ndarray) -> numpy.ndarray:
    """Centimes of amounts, each read half up: what the rules do of each resource."""
    centimes = amounts * 100
    centimes += 0.5 + 1e-7
    return numpy.floor(centimes, out=centimes)


def plain(people: People, months: int) -> numpy.ndarray:
    """The same arithmetic in plain NumPy: float64, thresholds of dates, exact rounding."""
    result = numpy.empty((people.count, months), order="F")
    for rank, month in enumerate(range(FIRST, FIRST + months)):
        totals = []
        for names in RESOURCES.values():
            total = read(people.resources[names[0], month - 1])
            for name in names[1:]:
                total += read(people.resources[name, month - 1])
            total /= 100
            totals.append(numpy.maximum(total, 0, out=total))
        deducted, partly = totals
        minor = people.birth > day(month - 12 * 18)
        under_limit = people.birth > day(month - 12 * 26)
        running = (people.signature < day(month + 1)) & (people.signature > day(month - 12))
        running &= (people.signature >= day(month_number("2022-03"))) & under_limit
        table = numpy.array(in_force(AMOUNTS, month), dtype=float)
        row = minor * numpy.int8(3)
        row += people.tier.astype(numpy.int8)
        lump_sum = table.take(row)
        excess = partly
        excess -= 300
        numpy.maximum(excess, 0, out=excess)
        excess *= lump_sum / (0.8 * in_force(SMIC, month) - 300)
        amount = lump_sum - deducted
        amount -= excess
        numpy.maximum(amount, 0, out=amount)
        amount *= running
        amount *= 100
        amount += 0.5 + 2e-10
        numpy.floor(amount, out=amount)
        amount /= 100
        result[:, rank] = amount
    return result


def france_formulas(people: People, system) -> tuple[Callable, Callable]:
    """One month of OpenFisca-France's CEJ formulas, its tiers, RSA and PPA given."""
    from openfisca_core.simulations import SimulationBuilder

    zero = numpy.zeros(people.count, dtype=numpy.float32)
    columns = {
        "salaire_net": "salaire_net",
        "chomage_net": "chomage_net",
        "revenus_stage_formation_pro": "revenus_stage_formation_pro",
        "remuneration_apprenti": "remuneration_apprenti",
        "indemnites_chomage_partiel": "indemnites_chomage_partiel",
        "indemnites_journalieres": "indemnites_journalieres_maladie",
    }
    given = {
        theirs: people.resources[ours, FIRST - 1].astype(numpy.float32)
        for theirs, ours in columns.items()
    }
    tier = people.tier.astype(numpy.int32)

    def prepare():
        return SimulationBuilder().build_default_simulation(system, people.count)

    def run(simulation) -> numpy.ndarray:
        simulation.set_input("date_naissance", "ETERNITY", people.birth)
        simulation.set_input("ir_tranche", "2022", tier)
        simulation.set_input("revenus_non_salarie_nets", "2024", zero)
        for month in range(FIRST - 3, FIRST):
            for name, values in given.items():
                simulation.set_input(name, month_text(month), values)
            for name in ("rsa", "ppa"):
                simulation.set_input(name, month_text(month), zero)
        return simulation.calculate("contrat_engagement_jeune", month_text(FIRST))

    return prepare, run


def france_whole(people: People, system) -> tuple[Callable, Callable]:
    """One month of OpenFisca-France end to end: it computes taxes, RSA and PPA itself."""
    from openfisca_core.simulations import SimulationBuilder

    salary = people.resources["salaire_net", FIRST - 1].astype(numpy.float32)

    def prepare():
        return SimulationBuilder().build_default_simulation(system, people.count)

    def run(simulation) -> numpy.ndarray:
        simulation.set_input("date_naissance", "ETERNITY", people.birth)
        for month in range(FIRST - 3, FIRST):
            simulation.set_input("salaire_net", month_text(month), salary)
        return simulation.calculate("contrat_engagement_jeune", month_text(FIRST))

    return prepare, run


def timed(action: Callable[[], object]) -> float:
    """Seconds of processor time."""
    begin = time.process_time()
    action()
    return time.process_time() - begin


class France:
    """OpenFisca-France in a process of its own, as its users run it.

    The memory of our process is kept when it is freed (``keep_freed_memory``): OpenFisca-France
    does not do that, and must neither gain nor lose by it.
    """

    def __init__(self, count: int, case: Callable) -> None:
        self.arguments = count, case
        self.pool = multiprocessing.get_context("spawn").Pool(1)

    def seconds(self) -> float:
        """Time of one run of the case, building the simulation left out."""
        return self.pool.apply(france_seconds, self.arguments)

    def __enter__(self) -> "France":
        return self

    def __exit__(self, *_: object) -> None:
        self.pool.terminate()


@functools.cache
def france_case(count: int, case: Callable) -> tuple[Callable, Callable]:
    """The case on OpenFisca-France, loaded once in the process."""
    from openfisca_france import FranceTaxBenefitSystem

    return case(People(count, 1), FranceTaxBenefitSystem())


def france_seconds(count: int, case: Callable) -> float:
    """Seconds of one run in this process."""
    prepare, run = france_case(count, case)
    simulation = prepare()
    return timed(lambda: run(simulation))


def versus(
    ours: Callable[[], float], theirs: Callable[[], float], rounds: int
) -> tuple[float, float, list[float]]:
    """Medians of both sides, quartiles of the ratios ours ÷ theirs, by pairs, after a warm-up."""
    ours(), theirs()
    pairs = [(ours(), theirs()) for _ in range(rounds)]
    return (
        statistics.median(mine for mine, _ in pairs),
        statistics.median(their for _, their in pairs),
        statistics.quantiles((mine / their for mine, their in pairs), n=4),
    )


def check(people: People, months: int, system) -> None:
    """Both sides agree to the centime, or the comparison means nothing."""
    ours = numpy.concatenate(engine(people, months, system))
    difference = numpy.abs(ours - plain(people, months)).max()
    if difference:
        raise SystemExit(f"engine and plain NumPy differ by {difference} €")


def against_numpy(table: Table, count: int, months: int, rounds: int, system) -> None:
    """One line of the table: the engine against plain NumPy."""
    people = People(count, months)
    check(people, months, system)
    mine, their, ratios = versus(
        lambda: timed(lambda: engine(people, months, system)),
        lambda: timed(lambda: plain(people, months)),
        rounds,
    )
    add(
        table,
        f"{months} month(s), {count:,} persons",
        "plain NumPy",
        mine,
        their,
        ratios,
    )


def against_france(table: Table, rounds: int, count: int, system) -> None:
    """Lines of the table: OpenFisca-France, formulas alone and end to end."""
    if importlib.util.find_spec("openfisca_france") is None:
        table.caption = "OpenFisca-France is not installed here: `make bench` installs it."
        return
    for size, case, name, times in (
        (count, france_formulas, "France, formulas alone", rounds),
        (20_000, france_whole, "France, end to end", 2),
    ):
        people = People(size, 1)
        with France(size, case) as france:
            mine, their, ratios = versus(
                lambda people=people: timed(lambda: engine(people, 1, system)),
                france.seconds,
                times,
            )
        add(table, f"1 month, {size:,} persons", name, mine, their, ratios)


def add(
    table: Table, what: str, other: str, mine: float, their: float, ratios: list[float]
) -> None:
    """A line: medians in milliseconds, the ratio with its quartiles, and its inverse."""
    low, ratio, high = ratios
    table.add_row(
        what,
        f"{mine * 1000:,.1f}",
        other,
        f"{their * 1000:,.1f}",
        f"{ratio:.3f} ({low:.3f} to {high:.3f})",
        f"{1 / ratio:,.1f}",
    )


def linearity(console: Console, sizes: list[int], rounds: int, system) -> None:
    """Time per person-month by size."""
    table = Table("persons", "ns per person-month", "against the best", title="Linearity, 1 month")
    costs = {}
    for size in sizes:
        people = People(size, 1)
        repeat = max(1, 200_000 // size)
        engine(people, 1, system)
        costs[size] = (
            statistics.median(
                timed(
                    lambda people=people, repeat=repeat: [
                        engine(people, 1, system) for _ in range(repeat)
                    ]
                )
                for _ in range(rounds)
            )
            / repeat
            / size
        )
    best = min(costs.values())
    for size, cost in costs.items():
        table.add_row(f"{size:,}", f"{cost * 1e9:.1f}", f"{cost / best:.2f}")
    console.print(table)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--persons", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--sizes", type=int, nargs="*", default=[10**4, 10**5, 10**6, 10**7])
    parser.add_argument("--only", nargs="*", default=["numpy", "france", "linearity"])
    options = parser.parse_args()
    console = Console(width=120)
    keep_freed_memory()  # as in a run; plain NumPy, in the same process, gains by it too
    system = CountryTaxBenefitSystem()
    table = Table(
        "what",
        "openfisca_cej (ms)",
        "other",
        "other (ms)",
        "ratio",
        "times faster",
        title="Inputs set and allowance computed: medians, ratio pair by pair",
    )
    if "numpy" in options.only:
        for months in (1, 12):
            against_numpy(table, options.persons, months, options.rounds, system)
    if "france" in options.only:
        against_france(table, options.rounds, options.persons, system)
    console.print(table)
    if "linearity" in options.only:
        linearity(console, options.sizes, options.rounds, system)


if __name__ == "__main__":
    main()
