"""What is refused: where it is, why, what to do, and the nearest name; the same at every door."""

import dataclasses
import difflib
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from gettext import gettext as _
from gettext import ngettext
from typing import Any, Self

from openfisca_cej import language
from openfisca_cej.former_names import FORMER_NAMES
from openfisca_cej.sentences import SENTENCES

#: Faults of files that a report names; the others are counted.
SHOWN = 20

#: Faults of a file kept in memory: a file with a million faults is not worth more.
KEPT = 1000

#: Characters of a value, and of a name, that a sentence quotes.
LONGEST_VALUE, LONGEST_QUOTED = 40, 60

#: Names among which the nearest is looked for: the search is slow.
MOST_NAMES = 500

#: From which likeness on two names are one, but for a typing error.
SAME_NAME = 0.9

#: Beginnings that turn a name into its opposite.
NOT = ("non_", "non", "sans_", "pas_", "hors_", "in", "im", "ir", "il", "des", "de", "dis")


def cut(name: str, most: int = LONGEST_QUOTED) -> str:
    """A text as a sentence quotes it."""
    return name if len(name) <= most else name[: most - 1] + "…"


def quoted(value: str, most: int = LONGEST_VALUE) -> str:
    """The value between quotation marks, cut if it is long."""
    return f"« {cut(value, most)} »"


def ended(text: str) -> str:
    """The sentence with its final stop, unless it is a question."""
    return text if text.endswith("?") else f"{text}."


