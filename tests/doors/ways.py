"""The doors: one case written in the form that each of them takes, and what comes out.

A door is a function of a case. It gives the amounts by person and month with all that the answer
says beside them, or the refusal with its places; None where its form cannot say the case.
"""

import contextlib
import csv
import datetime
import functools
import io
import json
import re
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy
import polars
import pyarrow
import pyarrow.parquet
import yaml
from click.testing import CliRunner
from openfisca_core.indexed_enums import Enum
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable
from simulations import systeme

import openfisca_cej
from openfisca_cej.cli import main
from openfisca_cej.population import frames
from openfisca_cej.population.lean import NOTICES
from openfisca_cej.reading import may_be_empty
from openfisca_cej.refusals import InvalidInput
from openfisca_cej.web.app import create_app
from openfisca_cej.web.limits import Limits

RESULT, WAGE, PERSONS = "cej_allocation", "salaire_net", "individus"

#: A reform that changes nothing before 2035: the side « before » is what is looked at.
REFORM = {
    "title": "Plus tard",
    "description": "Rien avant 2035.",
    "parameters": {
        "contrat_engagement_jeune.montant_forfaitaire.general.mineur": {"2035-01-01": 300}
    },
}

Amounts = dict[str, dict[str, float]]


@dataclass(frozen=True)
class Case:
    """A situation, in the form of ``/calculate`` without what it asks, and what must come out.

    ``expected`` are amounts (€) by person and month, worked out by hand. ``refused`` are texts
    that a refusal must hold, whatever the door: names, periods, places. ``told`` are texts that
    an answer must hold beside the amount. ``certain`` says whether ``missing`` may be sure.
    """

    name: str
    kind: str
    document: dict[str, Any]
    expected: Amounts = field(default_factory=dict)
    refused: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    certain: bool | None = None
    months: tuple[str, ...] = ()
    persons: tuple[str, ...] = ()

    @property
    def asked(self) -> list[str]:
        """The months asked for."""
        found = {month for months in self.expected.values() for month in months}
        return sorted({*found, *self.months}) or ["2025-06"]

    @property
    def who(self) -> list[str]:
        """The persons asked about."""
        return list(self.expected) or list(self.persons) or list(self.document[PERSONS])


@dataclass(frozen=True)
class Outcome:
    """What a door gave: amounts and all the text beside them, or the text of a refusal."""

    amounts: Amounts = field(default_factory=dict)
    text: str = ""
    refused: bool = False
    certain: bool | None = None


@functools.cache
def client() -> Any:
    """The application, on the law."""
    limits = Limits()
    return create_app(systeme(), limits).test_client()


def variable(name: str) -> Variable | None:
    """A variable of the model, None where there is none."""
    return systeme().variables.get(name)


# The routes, and the command on a situation.


def refusal(response: Any) -> Outcome:
    """What a problem says; a fault of the server is no refusal."""
    content = response.get_json(force=True)
    assert response.status_code in (400, 422), (response.status_code, content)
    return Outcome(text=json.dumps(content, ensure_ascii=False), refused=True)


def beside(response: Any) -> str:
    """All that an answer says: its headers and its body."""
    headers = "\n".join(f"{name}: {value}" for name, value in response.headers)
    return headers + "\n" + response.get_data(as_text=True)


def asking(case: Case) -> dict[str, Any]:
    """The document with the amounts to compute left null."""
    document = json.loads(json.dumps(case.document))
    for person in case.who:
        content = document[PERSONS][person]
        if not isinstance(content, dict):
            continue
        asked = content.setdefault(RESULT, {})
        asked.update(dict.fromkeys(case.asked))
    return document


def by_calculate(case: Case) -> Outcome:
    """``/calculate``."""
    response = client().post("/calculate", json=asking(case))
    if response.status_code != 200:
        return refusal(response)
    persons = response.get_json()[PERSONS]
    found = {
        person: {month: persons[person][RESULT][month] for month in case.asked}
        for person in case.who
    }
    return Outcome(found, beside(response))


