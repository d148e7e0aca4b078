"""What to edit when a check fails: the files and lines that its message is about."""

import functools
import re
import textwrap
from collections.abc import Iterable, Iterator
from pathlib import Path

from simulations import systeme

from openfisca_cej.droit import places

ROOT = Path(__file__).resolve().parents[2]
PARAMETERS = ROOT / "openfisca_cej" / "parameters"

DAY = r"\d{4}-\d{2}-\d{2}"
PATH = re.compile(
    r"(?:openfisca_cej|tests|docs|benchmarks)/[\w./-]+\.(?:py|yaml|md|json|txt)"
    r"|(?:README|CONTRIBUTING|CHANGELOG)[\w.]*\.md|Makefile"
)
LINE_OR_DAY = re.compile(rf":(\d+)|\D{{1,30}}?({DAY})")
NAME = re.compile(r"[a-z][\w]*(?:[./]\w+)*")
CASE = re.compile(r"Test '(.*)':")
FRAME = re.compile(r"^((?:openfisca_cej|tests|benchmarks)/[\w./-]+\.py):(\d+):", re.MULTILINE)

#: Names told of one message, and failures told in full.
MOST, FAILURES = 6, 12

#: Characters of a message that are shown again.
LONGEST = 200


def of_message(text: str) -> list[str]:
    """« path:line » of what a message names: files, parameters, variables, cases; the first ones.

    Where a line names a file, its other words are not looked at.
    """
    found: dict[str, None] = {}
    case = ""
    for line in text.splitlines():
        named = list(of_files(line))
        case = next((place for place in named if place.startswith("tests/")), case)
        if match := CASE.search(line):  # as OpenFisca-Core tells of a case, after its file
            named = [of_case(case.rpartition(":")[0], match[1])]
            found.pop(case, None)
        found |= dict.fromkeys(named or of_names(line))
    return list(found)[:MOST]


def of_files(line: str) -> Iterator[str]:
    """The files that a line names, each with the line, the day or the case that it gives."""
    for match in PATH.finditer(line):
        file = ROOT / match[0]
        if not file.exists() and file.parent.is_dir():
            yield f"{match[0]}:1"  # to be written
        elif file.is_file():
            after = LINE_OR_DAY.match(line[match.end() :])
            number, day = after.groups() if after else (None, None)
            yield f"{match[0]}:{number or line_of(file, day, line)}"


def line_of(file: Path, day: str | None, line: str) -> int:
    """The line of a day of a parameter (the last one where it has not this day), or of a case."""
    if file.is_relative_to(PARAMETERS) and file.name != "index.yaml":
        days = places.lines_of_days(file)
        return days.get(day or "", max(days.values()))
    if file.suffix == ".yaml":
        cases = places.lines_of_cases(file)
        return next((at for name, at in cases.items() if name and name in line), 1)
    return 1


def of_case(file: str, name: str) -> str:
    """The place of a case of a file."""
    return f"{file}:{places.lines_of_cases(ROOT / file).get(name, 1)}"


def of_names(line: str) -> Iterator[str]:
    """The parameters and the variables that a line names; a bare word only at its start."""
    for match in NAME.finditer(line):
        name = match[0].replace("/", ".")
        first = not line[: match.start()].strip(" E")
        if name in parameters():
            day = re.search(DAY, line)
            file = PARAMETERS / f"{name.replace('.', '/')}.yaml"
            yield f"{file.relative_to(ROOT).as_posix()}:{line_of(file, day and day[0], line)}"
        elif name in systeme().variables and ("_" in name or first):
            place = places.of_variable(systeme().variables[name])
            yield from [places.shown(*place, ROOT)] if place else []


@functools.cache
def parameters() -> frozenset[str]:
    """The paths of the parameters."""
    files = (file.relative_to(PARAMETERS).with_suffix("") for file in PARAMETERS.rglob("*.yaml"))
    return frozenset(".".join(file.parts) for file in files if file.name != "index")


def assertion(text: str) -> str:
    """What a failure says, without the code of the test; all of it where it has no code."""
    lines = [line[1:] for line in text.splitlines() if re.match(r"E(\s|$)", line)]
    return "\n".join(lines) if lines else text


def lines(reports: Iterable) -> Iterator[str]:
    """What the failures say, each thing once, then the files and lines to edit."""
    told: dict[tuple[str, ...], list[str]] = {}
    for report in reports:
        said, text = assertion(report.longreprtext), report.longreprtext
        path, line, _ = report.location
        places = of_message(said) or [last_frame(text) or f"{path}:{(line or 0) + 1}"]
        told.setdefault((shortened(said), *places), []).append(report.nodeid.rstrip(":") or path)
    # The cases of one test that lead to the same lines are told by the first of them.
    groups: dict[tuple[str, ...], tuple[str, list[str]]] = {}
    for (said, *places), tests in told.items():
        groups.setdefault((tests[0].partition("[")[0], *places), (said, []))[1].extend(tests)
    for (_, *places), (said, tests) in list(groups.items())[:FAILURES]:
        others = f" (and {len(tests) - 1} more)" if len(tests) > 1 else ""
        yield f"{tests[0]}{others}: {said}"
        yield from (f"    {place}" for place in places)
    if len(groups) > FAILURES:
        yield "…"


def last_frame(text: str) -> str:
    """The last line of our code that a traceback goes through."""
    frames = FRAME.findall(text)
    return ":".join(frames[-1]) if frames else ""


def shortened(said: str) -> str:
    """The first lines of a message, on one."""
    lines = [line for line in said.strip().splitlines() if not line.endswith(".yaml:")]
    words = " ".join(lines[:3]).removeprefix("AssertionError:").split()
    return textwrap.shorten(" ".join(words), LONGEST, placeholder="…")
