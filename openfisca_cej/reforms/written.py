"""A reform as it is written, every key and value with its line.

YAML and JSON files are read by the same parser (JSON is YAML but for details); a dictionary of
Python becomes the same thing, without lines. Nothing is interpreted here but scalars: a number
is a number only if it is written as one, in decimal.
"""

import datetime
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from gettext import gettext as _
from pathlib import Path
from typing import Any

import yaml

from openfisca_cej.french import plain_number
from openfisca_cej.refusals import Fault, InvalidReform, why

INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
DECIMAL = re.compile(r"[-+]?(0|[1-9][0-9]*)?\.[0-9]+|[-+]?(0|[1-9][0-9]*)\.")
BOOLEANS = {"true": True, "false": False}

#: Deeper than a reform goes: path, date, list, name.
DEPTH = 8

#: What is wrong with a text that no file can hold, and with an object in itself.
HALF = "a text has half of a character that takes two (\\ud800 to \\udfff)"

#: Bytes of a file, and keys and values once its aliases are followed, that cannot be a reform.
LARGEST, MOST = 1_000_000, 100_000


@dataclass(frozen=True)
class Written:
    """A scalar, a list of ``Written``, or a mapping: a tuple of pairs (key, value).

    ``keys`` lead to it in an object of Python, which has no lines.
    """

    value: Any
    line: int = 0
    mapping: bool = False
    keys: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """What to show of it, on one line."""
        if self.mapping:
            return "{…}"
        if isinstance(self.value, list):
            return "[…]"
        if isinstance(self.value, bool):
            return str(self.value).lower()
        return "null" if self.value is None else str(self.value)

    @property
    def quoted(self) -> str:
        """Its text between quotation marks, cut if it is long."""
        text = self.text
        return f"« {text if len(text) <= 60 else text[:59] + '…'} »"


def read(path: Path) -> Written:
    """The content of a YAML or JSON file. Raises InvalidReform: unreadable, or not such a file."""
    try:
        if path.stat().st_size > LARGEST:
            raise refusal(str(path), _("the file is too large to be a reform (1 MB at most)"))
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        told = _("the file is not in UTF-8 (byte {rank})").format(rank=error.start)
        raise refusal(str(path), told, _("Save it as UTF-8 text")) from None
    except OSError as error:
        told = _("the file cannot be read ({why})").format(why=why(error))
        raise refusal(str(path), told) from None
    if path.suffix.lower() == ".json":
        text = text.replace("\t", " ")  # Blank in JSON, forbidden in YAML.
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        if node is not None and weight(node, {}) > MOST:
            told = _("its aliases unfold to more than {most} values").format(
                most=plain_number(MOST)
            )
            remedy = _("Write what the reform changes, without aliases")
            raise refusal(str(path), told, remedy)
        return Written([]) if node is None else of_node(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = _("the text is not valid ({why})").format(why=error.problem)
        line = mark.line + 1 if mark else 0
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        problem = _("a character is not allowed ({why})").format(why=error.reason)
    except RecursionError:
        problem, line = _("the text is nested too deeply to be a reform"), 0
    except UnicodeEncodeError:
        problem, line = _(HALF), 0
    raise refusal(str(path), problem, line=line)


def refusal(
    source: str, problem: str, remedy: str = "", fr: str = "", line: int = 0
) -> InvalidReform:
    """The exception for one fault of a source."""
    return InvalidReform([Fault(source, line, problem=problem, remedy=remedy, fr=fr)])


def weight(node: yaml.Node, known: dict[int, int]) -> int:
    """How many keys and values a node unfolds to; what is in itself counts once (see DEPTH)."""
    if id(node) in known:
        return known[id(node)]
    known[id(node)] = 1
    if isinstance(node, yaml.MappingNode):
        known[id(node)] += sum(weight(item, known) for pair in node.value for item in pair)
    elif isinstance(node, yaml.SequenceNode):
        known[id(node)] += sum(weight(item, known) for item in node.value)
    return known[id(node)]


def of_node(node: yaml.Node, depth: int = 0) -> Written:
    """What a node of a YAML document holds. Raises RecursionError, UnicodeEncodeError."""
    line = node.start_mark.line + 1
    if depth > DEPTH:
        raise RecursionError
    if isinstance(node, yaml.ScalarNode):
        node.value.encode()
    if isinstance(node, yaml.MappingNode):
        pairs = tuple((key_of(key), of_node(value, depth + 1)) for key, value in node.value)
        return Written(pairs, line, mapping=True)
    if isinstance(node, yaml.SequenceNode):
        return Written([of_node(item, depth + 1) for item in node.value], line)
    return Written(scalar(node), line)


def key_of(node: yaml.Node) -> Written:
    """A key, as the text that the file shows."""
    line = node.start_mark.line + 1
    if isinstance(node, yaml.ScalarNode):
        node.value.encode()
    return Written(node.value if isinstance(node, yaml.ScalarNode) else "[…]", line)


def scalar(node: yaml.Node) -> Any:
    """Value of a scalar: what YAML takes for a number in another base, or in base 60, is a text."""
    if node.value.startswith("+"):
        return node.value  # More than the value of the law.
    kind = node.tag.removeprefix("tag:yaml.org,2002:")
    if kind == "null":
        return None
    if kind == "bool":
        return BOOLEANS.get(node.value.lower(), node.value)
    if kind == "int" and INTEGER.fullmatch(node.value):
        return int(node.value)
    if kind == "float" and DECIMAL.fullmatch(node.value):
        return float(node.value)
    return node.value


def of_python(value: Any, keys: tuple[str, ...] = ()) -> Written:
    """What a Python object says.

    Raises RecursionError when it is nested too deeply, UnicodeEncodeError for half a character.
    """
    if isinstance(value, str):
        value.encode()
    if len(keys) > DEPTH:
        raise RecursionError
    if isinstance(value, Mapping):
        pairs = []
        for key, item in value.items():
            below = (*keys, str(key))
            below[-1].encode()
            pairs.append((Written(str(key), keys=below), of_python(item, below)))
        return Written(tuple(pairs), mapping=True, keys=keys)
    if isinstance(value, list | tuple):
        items = [of_python(item, (*keys, str(rank))) for rank, item in enumerate(value)]
        return Written(items, keys=keys)
    if isinstance(value, datetime.date):
        return Written(value.isoformat(), keys=keys)
    if hasattr(value, "item"):  # A scalar of NumPy.
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return Written(str(value), keys=keys)  # NaN and infinities are no numbers.
    return Written(value, keys=keys)
