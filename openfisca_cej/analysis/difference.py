"""Which amounts change between two dates, two reforms, or two installed versions, and why.

The allowance is computed on both sides on the same grid of cases. What differs between the two laws
(values of parameters, rules) is then put back one at a time on the second side: the cases that this
moves are those that it accounts for.
"""

import json
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy
from numpy.typing import NDArray
from openfisca_core.parameters import ParameterNode
from openfisca_core.reforms import Reform
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej.analysis import probe
from openfisca_cej.analysis.grid import Grid
from openfisca_cej.explain import french
from openfisca_cej.population.engine import first_month
from openfisca_cej.population.months import month_number, month_text
from openfisca_cej.population.run import BadRequest
from openfisca_cej.reforms import tree

Amounts = NDArray[numpy.int64]

#: Seconds before another interpreter that does not answer is given up.
PATIENCE = 300

#: From when a value that is put back holds.
ALWAYS = "1900-01-01"

#: Cases shown for each cause.
SHOWN = 3

PARAMETER, RULE, TOGETHER = "paramètre", "règle", "ensemble"


@dataclass(frozen=True)
class Side:
    """One law on the grid: amounts (centimes), values of parameters, hashes of rules.

    ``system`` is None for another interpreter's version.
    """

    label: str
    month: str
    amounts: Amounts
    parameters: dict[str, Any]
    rules: dict[str, str]
    system: TaxBenefitSystem | None = None


@dataclass(frozen=True)
class Cause:
    """What accounts for some changes: a parameter, a rule, or several things together.

    ``cases`` are ranks in the grid; ``before`` and ``after`` the values of a parameter. A case that
    several causes move is in each of them.
    """

    kind: str
    name: str
    label: str
    before: Any
    after: Any
    cases: NDArray[numpy.int64]


@dataclass(frozen=True)
class Difference:
    """The cases that change, and what accounts for them."""

    before: Side
    after: Side
    grid: Grid
    changed: NDArray[numpy.int64]
    causes: tuple[Cause, ...]
    silent: tuple[str, ...]

    def amounts(self, case: int) -> tuple[float, float]:
        """The allowance (€) of a case before and after."""
        return int(self.before.amounts[case]) / 100, int(self.after.amounts[case]) / 100


# Sides.


def side(system: TaxBenefitSystem, month: str, label: str) -> Side:
    """A law in a month."""
    grid = Grid(month_number(month))
    amounts = probe.amounts(system, grid.arrays(), month)
    rules = probe.rules(system, month)
    return Side(label, month, amounts, probe.parameters(system, month), rules, system)


def installed(python: Path, month: str) -> Side:
    """The version that another interpreter has. Raises BadRequest when it cannot be asked."""
    grid = Grid(month_number(month))
    with tempfile.TemporaryDirectory(prefix="openfisca-cej-") as folder:
        path = Path(folder) / "grid.npz"
        numpy.savez(path, **grid.arrays())
        # -P: the folder of the program is not where modules are looked for.
        command = [str(python.absolute()), "-P", probe.__file__, str(path), month]
        try:
            done = subprocess.run(
                command, cwd=folder, capture_output=True, text=True, timeout=PATIENCE, check=True
            )
            told = json.loads(done.stdout)
        except subprocess.CalledProcessError as error:
            last = (error.stderr.strip().splitlines() or ["no message"])[-1]
            raise BadRequest(
                f"{python} could not compute the cases ({last}). It needs Python 3.11 or later and "
                "openfisca-cej installed."
            ) from None
        except subprocess.TimeoutExpired:
            raise BadRequest(f"{python} did not answer in {PATIENCE} seconds.") from None
        except (OSError, ValueError) as error:
            raise BadRequest(f"{python} is not an interpreter that answers ({error}).") from None
    amounts = numpy.array(told["amounts"], dtype=numpy.int64)
    label = f"version {told['version']} ({python})"
    return Side(label, month, amounts, told["parameters"], told["rules"])


def checked_month(system: TaxBenefitSystem, text: str) -> str:
    """The month written so. Raises BadRequest: not a month, or before the law."""
    try:
        number = month_number(text)
    except ValueError as error:
        raise BadRequest(f"{error}.") from None
    first = first_month(system)
    if number < first:
        raise BadRequest(f"« {text} » is before the law: the first month is {month_text(first)}.")
    return month_text(number)


# Differences.


def between(before: Side, after: Side) -> Difference:
    """What changes from one side to the other. The second one must have its system."""
    changed = numpy.flatnonzero(before.amounts != after.amounts)
    names = changed_parameters(before, after)
    rules = [
        name
        for name in sorted({*before.rules, *after.rules})
        if before.rules.get(name) != after.rules.get(name)
    ]
    if not len(changed):
        return Difference(
            before, after, Grid(month_number(after.month)), changed, (), (*names, *rules)
        )
    causes, silent = [], []
    accounted = numpy.zeros(len(before.amounts), dtype=bool)
    for name in names:
        # What was not yet in the law cannot be put back on its own.
        value = before.parameters[name]
        cases = moved(after, {} if value is None else {name: value}, {}, changed)
        if len(cases):
            values = before.parameters[name], after.parameters[name]
            causes.append(Cause(PARAMETER, name, label_of(after, name), *values, cases))
        else:
            silent.append(name)
    for name in rules:
        cases = moved(after, {}, replaced(before, [name]), changed)
        if len(cases):
            causes.append(Cause(RULE, name, label_of(after, name), None, None, cases))
        else:
            silent.append(name)
    for cause in causes:
        accounted[cause.cases] = True
    left = changed[~accounted[changed]]
    if len(left):
        label = "Aucun changement n'en rend compte à lui seul"
        named = ", ".join(silent) or "les règles"
        causes.append(Cause(TOGETHER, named, label, None, None, left))
        silent = []
    causes.sort(key=lambda cause: -len(cause.cases))
    grid = Grid(month_number(after.month))
    return Difference(before, after, grid, changed, tuple(causes), tuple(silent))


