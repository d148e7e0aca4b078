"""How much one request may ask for."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Self

#: How the environment names a limit: ``OPENFISCA_CEJ_BODY=1000000``.
PREFIX = "OPENFISCA_CEJ_"


@dataclass(frozen=True)
class Limits:
    """Limits of one request; beyond them it is refused, whole.

    ``body`` is in bytes; ``persons`` counts those of a situation to calculate, ``traced`` those
    of a situation to trace; ``periods`` the different periods asked for, ``values`` the months of
    variables given, all persons together; ``asked`` the values asked for,
    all persons together; ``rows`` the persons of a batch, ``cells`` the values
    that it computes (persons × months × variables), ``given`` those that a batch gives (rows ×
    columns), ``steps`` the persons × periods of a trace; ``reform`` the characters of a reform
    that is compared with the law; ``faults`` those that are told in words; ``answer`` the bytes
    of an answer. ``cpu`` is in seconds of processor and ``memory`` in bytes: what a request that
    is computed aside may use before it is ended.
    """

    body: int = 5_000_000
    persons: int = 2_000
    traced: int = 100
    periods: int = 120
    values: int = 20_000
    rows: int = 20_000
    asked: int = 100_000
    cells: int = 500_000
    given: int = 1_000_000
    steps: int = 1_000
    reform: int = 20_000
    faults: int = 1_000
    answer: int = 20_000_000
    cpu: int = 5
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
