"""Time one explanation in a warm process: median by example.

Usage: python benchmarks/explain.py [--rounds 15]
"""

import argparse
import statistics
import time

from rich.console import Console
from rich.table import Table

from openfisca_cej import situation_examples
from openfisca_cej.explain import explain

#: Example, month and person.
CASES = (
    ("jeune_seul", "2026-11", "Inès"),
    ("premiere_tranche_avec_salaire", "2024-11", "Karim"),
    ("formation_remuneree", "2026-02", "Léa"),
    ("sanction_bareme_2022", "2023-04", "Hugo"),
    ("sanction_bareme_2025", "2025-07", "Maïa"),
)


def seconds(name: str, month: str, person: str) -> float:
    """Wall time of one explanation, the document read anew."""
    document = situation_examples.exemple(name)
    start = time.perf_counter()
    explain(document, month, person)
    return time.perf_counter() - start


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    table = Table("example", "month", "median (ms)", "slowest (ms)")
    for case in CASES:
        seconds(*case)  # warm
        times = [seconds(*case) * 1000 for _ in range(options.rounds)]
        table.add_row(case[0], case[1], f"{statistics.median(times):.1f}", f"{max(times):.1f}")
    Console().print(table)


if __name__ == "__main__":
    main()
