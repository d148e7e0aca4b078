"""How to obtain the same comparison again: the files to write, a command, a few lines of Python."""

import shlex
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from openfisca_cej.analysis import writing
from openfisca_cej.analysis.comparison import Comparison
from openfisca_cej.analysis.sources import DRAWN_FOR
from openfisca_cej.population import assumptions
from openfisca_cej.population.universes import ENTRANTS, PRESENT, STOCK, YEARS

REFORM, ASSUMPTIONS = "reforme.yaml", "hypotheses.yaml"

#: Characters of a line, beyond which a command is cut.
WIDTH = 88


def reform_file(comparison: Comparison) -> str:
    """The reform as the file that says it; empty where there is none, or where it is Python."""
    if comparison.reform is None or not comparison.verifiable:
        return ""
    content = {key: value for key, value in comparison.reform["content"].items() if value}
    words = {"title": comparison.title, "description": comparison.description}
    return written({**{key: text for key, text in words.items() if text}, **content})


def assumptions_file(comparison: Comparison) -> str:
    """The assumptions of the universe that were replaced, as a file; empty where none was."""
    replaced = comparison.people.parameters.get("assumptions")
    return written(replaced) if replaced else ""


def written(content: dict[str, Any]) -> str:
    """YAML for the eye."""
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=WIDTH)


def command(comparison: Comparison) -> str:
    """The command; empty where no command can redo it (persons in memory, Python)."""
    people = comparison.people
    if not reform_file(comparison) or people.origin not in ("fichier", "synthetique"):
        return ""
    words = ["openfisca-cej compare", REFORM, *persons(comparison)]
    words += [f"--months {window(comparison)}", f"--by {by(comparison)}" if by(comparison) else ""]
    words += [f"--threshold {comparison.threshold:g}", f"--min-group {comparison.min_group}"]
    words.append(f"--replicates {comparison.sampling.replicates}")
    if people.origin == "synthetique":
        words.append(f"--draws {comparison.sampling.draws}")
    if comparison.rates is not None:
        words.append("--rates")
    return " \\\n  ".join(lines([word for word in words if word]))


def coming(comparison: Comparison) -> tuple[str, str]:
    """The last year that can be drawn, and the command that tells what the reform costs in it.

    Empty where no command can, where the window goes as far, and where the cost is not that of
    people in a CEJ.
    """
    known, last = comparison.people.parameters, YEARS[PRESENT][-1]
    drawn = known.get("universe") in (ENTRANTS, PRESENT, STOCK) and "place" not in known
    if not drawn or not reform_file(comparison) or comparison.months[-1] >= str(last):
        return "", ""
    words = [f"openfisca-cej compare {REFORM} --universe {PRESENT} --year {last}"]
    words += [f"--region {known['region']}"] if known["region"] != "France" else []
    usual = assumptions.replaced_values(assumptions.read(assumptions.CALIBRATED))
    words += [assumed(comparison)] if known["assumptions"] != usual else []
    return str(last), " ".join(words)


def lines(words: list[str]) -> Iterator[str]:
    """The words of a command in lines that are not too long."""
    line = ""
    for word in words:
        if line and len(f"{line} {word}") > WIDTH - 4:
            yield line
            line = ""
        line = f"{line} {word}".strip()
    yield line


def persons(comparison: Comparison) -> Iterator[str]:
    """The options that say who is compared."""
    people = comparison.people
    if people.origin == "fichier":
        yield f"--population {shlex.quote(people.title)}"
        for file in people.files:
            if file.get("attributes"):
                yield f"--attributes {shlex.quote(file['file'])}"
        yield f"--seed {comparison.sampling.seed}"
        return
    for name in ("universe", "region", "year", "size", "seed"):
        yield f"--{name} {people.parameters[name]}"
    yield assumed(comparison)


def assumed(comparison: Comparison) -> str:
    """The option that says the assumptions."""
    return f"--assumptions {ASSUMPTIONS if assumptions_file(comparison) else STATED}"


def hashes(comparison: Comparison, outputs: Mapping[str, str]) -> dict[str, str]:
    """SHA-256 of what was computed with, and of the files beside the page, by what they are."""
    return {
        "réforme": writing.content_hash(comparison.reform),
        "paramètres": writing.parameters_hash(),
        **outputs,
    }


def window(comparison: Comparison) -> str:
    """The months, as options say them."""
    return f"{comparison.months[0]}:{comparison.months[-1]}"


def by(comparison: Comparison) -> str:
    """The characteristics, as options say them."""
    return ",".join(one.name for one in comparison.breakdowns)


def python(comparison: Comparison) -> str:
    """The same in Python."""
    sampling, months = comparison.sampling, window(comparison)
    known = f"reforme = {repr(REFORM) if reform_file(comparison) else None}"
    given = ""
    if not comparison.verifiable:
        known, given = "# reforme : la même classe ou fonction, écrite en Python", ", reforme"
    told = source(comparison)
    imports = [line for name, line in IMPORTS.items() if f"{name}(" in told]
    return "\n".join(
        [
            *imports,
            "from openfisca_cej import report",
            "from openfisca_cej.analysis.compare import compare",
            "",
            known,
            f"population = {told}",
            "comparaison = compare(",
            "    reforme,",
            "    population,",
            f"    {months!r},",
            f"    by={[one.name for one in comparison.breakdowns]!r},",
            f"    threshold={comparison.threshold!r},",
            f"    min_group={comparison.min_group},",
            f"    replicates={sampling.replicates},",
            f"    seed={sampling.seed},",
            f"    draws={sampling.draws},",
            *(["    rates=True,"] if comparison.rates is not None else []),
            ")",
            f"report.write(comparaison, 'comparaison'{given})",
        ]
    )


#: The assumptions of a universe of which none was replaced.
STATED = "stated"

#: What the functions of the program are imported from.
IMPORTS = {
    "Path": "from pathlib import Path",
    "sources.of_files": "from openfisca_cej.analysis import sources",
    "sources.of_universe": "from openfisca_cej.analysis import sources",
    "read": "from openfisca_cej.population.assumptions import read",
}


def source(comparison: Comparison) -> str:
    """The expression of who is compared."""
    people = comparison.people
    if people.origin == "fichier":
        attributes = [file["file"] for file in people.files if file.get("attributes")]
        paths = ", ".join(f"Path({name!r})" for name in [people.title, *attributes])
        return f"sources.of_files({paths})"
    if people.origin != "synthetique":
        return "donnees  # les mêmes personnes"
    names = ("universe", "region", "year", "size", "seed")
    values = ", ".join(repr(people.parameters[name]) for name in names)
    given = f"Path({ASSUMPTIONS!r})" if assumptions_file(comparison) else repr(STATED)
    others = "".join(
        f", {name}={people.parameters[name]!r}" for name in DRAWN_FOR if name in people.parameters
    )
    return f"sources.of_universe({values}, read({given}){others})"
