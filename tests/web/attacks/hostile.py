"""Requests that anyone may send, made to cost: those that took 1.3.0 down, and their cousins."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from openfisca_cej.systems import model
from openfisca_cej.web.queries import resources_of

JSON, NDJSON, CSV = "application/json", "application/x-ndjson", "text/csv"

LAW = "contrat_engagement_jeune"
SMIC = "marche_travail.salaire_minimum.smic.smic_b_mensuel"
LUMP_SUM = f"{LAW}.montant_forfaitaire.general.majeur_non_imposable"
COMPARE = "/cej/compare?month=2026-01&months=1&curve=true"


@dataclass(frozen=True)
class Attack:
    """One request: where, of which type, and what makes its body; ``method`` if not POST."""

    name: str
    path: str
    body: Callable[[], bytes]
    media_type: str = JSON
    method: str = "POST"


def text(document: Any) -> bytes:
    """A document as it is sent."""
    return json.dumps(document, separators=(",", ":")).encode()


def person(**values: Any) -> dict[str, Any]:
    """A situation of one person, with values by period."""
    birth = {"date_naissance": {"ETERNITY": "2005-05-05"}}
    return {"individus": {"a": {**birth, **values}}}


def reformed(path: str, value: float, **values: Any) -> bytes:
    """A comparison with a reform of one parameter."""
    return text(
        {"situation": person(**values), "reform": {"parameters": {path: {"2026-01-01": value}}}}
    )


def csv_of(columns: list[str], row: str, count: int) -> bytes:
    """A CSV of so many times the same row."""
    return ("\n".join([",".join(columns), *[row] * count])).encode()


def empty_cells() -> bytes:
    """A CSV whose cells are empty, but the birth dates."""
    columns = [f"salaire_net@20{year:02}-{month:02}" for year in range(60) for month in range(1, 9)]
    return csv_of(
        ["date_naissance", *columns[:479]], "2005-05-05" + "," * len(columns[:479]), 9_800
    )


def empty_objects() -> bytes:
    """Lines without anything, after one that names 499 columns."""
    months = [f"{year}-{month:02}" for year in range(2000, 2042) for month in range(1, 13)]
    first = {f"salaire_net@{month}": 0 for month in months[:498]}
    first["date_naissance"] = "2005-05-05"
    return text(first) + b"\n{}" * 19_999


def unknown_columns() -> bytes:
    """26 columns that are none, in 20 000 rows."""
    columns = [chr(97 + rank) * 4 for rank in range(26)]
    return csv_of(["date_naissance", *columns], "2005-05-05" + ",1" * 26, 20_000)


def bad_cells() -> bytes:
    """Numbers that are none, each another."""
    rows = [
        "2005-05-05," + ",".join(f"x{row}y{column}" for column in range(20))
        for row in range(20_000)
    ]
    header = ",".join(
        [
            "date_naissance",
            *(f"salaire_net@2024-{n:02}" for n in range(1, 13)),
            *(f"salaire_net@2023-{n:02}" for n in range(1, 9)),
        ]
    )
    return "\n".join([header, *rows]).encode()


def traced() -> bytes:
    """Persons and months, all to be told step by step."""
    months = [f"{year}-{month:02}" for year in (2022, 2023, 2024, 2025) for month in range(4, 13)]
    one = {"date_naissance": {"ETERNITY": "2005-05-05"}, "cej_allocation": dict.fromkeys(months)}
    wages = {f"{year}-{month:02}": 300 for year in (2022, 2023, 2024) for month in range(1, 13)}
    return text({"individus": {f"p{rank}": {**one, "salaire_net": wages} for rank in range(100)}})


def many_months(persons: int, asked: int = 120) -> bytes:
    """Persons whose every variable is asked for, in as many months as may be."""
    months = [f"{year}-{month:02}" for year in range(2022, 2033) for month in range(1, 13)][2:]
    one = {
        "date_naissance": {"ETERNITY": "2005-05-05"},
        "cej_allocation": dict.fromkeys(months[:asked]),
    }
    return text({"individus": {f"p{rank}": one for rank in range(persons)}})


def every_resource() -> bytes:
    """A person with every resource, another amount in each month."""
    months = [f"2025-{month:02}" for month in range(6, 13)] + ["2026-01"]
    resources = [name for name in resources_of(model()) if model().variables[name].entity.is_person]
    given = {
        name: {month: 10 * rank + later + 1 for later, month in enumerate(months)}
        for rank, name in enumerate(resources)
    }
    return text(person(**given))


def names() -> bytes:
    """Variables that are none, in a hundred persons."""
    one = {f"variable_inconnue_{rank}": {"2024-11": 1} for rank in range(500)}
    return text({"individus": {f"p{rank}": one for rank in range(100)}})


def wide_batch() -> bytes:
    """The longest batch that is well written."""
    return csv_of(["date_naissance", "salaire_net"], "2005-05-05,600", 20_000)


def nested() -> bytes:
    """Lists in lists, to the size of a body."""
    return b"[" * 2_400_000 + b"]" * 2_400_000


def digits() -> bytes:
    """Numbers of many digits."""
    return (
        b'{"individus":{"a":{"salaire_net":{"2024-11":['
        + b",".join([b"1" * 4_000] * 1_100)
        + b"]}}}}"
    )


def keys() -> bytes:
    """Keys, to the size of a body."""
    return b"{" + b",".join(b'"%d":0' % rank for rank in range(450_000)) + b"}"


def huge_lump_sum() -> bytes:
    """A lump sum of a thousand million, given."""
    return text(person(cej_montant_forfaitaire={"2026-01": 1e9}))


def page(amount: str = "1000000000") -> str:
    """The address of the page with amounts that are too large."""
    return f"/analyse?date_naissance=2005-05-05&salaire_net={amount}&rni={amount}"


def months(amount: str) -> str:
    """The address of twelve months of a resource, declared and real."""
    said = [f"{kind}_{rank}={amount}" for kind in ("declare", "reel") for rank in range(12)]
    return "/mois?date_naissance=2005-05-05&" + "&".join(said)


def twice() -> bytes:
    """Persons and months, declared and real."""
    one = json.loads(many_months(100, 1))
    return text({"declared": one, "real": one})


OVERPAID = "/cej/overpaid?month=2022-03&months=120&person=p1"

#: A reform that changes what is read, who may sign and what is paid.
COST = "/cout?mois={}&nombre_mois=12&abattement=2000&reformes=age_29,bareme_lineaire"


#: The requests of the report on 1.3.0, in its order, then cousins of them.
ATTACKS = (
    Attack("compare: SMIC of 10 000 000", COMPARE, lambda: reformed(SMIC, 10_000_000)),
    Attack("compare: lump sum of 1e9", COMPARE, lambda: reformed(LUMP_SUM, 1e9)),
    Attack("compare: SMIC at its bound", COMPARE, lambda: reformed(SMIC, 20_000)),
    Attack("compare: lump sum at its bound", COMPARE, lambda: reformed(LUMP_SUM, 20_000)),
    Attack("curve: lump sum of 1e9 given", "/cej/curve?month=2026-01", huge_lump_sum),
    Attack("batch: CSV of empty cells", "/cej/batch?months=2026-01", empty_cells, CSV),
    Attack("batch: NDJSON of {}", "/cej/batch?months=2026-01", empty_objects, NDJSON),
    Attack("batch: unknown columns", "/cej/batch?months=2026-01", unknown_columns, CSV),
    Attack("trace: 100 persons, 36 months", "/trace", traced),
    Attack("batch: bad cells", "/cej/batch?months=2026-01", bad_cells, CSV),
    Attack(
        "batch: 100 months",
        "/cej/batch?months=2022-03:2030-06&variables=cej_allocation",
        wide_batch,
        CSV,
    ),
    Attack("calculate: 2 000 persons, 120 months", "/calculate", lambda: many_months(2_000, 120)),
    Attack("calculate: unknown names", "/calculate", names),
    Attack("calculate: nested", "/calculate", nested),
    Attack("calculate: digits", "/calculate", digits),
    Attack("calculate: keys", "/calculate", keys),
    Attack(
        "explain: 100 persons", "/cej/explain?month=2026-01&person=p1", lambda: many_months(100, 1)
    ),
    Attack(
        "timeline: 100 persons, 120 months",
        "/cej/timeline?month=2022-03&months=120&person=p1",
        lambda: many_months(100, 1),
    ),
    Attack(
        "compare: 100 persons, 120 months",
        "/cej/compare?month=2022-03&months=120&curve=true&person=p1",
        lambda: text(
            {
                "situation": json.loads(many_months(100, 1)),
                "reform": {"parameters": {LUMP_SUM: {"2026-01-01": 600}}},
            }
        ),
    ),
    Attack("page: amounts of 1e9", page(), lambda: b"", method="GET"),
    Attack("page: the longest address", page("1" * 3_000), lambda: b"", method="GET"),
    Attack(
        "reconcile: 100 persons, and a payment that nothing gives",
        "/cej/reconcile?month=2026-01&paid=0.01&person=p1",
        lambda: many_months(100, 1),
    ),
    Attack(
        "reconcile: every resource, in every month",
        "/cej/reconcile?month=2026-01&paid=0.01",
        every_resource,
    ),
    Attack("overpaid: 100 persons, 120 months", OVERPAID, twice),
    Attack("cost: a year that nobody keeps", COST.format("2024-02"), lambda: b"", method="GET"),
    Attack("cost: the last year", COST.format("2027-01"), lambda: b"", method="GET"),
    Attack("questions: words", "/questions?mots=" + "a+" * 1_500, lambda: b"", method="GET"),
    Attack("months: the longest address", months("1" * 150), lambda: b"", method="GET"),
    Attack(
        "curve: 100 persons, up to 20 000 €",
        "/cej/curve?month=2026-01&max=20000&person=p1",
        lambda: many_months(100, 1),
    ),
)
