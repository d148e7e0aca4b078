"""The ready-made reforms: the reform files that lie beside this module, one a reform."""

import functools
from dataclasses import dataclass
from gettext import gettext as _
from pathlib import Path

import yaml

FOLDER = Path(__file__).resolve().parent

#: Names of the ready-made reforms.
NAMES = tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


@dataclass(frozen=True)
class Entry:
    """A ready-made reform: what it does, why one would want it, the articles that it changes."""

    name: str
    title: str
    description: str
    rationale: str
    references: list[dict[str, str]]


def path_of(name: str) -> Path:
    """The file of a ready-made reform."""
    return FOLDER / f"{name}.yaml"


def dotted(text: str) -> list[str]:
    """The dotted paths of ready-made reforms joined by « + ». Raises ValueError."""
    names = [name.strip() for name in text.split("+")]
    for name in names:
        if name not in NAMES:
            why = _(
                "« {name} » is not a ready-made reform, and a test in YAML names its reforms by "
                "their dotted path. Ready-made reforms are: {names}"
            )
            raise ValueError(why.format(name=name, names=", ".join(NAMES)))
    return [f"{__package__}.{name}" for name in names]


@functools.cache
def catalogue() -> dict[str, Entry]:
    """The ready-made reforms by name, in alphabetical order."""
    return {name: entry(name) for name in NAMES}


def entry(name: str) -> Entry:
    """What the file of a ready-made reform tells of it."""
    told = yaml.load(path_of(name).read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    texts = {
        key: " ".join(told.get(key, "").split()) for key in ("title", "description", "rationale")
    }
    return Entry(name, references=told.get("references", []), **texts)