def pointer(*keys: str) -> str:
    """JSON pointer (RFC 6901) to a place of a document."""
    return "".join("/" + str(key).replace("~", "~0").replace("/", "~1") for key in keys)


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name that replaced this one, or looks like it, if any; else an empty text."""
    names = list(known)
    if name in FORMER_NAMES and FORMER_NAMES[name].new in names:
        return FORMER_NAMES[name].new
    small = {one.lower(): one for one in reversed(names)}
    near = next(iter(difflib.get_close_matches(name.lower(), small, n=1, cutoff=0.75)), "")
    return "" if opposite(near, name.lower()) else small.get(near, "")


def opposite(one: str, other: str) -> bool:
    """Whether a name says the opposite of another: the same, or about, after « non », « in »…"""
    long, short = sorted((one, other), key=len, reverse=True)
    return any(
        long.startswith(prefix)
        and not short.startswith(prefix)
        and difflib.SequenceMatcher(None, long[len(prefix) :], short).ratio() > SAME_NAME
        for prefix in NOT
    )


def nearest_of(name: str, known: Collection[str]) -> str:
    """The known name that looks like this one, where the search is quick; else an empty text."""
    return nearest(name, known) if len(name) <= LONGEST_QUOTED and len(known) <= MOST_NAMES else ""


def why(error: OSError) -> str:
    """What the system refuses, in the language of messages."""
    return _(error.strerror) if error.strerror else str(error)


def no_access(place: object, error: OSError) -> str:
    """The same after the file or the folder that it is about, without a final stop."""
    return f"{place}{_(': ')}{why(error)}"


def not_yaml(error: Exception) -> str:
    """Where a text is not YAML, in the language of messages; the parser speaks English only."""
    mark = getattr(error, "problem_mark", None)
    if mark is None:
        return _("it is not YAML ({why})").format(why=str(error).partition("\n")[0])
    told = _("it is not YAML (line {line}, column {column}: {why})")
    why = getattr(error, "problem", "")
    return told.format(line=mark.line + 1, column=mark.column + 1, why=why)


@dataclass(frozen=True, order=True)
class Fault:
    """One fault: where it is, what is wrong (``problem``), what to do (``remedy``).

    ``line`` and ``column`` are its place in a file (0 or « » where there is none), ``keys`` lead
    to it in a document. ``fr`` says problem and remedy in French; ``near`` is the valid name that
    looks most like the one at fault; ``code`` is that of ``sentences``, if it has one.
    """

    source: str = ""
    line: int = 0
    column: str = ""
    problem: str = ""
    remedy: str = ""
    fr: str = ""
    keys: tuple[str, ...] = ()
    near: str = ""
    code: str = ""

    @property
    def path(self) -> str:
        """JSON pointer to its place in a document."""
        return pointer(*self.keys)

    @property
    def en(self) -> str:
        """Problem and remedy in one English sentence, without its final stop."""
        if not self.remedy:
            return self.problem
        return f"{self.problem}: {self.remedy[0].lower()}{self.remedy[1:]}"

    @property
    def said(self) -> str:
        """The same in the language of messages."""
        return self.fr if self.fr and language.current() == "fr" else self.en

    def after(self, *where: str) -> str:
        """The fault in sentences, after where it is, in the language of messages."""
        place = ", ".join(where)
        if self.fr and language.current() == "fr":
            return f"{place} : {ended(self.fr)}"
        remedy = f" {ended(self.remedy)}" if self.remedy else ""
        return f"{place}{_(': ')}{ended(self.problem)}{remedy}"

    def __str__(self) -> str:
        line = [_("line {number}").format(number=self.line)] if self.line else []
        return self.after(self.source, *line)

    def sentence(self, source: str, place: "Whereabouts") -> str:
        """The fault in one sentence, after the name of its file (the source, unless it has one)."""
        where = [self.source or source]
        if self.line != place.nowhere:
            where.append(_(place.word).format(number=self.line))
        if self.column:
            where.append(_("column {name}").format(name=self.column))
        return self.after(*where)

    def below(self, *keys: str) -> "Fault":
        """The same, in a document that is itself at a place of another."""
        return dataclasses.replace(self, keys=(*keys, *self.keys))

    def to_json(self) -> dict[str, str]:
        """The fault as JSON."""
        return {"path": self.path, "fr": self.fr, "en": self.en, **self.known()}

    def known(self) -> dict[str, str]:
        """What programs read of it, where there is some: its code, the nearest name."""
        found = {"code": self.code, "nearest": self.near}
        return {name: text for name, text in found.items() if text}


#: Code of what only reforms are told.
OF_A_REFORM = "reform"


class BadValue(ValueError):
    """Something given that cannot be taken: a code of ``sentences``, with the words of the case.

    ``problem`` and ``remedy`` are in English, ``fr`` says both in French; ``near`` is the nearest
    valid name, which the remedy asks about first.
    """

    def __init__(self, code: str, near: str = "", **words: Any) -> None:
        self.code = code
        fr, en, do_fr, do_en = (text.format(**words) for text in SENTENCES[code])
        meant = (f"vouliez-vous dire « {near} » ?", f"Did you mean « {near} »?") if near else ()
        self.near = near
        self.problem = en
        self.remedy = " ".join(filter(None, [*meant[1:], do_en]))
        self.fr = " ; ".join([fr, *meant[:1]])
        if do_fr:
            self.fr += f" Sinon, {do_fr}" if near else f" : {do_fr}"
        super().__init__(en)

    def __str__(self) -> str:
        return self.fr if self.fr and language.current() == "fr" else self.problem

    @classmethod
    def said(
        cls, problem: str, remedy: str, fr: str, near: str = "", code: str = OF_A_REFORM
    ) -> Self:
        """What is said of reforms by one rule only: its sentences stand beside it."""
        made = cls.__new__(cls)
        ValueError.__init__(made, problem)
        made.code = code
        made.problem, made.remedy, made.fr, made.near = problem, remedy, fr, near
        return made

    def quoting(self, given: str, read: str) -> "BadValue":
        """The same, which quotes what was given where it quoted what was read of it."""
        old, new = quoted(read), quoted(given)
        texts = (self.problem, self.remedy, self.fr)
        problem, remedy, fr = (text.replace(old, new) for text in texts)
        if given == read:
            return self
        return type(self).said(problem, remedy, fr, self.near, self.code)

    def fault(self, *keys: str, source: str = "", line: int = 0, column: str = "") -> Fault:
        """The fault that this is, at its place."""
        told = (self.problem, self.remedy, self.fr)
        return Fault(source, line, column, *told, keys, self.near, self.code)

    def __reduce__(self) -> tuple[Any, ...]:
        """Made again from its sentences: an exception may cross processes."""
        return type(self).said, (self.problem, self.remedy, self.fr, self.near, self.code)


def renamed(name: str, suffix: str = "") -> BadValue | None:
    """The refusal of a former name, which tells the new one; None for any other name.

    ``suffix`` follows both where they were written: « @2025-06 ».
    """
    if name not in FORMER_NAMES:
        return None
    new, since = FORMER_NAMES[name]
    old_and_new = (quoted(text + suffix, LONGEST_QUOTED) for text in (name, new))
    why = BadValue("renamed", **dict(zip(("name", "new"), old_and_new, strict=True)), since=since)
    why.near = new + suffix
    return why


# The faults of a source.


@dataclass(frozen=True)
class Whereabouts:
    """How an input names its rows: the word, the number of the header, that of no row at all."""

    word: str
    header: int
    nowhere: int


#: Lines of a text file (the header is line 1), rows of a file of columns (from 1), positions
#: of arrays in memory (from 0).
LINES = Whereabouts("line {number}", 1, 0)
ROWS = Whereabouts("row {number}", 0, 0)
POSITIONS = Whereabouts("position {number}", -1, -1)


@dataclass
class Faults:
    """The faults of one source, counted and, for the first ones found, kept."""

    source: str
    place: Whereabouts = LINES
    limit: int = KEPT
    kept: list[Fault] = field(default_factory=list)
    count: int = 0

    def add(
        self,
        why: BadValue,
        line: int = 0,
        column: str = "",
        keys: tuple[str, ...] = (),
        source: str = "",
    ) -> None:
        """Record a fault of a line (in a file of the source), or at the keys of a document."""
        self.count += 1
        if len(self.kept) < self.limit:
            self.kept.append(why.fault(*keys, source=source, line=line, column=column))

    def add_header(self, column: str, why: BadValue) -> None:
        """Record a fault of a column, or of the columns there are."""
        self.add(why, self.place.header, column)

    def add_whole(self, why: BadValue) -> None:
        """Record a fault of the whole input."""
        self.add(why, self.place.nowhere)

    def placed(self) -> list[Fault]:
        """The faults that are kept, each with its source."""
        return [
            dataclasses.replace(fault, source=fault.source or self.source) for fault in self.kept
        ]

    def raise_if_any(self) -> None:
        """Raise InvalidInput when something was recorded."""
        if self.count:
            raise InvalidInput(self)

    def raise_reform(self) -> None:
        """Raise InvalidReform when something was recorded."""
        if self.count:
            raise InvalidReform(self.placed())


# What a door raises.


class InvalidInput(Exception):
    """Inputs that cannot be simulated; its text names the faults in the order of the files.

    ``sources`` has the faults of each input, ``faults`` those of the first.
    """

    def __init__(self, *sources: Faults) -> None:
        self.sources = sources
        self.faults = sources[0]
        sentences = [
            fault.sentence(faults.source, faults.place)
            for faults in sources
            for fault in sorted(faults.kept)[:SHOWN]
        ]
        lines = sentences[:SHOWN]
        count = sum(faults.count for faults in sources)
        if count > len(lines):
            more = count - len(lines)
            lines.append(
                ngettext("… and {more} more.", "… and {more} more.", more).format(more=more)
            )
        in_memory = self.faults.place == POSITIONS
        lines.append(_("Nothing was computed.") if in_memory else _("Nothing was written."))
        super().__init__("\n".join(lines))

    def __reduce__(self) -> tuple[type[Self], tuple[Faults, ...]]:
        """Made again from its faults: an exception may cross processes."""
        return type(self), self.sources


class BadRequest(ValueError):
    """Something that cannot be asked, or a cluster that cannot be used; its text says why."""


class Faulty(ValueError):
    """Something given with all its ``faults``; its text is one line a fault."""

    def __init__(self, faults: list[Fault], lines: Iterable[str]) -> None:
        self.faults = faults
        super().__init__("\n".join(lines))

    def __reduce__(self) -> tuple[type[Self], tuple[list[Fault]]]:
        """Made again from its faults: an exception may cross processes."""
        return type(self), (self.faults,)


class InvalidSituation(Faulty):
    """A situation that cannot be read: its text has a line a fault, with its path."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        kept = list(faults)
        super().__init__(kept, (f"{fault.path or '/'}: {fault.en}" for fault in kept))

    def below(self, *keys: str) -> "InvalidSituation":
        """The same, for a situation that is itself at a place of a document."""
        return InvalidSituation(fault.below(*keys) for fault in self.faults)


class InvalidReform(Faulty):
    """A reform that cannot be applied; its faults are in the order of the files."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        kept = sorted(faults)
        super().__init__(kept, map(str, kept))


def raise_all(*sources: Faults) -> None:
    """Raise InvalidInput with the inputs that have faults, if any."""
    if faulty := [faults for faults in sources if faults.count]:
        raise InvalidInput(*faulty)


def refusal(source: str, code: str, **words: Any) -> InvalidInput:
    """The exception for one fault of a whole input."""
    faults = Faults(source)
    faults.add_whole(BadValue(code, **words))
    return InvalidInput(faults)
