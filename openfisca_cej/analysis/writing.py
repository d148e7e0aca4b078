"""Write a comparison: tidy results, the report, and the manifest that lets anyone redo it."""

import csv
import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from gettext import gettext as _
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from openfisca_cej import RACINE
from openfisca_cej.analysis.comparison import COLUMNS, Comparison
from openfisca_cej.analysis.recorded import COMMAND
from openfisca_cej.analysis.sources import Origin
from openfisca_cej.population import atomic, manifest
from openfisca_cej.population.arrow import library
from openfisca_cej.population.manifest import read_json, write_json
from openfisca_cej.refusals import BadRequest

CSV, PARQUET = "resultats.csv", "resultats.parquet"

#: What a comparison may write, and so replace; what has a manifest is complete.
NAMES = (CSV, PARQUET, "rapport.html", "classeur.xlsx", manifest.NAME)


#: What the manifest says that the results were made of, but for the version of the model.
MADE_OF = ("command", "months", "options", "reform", "input")

#: Writes in a folder what a comparison looks like (the room « report », above this one).
Reporter = Callable[[Comparison, Path], object]


def write(
    comparison: Comparison, out: Path, report: Reporter | None = None, overwrite: bool = False
) -> list[Path]:
    """Write everything in a folder, all or nothing; gives the paths.

    Raises BadRequest when the folder has the results of anything else (of another comparison too,
    unless ``overwrite``), MissingLibrary, OSError.
    """
    made = manifest_of(comparison, {})
    identity = {name: made[name] for name in MADE_OF}
    spare(out, identity, overwrite)
    with atomic.together(out, NAMES, lambda: spare(out, identity, overwrite)) as folder:
        write_results(comparison, folder)
        if report is not None:
            report(comparison, folder)
        outputs = {path.name: manifest.file_hash(path) for path in sorted(folder.iterdir())}
        write_json(folder / manifest.NAME, manifest_of(comparison, outputs))
    return [out / name for name in NAMES if (out / name).exists()]


def spare(out: Path, made_of: Mapping[str, Any], overwrite: bool = False) -> None:
    """Refuse to write where the results of something else are. Raises BadRequest.

    ``made_of`` is what the manifest of the same comparison would say.
    """
    manifest.refuse_file(out)
    content = read_json(out / manifest.NAME)
    if (out / manifest.NAME).exists() and content.get("command") != COMMAND:
        raise BadRequest(
            _("{out} holds the results of a simulation: choose another --out.").format(out=out)
        )
    there = [name for name in NAMES if (out / name).exists()]
    same = all(content.get(name) == told for name, told in plain(made_of).items())
    if there and not same and not overwrite:
        raise BadRequest(
            _(
                "{out} is of another comparison, or of nobody knows what: choose another --out, "
                "or add --overwrite to replace it."
            ).format(out=out / there[0])
        )


def plain(content: Mapping[str, Any]) -> dict[str, Any]:
    """Some content as a file of JSON gives it back."""
    return json.loads(json.dumps(content))


def asked_of(reform: Any, origin: Origin, months: Sequence[str]) -> dict[str, Any]:
    """What is known before it is computed of what the results will be made of."""
    return {
        "command": COMMAND,
        "months": list(months),
        "reform": manifest.reform_content(reform),
        "input": list(origin.files) or origin.parameters or origin.title,
    }


def former(out: Path) -> str:
    """The title of the comparison whose results are there, and would be replaced; else empty."""
    path = out / manifest.NAME
    return str(read_json(path).get("reform_title", "?")) if path.exists() else ""


def write_results(comparison: Comparison, folder: Path) -> None:
    """The tidy results, as CSV and, where PyArrow is installed, as Parquet."""
    with (folder / CSV).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows([cell(row[name]) for name in COLUMNS] for row in comparison.rows())
    if find_spec("pyarrow") is None:
        return
    arrow, reader, parquet = library(), library("pyarrow.csv"), library("pyarrow.parquet")
    numbers = ("baseline", "reform", "difference", "low", "high", "sampling_low", "sampling_high")
    kinds = {name: arrow.float64() for name in numbers}
    kinds["masked"] = arrow.bool_()
    # As lists, they would make PyArrow import pandas: a fifth of a second for nothing.
    table = reader.read_csv(
        folder / CSV,
        parse_options=reader.ParseOptions(newlines_in_values=True),
        convert_options=reader.ConvertOptions(
            column_types={name: kinds.get(name, arrow.string()) for name in COLUMNS},
            null_values=[""],
        ),
    )
    parquet.write_table(table.combine_chunks(), folder / PARQUET)


def cell(value: Any) -> str:
    """A cell of the CSV file: numbers by the shortest text that reads back the same."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, float) else str(value)


def manifest_of(comparison: Comparison, outputs: dict[str, str]) -> dict[str, Any]:
    """The manifest of a comparison."""
    people = comparison.people
    return {
        "command": COMMAND,
        "versions": comparison.versions,
        "law": comparison.law,
        "parameters_sha256": parameters_hash(),
        "months": list(comparison.months),
        "options": {
            "by": [one.name for one in comparison.breakdowns],
            "threshold": comparison.threshold,
            "min_group": comparison.min_group,
            "replicates": comparison.sampling.replicates,
            "seed": comparison.sampling.seed,
            "draws": comparison.sampling.draws,
            "rates": comparison.rates is not None,
        },
        "reform": comparison.reform,
        "reform_title": comparison.title,
        "reform_description": comparison.description,
        "reform_sha256": content_hash(comparison.reform),
        "verifiable": comparison.verifiable and people.origin != "donnees",
        "input": list(people.files) or people.parameters or people.title,
        "persons": people.persons,
        "remarks": list(comparison.remarks),
        "outputs": outputs,
    }


def content_hash(content: Any) -> str:
    """SHA-256 of what a JSON document says, whatever the order of its keys."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def parameters_hash() -> str:
    """Hash of the files of parameters."""
    digest = hashlib.sha256()
    for path in sorted(RACINE.glob("parameters/**/*.yaml")):
        digest.update(os.fsencode(path.relative_to(RACINE).as_posix()) + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
