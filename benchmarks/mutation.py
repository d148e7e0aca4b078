"""How many wrong laws the YAML tests let through: mutation of formulas and parameters.

Each mutant changes one thing: a comparison, an operator, a negation or a constant of a formula or
of a helper that formulas call; a number, a yes or a name of a parameter. Each runs in a process of
its own, forked after the tests were collected: core loads the files of variables by itself, so the
code of the functions is replaced where they are. A mutant that no test fails survives.
What is left out of coverage is left out here too: it runs on OpenFisca-France only.

Usage: python benchmarks/mutation.py [--only WORD] [--workers N] TESTS…
       python benchmarks/mutation.py --values    (each dated value, and the case that holds it)
Exit status: 0 when at least 98 % are killed and each survivor is explained, 1 otherwise.
"""

import argparse
import ast
import collections
import os
import signal
import sys
import types
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import openfisca_cej
from openfisca_cej import CountryTaxBenefitSystem

sys.path[:0] = [str(Path(__file__).resolve().parent.parent / "tests" / "helpers")]

from dated_values import UNREAD, Suite, collected, dated_values, explained, is_unread  # noqa: E402

PACKAGE = Path(openfisca_cej.__file__).resolve().parent
SCORE = 98
SECONDS = 60

#: How a line that the YAML tests never run is marked; « make test-france » runs it.
NOT_HERE = "# pragma: no cover"

COMPARISONS = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
OPERATORS = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.And: ast.Or,
    ast.Or: ast.And,
}


@dataclass
class Mutant:
    """One change: where it is, in words, and how to make it in this process."""

    name: str
    apply: Callable[[], None]


#: What a run without any change is.
NOTHING = Mutant("nothing changed", lambda: None)


# --- Formulas -------------------------------------------------------------------------------------


def code_mutants(system) -> Iterator[Mutant]:
    """Mutants of the functions that compute, in the variables and in what they share."""
    files = [*sorted((PACKAGE / "variables").rglob("*.py")), PACKAGE / "base.py"]
    seen = collections.Counter()
    for file in files:
        source = file.read_text(encoding="utf-8")
        lines = source.splitlines()
        elsewhere = run_elsewhere(ast.parse(source), lines)
        for path in computing(ast.parse(source)):
            for number, (line, what) in enumerate(changes(function_at(ast.parse(source), path))):
                if line in elsewhere:
                    continue
                name = f"{file.stem}.{'.'.join(path)}: {what} « {' '.join(lines[line].split())} »"
                seen[name] += 1
                rank = f" ({seen[name]})" if seen[name] > 1 else ""
                yield Mutant(name + rank, Replacement(system, file, source, path, number))


def run_elsewhere(tree: ast.Module, lines: list[str]) -> set[int]:
    """Ranks of the lines that coverage leaves out too: they run on OpenFisca-France only."""
    return {
        rank
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.If) and NOT_HERE in lines[node.lineno - 1]
        for rank in range(node.lineno - 1, node.end_lineno)
    }


@dataclass
class Replacement:
    """Puts the code of the changed function in place of that of the loaded one."""

    system: CountryTaxBenefitSystem
    file: Path
    source: str
    path: tuple[str, ...]
    number: int

    def __call__(self) -> None:
        """Compile the whole file with the change, and take the one function from it."""
        tree = ast.parse(self.source)
        list(changes(function_at(tree, self.path), self.number))
        code = compile(ast.fix_missing_locations(tree), str(self.file), "exec")
        for name in self.path:
            codes = (one for one in code.co_consts if isinstance(one, types.CodeType))
            code = next(one for one in codes if one.co_name == name)
        self.loaded().__code__ = code

    def loaded(self) -> types.FunctionType:
        """The function as core loaded it."""
        module = next(
            one
            for one in list(sys.modules.values())
            if getattr(one, "__file__", None) == str(self.file)
        )
        found = module
        for name in self.path:
            found = getattr(found, name)
        return getattr(found, "__wrapped__", found)


