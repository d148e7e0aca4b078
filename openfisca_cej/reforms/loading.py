"""From what a user gives (file, name, several of them, dictionary) to a reform that is checked."""

import copy
import re
from collections.abc import Mapping, Sequence
from gettext import gettext as _
from pathlib import Path
from typing import Any

from openfisca_cej.reforms import coherence, ready
from openfisca_cej.reforms.build import WrittenReform, build, with_values
from openfisca_cej.reforms.draft import KEYS, Draft, ReformReader, composed, verified
from openfisca_cej.reforms.switches import ALWAYS, SWITCHES, in_use, read_switch
from openfisca_cej.reforms.tree import nearest
from openfisca_cej.reforms.written import HALF, of_python, read, refusal
from openfisca_cej.refusals import BadValue, Fault, InvalidReform
from openfisca_cej.systems import model

#: Ends of the names of files.
SUFFIXES = (".yaml", ".yml", ".json")


def load(given: str | Path) -> type[WrittenReform]:
    """The reform of a file, of a ready-made name, or of several joined by « + ».

    Raises InvalidReform with all the faults of all the files, and the conflicts between them.
    """
    return compiled(drafts_of(given))


def drafts_of(given: str | Path) -> list[Draft]:
    """What each file or name says. Raises InvalidReform with the faults of all of them."""
    if isinstance(given, Path) or exists(given):
        return [read_file(Path(given))]
    drafts: list[Draft] = []
    faults: list[Fault] = []
    for part in dict.fromkeys(part.strip() for part in given.split("+")):
        try:
            drafts.append(read_part(part))
        except InvalidReform as error:
            faults += error.faults
    if faults:
        raise InvalidReform(faults)
    return drafts


def exists(text: str) -> bool:
    """Whether the text is a path to what can be read; several files joined may be too long for one.

    A folder is none: the results of a reform are often in one of its name.
    """
    try:
        return bool(text) and Path(text).exists() and not Path(text).is_dir()
    except (OSError, ValueError):
        return False


def read_part(part: str) -> Draft:
    """What one file or name says. Raises InvalidReform."""
    if part and (exists(part) or Path(part).suffix.lower() in SUFFIXES):
        return read_file(Path(part))
    if part in ready.NAMES:
        draft = read_file(ready.path_of(part))
        draft.source = part
        return draft
    name, parenthesis, _rest = part.partition("(")
    if parenthesis and name.strip() in SWITCHES:
        return read_call(part)
    near = nearest(part, dict.fromkeys(ready.NAMES))
    meant = [_("Did you mean {near}?").format(near=", ".join(near))] if near else []
    known = _("Ready-made reforms are: {names}").format(names=", ".join(ready.NAMES))
    raise refusal(
        part or "reform",
        _("it is neither a file nor a ready-made reform"),
        " ".join([*meant, known]),
    )


def read_call(part: str) -> Draft:
    """A switch written with its argument. Raises InvalidReform."""
    try:
        switch = read_switch(part)
    except BadValue as error:
        raise InvalidReform([error.fault(source=part)]) from None
    name = switch.partition("(")[0]
    entry = ready.catalogue()[name]
    return Draft(
        part,
        re.sub(r"\bde 0,5\b", f"de {switch[len(name) + 1 : -1]}".replace(".", ","), entry.title),
        entry.rationale,
        entry.rationale,
        entry.references,
        switches={switch: [ALWAYS]},
    )


def read_file(path: Path) -> Draft:
    """The reform of a file. Raises InvalidReform."""
    draft = ReformReader(str(path), model()).read(read(path))
    draft.title = draft.title or path.stem
    return draft


def read_dictionary(spec: Mapping[str, Any], source: str = "reform") -> Draft:
    """The reform of a dictionary: with the keys of a file, or paths only. Raises InvalidReform."""
    return read_whole(spec if any(key in KEYS for key in spec) else {"parameters": spec}, source)


def read_whole(spec: Any, source: str = "reform") -> Draft:
    """The reform of an object with the keys of a file. Raises InvalidReform."""
    try:
        written = of_python(spec)
    except RecursionError:
        problem = "it is nested too deeply to be a reform"
        raise refusal(source, problem, fr="la réforme est imbriquée trop profondément") from None
    except UnicodeEncodeError:
        raise refusal(source, HALF, fr="un texte contient la moitié d'un caractère") from None
    return ReformReader(source, model()).read(written)


def compiled(drafts: Sequence[Draft]) -> type[WrittenReform]:
    """The class of one or several reforms. Raises InvalidReform: they do not go together."""
    draft = verified(composed(drafts))
    content = draft.content()
    tree = with_values(copy.deepcopy(model().parameters), content)
    linear = [dates for switch, _, dates in in_use(content) if switch.name == "bareme_lineaire"]
    if wrong := coherence.problems(tree, linear):
        raise InvalidReform(Fault(draft.source, problem=en, fr=fr) for en, fr in wrong)
    return build(content, draft.title, draft.description)