def by_trace(case: Case) -> Outcome:
    """``/trace``."""
    response = client().post("/trace", json=asking(case))
    if response.status_code != 200:
        return refusal(response)
    content = response.get_json()
    persons = content["entitiesDescription"][PERSONS]
    found = {
        person: {
            month: content["trace"][f"{RESULT}<{month}>"]["value"][persons.index(person)]
            for month in case.asked
        }
        for person in case.who
    }
    return Outcome(found, beside(response))


def by_route(path: str, read: Callable[[Any, Case], float], body: Any = None) -> Callable:
    """A route about one person and one month."""

    def door(case: Case) -> Outcome:
        amounts: Amounts = {}
        texts, certain = [], None
        for person in case.who:
            for month in case.asked:
                document = case.document if body is None else body(case)
                response = client().post(
                    f"{path.format(month=month)}&{urlencode({'person': person})}", json=document
                )
                if response.status_code != 200:
                    return refusal(response)
                amounts.setdefault(person, {})[month] = read(response, case)
                texts.append(beside(response))
                if "/cej/missing" in path:
                    certain = response.get_json()["answer"]["status"] == "certain"
        return Outcome(amounts, "\n".join(texts), certain=certain)

    return door


def curve_at(response: Any, case: Case) -> float:
    """The allowance of a curve at the wage of the only person who has one, or at none."""
    content = response.get_json()
    month = datetime.date.fromisoformat(f"{content['month']}-01")
    before = f"{month - datetime.timedelta(days=1):%Y-%m}"
    wage = case.document[PERSONS][content["person"]].get(WAGE, {}).get(before, 0)
    for piece in content["segments"]:
        if piece["from"] <= wage <= piece["to"]:
            amount = piece["amount_from"] + piece["marginal_rate"] * (wage - piece["from"])
            return float(numpy.floor(amount * 100 + 0.5 + 2e-10) / 100)
    raise AssertionError(content)


def by_curve(case: Case) -> Outcome | None:
    """``/cej/curve``, where the wage is given month by month, or not at all."""
    for person in case.who:
        wages = case.document[PERSONS][person].get(WAGE, {})
        if any(not re.fullmatch(r"\d{4}-\d{2}", key) for key in wages):
            return None
        for month in case.asked:
            first = numpy.datetime64(month, "M")
            # The curve gives the same wage to all the months that count.
            counted = {
                wages.get(str(first - numpy.timedelta64(back, "M")), 0) for back in (1, 2, 3)
            }
            if len(counted) > 1 and str(first) < "2025-01":
                return None
    door = by_route("/cej/curve?month={month}&max=2000", curve_at)
    outcome: Outcome = door(case)
    return outcome


def as_yaml(response: Any, case: Case) -> float:
    """The amount that a YAML test expects."""
    [output] = yaml.safe_load(response.get_data(as_text=True))[0]["output"][PERSONS].values()
    return float(output[RESULT])


def by_command(words: list[str], read: Callable[[str], float]) -> Callable:
    """A command on the file of a situation."""

    def door(case: Case) -> Outcome:
        amounts: Amounts = {}
        texts = []
        for person in case.who:
            for month in case.asked:
                with tempfile.TemporaryDirectory() as folder:
                    file = Path(folder) / "situation.json"
                    file.write_text(json.dumps(case.document), encoding="utf-8")
                    done = run(words[0], file, "--month", month, "--person", person, *words[1:])
                if done.exit_code:
                    return refused_by(done)
                amounts.setdefault(person, {})[month] = read(done.stdout)
                texts.append(done.output)
        return Outcome(amounts, "\n".join(texts))

    return door


def run(*words: object) -> Any:
    """A command, in this process."""
    return CliRunner().invoke(main, [str(word) for word in words])


def refused_by(done: Any) -> Outcome:
    """What a command says when it refuses; anything else that it raises is an accident."""
    assert isinstance(done.exception, SystemExit), done.exception
    return Outcome(text=done.output, refused=True)


# Rows: batches, files, frames.


@dataclass
class Flat:
    """A case as rows: ``cells[header][row]``; None where a row says nothing."""

    ids: list[str]
    cells: dict[str, list[Any]]

    def put(self, header: str, row: int, value: Any) -> None:
        """Write a cell."""
        self.cells.setdefault(header, [None] * len(self.ids))[row] = value


