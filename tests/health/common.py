"""What the tests of the health of the code share: files, cases, parameters, simulations."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import yaml

import openfisca_cej

PACKAGE = Path(openfisca_cej.__file__).resolve().parent

PARAMETERS = PACKAGE / "parameters"

VARIABLES = PACKAGE / "variables"

TESTS = Path(__file__).resolve().parent.parent

LINK = re.compile(r"https://[^\s]+\Z")

ARTICLE = re.compile(
    r"\b[LRD]\.?\s?\d{3,4}-\d+|"  # articles of the codes
    r"\b(CGI|article|loi|décret|circulaire|instruction|arrêté|service-public|convention)\b",
    re.IGNORECASE,
)


def report(offenders: list[str]) -> None:
    """Fail with the list of what is wrong, one line each."""
    assert not offenders, "\n" + "\n".join(sorted(offenders))


def files(pattern: str) -> list[Path]:
    """The files of the tests, without those of the packages of the browser."""
    return sorted(path for path in TESTS.rglob(pattern) if "node_modules" not in path.parts)


# Rules that say nothing of the CEJ in a month: the place in the family, and a resource of the
# month before.
TIMELESS = {"cej_indemnites_journalieres_non_ventilees", "cej_revenus_micro_entreprise"}


class StrictLoader(yaml.SafeLoader):
    """Refuse duplicate keys, and keep dates as the strings that the file shows."""


def _no_duplicates(loader: StrictLoader, node: yaml.MappingNode) -> dict:
    keys = [loader.construct_object(key) for key, _ in node.value]
    duplicates = {key for key in keys if keys.count(key) > 1}
    if duplicates:
        raise yaml.constructor.ConstructorError(None, None, f"twice: {duplicates}", node.start_mark)
    return {
        key: loader.construct_object(value, deep=True)
        for key, (_, value) in zip(keys, node.value, strict=True)
    }


StrictLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _no_duplicates)
StrictLoader.add_constructor("tag:yaml.org,2002:timestamp", lambda _, node: str(node.value))


def read_yaml(file: Path):
    return yaml.load(file.read_text(encoding="utf-8"), Loader=StrictLoader)


@cache
def parameter_files() -> dict[str, dict]:
    """Content of the parameter files, by path in the folder; not the descriptions of nodes."""
    return {
        file.relative_to(PARAMETERS).with_suffix("").as_posix(): read_yaml(file)
        for file in sorted(PARAMETERS.rglob("*.yaml"))
        if file.name != "index.yaml"
    }


def dated_values(content: dict) -> Iterator[tuple[str, str, object]]:
    """(where, date, value) of each value of the file, brackets included."""
    if "values" in content:
        for date, value in content["values"].items():
            yield "values", date, value
    for rank, bracket in enumerate(content.get("brackets", [])):
        for key, values in bracket.items():
            for date, value in values.items():
                yield f"brackets[{rank}].{key}", date, value


SITUATION = {
    "individus": {
        "jeune": {"date_naissance": {"ETERNITY": "2003-05-01"}},
        "parent": {"date_naissance": {"ETERNITY": "1975-05-01"}},
    },
    "familles": {"famille": {"parents": ["parent"], "enfants": ["jeune"]}},
    "foyers_fiscaux": {
        "foyer": {"declarants": ["parent"], "personnes_a_charge": ["jeune"]},
    },
    "menages": {"menage": {"personne_de_reference": ["parent"], "enfants": ["jeune"]}},
}


def python_trees(folder: Path) -> Iterator[tuple[str, ast.Module]]:
    """(path, syntax tree) of the Python files of a folder of the package."""
    for file in sorted(folder.rglob("*.py")):
        yield str(file.relative_to(PACKAGE.parent)), ast.parse(file.read_text(encoding="utf-8"))


def read_cases(file: Path) -> list[dict]:
    content = read_yaml(file)
    return content if isinstance(content, list) else [content]
