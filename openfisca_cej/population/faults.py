"""What is wrong in an input: all of it, each fault with its place and its remedy."""

from dataclasses import dataclass, field

#: Faults that a report names; the others are counted.
SHOWN = 20

#: Faults kept in memory: a file with a million faults is not worth more.
KEPT = 1000


@dataclass(frozen=True)
class Place:
    """How an input names its rows: the word, the number of the header, that of no row at all."""

    word: str
    header: int
    nowhere: int


#: Lines of a text file (the header is line 1), rows of a file of columns (from 1), positions
#: of arrays in memory (from 0).
LINES = Place("line", 1, 0)
ROWS = Place("row", 0, 0)
POSITIONS = Place("position", -1, -1)


@dataclass(frozen=True, order=True)
class Fault:
    """One fault: its row (see ``Place``), its column, what is wrong, and what to do."""

    line: int
    column: str
    problem: str
    remedy: str = ""

    def sentence(self, source: str, place: Place = LINES) -> str:
        """The fault in one sentence, after the name of its file."""
        where = [source]
        if self.line != place.nowhere:
            where.append(f"{place.word} {self.line}")
        if self.column:
            where.append(f"column {self.column}")
        remedy = f" {self.remedy}." if self.remedy else ""
        return f"{', '.join(where)}: {self.problem}.{remedy}"


@dataclass
class Faults:
    """The faults of one input, counted and, for the first ones found, kept."""

    source: str
    place: Place = LINES
    limit: int = KEPT
    kept: list[Fault] = field(default_factory=list)
    count: int = 0

    def add(self, line: int, column: str, problem: str, remedy: str = "") -> None:
        """Record a fault of a row."""
        self.count += 1
        if len(self.kept) < self.limit:
            self.kept.append(Fault(line, column, problem, remedy))

    def add_header(self, column: str, problem: str, remedy: str = "") -> None:
        """Record a fault of a column, or of the columns there are."""
        self.add(self.place.header, column, problem, remedy)

    def add_whole(self, problem: str, remedy: str = "") -> None:
        """Record a fault of the whole input."""
        self.add(self.place.nowhere, "", problem, remedy)

    def raise_if_any(self) -> None:
        """Raise InvalidInput when something was recorded."""
        if self.count:
            raise InvalidInput(self)


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
            lines.append(f"… and {count - len(lines)} more.")
        done = "computed" if self.faults.place == POSITIONS else "written"
        lines.append(f"Nothing was {done}.")
        super().__init__("\n".join(lines))

    def __reduce__(self) -> tuple:
        """Made again from its faults: an exception may cross processes."""
        return type(self), self.sources


def raise_all(*sources: Faults) -> None:
    """Raise InvalidInput with the inputs that have faults, if any."""
    if faulty := [faults for faults in sources if faults.count]:
        raise InvalidInput(*faulty)


def refusal(source: str, problem: str, remedy: str = "") -> InvalidInput:
    """The exception for one fault of a whole input."""
    faults = Faults(source)
    faults.add_whole(problem, remedy)
    return InvalidInput(faults)


def quoted(value: str) -> str:
    """The value between quotation marks, cut if it is long."""
    return f"« {value if len(value) <= 40 else value[:39] + '…'} »"
