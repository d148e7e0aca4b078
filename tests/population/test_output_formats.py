"""Results in CSV or Parquet, a row a person-month or a person: the same, whole or not at all."""

import csv
import errno
import os
from dataclasses import replace
from pathlib import Path

import forms
import numpy
import pyarrow
import pyarrow.parquet
import pytest

from openfisca_cej.population import engine, output
from openfisca_cej.population.months import month_text
from openfisca_cej.population.output import result_file
from openfisca_cej.population.reader import read

VARIABLES = (*forms.VARIABLES, "cej_rang_manquement", "rqth")
TEXT = {"False": "0", "True": "1"}


@pytest.fixture(scope="module", params=["csv", "parquet"])
def population(request, system, tmp_path_factory):
    """The same persons, read from CSV (identifiers in a list) or Parquet (in Arrow)."""
    path = tmp_path_factory.mktemp("persons") / f"jeunes.{request.param}"
    return read(forms.save(path, forms.flat()), system, forms.MONTHS)


def run(system, population, path, layout="person_month", chunk_size=engine.CHUNK):
    with result_file(path, system, population, forms.MONTHS, VARIABLES, layout) as file:
        for block in engine.simulate(system, population, forms.MONTHS, VARIABLES, chunk_size):
            file.add(block)
    return path


def csv_columns(path):
    """Columns of a CSV file, as texts."""
    with path.open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    return dict(zip(header, map(list, zip(*rows, strict=True)), strict=True))


def as_texts(values):
    """Values of a Parquet file as the CSV file writes them."""
    return [
        output.decimal(value) if isinstance(value, float) else TEXT.get(str(value), str(value))
        for value in values
    ]


@pytest.mark.parametrize("layout", ["person_month", "person"])
def test_both_formats_say_the_same(system, population, tmp_path, layout):
    texts = csv_columns(run(system, population, tmp_path / "r.csv", layout))
    table = pyarrow.parquet.read_table(run(system, population, tmp_path / "r.parquet", layout))
    assert {name: as_texts(column.to_pylist()) for name, column in table_items(table)} == texts
    assert list(texts) == table.column_names
    months = [month_text(month) for month in forms.MONTHS]
    assert len(table) == 60 * (len(months) if layout == "person_month" else 1)
    if layout == "person":
        dated = [f"{name}@{month}" for name in VARIABLES for month in months]
        assert list(texts) == ["individu_id", "poids", *dated]
        assert sorted(texts["individu_id"]) == forms.persons()["individu_id"]


def table_items(table):
    return zip(table.column_names, table.columns, strict=True)


def test_both_layouts_say_the_same(system, population, tmp_path):
    long = pyarrow.parquet.read_table(run(system, population, tmp_path / "a.parquet")).to_pylist()
    wide = pyarrow.parquet.read_table(run(system, population, tmp_path / "b.parquet", "person"))
    expected = [
        {
            "individu_id": row["individu_id"],
            "mois": month_text(month),
            "poids": row["poids"],
            **{name: row[f"{name}@{month_text(month)}"] for name in VARIABLES},
        }
        for row in wide.to_pylist()
        for month in forms.MONTHS
    ]
    assert long == expected
    assert {row["cej_en_cours"] for row in long} == {True, False}


def test_types_are_kept_in_parquet(system, population, tmp_path):
    table = pyarrow.parquet.read_table(run(system, population, tmp_path / "r.parquet"))
    kinds = {name: str(table.schema.field(name).type) for name in table.column_names}
    names = "dictionary<values=string, indices=int32, ordered=0>"
    assert kinds == {
        "individu_id": "string",
        "mois": names,
        "poids": "double",
        "cej_en_cours": "bool",
        "cej_situation_fiscale": names,
        "cej_allocation": "double",
        "cej_rang_manquement": "int32",
        "rqth": "bool",
    }


@pytest.mark.parametrize("layout", ["person_month", "person"])
def test_parquet_is_small_and_says_where_persons_are(system, population, tmp_path, layout):
    """A better codec than the usual one; limits of who and when, none of amounts of all sizes."""
    path = run(system, population, tmp_path / "r.parquet", layout)
    group = pyarrow.parquet.read_metadata(path).row_group(0)
    columns = [group.column(rank) for rank in range(group.num_columns)]
    assert {one.compression for one in columns} == {"ZSTD"}
    told = [one.path_in_schema for one in columns if one.is_stats_set]
    assert told == ["individu_id", "mois"][: 2 if layout == "person_month" else 1]