def header(name: str, written: str) -> str | None:
    """The column of a value, None where a flat form has none for such a period."""
    known = variable(name)
    if known is None or known.definition_period == DateUnit.ETERNITY:
        return name
    length = 7 if known.definition_period == DateUnit.MONTH else 4
    return (
        f"{name}@{written}" if re.fullmatch(r"[\d-]*", written) and len(written) == length else None
    )


def flat(case: Case, alone: bool) -> Flat | None:
    """The rows of a case; ``alone``: for a form in which everyone is alone in their groups."""
    persons = case.document[PERSONS]
    found = Flat(list(persons), {})
    for row, content in enumerate(persons.values()):
        if not isinstance(content, dict) or not put_all(found, row, content):
            return None
    for entity in systeme().group_entities:
        groups = case.document.get(entity.plural, {})
        if groups and not put_groups(found, entity, groups, alone):
            return None
    if not {"date_naissance", "age"} & {name.partition("@")[0] for name in found.cells}:
        return None
    born = [name for name in found.cells if name.partition("@")[0] in ("date_naissance", "age")]
    if any(all(found.cells[name][row] is None for name in born) for row in range(len(persons))):
        return None
    return found


def put_all(found: Flat, row: int, content: dict[str, Any]) -> bool:
    """Write the values of a person or of a group; whether all of them have a column."""
    for name, values in content.items():
        if not isinstance(values, dict):
            return False
        headers = [header(name, written) for written in values]
        if None in headers or len(set(headers)) < len(headers):
            return False
        for where, value in zip(headers, values.values(), strict=True):
            found.put(where, row, value)
    return True


def put_groups(found: Flat, entity: Any, groups: dict[str, Any], alone: bool) -> bool:
    """Write the groups of an entity; whether rows can say them."""
    roles = {role.plural or role.key: role for role in entity.roles}
    members_of: dict[str, str] = {}
    for name, group in groups.items():
        members = [person for key in roles for person in listed(group.get(key, []))]
        if not members or not set(members) <= set(found.ids) or (alone and len(members) > 1):
            return False
        values = {key: content for key, content in group.items() if key not in roles}
        if not put_all(found, found.ids.index(members[0]), values):
            return False
        for key, role in roles.items():
            for rank, person in enumerate(listed(group.get(key, []))):
                members_of[person] = name
                if not alone:
                    subroles = role.subroles or [role]
                    found.put(
                        f"{entity.key}_role",
                        found.ids.index(person),
                        subroles[min(rank, len(subroles) - 1)].key,
                    )
    if not alone:
        for row, person in enumerate(found.ids):
            found.put(f"{entity.key}_id", row, members_of.get(person, f"{person} seul"))
    return True


def listed(members: Any) -> list[str]:
    """The members of a role."""
    return [members] if isinstance(members, str) else list(members)


def completed(found: Flat) -> Flat:
    """The rows of a table: an amount that a person does not give is nil, and must be written."""
    cells = {}
    for name, values in found.cells.items():
        known = variable(name.partition("@")[0])
        empty = None
        if known is not None and not may_be_empty(known) and known.value_type is not datetime.date:
            default = known.default_value
            empty = default.name if known.value_type is Enum else default
        if (
            known is not None
            and not known.entity.is_person
            and f"{known.entity.key}_id" in found.cells
        ):
            groups = found.cells[f"{known.entity.key}_id"]
            ever = noticed(found, name)
            said = {group for group, other in zip(groups, ever, strict=True) if other}
            said |= {
                group for group, value in zip(groups, values, strict=True) if value is not None
            }
            seen: set[str] = set()
            filled = []
            for group, value in zip(groups, values, strict=True):
                first = group not in said and group not in seen
                filled.append(empty if value is None and first else value)
                seen.add(group)
            cells[name] = filled
        else:
            ever = noticed(found, name)
            cells[name] = [
                empty if value is None and not other else value
                for value, other in zip(values, ever, strict=True)
            ]
    return Flat(found.ids, cells)


