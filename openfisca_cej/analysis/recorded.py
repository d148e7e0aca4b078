"""What a run.json must hold for its run to be redone: anyone may have changed the file."""

from gettext import gettext as _
from pathlib import Path
from typing import Any

from openfisca_cej.population import manifest
from openfisca_cej.refusals import BadRequest

COMMAND, OF_YEARS = "compare", "compare --years"

NUMBER = (int, float)

#: A shape is a type, several of them, a list of one shape (every item has it), or a dictionary:
#: these keys have these shapes, every key where the key is ``str`` itself.
REFORM = (type(None), {"name": str, "content": (str, dict)})
FILES = [{"file": str, "sha256": str}]
RUN = {
    "versions": {str: str},
    "months": [str],
    "reform": REFORM,
    "input": (str, dict, FILES),
}
OPTIONS = {
    "by": (type(None), [str]),
    "threshold": NUMBER,
    "min_group": int,
    "replicates": int,
    "seed": int,
    "draws": int,
    "rates": bool,
}
COMPARISON = {
    **RUN,
    "parameters_sha256": str,
    "options": OPTIONS,
    "outputs": {str: str},
}
YEARS = {
    "command": str,
    "versions": {str: str},
    "reform": REFORM,
    "annees": [int],
    "region": str,
    "lieu": (type(None), dict),
    "personnes": int,
    "tirages": int,
    "personnes_par_tirage": int,
    "graine": int,
    "hypotheses": dict,
    "fichier_scenario": (type(None), str),
    "outputs": {str: str},
}
SIMULATION = {**RUN, "variables": [str], "layout": str, "format": str, "results": str}

UNIVERSE = {
    "universe": str,
    "region": str,
    "year": str,
    "size": int,
    "seed": int,
    "assumptions": dict,
}
EMBEDDED = {"population": str, "seed": int, "assumptions": dict}


def read(path: Path) -> dict[str, Any]:
    """The manifest of a run, of the shape that runs give it.

    Raises BadRequest with the first key that is absent or has another shape.
    """
    content = manifest.read_json(path)
    if content.get("command") == OF_YEARS:
        require(content, YEARS, path)
        return content
    if not RUN.keys() <= content.keys():
        told = _("{path} is not the run.json of a comparison or a simulation.")
        raise BadRequest(told.format(path=path))
    comparison = content.get("command") == COMMAND
    require(content, COMPARISON if comparison else SIMULATION, path)
    if isinstance(content["input"], dict):
        require(content["input"], UNIVERSE if comparison else EMBEDDED, path)
    if not comparison:
        outputs = {"sha256": str} if "sha256" in content else {"parts": FILES}
        require(content, outputs, path)
    for name in ("reform_title", "reform_description"):
        if not isinstance(content.get(name, ""), str):
            raise unlike(path, name)
    if not is_like(content.get("keep", []), [str]):
        raise unlike(path, "keep")
    for file in content["input"] if isinstance(content["input"], list) else ():
        if not isinstance(file.get("path", ""), str):
            raise unlike(path, "input")
    return content


def require(content: dict[str, Any], shape: dict[str, Any], path: Path) -> None:
    """Raise BadRequest with the first key of a shape that the content does not have."""
    for name, wanted in shape.items():
        if name not in content or not is_like(content[name], wanted):
            raise unlike(path, name)


def unlike(path: Path, name: str) -> BadRequest:
    """The refusal of a key."""
    return BadRequest(
        f"{path}: « {name} » is not as a run of this version writes it. Verify it with the "
        "version that it names, or run the command again, and take run.json as it is written"
    )


def is_like(value: Any, shape: Any) -> bool:
    """Whether a value of JSON has a shape."""
    if isinstance(shape, tuple):
        return any(is_like(value, one) for one in shape)
    if isinstance(shape, list):
        return isinstance(value, list) and all(is_like(item, shape[0]) for item in value)
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            return False
        if str in shape:
            return all(is_like(item, shape[str]) for item in value.values())
        return all(name in value and is_like(value[name], one) for name, one in shape.items())
    return isinstance(value, shape) and not (isinstance(value, bool) and shape is int)
