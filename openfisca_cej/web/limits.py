"""How much one request may ask for."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Self

#: How the environment names a limit: ``OPENFISCA_CEJ_BODY=1000000``.
PREFIX = "OPENFISCA_CEJ_"


@dataclass(frozen=True)
class Limits:
    """Limits of one request; beyond them it is refused, whole, or ended.

    docs/api.md lists them, with those that nobody sets: the bounds of numbers, by unit.
    """

    #: Bytes of a body, and of an answer.
    body: int = 5_000_000
    answer: int = 20_000_000
    #: Persons of a situation to calculate, and of one to trace.
    persons: int = 2_000
    traced: int = 100
    #: Different periods asked for, and values asked for, all persons together.
    periods: int = 120
    asked: int = 100_000
    #: Months of variables that are given, all persons together.
    values: int = 20_000
    #: Persons × periods of a trace.
    steps: int = 1_000
    #: Persons of a batch, what is given of each, and both multiplied.
    rows: int = 20_000
    columns: int = 500
    given: int = 1_000_000
    #: Values that a batch computes: persons × months × variables.
    cells: int = 500_000
    #: Faults that are told of a batch in words; ten times as many, and it is refused.
    faults: int = 1_000
    #: Characters of a reform to compare with the law, its parameters and their values.
    reform: int = 20_000
    changes: int = 100
    #: Seconds of processor, and bytes of memory, of what is computed aside: then it is ended.
    cpu: int = 3
    memory: int = 150_000_000

    @classmethod
    def of(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """The limits that the environment sets, the others by default.

        Raises ValueError when one is not a positive integer.
        """
        given = {}
        for limit in fields(cls):
            name = PREFIX + limit.name.upper()
            text = environment.get(name)
            if text is None:
                continue
            if not (text.isascii() and text.isdigit() and int(text)):
                raise ValueError(f"{name}: « {text} » is not a positive integer")
            given[limit.name] = int(text)
        return cls(**given)