def computing(tree: ast.Module) -> Iterator[tuple[str, ...]]:
    """Names of the functions that compute: formulas, and helpers that tell or ask nothing."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            tells = node.args.args and node.args.args[0].arg == "cas"
            if not tells and not node.name.startswith(("ligne_", "phrase_", "change", "calcul")):
                yield (node.name,)
        elif isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef) and inner.name.startswith("formula"):
                    yield node.name, inner.name


def function_at(tree: ast.Module, path: tuple[str, ...]) -> ast.AST:
    """The function of this path in the tree."""
    node = tree
    for name in path:
        node = next(one for one in node.body if getattr(one, "name", None) == name)
    return node


def changes(function: ast.AST, wanted: int | None = None) -> Iterator[tuple[int, str]]:
    """Line and words of each possible change; the one that is wanted is made in the tree."""
    for number, (node, change, what) in enumerate(possible(function)):
        if number == wanted:
            change()
        yield node.lineno - 1, what


def possible(function: ast.AST) -> Iterator[tuple[ast.AST, Callable[[], None], str]]:
    """Every node that may change, how, and in words."""
    for node in [inner for statement in function.body for inner in ast.walk(statement)]:
        if isinstance(node, ast.Compare) and type(node.ops[0]) in COMPARISONS:
            other = COMPARISONS[type(node.ops[0])]
            what = f"{type(node.ops[0]).__name__} → {other.__name__}"
            yield node, lambda n=node, o=other: n.ops.__setitem__(0, o()), what
        elif isinstance(node, ast.BinOp | ast.AugAssign | ast.BoolOp) and type(node.op) in (
            OPERATORS
        ):
            other = OPERATORS[type(node.op)]
            what = f"{type(node.op).__name__} → {other.__name__}"
            yield node, lambda n=node, o=other: setattr(n, "op", o()), what
        elif isinstance(node, ast.UnaryOp):
            what = f"{type(node.op).__name__} removed"
            # Twice the same: « ~~x » is x, whatever x is.
            yield node, lambda n=node: setattr(n, "operand", ast.UnaryOp(n.op, n.operand)), what
        elif isinstance(node, ast.If | ast.IfExp):
            yield node, lambda n=node: setattr(n, "test", ast.UnaryOp(ast.Not(), n.test)), "if not"
        elif isinstance(node, ast.Constant) and isinstance(node.value, bool | int | float):
            other = not node.value if isinstance(node.value, bool) else node.value + 1
            what = f"{node.value} → {other}"
            yield node, lambda n=node, o=other: setattr(n, "value", o), what


# --- Parameters -----------------------------------------------------------------------------------


def parameter_mutants(system) -> Iterator[Mutant]:
    """Mutants of the dated values of the parameters, those of brackets included.

    Left out: what no formula reads, and what had ceased to apply when the contract began.
    """
    for value in dated_values(system):
        if not is_unread(value.parameter):
            for what, other in value.moves():
                yield Mutant(
                    f"{value.label}: {what}",
                    lambda held=value.held, other=other: setattr(held, "value", other),
                )


def print_values(system) -> int:
    """Print the dated values, each with the case that holds it, and count those without one."""
    suite = Suite(system)
    alone = 0
    for value in sorted(suite.values, key=lambda value: (value.file, value.bracket, value.since)):
        print(f"{value.file} {value.bracket} {value.since}: {value.held.value}")
        if is_unread(value.parameter):
            print(f"    read by no formula: {UNREAD[value.parameter]}")
            continue
        for what, case in suite.held(value):
            held = case and f"{case.file}: {case.item.test.name}"
            why = explained().get(f"{value.label}: {what}")
            print(f"    {what}: {held or why or 'NO CASE'}")
            alone += not held and not why
    print(f"{len(suite.values)} dated values; {alone} moves that no case notices.")
    return 1 if alone else 0


# --- Running --------------------------------------------------------------------------------------


def run(mutant: Mutant, items: list, order: list[int], result: int) -> None:
    """Apply the mutant and write the rank of the test that kills it; -1 if none does."""
    # Of processor: on a machine that does other things too, the clock would kill the living.
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.dup2(null, 2)
    warnings.simplefilter("ignore")
    killer = -1
    try:
        mutant.apply()
    except Exception as error:
        os.write(result, f"cannot be applied: {error!r}".encode())
        os._exit(0)
    for rank in order:
        try:
            items[rank].runtest()
        except BaseException:
            killer = rank
            break
    os.write(result, str(killer).encode())
    os._exit(0)


def survivors(mutants: list[Mutant], items: list, workers: int) -> list[str]:
    """Names of the mutants that no test kills. The last killers are tried first."""
    order = list(range(len(items)))
    running: dict[int, tuple[Mutant, int]] = {}
    alive = []
    for number, mutant in enumerate([*mutants, *[None] * workers]):
        if len(running) >= workers or (mutant is None and running):
            pid, _ = os.waitpid(-1, 0)
            ended, pipe = running.pop(pid)
            told = os.read(pipe, 1000).decode()
            os.close(pipe)
            if told.startswith("cannot"):
                sys.exit(f"{ended.name}: {told}")
            if told == "-1":
                alive.append(ended.name)
                if ended is not NOTHING:
                    print(f"survives: {ended.name}", flush=True)
            elif told:  # nothing was told: out of time, which is a death too
                order.remove(int(told))
                order.insert(0, int(told))
        if mutant is None:
            continue
        readable, writable = os.pipe()
        pid = os.fork()
        if pid == 0:
            run(mutant, items, order, writable)
        os.close(writable)
        running[pid] = mutant, readable
        if sys.stderr.isatty():
            print(f"\r{number + 1} / {len(mutants)}", end="", file=sys.stderr, flush=True)
    return alive


def main() -> int:
    """Run the mutants and tell the score."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tests", nargs="*", help="folders or files of YAML tests")
    parser.add_argument("--values", action="store_true", help="list the cases that hold values")
    parser.add_argument("--only", default="", help="mutants whose name has this word")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    chosen = parser.parse_args()
    system = CountryTaxBenefitSystem()
    if chosen.values:
        return print_values(system)
    if not chosen.tests:
        parser.error("give the tests to run")
    items = collected(system, chosen.tests)
    every = [*code_mutants(system), *parameter_mutants(system)]
    mutants = [mutant for mutant in every if chosen.only in mutant.name]
    if not mutants:
        sys.exit(f"No mutant has « {chosen.only} » in its name.")
    if not survivors([NOTHING], items, 1):
        sys.exit("A test fails without any mutant.")
    alive = survivors(mutants, items, chosen.workers)
    killed = 100 * (1 - len(alive) / len(mutants))
    unexplained = sorted(set(alive) - set(explained()))
    print(f"{len(mutants)} mutants, {len(items)} tests: {killed:.2f} % killed.")
    print(f"{len(alive)} survive, {len(unexplained)} of them without an explanation.")
    for name in sorted(set(explained()) & {mutant.name for mutant in mutants} - set(alive)):
        print(f"explained, yet killed: {name}")
    return 0 if killed >= SCORE and not unexplained else 1


if __name__ == "__main__":
    sys.exit(main())
