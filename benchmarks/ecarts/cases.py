"""The cases of the comparison with OpenFisca-France: columns of a table, one table a month.

A case is what differs from ``DEFAULTS``: a person of 20 who lives alone, has no resource and whose
foyer owes no tax. The columns are in the law's words and in neither model's: ``worlds`` gives them
to both.
"""

import functools
import itertools
from typing import Any

import numpy

Table = dict[str, numpy.ndarray]

FIRST, LAST = "2022-03", "2026-11"

#: Months of resources before the month of the allowance that OpenFisca-France reads.
BACK = (1, 2, 3)

#: Resources that are given for each of these months, as one column a month.
MONTHLY = ("salaire", "chomage", "formation", "apprenti", "partiel", "ij")

DEFAULTS: dict[str, Any] = {
    # Reached ``annees`` that many days after the first of the month (before it when negative).
    "annees": 20,
    "decalage": -180,
    # Net taxable income (€/year) of the foyer of the years N-2 and N-1, parts; the person's own.
    "rni_2": 0.0,
    "rni_1": 0.0,
    "nbptr": 1.0,
    "autonomie": False,
    "rni_autonome": 0.0,
    "mayotte": False,
    **{f"{name}_{back}": 0.0 for name in MONTHLY for back in BACK},
    # Self-employed: each of the three months before, and the civil year.
    "tns_mois": 0.0,
    "tns_annee": 0.0,
    # Resources of the month before that only the law knows.
    **dict.fromkeys(("ass", "csp", "e2c"), 0.0),
    **dict.fromkeys(("esat", "ij_complementaires", "conge_naissance"), 0.0),
    # Of the month itself, and (insertion) of the months before too.
    **dict.fromkeys(("volontariat", "cddi", "epide"), 0.0),
    # Of the family, in the month and in the month before.
    **dict.fromkeys(("rsa", "rsa_avant", "ppa", "ppa_avant"), 0.0),
    "a_charge": False,
    "ppa_anterieure": False,
    "etudiant": False,
    "en_formation": False,
    "sans_difficulte": False,
    "non_inscrit": False,
    "handicap": False,
    "rqth": False,
    # Months since the signature and since the end of the contract before; -1: none.
    "signe": -1,
    "precedent": -1,
    # Rank of a failing notified the month before (until 2025-05), decision of the month (after).
    "manquement": 0,
    "sanction": False,
}

AGES = [
    *((15, -180), (16, 0), (16, 1), (17, -180), (18, 0), (18, 1), (20, -180)),
    *((25, -180), (26, 0), (26, 1), (28, -180), (30, 1)),
]
INCOMES = [0, 12_000, 25_000, 40_000]
WAGES = [0, 250, 600, 1_100.43, 1_400]


def each_month(name: str, *amounts: float) -> dict[str, float]:
    """A resource of the months M-1, M-2 and M-3: one amount for all, or three."""
    given = amounts if len(amounts) > 1 else amounts * len(BACK)
    return {f"{name}_{back}": amount for back, amount in zip(BACK, given, strict=True)}


#: What one case changes, alone then drawn with others.
CHANGES: list[dict[str, Any]] = [
    {"rni_2": 12_000, "rni_1": 12_000},
    {"rni_2": 25_000},
    {"rni_1": 25_000},
    {"rni_2": 52_000, "rni_1": 52_000, "nbptr": 2.5},
    {"autonomie": True, "rni_2": 40_000, "rni_1": 40_000},
    {"autonomie": True, "rni_2": 40_000, "rni_1": 40_000, "rni_autonome": 20_000},
    {"mayotte": True},
    {"mayotte": True, **each_month("salaire", 700)},
    each_month("salaire", 700),
    each_month("salaire", 700, 0, 0),
    each_month("salaire", 0, 900, 900),
    each_month("chomage", 200.5),
    each_month("formation", 300),
    each_month("apprenti", 800),
    each_month("partiel", 400),
    each_month("ij", 500, 250, 0),
    {"tns_mois": 500, "tns_annee": 6_000},
    {"tns_mois": 0, "tns_annee": 6_000},
    {"tns_mois": 600, "tns_annee": 1_800},
    {"ass": 300},
    {"csp": 400},
    {"e2c": 200},
    {"esat": 600},
    {"ij_complementaires": 400},
    {"conge_naissance": 600},
    {"volontariat": 500},
    {"cddi": 800},
    {"epide": 450},
    {"rsa": 500, "rsa_avant": 500},
    {"rsa": 500},
    {"rsa_avant": 500},
    {"rsa": 500, "rsa_avant": 500, "a_charge": True},
    {"ppa": 100, "ppa_avant": 100},
    {"ppa": 100},
    {"ppa_avant": 100},
    {"ppa": 100, "ppa_avant": 100, "a_charge": True},
    {"ppa": 100, "ppa_avant": 100, "ppa_anterieure": True},
    {"etudiant": True},
    {"en_formation": True},
    {"sans_difficulte": True},
    {"non_inscrit": True},
    {"handicap": True, "annees": 28},
    {"rqth": True, "annees": 28},
    {"rqth": True, "handicap": True, "annees": 28},
    {"signe": 3, "etudiant": True},
    {"signe": 14},
    {"precedent": 2},
    {"signe": 2, "manquement": 1},
    {"signe": 2, "manquement": 2},
    {"signe": 2, "manquement": 3},
    {"signe": 2, "sanction": True},
]

#: Cases drawn with several changes at once, a month.
DRAWN = 110


def months() -> list[str]:
    """Months of the comparison, YYYY-MM."""
    last = numpy.datetime64(LAST, "M") + numpy.timedelta64(1, "M")
    return [str(month) for month in numpy.arange(numpy.datetime64(FIRST, "M"), last)]


def table(cases: list[dict[str, Any]]) -> Table:
    """Columns of the cases. Raises KeyError for a column that does not exist."""
    for case in cases:
        if unknown := case.keys() - DEFAULTS.keys():
            raise KeyError(f"no such column: {', '.join(sorted(unknown))}")
    return {
        name: numpy.array([case.get(name, default) for case in cases], dtype=type(default))
        for name, default in DEFAULTS.items()
    }


def grid(month: str) -> list[dict[str, Any]]:
    """The cases of a month: a full crossing, each change alone, and changes drawn together."""
    crossed = [
        {
            "annees": age,
            "decalage": shift,
            "rni_2": income,
            "rni_1": income,
            **each_month("salaire", wage),
        }
        for (age, shift), income, wage in itertools.product(AGES, INCOMES, WAGES)
    ]
    return [*crossed, *CHANGES, *drawn(month)]


def drawn(month: str) -> list[dict[str, Any]]:
    """Cases with two to five changes, the same at every run; the last drawn of two prevails."""
    draw = numpy.random.default_rng(int(month.replace("-", "")))
    return [
        functools.reduce(
            lambda case, rank: case | CHANGES[rank],
            draw.choice(len(CHANGES), size=draw.integers(2, 6), replace=False),
            {},
        )
        for _ in range(DRAWN)
    ]


def births(columns: Table, month: str) -> numpy.ndarray:
    """Birth dates, from the age and the day it is reached."""
    reached = numpy.datetime64(month, "M").astype("datetime64[D]") + columns["decalage"]
    # The day of the month is kept, or the last one: 29 February is no birthday in other years.
    first = reached.astype("datetime64[M]")
    day = (reached - first.astype("datetime64[D]")).astype(int)
    born = first - (12 * columns["annees"]).astype("timedelta64[M]")
    return born.astype("datetime64[D]") + numpy.minimum(day, 27)