def changed_parameters(before: Side, after: Side) -> list[str]:
    """Paths of the parameters that both sides have, with other values."""
    return [
        path
        for path, value in after.parameters.items()
        if path in before.parameters and not equal(value, before.parameters[path])
    ]


def equal(first: Any, second: Any) -> bool:
    """Whether two values are the same, once through JSON."""
    return json.dumps(first, default=str) == json.dumps(second, default=str)


def moved(
    after: Side, values: Mapping[str, Any], variables: Mapping[str, Any], changed: Amounts
) -> Amounts:
    """The changed cases that putting some values or rules back moves."""
    if after.system is None or not (values or variables):
        return changed[:0]
    system = put_back(after.system, values, variables)
    grid = Grid(month_number(after.month))
    amounts = probe.amounts(system, grid.arrays(), after.month)
    found: Amounts = changed[amounts[changed] != after.amounts[changed]]
    return found


def put_back(
    system: TaxBenefitSystem, values: Mapping[str, Any], variables: Mapping[str, Any]
) -> TaxBenefitSystem:
    """The system with these values at all dates, and these variables."""

    def modified(root: ParameterNode) -> ParameterNode:
        numbers = tree.numbers(root)
        for path, value in values.items():
            numbers[path].update(start=ALWAYS, value=value)
        return root

    class PutBack(Reform):
        """Values and rules of before."""

        def apply(self) -> None:
            """Change copies."""
            self.modify_parameters(modified)

    result = PutBack(system)
    # Variables of another system are shared, not copied: they hold no state of their own.
    result.variables = {**result.variables, **variables}
    return result


def replaced(before: Side, names: Sequence[str]) -> dict[str, Any]:
    """The variables of before; none from another interpreter, or in the same system."""
    if before.system is None:
        return {}
    return {
        name: before.system.variables[name] for name in names if name in before.system.variables
    }


def label_of(side: Side, name: str) -> str:
    """What a parameter or a variable is."""
    if side.system is None:
        return name
    if name in side.system.variables:
        return str(side.system.variables[name].label)
    return tree.label(side.system.parameters, name)


# Markdown.


def markdown(found: Difference) -> str:
    """The differences, for a change request."""
    total, count = found.grid.count, len(found.changed)
    extent = f" (de {span(found)})" if count else ""
    lines = [
        f"## Montants qui changent : {found.before.label} → {found.after.label}",
        "",
        f"{thousands(count)} cas sur {thousands(total)} changent{extent}.",
        "",
    ]
    if found.causes:
        lines += ["| cause | avant | après | cas | écart |", "|---|---|---|---:|---|"]
        lines += [row(found, cause) for cause in found.causes]
        lines.append("")
    for cause in found.causes:
        lines += [f"### {cause.label}", "", f"`{cause.name}` ({cause.kind})", ""]
        lines += examples(found, cause)
        lines.append("")
    if found.silent:
        names = ", ".join(f"`{name}`" for name in found.silent)
        lines += [f"Change aussi, sans effet propre sur ces cas : {names}.", ""]
    return "\n".join(lines)


def row(found: Difference, cause: Cause) -> str:
    """The line of a cause."""
    gaps = found.after.amounts[cause.cases] - found.before.amounts[cause.cases]
    low, high = int(gaps.min()) / 100, int(gaps.max()) / 100
    values = [cut(value) for value in (cause.before, cause.after)]
    return (
        f"| {cause.label} | {values[0]} | {values[1]} | {thousands(len(cause.cases))} | "
        f"{signed(low)} à {signed(high)} |"
    )


def examples(found: Difference, cause: Cause) -> list[str]:
    """A few cases: those that lose most, that gain most, and the first one."""
    gaps = found.after.amounts[cause.cases] - found.before.amounts[cause.cases]
    ranks = dict.fromkeys([int(gaps.argmin()), int(gaps.argmax()), 0])
    lines = []
    for rank in list(ranks)[:SHOWN]:
        case = int(cause.cases[rank])
        before, after = found.amounts(case)
        lines.append(f"- {found.grid.label(case)} : {french.euros(before)} → {french.euros(after)}")
    return lines


def span(found: Difference) -> str:
    """The smallest and the largest change."""
    gaps = found.after.amounts[found.changed] - found.before.amounts[found.changed]
    return f"{signed(int(gaps.min()) / 100)} à {signed(int(gaps.max()) / 100)}"


def signed(amount: float) -> str:
    """An amount with its sign."""
    return f"{'+' if amount > 0 else ''}{french.euros(amount)}"


def thousands(count: int) -> str:
    """A whole number."""
    return french.number(count, 0)


def cut(value: Any) -> str:
    """A value in a cell of a table."""
    text = "" if value is None else str(value)
    return text if len(text) <= 40 else f"{text[:39]}…"
