"""What is wrong in an input: all of it, each fault with its place and its remedy."""

from dataclasses import dataclass, field

#: Faults that a report names; the others are counted.
SHOWN = 20

#: Faults kept in memory: a file with a million faults is not worth more.
KEPT = 1000


@dataclass(frozen=True, order=True)
class Fault:
    """One fault: its line (1 is the header, 0 the whole file), its column, and what to do."""

    line: int
    column: str
    problem: str
    remedy: str = ""

    def sentence(self, source: str) -> str:
        """The fault in one sentence, after the name of its file."""
        place = [source]
        if self.line:
            place.append(f"line {self.line}")
        if self.column:
            place.append(f"column {self.column}")
        remedy = f" {self.remedy}." if self.remedy else ""
        return f"{', '.join(place)}: {self.problem}.{remedy}"


@dataclass
class Faults:
    """The faults of one input, counted and, for the first ones found, kept."""

    source: str
    kept: list[Fault] = field(default_factory=list)
    count: int = 0

    def add(self, line: int, column: str, problem: str, remedy: str = "") -> None:
        """Record a fault."""
        self.count += 1
        if len(self.kept) < KEPT:
            self.kept.append(Fault(line, column, problem, remedy))

    def raise_if_any(self) -> None:
        """Raise InvalidInput when something was recorded."""
        if self.count:
            raise InvalidInput(self)


class InvalidInput(Exception):
    """An input that cannot be simulated; its text names the faults in the order of the file."""

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        shown = sorted(faults.kept)[:SHOWN]
        lines = [fault.sentence(faults.source) for fault in shown]
        if faults.count > len(shown):
            lines.append(f"… and {faults.count - len(shown)} more.")
        lines.append("Nothing was written.")
        super().__init__("\n".join(lines))


def quoted(value: str) -> str:
    """The value between quotation marks, cut if it is long."""
    return f"« {value if len(value) <= 40 else value[:39] + '…'} »"