def test_parquet_writes_texts_by_their_ranks_and_tells_texts(system, population, tmp_path):
    """Each person once, whatever the length of the names; readers are told of plain texts."""
    long = replace(population, ids=[f"{rank:0100000d}" for rank in range(population.count)])
    path = run(system, long, tmp_path / "r.parquet")
    table = pyarrow.parquet.read_table(path)
    assert table.schema.field("individu_id").type == pyarrow.string()
    assert table["individu_id"].to_pylist()[:: len(forms.MONTHS)] == long.ids
    group = pyarrow.parquet.read_metadata(path).row_group(0)
    # 6 MB of names, and nothing beside a dictionary of them.
    assert group.column(0).total_uncompressed_size < 100_200 * population.count


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
@pytest.mark.parametrize("layout", ["person_month", "person"])
def test_the_file_does_not_depend_on_the_chunks(
    system, population, tmp_path, monkeypatch, suffix, layout
):
    monkeypatch.setattr(output, "ROW_GROUP", 50)
    whole = run(system, population, tmp_path / f"a.{suffix}", layout)
    cut = run(system, population, tmp_path / f"b.{suffix}", layout, chunk_size=5)
    assert whole.read_bytes() == cut.read_bytes()
    if suffix == "parquet":
        metadata = pyarrow.parquet.read_metadata(whole)
        sizes = [metadata.row_group(rank).num_rows for rank in range(metadata.num_row_groups)]
        # Persons are whole: 12 have 48 rows over four months.
        assert sizes == ([48] * 5 if layout == "person_month" else [50, 10])


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_inputs_that_were_written_can_be_read_again(system, population, tmp_path, suffix):
    variables = ("salaire_net", "rqth", "activite")
    path = tmp_path / "r.parquet"
    with result_file(path, system, population, forms.MONTHS, variables, "person") as file:
        for block in engine.simulate(system, population, forms.MONTHS, variables):
            file.add(block)
    table = pyarrow.parquet.read_table(path)
    births = dict(
        zip(*(forms.persons()[n] for n in ("individu_id", "date_naissance")), strict=True)
    )
    dates = pyarrow.array([births[name] for name in table["individu_id"].to_pylist()])
    table = table.append_column("date_naissance", dates)
    again = read(forms.save(tmp_path / f"again.{suffix}", table), system, forms.MONTHS)
    rows = [list(population.ids).index(name) for name in again.ids]
    given = {(item.variable, item.period): item.values for item in population.inputs}
    for item in again.inputs:
        assert item.values.tolist() == given[item.variable, item.period][rows].tolist()
    assert len(again.inputs) == 1 + len(variables) * len(forms.MONTHS)


def test_nobody_at_all_makes_an_empty_file(system, population, tmp_path):
    for suffix in ("csv", "parquet"):
        arguments = (system, population, forms.MONTHS, VARIABLES)
        with result_file(tmp_path / f"r.{suffix}", *arguments):
            pass
    table = pyarrow.parquet.read_table(tmp_path / "r.parquet")
    assert len(table) == 0
    header = (tmp_path / "r.csv").read_text().strip().split(",")
    assert table.column_names == header


def interrupt(system, population, path, error):
    with result_file(path, system, population, forms.MONTHS, VARIABLES) as file:
        for block in engine.simulate(system, population, forms.MONTHS, VARIABLES, 5):
            file.add(block)
        raise error


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
@pytest.mark.parametrize("error", [KeyboardInterrupt(), ValueError("oops")], ids=repr)
def test_an_interruption_leaves_what_was_there(system, population, tmp_path, suffix, error):
    path = tmp_path / f"r.{suffix}"
    path.write_text("before")
    with pytest.raises(type(error)):
        interrupt(system, population, path, error)
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_full_disk_leaves_what_was_there(
    system, population, tmp_path, monkeypatch, suffix, recwarn
):
    path = tmp_path / f"r.{suffix}"
    path.write_text("before")
    hashed = output.Hashed

    def full(path):
        file = hashed(path)
        os.dup2(os.open("/dev/full", os.O_WRONLY), file.fileno())
        return file

    monkeypatch.setattr(output, "Hashed", full)
    with pytest.raises(OSError, match="No space left") as caught:
        run(system, population, path)
    assert caught.value.errno == errno.ENOSPC
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]
    assert not recwarn.list


def test_a_writer_that_cannot_start_leaves_nothing(system, population, tmp_path, monkeypatch):
    def broken(self):
        raise OSError(errno.EIO, "broken")

    monkeypatch.setattr(output.ParquetFile, "start", broken)
    with pytest.raises(OSError, match="broken"):
        run(system, population, tmp_path / "r.parquet")
    assert list(tmp_path.iterdir()) == []


def test_the_file_has_the_usual_rights(system, population, tmp_path):
    run(system, population, tmp_path / "deep" / "r.parquet")
    (tmp_path / "other").touch()
    mode = (tmp_path / "deep" / "r.parquet").stat().st_mode
    assert mode == (tmp_path / "other").stat().st_mode


def test_layouts_are_spelt_with_a_dash_too():
    assert output.checked_layout("person-month") == "person_month"
    with pytest.raises(ValueError, match="« long » is not a layout"):
        output.checked_layout("long")


def test_dates_are_written(system, tmp_path):
    dates = numpy.array(["2025-01-31"], "datetime64[D]")
    variable = system.get_variable("cej_date_fin", check_existence=True)
    assert output.coded(dates, variable)[1].tolist() == ["2025-01-31"]
    assert str(output.arrow_values(dates, variable).type) == "date32[day]"
