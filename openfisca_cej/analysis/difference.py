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
from gettext import gettext as _
from pathlib import Path
from typing import Any

import numpy
from numpy.typing import NDArray
from openfisca_core.parameters import ParameterNode
from openfisca_core.reforms import Reform
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej import french
from openfisca_cej.analysis import probe, wording
from openfisca_cej.analysis.grid import Grid
from openfisca_cej.population.engine import first_month
from openfisca_cej.population.months import before_law, month_number, month_text
from openfisca_cej.reforms import tree
from openfisca_cej.refusals import BadRequest
from openfisca_cej.systems import model

Amounts = NDArray[numpy.int64]

#: Seconds before another interpreter that does not answer is given up.
PATIENCE = 300

#: From when a value that is put back holds.
ALWAYS = "1900-01-01"

#: Cases shown for each cause.
SHOWN = 3

#: Names that are all written, and parts of a path that say its topic when they are more.
FEW, TOPIC = 5, 3

#: Characters of a value in a table.
LONGEST = 40

PARAMETER, RULE, TOGETHER = "paramètre", "règle", "ensemble"


@dataclass(frozen=True)
class LawOnCases:
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
    """The cases that change, what accounts for them, and what else differs between the two laws.

    Put back alone, what is ``untried`` moves no case of the grid; what is ``silent`` only moves
    some that stay the same; what is ``bound`` cannot be put back (new, or another interpreter's).
    """

    before: LawOnCases
    after: LawOnCases
    grid: Grid
    changed: NDArray[numpy.int64]
    causes: tuple[Cause, ...]
    untried: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()
    bound: tuple[str, ...] = ()

    def amounts(self, case: int) -> tuple[float, float]:
        """The allowance (€) of a case before and after."""
        return int(self.before.amounts[case]) / 100, int(self.after.amounts[case]) / 100


# Sides.


def side(
    system: TaxBenefitSystem, month: str, label: str, inputs: TaxBenefitSystem | None = None
) -> LawOnCases:
    """A law in a month, on the cases of ``inputs``: of the law after, where it has others."""
    grid = Grid(month_number(month), inputs or system)
    amounts = probe.amounts(system, grid.arrays, month)
    rules = probe.rules(system, month)
    return LawOnCases(label, month, amounts, probe.parameters(system, month), rules, system)


def installed(python: Path, month: str) -> LawOnCases:
    """The version that another interpreter has. Raises BadRequest when it cannot be asked."""
    grid = Grid(month_number(month), model())
    with tempfile.TemporaryDirectory(prefix="openfisca-cej-") as folder:
        path = Path(folder) / "grid.npz"
        arrays: Any = grid.arrays  # The stubs of NumPy take the names for those of its options.
        numpy.savez(path, **arrays)
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
                _(
                    "{python} could not compute the cases ({last}). It needs Python 3.11 or "
                    "later and openfisca-cej installed."
                ).format(python=python, last=last)
            ) from None
        except subprocess.TimeoutExpired:
            raise BadRequest(
                _("{python} did not answer in {patience} seconds.").format(
                    python=python, patience=PATIENCE
                )
            ) from None
        except (OSError, ValueError) as error:
            raise BadRequest(
                _("{python} is not an interpreter that answers ({error}).").format(
                    python=python, error=error
                )
            ) from None
    amounts = numpy.array(told["amounts"], dtype=numpy.int64)
    label = f"version {told['version']} ({python})"
    return LawOnCases(label, month, amounts, told["parameters"], told["rules"])


def checked_month(system: TaxBenefitSystem, text: str) -> str:
    """The month written so. Raises BadRequest: not a month, or before the law."""
    try:
        number = month_number(text)
    except ValueError as error:
        raise BadRequest(f"{error}.") from None
    first = first_month(system)
    if number < first:
        raise BadRequest(f"{before_law(number, first)}.")
    return month_text(number)


# Differences.


def between(before: LawOnCases, after: LawOnCases) -> Difference:
    """What changes from one side to the other. The second one must have its system."""
    if after.system is None:
        raise ValueError(_("the second side has no system: its cases cannot be computed again"))
    grid = Grid(month_number(after.month), after.system)
    changes = before.amounts != after.amounts
    causes: list[Cause] = []
    left: dict[str, list[str]] = {"untried": [], "silent": [], "bound": []}
    for name, kind in differing(before, after):
        moves = moved(before, after, name, grid)
        if moves is None:
            left["bound"].append(name)
        elif (moves & changes).any():
            values = before.parameters.get(name), after.parameters.get(name)
            cases = numpy.flatnonzero(moves & changes)
            causes.append(Cause(kind, name, label_of(after, name), *values, cases))
        else:
            left["silent" if moves.any() else "untried"].append(name)
    alone = changes.copy()
    for cause in causes:
        alone[cause.cases] = False
    if alone.any():
        label = "Aucun changement n'en rend compte à lui seul"
        named = listed([*left["bound"], *left["silent"], *left["untried"]]) or "les règles"
        causes.append(Cause(TOGETHER, named, label, None, None, numpy.flatnonzero(alone)))
    causes.sort(key=lambda cause: -len(cause.cases))
    others = {key: tuple(names) for key, names in left.items()}
    return Difference(before, after, grid, numpy.flatnonzero(changes), tuple(causes), **others)


