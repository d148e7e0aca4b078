"""The parameters of a system by path, brackets of scales included, and the nearest to a name."""

import difflib
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from openfisca_core.parameters import Parameter, ParameterNode, ParameterScale

#: Suggestions made for an unknown path.
NEAREST = 3

#: Paths that share as many words with it, beyond which they say nothing.
MOST_ALIKE = 8

GROUP = ("a group of parameters", "un groupe de paramètres")

WORD = re.compile(r"[a-z0-9]+")
BRACKET = re.compile(r"\[(\d+)\]$")


def numbers(root: ParameterNode) -> dict[str, Parameter]:
    """Every parameter that has values, by path: ``a.b.c``, or ``a.bareme[2].threshold``."""
    return dict(walk(root))


def walk(root: ParameterNode) -> Iterator[tuple[str, Parameter]]:
    """Path and parameter, in the order of the tree."""
    for item in root.get_descendants():
        if isinstance(item, Parameter):
            yield item.name, item
        elif isinstance(item, ParameterScale):
            for rank, bracket in enumerate(item.brackets):
                for key, parameter in bracket.children.items():
                    yield f"{item.name}[{rank}].{key}", parameter


def scales(root: ParameterNode) -> dict[str, ParameterScale]:
    """The scales by path."""
    return {item.name: item for item in root.get_descendants() if isinstance(item, ParameterScale)}


def scale_of(path: str) -> tuple[str, int, str] | None:
    """Path of the scale, rank and key of the bracket that the path names, if it names one."""
    head, _, key = path.rpartition(".")
    match = BRACKET.search(head)
    return (head[: match.start()], int(match.group(1)), key) if match else None


def metadata(root: ParameterNode, path: str) -> dict[str, Any]:
    """Metadata of a parameter; that of a bracket is told by its scale."""
    place = scale_of(path)
    told: dict[str, Any] = (
        numbers(root)[path] if place is None else scales(root)[place[0]]
    ).metadata
    if place is None:
        return told
    return {**told, "unit": told.get(f"{place[2]}_unit")}


def label(root: ParameterNode, path: str) -> str:
    """Description of a parameter; that of a bracket is made of its scale's."""
    place = scale_of(path)
    if place is None:
        return numbers(root)[path].description or path
    scale, rank, key = place
    words = {"threshold": "seuil", "rate": "taux", "amount": "montant"}
    return f"{scales(root)[scale].description}, tranche {rank + 1}, {words.get(key, key)}"


class UnknownParameter(NamedTuple):
    """A path that names no parameter: what is wrong, what to write, both in French, one name."""

    problem: str
    remedy: str
    fr: str
    near: str = ""


def why_unknown(root: ParameterNode, path: str) -> UnknownParameter:
    """What is wrong with a path that names no parameter, and what to write instead."""
    known = numbers(root)
    inside = [name for name in known if name.startswith((f"{path}.", f"{path}["))]
    if inside:
        what = ("a scale", "un barème") if path in scales(root) else GROUP
        return UnknownParameter(
            f"« {path} » is {what[0]}, not a parameter",
            f"Choose in it: {listed(inside)}",
            f"« {path} » est {what[1]}, non un paramètre ; choisissez parmi : {listed(inside)}",
            inside[0],
        )
    place = scale_of(path)
    if place and place[0] in scales(root):
        count = len(scales(root)[place[0]].brackets)
        same = [name for name in known if name.startswith(f"{place[0]}[")]
        names = listed(keys(same))
        return UnknownParameter(
            f"« {path} » is not in the scale {place[0]}",
            f"Its brackets are [0] to [{count - 1}], each with: {names}",
            f"« {path} » n'est pas dans le barème {place[0]}, dont les tranches vont de [0] à "
            f"[{count - 1}], chacune avec : {names}",
        )
    near = nearest(path, known)
    meant = f" ; vouliez-vous dire {listed(near)} ?" if near else ""
    return UnknownParameter(
        f"« {path} » is not a parameter of the law",
        f"Did you mean {listed(near)}?" if near else "Paths are those of the parameter tree",
        f"« {path} » n'est pas un paramètre du droit{meant}",
        next(iter(near), ""),
    )


def keys(paths: list[str]) -> list[str]:
    """Last names of the paths, each once."""
    return list(dict.fromkeys(path.rpartition(".")[2] for path in paths))


def nearest(path: str, known: Mapping[str, Any]) -> list[str]:
    """The known paths that look most like this one: the whole of it, its end, or its words."""
    near = difflib.get_close_matches(path, known, n=NEAREST, cutoff=0.8)
    ends = [name for name in known if name.endswith(f".{path.rpartition('.')[2]}")]
    near += difflib.get_close_matches(path, ends, n=NEAREST, cutoff=0)
    shared = {name: len(words_of(path) & words_of(name)) for name in known}
    highest = max(shared.values(), default=0)
    most = [name for name, count in shared.items() if count == highest]
    if len(most) <= MOST_ALIKE:  # More have only the words that begin every path.
        near += difflib.get_close_matches(path, most, n=NEAREST, cutoff=0)
    near += difflib.get_close_matches(path, known, n=NEAREST, cutoff=0.6)
    return list(dict.fromkeys(near))[:NEAREST]


def words_of(path: str) -> set[str]:
    """The words of a path."""
    return set(WORD.findall(path))


def listed(names: list[str]) -> str:
    """A few names on one line."""
    shown = ", ".join(names[:8])
    return shown if len(names) <= 8 else f"{shown}… ({len(names)} in all)"
