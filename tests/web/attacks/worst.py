"""Look for the request that costs the most: ``make attacks``.

Every parameter that a reform may set and every number that may be given, at its extremes; every
route; the requests that were made to cost. The costliest are told; the command fails when one
takes more than it may.
"""

import argparse
import itertools
import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from web.attacks import hostile
from web.attacks.hostile import Attack, person, reformed, text
from web.attacks.serving import MOST_GROWN, MOST_UNITS, STATUSES, served, unit, watched

from openfisca_cej import bounds
from openfisca_cej.systems import model
from openfisca_cej.web.app import create_app
from openfisca_cej.web.openapi import openapi_of

#: Routes about a situation, each with all that it may be asked.
ROUTES = (
    "/calculate",
    "/trace",
    "/cej/explain?month=2026-01",
    "/cej/missing?month=2026-01",
    "/cej/timeline?month=2026-01&months=12",
    "/cej/curve?month=2026-01",
    "/cej/reconcile?month=2026-01&paid=0.01",
    "/cej/case?month=2026-01",
)


@dataclass(frozen=True)
class Cost:
    """What a request took: everyday ``/calculate``, bytes more of memory, bytes of the answer."""

    attack: Attack
    status: int
    units: float
    grown: int
    answer: int
    body: int

    @property
    def is_too_much(self) -> bool:
        """Whether it took more than it may, or got what nobody should."""
        return self.status not in STATUSES or self.units > MOST_UNITS or self.grown > MOST_GROWN


def parameters() -> Iterator[Attack]:
    """Every parameter of a reform, at the bounds of its unit and far beyond."""
    schemas = openapi_of(create_app())["components"]["schemas"]
    known = {node.name: node for node in model().parameters.get_descendants()}
    for path in schemas["Reforme"]["properties"]["parameters"]["properties"]:
        # Brackets of scales are named by their rank: far beyond any bound, and at none.
        node = known.get(path)
        values = [entry.value for entry in getattr(node, "values_list", ())]
        numbers = [abs(value) for value in values if isinstance(value, int | float)]
        unit_of = node.metadata.get("unit") if node else None
        bound = bounds.of_parameter(path, unit_of, max(numbers, default=0))
        for value in (bound.least, bound.most, 1e9):
            yield Attack(
                f"{path} = {value:g}",
                hostile.COMPARE,
                lambda path=path, value=value: reformed(path, value, salaire_net={"2025-12": 600}),
            )


def inputs() -> Iterator[Attack]:
    """Every number that may be given, at the bounds of its unit and far beyond, on every route."""
    for name, variable in model().variables.items():
        if variable.value_type not in (int, float) or not variable.entity.is_person:
            continue
        bound = bounds.of_input(getattr(variable, "unit", None))
        when = {"year": "2024", "eternity": "ETERNITY"}.get(str(variable.definition_period))
        for value, route in itertools.product((bound.least, bound.most, 1e9), ROUTES):
            given = {name: {when or "2025-12": value}, "cej_allocation": {"2026-01": None}}
            if name == "cej_allocation":
                given = {name: {"2026-01": None, "2025-12": value}}
            yield Attack(f"{name} = {value:g}", route, lambda given=given: text(person(**given)))


def examples() -> Iterator[Attack]:
    """Every address of the document."""
    for path, methods in openapi_of(create_app())["paths"].items():
        if "get" in methods and "{" not in path:
            yield Attack("—", path, lambda: b"", method="GET")


def found(attacks: list[Attack]) -> Iterator[Cost]:
    """What each costs, on one server."""
    with tempfile.TemporaryDirectory() as folder, served(Path(folder) / "log") as server:
        one = unit(server, 300)
        print(f"One everyday /calculate: {1_000 * one:.2f} ms of processor", file=sys.stderr)
        for rank, attack in enumerate(attacks):
            body = attack.body()
            with watched(server, others=False) as seen:
                status, _, answer = server.ask(
                    attack.method, attack.path, body, Content_Type=attack.media_type
                )
            yield Cost(attack, status, seen.cpu / one, seen.grown, len(answer), len(body))
            if rank % 100 == 0:
                print(f"{rank} of {len(attacks)}", file=sys.stderr)


def told(costs: list[Cost]) -> str:
    """The costs as a table."""
    lines = ["| request | body | status | everyday requests | MB more | answer |", "|" + "---|" * 6]
    for cost in costs:
        what = f"{cost.attack.name} ({cost.attack.path[:60]})"
        lines.append(
            f"| {what} | {cost.body} | {cost.status} | {cost.units:.0f} | "
            f"{cost.grown / 1e6:.0f} | {cost.answer} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Search, tell, and fail where a request takes too much."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--one-in", type=int, default=1, help="try one request in so many")
    options.add_argument("--json", type=Path, help="file for all that was measured")
    given = options.parse_args()
    attacks = [*parameters(), *inputs()][:: given.one_in]
    costs = list(found([*hostile.ATTACKS, *examples(), *attacks]))
    costs.sort(key=lambda cost: cost.units, reverse=True)
    print(f"{len(costs)} requests. The ten that take the most processor:\n{told(costs[:10])}")
    largest = sorted(costs, key=lambda cost: cost.grown, reverse=True)
    print(f"\nThe three that take the most memory:\n{told(largest[:3])}")
    if given.json:
        given.json.write_text(
            json.dumps([{**vars(cost), "attack": vars(cost.attack)} for cost in costs], default=str)
        )
    wrong = [cost for cost in costs if cost.is_too_much]
    if wrong:
        sys.exit(f"\nMore than they may take, or no answer:\n{told(wrong)}")


if __name__ == "__main__":
    main()