def differing(before: LawOnCases, after: LawOnCases) -> list[tuple[str, str]]:
    """(name, kind) of the parameters and the rules that differ."""
    parameters = changed_parameters(before, after)
    rules = sorted(
        name
        for name in {*before.rules, *after.rules}
        if before.rules.get(name) != after.rules.get(name)
    )
    return [*((name, PARAMETER) for name in parameters), *((name, RULE) for name in rules)]


def changed_parameters(before: LawOnCases, after: LawOnCases) -> list[str]:
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
    before: LawOnCases, after: LawOnCases, name: str, grid: Grid
) -> NDArray[numpy.bool_] | None:
    """The cases that putting a value or a rule back moves; None where it cannot be put back."""
    values: dict[str, Any] = {}
    variables: dict[str, Any] = {}
    if before.parameters.get(name) is not None:
        values = {name: before.parameters[name]}
    elif before.system is not None and name in before.system.variables:
        # A rule that begins at a date has no former text to be put back in that month.
        if probe.rules(before.system, after.month).get(name) == after.rules.get(name):
            return None
        variables = {name: before.system.variables[name]}
    if after.system is None or not (values or variables):
        return None
    system = put_back(after.system, values, variables)
    return probe.amounts(system, grid.arrays, after.month) != after.amounts


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


def label_of(side: LawOnCases, name: str) -> str:
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
    if not differing(found.before, found.after):
        lines += ["Aucune valeur ni aucune règle ne diffère entre les deux.", ""]
    if found.causes:
        lines += ["| cause | avant | après | cas | écart |", "|---|---|---|---:|---|"]
        lines += [row(found, cause) for cause in found.causes]
        lines.append("")
    for cause in found.causes:
        lines += [f"### {cause.label}", "", f"`{cause.name}` ({cause.kind})", ""]
        lines += examples(found, cause)
        lines.append("")
    for sentence, names in (
        (UNTRIED, found.untried),
        ("Change aussi, sans effet propre sur les cas qui changent", found.silent),
        ("Change aussi, sans pouvoir être remis seul à ce qu'il était", found.bound),
    ):
        if names:
            lines += [f"{sentence} :", "", *(f"- {text}" for text in shortened(names)), ""]
    return "\n".join(lines)


#: What changes and that no case is touched by: nothing can be concluded of it.
UNTRIED = (
    "**Change aussi, mais n'est éprouvé par aucun cas de la grille** (le « 0 cas » n'en dit rien)"
)


def shortened(names: Sequence[str]) -> list[str]:
    """The names on one line where they are few, else each folder with how many it holds."""
    if len(names) <= FEW:
        return [listed(names)]
    folders: dict[str, list[str]] = {}
    for name in names:
        # The folder of a topic: deeper ones (a motive, a rank) are part of it.
        folders.setdefault(".".join(name.split(".")[:TOPIC]) if "." in name else "", []).append(
            name
        )
    return [group(folder, held) for folder, held in folders.items()]


def group(folder: str, names: Sequence[str]) -> str:
    """A folder with the number of its parameters; rules, and what is alone, by name."""
    if folder and len(names) > 1:
        return f"`{folder}` ({len(names)} paramètres)"
    return listed(names)


def listed(names: Sequence[str]) -> str:
    """Names as code."""
    return ", ".join(f"`{name}`" for name in names)


def told(found: Difference, cause: Cause) -> dict[str, Any]:
    """A cause as a row: values in their unit, cases, and the smallest and largest gap (€)."""
    gaps = found.after.amounts[cause.cases] - found.before.amounts[cause.cases]
    return {
        "kind": cause.kind,
        "name": cause.name,
        "label": cause.label,
        "before": cell_text(found.after, cause.name, cause.before),
        "after": cell_text(found.after, cause.name, cause.after),
        "cases": len(cause.cases),
        "lowest": int(gaps.min()) / 100,
        "highest": int(gaps.max()) / 100,
    }


def to_json(found: Difference) -> dict[str, Any]:
    """The differences, for programs: « untried », « silent » and « bound » as in Difference."""
    return {
        "before": found.before.label,
        "after": found.after.label,
        "cases": found.grid.count,
        "changed": len(found.changed),
        "causes": [told(found, cause) for cause in found.causes],
        "untried": found.untried,
        "silent": found.silent,
        "bound": found.bound,
    }


def row(found: Difference, cause: Cause) -> str:
    """The line of a cause in Markdown."""
    line = told(found, cause)
    return (
        f"| {cause.label} | {line['before']} | {line['after']} | {thousands(line['cases'])} | "
        f"{signed(line['lowest'])} à {signed(line['highest'])} |"
    )


def cell_text(side: LawOnCases, name: str, value: Any) -> str:
    """A value in a cell of a table, in its unit; nothing for a rule."""
    if value is None:
        return ""
    unit = "" if side.system is None else wording.unit_of(name, side.system.parameters)
    text = wording.shown(value, unit)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


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
