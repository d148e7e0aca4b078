"""One population in every form that the tools read: CSV, Parquet, long, in memory."""

import csv
import datetime
from pathlib import Path

import numpy
import pyarrow
import pyarrow.parquet

from openfisca_cej.population import engine
from openfisca_cej.population.months import month_range, month_text

WINDOW = "2025-01:2025-04"
MONTHS = month_range(WINDOW)
#: The months that the data describe: those simulated, and the one before.
TOLD = [month_text(month) for month in range(MONTHS[0] - 1, MONTHS[-1] + 1)]
VARIABLES = ("cej_en_cours", "cej_situation_fiscale", "cej_allocation")


def persons(count: int = 60) -> dict[str, list]:
    """What never changes, or is yearly: families, foyers and ménages with scattered members."""
    draw = numpy.random.default_rng(3)
    day = datetime.timedelta(days=1)
    columns: dict[str, list] = {
        "individu_id": [f"p{rank:03d}" for rank in range(count)],
        "famille_id": [f"x{rank % 25}" for rank in range(count)],
        "famille_role": [("demandeur", "enfant", "enfant")[rank // 25] for rank in range(count)],
        "foyer_fiscal_id": [rank // 2 for rank in range(count)],
        "menage_id": [rank % 20 for rank in range(count)],
        "poids": (draw.integers(4, 40, count) / 4).tolist(),
    }
    births = draw.integers(0, 3650, count).tolist()
    signed = draw.integers(0, 150, count).tolist()
    first, start = datetime.date(1999, 1, 1), datetime.date(2024, 10, 1)
    columns["date_naissance"] = [first + born * day for born in births]
    columns["cej_date_signature"] = [
        None if rank % 7 == 0 else start + days * day for rank, days in enumerate(signed)
    ]
    columns["cej_circonstances_particulieres"] = (draw.random(count) < 0.5).tolist()
    for year in (2023, 2024):
        # Of the foyer: one member of two says it, and both say the same.
        amounts = draw.integers(0, 4_000_000, count).tolist()
        columns[f"rni@{year}"] = [
            amounts[rank // 2] / 100 if rank % 3 else None for rank in range(count)
        ]
        for rank in range(0, count, 2):
            if columns[f"rni@{year}"][rank] is None and columns[f"rni@{year}"][rank + 1] is None:
                raise AssertionError
    return columns


def monthly(count: int = 60) -> dict[str, list[list]]:
    """What changes: for each variable, the values of the months told, person by person."""
    draw = numpy.random.default_rng(4)
    shape = (count, len(TOLD))
    tiers = ["au_dela", "non_imposable", "premiere_tranche"]
    families = draw.random((25, len(TOLD))) < 0.2
    return {
        "salaire_net": (draw.integers(0, 120_000, shape) / 100).tolist(),
        "cej_rang_manquement": (draw.random(shape) < 0.05).astype(int).tolist(),
        "rsa": [[600.5 * families[p % 25, m] for m in range(len(TOLD))] for p in range(count)],
        "rqth": (draw.random(shape) < 0.1).tolist(),
        "activite": [["inactif" if p % 5 else "etudiant"] * len(TOLD) for p in range(count)],
        "cej_situation_fiscale": draw.choice(tiers, shape).tolist(),
    }


def flat() -> pyarrow.Table:
    """One row a person."""
    columns = dict(persons())
    for name, values in monthly().items():
        for rank, month in enumerate(TOLD):
            columns[f"{name}@{month}"] = [row[rank] for row in values]
    return pyarrow.table(columns)


def months_table() -> pyarrow.Table:
    """One row a person and month, not sorted."""
    values = monthly()
    ids = persons()["individu_id"]
    rows = [(person, rank) for rank in range(len(TOLD)) for person in range(len(ids))]
    rows = [rows[place] for place in numpy.random.default_rng(5).permutation(len(rows))]
    columns = {
        "individu_id": [ids[person] for person, _ in rows],
        "mois": [TOLD[rank] for _, rank in rows],
    }
    for name, matrix in values.items():
        columns[name] = [matrix[person][rank] for person, rank in rows]
    return pyarrow.table(columns)


def save(path: Path, table: pyarrow.Table, **options) -> Path:
    """The table as a file, CSV or Parquet by its name."""
    if path.suffix == ".parquet":
        pyarrow.parquet.write_table(table, path, **options)
        return path
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(table.column_names)
        for row in zip(*(column.to_pylist() for column in table.columns), strict=True):
            rows.writerow([cell(value) for value in row])
    return path


def cell(value) -> str:
    """A value as a CSV file writes it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "oui" if value else "non"
    return str(value)


def results(system, population) -> dict[str, list]:
    """Results of all the persons by variable, and who they are."""
    found: dict = {"ids": list(population.ids)}
    for block in engine.simulate(system, population, MONTHS, VARIABLES):
        for name, values in block.values.items():
            rows = found.setdefault(name, [None] * population.count)
            for person, row in zip(block.persons.tolist(), values.tolist(), strict=True):
                rows[person] = row
    weights = population.weights
    found["poids"] = None if weights is None else weights.tolist()
    return found