def noticed(found: Flat, name: str) -> list[bool]:
    """Which rows give the tax notice of another year: this one need not be written."""
    own = name.partition("@")[0]
    if own not in NOTICES:
        return [False] * len(found.ids)
    years = [values for other, values in found.cells.items() if other.partition("@")[0] == own]
    return [any(value is not None for value in row) for row in zip(*years, strict=True)]


def cell(value: Any) -> str:
    """A value as a CSV file writes it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "oui" if value else "non"
    return str(value)


def csv_text(columns: dict[str, list[Any]]) -> str:
    """A CSV file."""
    stream = io.StringIO()
    rows = csv.writer(stream, lineterminator="\n")
    rows.writerow(columns)
    rows.writerows([cell(value) for value in row] for row in zip(*columns.values(), strict=True))
    return stream.getvalue()


def window(case: Case) -> str:
    """All the months asked for, as a range."""
    return f"{case.asked[0]}:{case.asked[-1]}"


def by_batch(case: Case) -> Outcome | None:
    """``/cej/batch`` in NDJSON: a row says only what its person gives."""
    found = flat(case, alone=True)
    if found is None:
        return None
    rows = [
        {"individu_id": person}
        | {name: values[row] for name, values in found.cells.items() if values[row] is not None}
        for row, person in enumerate(found.ids)
    ]
    body = "\n".join(json.dumps(row) for row in rows)
    return batch_outcome(case, body, "application/x-ndjson")


def by_batch_csv(case: Case) -> Outcome | None:
    """``/cej/batch`` in CSV, the answer in NDJSON."""
    found = flat(case, alone=True)
    if found is None:
        return None
    return batch_outcome(case, csv_text({"individu_id": found.ids, **found.cells}), "text/csv")


def batch_outcome(case: Case, body: str, media_type: str) -> Outcome:
    """What a batch answers about the persons of a case."""
    response = client().post(
        f"/cej/batch?months={window(case)}",
        data=body.encode(),
        content_type=media_type,
        headers={"Accept": "application/x-ndjson"},
    )
    if response.status_code != 200:
        return refusal(response)
    rows = {row["individu_id"]: row for row in map(json.loads, response.get_data().splitlines())}
    wrong = [rows[person]["errors"] for person in case.who if "errors" in rows[person]]
    if wrong:
        return Outcome(text=json.dumps(wrong, ensure_ascii=False), refused=True)
    amounts = {
        person: {month: rows[person][f"{RESULT}@{month}"] for month in case.asked}
        for person in case.who
    }
    return Outcome(amounts, beside(response))


def table(case: Case) -> Flat | None:
    """The rows of a case with every cell that a table needs."""
    found = flat(case, alone=False)
    if found is None or some_notices(found):
        return None
    return completed(found)


def some_notices(found: Flat) -> bool:
    """Whether people gave the notices of unlike years: a table has every year for all."""
    years = {
        name.partition("@")[2]
        for name, values in found.cells.items()
        if (known := variable(name.partition("@")[0])) is not None
        and known.definition_period == DateUnit.YEAR
        and None in values
    }
    return len(years) > 1 and len(found.ids) > 1


def typed(name: str, values: list[Any]) -> pyarrow.Array:
    """A column of the type that its variable has."""
    known = variable(name.partition("@")[0])
    if known is None:
        return pyarrow.array(values)
    if known.value_type is datetime.date:
        days = [
            datetime.date.fromisoformat(value) if isinstance(value, str) else value
            for value in values
        ]
        return pyarrow.array(days, pyarrow.date32())
    kinds = {bool: pyarrow.bool_(), int: pyarrow.int64(), float: pyarrow.float64()}
    odd = {int: float, bool: str | int}.get(known.value_type)
    if odd and any(isinstance(value, odd) and value not in (True, False) for value in values):
        return pyarrow.array(values)  # Arrow would cut decimals, and has no truth in texts.
    return pyarrow.array(values, kinds.get(known.value_type, pyarrow.string()))


def arrow_table(columns: dict[str, list[Any]]) -> pyarrow.Table | None:
    """An Arrow table; None where a value is not of the type of its column."""
    try:
        return pyarrow.table({name: typed(name, values) for name, values in columns.items()})
    except (pyarrow.ArrowException, TypeError, ValueError):
        return None


def by_file(suffix: str) -> Callable:
    """``simulate`` on a flat file."""

    def door(case: Case) -> Outcome | None:
        found = table(case)
        if found is None:
            return None
        columns = {"individu_id": found.ids, **found.cells}
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / f"personnes{suffix}"
            if not save(file, columns):
                return None
            return simulated(case, Path(folder), [file])

    return door


def save(file: Path, columns: dict[str, list[Any]]) -> bool:
    """Write a file, CSV or Parquet by its name; whether it can hold the values."""
    if file.suffix == ".csv":
        file.write_text(csv_text(columns), encoding="utf-8")
        return True
    content = arrow_table(columns)
    if content is not None:
        pyarrow.parquet.write_table(content, file)
    return content is not None


def simulated(case: Case, folder: Path, words: list[object]) -> Outcome:
    """What ``simulate`` writes and says."""
    out = folder / "resultats"
    done = run("simulate", *words, "--months", window(case), "--out", out)
    if done.exit_code:
        return refused_by(done)
    amounts: Amounts = {}
    with (out / "allocations.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["individu_id"] in case.who and row["mois"] in case.asked:
                amounts.setdefault(row["individu_id"], {})[row["mois"]] = float(row[RESULT])
    return Outcome(amounts, done.output + (out / "run.json").read_text(encoding="utf-8"))


def by_long(case: Case) -> Outcome | None:
    """``simulate`` on a file of persons and a file of months."""
    tables = long_tables(case)
    if tables is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        first, second = Path(folder) / "personnes.csv", Path(folder) / "mois.csv"
        save(first, tables[0])
        save(second, tables[1])
        return simulated(case, Path(folder), [first, "--monthly", second])


def by_long_frames(
    make: Callable[[pyarrow.Table], Any], rows: Callable[[Any], list[dict]]
) -> Callable:
    """``openfisca_cej.simulate`` on persons and their months in memory."""

    def door(case: Case) -> Outcome | None:
        tables = long_tables(case)
        contents = [arrow_table(columns) for columns in tables or ()]
        if not contents or None in contents:
            return None
        return simulated_in_memory(case, rows, *map(make, contents))

    return door


def long_tables(case: Case) -> tuple[dict[str, list[Any]], dict[str, list[Any]]] | None:
    """The columns of the persons, and of one row a person and month."""
    found = table(case)
    if found is None:
        return None
    monthly = {
        name: values
        for name, values in found.cells.items()
        if (known := variable(name.partition("@")[0])) is not None
        and known.definition_period == DateUnit.MONTH
    }
    persons = {name: values for name, values in found.cells.items() if name not in monthly}
    names = {name.partition("@")[0] for name in monthly}
    # What the model computes has no default: it has a row, be it empty, in each month asked for.
    told = {name.partition("@")[2] for name in monthly} - {""}
    months = sorted(told | set(case.asked))
    if any("@" not in name for name in monthly) or not names:
        return None
    rows: dict[str, list[Any]] = {"individu_id": [], "mois": [], **{name: [] for name in names}}
    for row, person in enumerate(found.ids):
        for month in months:
            rows["individu_id"].append(person)
            rows["mois"].append(month)
            for name in names:
                rows[name].append(long_cell(found, monthly, name, month, row))
    return {"individu_id": found.ids, **persons}, rows


def long_cell(found: Flat, monthly: dict[str, list[Any]], name: str, month: str, row: int) -> Any:
    """A cell of a file of months: a month that no column tells is at the default."""
    values = monthly.get(f"{name}@{month}")
    if values is not None:
        return values[row]
    return completed(Flat(found.ids, {f"{name}@{month}": [None] * len(found.ids)})).cells[
        f"{name}@{month}"
    ][row]


def by_frame(make: Callable[[pyarrow.Table], Any], rows: Callable[[Any], list[dict]]) -> Callable:
    """``openfisca_cej.simulate`` on data in memory."""

    def door(case: Case) -> Outcome | None:
        found = table(case)
        content = None
        if found is not None:
            content = arrow_table({"individu_id": found.ids, **found.cells})
        if content is None:
            return None
        return simulated_in_memory(case, rows, make(content))

    return door


def simulated_in_memory(
    case: Case, rows: Callable[[Any], list[dict]], data: Any, monthly: Any = None
) -> Outcome:
    """What ``openfisca_cej.simulate`` gives and warns of."""
    with warnings.catch_warnings(record=True) as remarks:
        warnings.simplefilter("always")
        try:
            result = frames.simulate(data, window(case), monthly=monthly)
        except InvalidInput as error:
            return Outcome(text=str(error), refused=True)
    amounts: Amounts = {}
    for row in rows(result):
        if row["individu_id"] in case.who and row["mois"] in case.asked:
            amounts.setdefault(row["individu_id"], {})[row["mois"]] = float(row[RESULT])
    return Outcome(amounts, "\n".join(str(remark.message) for remark in remarks))


def as_dict(content: pyarrow.Table) -> dict[str, Any]:
    """A dictionary of NumPy arrays."""
    found = {}
    for name in content.column_names:
        column = content.column(name)
        if column.null_count and not pyarrow.types.is_date(column.type):
            found[name] = numpy.array(column.to_pylist(), dtype=object)
        else:
            found[name] = column.combine_chunks().to_numpy(zero_copy_only=False)
    return found


def rows_of_dict(result: dict[str, Any]) -> list[dict]:
    """The rows of a dictionary of arrays."""
    return [dict(zip(result, row, strict=True)) for row in zip(*result.values(), strict=True)]


def whole(case: Case) -> dict[str, Any]:
    """The body of a comparison."""
    return {"situation": case.document, "reform": REFORM}


def before(response: Any, case: Case) -> float:
    """The amount before the reform."""
    return float(response.get_json()["amounts"][0]["before"])


#: Every way in, by name. A door added here is tried on every case.
DOORS: dict[str, Callable[[Case], Outcome | None]] = {
    "/calculate": by_calculate,
    "/trace": by_trace,
    "/cej/explain": by_route(
        "/cej/explain?month={month}", lambda answer, case: answer.get_json()["root"]["value"]
    ),
    "/cej/missing": by_route(
        "/cej/missing?month={month}", lambda answer, case: answer.get_json()["answer"]["assumed"]
    ),
    "/cej/timeline": by_route(
        "/cej/timeline?month={month}&months=1", lambda answer, case: answer.get_json()[0]["amount"]
    ),
    "/cej/curve": by_curve,
    "/cej/compare": by_route("/cej/compare?month={month}&months=1", before, whole),
    "/cej/case": by_route("/cej/case?month={month}", as_yaml),
    "/cej/batch JSON": by_batch,
    "/cej/batch CSV": by_batch_csv,
    "explain": by_command(
        ["explain", "--format", "json"], lambda text: json.loads(text)["root"]["value"]
    ),
    "case": by_command(
        ["case"],
        lambda text: next(iter(yaml.safe_load(text)[0]["output"][PERSONS].values()))[RESULT],
    ),
    "flat CSV": by_file(".csv"),
    "Parquet": by_file(".parquet"),
    "long CSV": by_long,
    "dict": by_frame(as_dict, rows_of_dict),
    "pandas": by_frame(
        lambda content: content.to_pandas(date_as_object=True),
        lambda result: result.to_dict("records"),
    ),
    "Polars": by_frame(polars.from_arrow, lambda result: result.to_dicts()),
    "Arrow": by_frame(lambda content: content, lambda result: result.to_pylist()),
    "long pandas": by_long_frames(
        lambda content: content.to_pandas(date_as_object=True),
        lambda result: result.to_dict("records"),
    ),
    "long Arrow": by_long_frames(lambda content: content, lambda result: result.to_pylist()),
}


@contextlib.contextmanager
def one_system() -> Any:
    """All the doors use one tax and benefit system: building it is slow."""
    kept, system = openfisca_cej.CountryTaxBenefitSystem, systeme()
    openfisca_cej.CountryTaxBenefitSystem = lambda: system  # type: ignore[assignment,misc]
    try:
        yield
    finally:
        openfisca_cej.CountryTaxBenefitSystem = kept  # type: ignore[misc]
