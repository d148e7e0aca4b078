"""Processor time of what is told of one case, against ``/calculate`` of one person.

Usage: python benchmarks/explain.py [--rounds 12]

The requests are made in turn in one process, the collector off, each a few times in its turn (the
first finds nothing in the caches of the processor): the least time of each counts.
"""

import argparse
import functools
import gc
import time
from collections.abc import Callable

from rich.console import Console
from rich.table import Table

from openfisca_cej.situation_examples import exemple
from openfisca_cej.web.app import create_app

#: What is known of the page: all that makes the amount sure, or only a part of it.
SURE = (
    "/?v=1&mois=2026-01&date_naissance=2005-05-10&residence=metropole&contrat=pas_encore"
    "&cej_situation_fiscale=non_imposable&salaire_net=700&autres_ressources=non&rien_d_autre=oui"
)
RANGE = "/?v=1&mois=2026-01&date_naissance=2005-05-10&cej_date_signature=2025-10-03&salaire_net=700"

#: Times that a request is made in its turn.
REPEATED = 5

NOTHING = {"individus": {"personne": {}}}


def requests() -> dict[str, tuple[Callable[[], object], float]]:
    """What is asked, and how many times the time of ``/calculate`` it may take."""
    client = create_app().test_client()

    def post(path: str, situation: object) -> Callable[[], object]:
        return functools.partial(client.post, path, json=situation)

    one = exemple("jeune_seul")
    return {
        "/calculate": (post("/calculate", one), 1),
        "/cej/explain": (post("/cej/explain?month=2026-11", one), 8),
        "/cej/missing, nothing known": (post("/cej/missing?month=2026-11", NOTHING), 10),
        "the page, sure": (functools.partial(client.get, SURE), 15),
        "the page, a range": (functools.partial(client.get, RANGE), 15),
        "/cej/reconcile": (post("/cej/reconcile?month=2026-11&paid=331.37", one), 100),
    }


def seconds(ask: Callable[[], object]) -> float:
    """Processor time of a request."""
    start = time.process_time()
    ask()
    return time.process_time() - start


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=12)
    rounds = parser.parse_args().rounds
    asked = requests()
    times: dict[str, list[float]] = {name: [] for name in asked}
    for ask, _ in asked.values():
        seconds(ask)  # warm
    gc.disable()
    for _ in range(rounds):
        for name, (ask, _) in asked.items():
            times[name] += [seconds(ask) for _ in range(REPEATED)]
        gc.collect()
    table = Table("request", "least (ms)", "× /calculate", "at most")
    unit = min(times["/calculate"])
    for name, (_, most) in asked.items():
        least = min(times[name])
        table.add_row(name, f"{1000 * least:.2f}", f"{least / unit:.1f}", f"{most:g}")
    Console().print(table)


if __name__ == "__main__":
    main()
