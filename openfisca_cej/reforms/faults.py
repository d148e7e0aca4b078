"""What is wrong in a reform: all of it, each fault with its place and its remedy."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Self


@dataclass(frozen=True, order=True)
class Fault:
    """One fault: where it is (file, line; 0 without a line), what is wrong and what to do.

    ``fr`` says both in French; ``keys`` lead to the place, in what has no lines; ``near`` is the
    valid name that looks most like the one at fault.
    """

    source: str
    line: int
    problem: str
    remedy: str = ""
    fr: str = ""
    keys: tuple[str, ...] = ()
    near: str = ""

    def __str__(self) -> str:
        place = f"{self.source}, line {self.line}" if self.line else self.source
        remedy = f" {self.remedy}." if self.remedy else ""
        return f"{place}: {self.problem}.{remedy}"


@dataclass
class Faults:
    """The faults of one source, in the order in which they were found."""

    source: str
    kept: list[Fault] = field(default_factory=list)

    def add(
        self,
        line: int,
        problem: str,
        remedy: str = "",
        fr: str = "",
        keys: tuple[str, ...] = (),
        near: str = "",
    ) -> None:
        """Record a fault; ``line`` is 0 when it is that of no line."""
        self.kept.append(Fault(self.source, line, problem, remedy, fr, keys, near))

    def raise_if_any(self) -> None:
        """Raise InvalidReform when something was recorded."""
        if self.kept:
            raise InvalidReform(self.kept)


class InvalidReform(ValueError):
    """A reform that cannot be applied; its text is one line a fault, in the order of the files."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = sorted(faults)
        super().__init__("\n".join(map(str, self.faults)))

    def __reduce__(self) -> tuple[type[Self], tuple[list[Fault]]]:
        """Made again from its faults: an exception may cross processes."""
        return type(self), (self.faults,)


def refusal(source: str, problem: str, remedy: str = "", fr: str = "") -> InvalidReform:
    """The exception for one fault of a whole source."""
    return InvalidReform([Fault(source, 0, problem, remedy, fr)])
