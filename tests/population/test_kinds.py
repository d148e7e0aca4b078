"""Files of every kind that people have: read alike, or named for what they are."""

import bz2
import datetime
import errno
import gzip
import io
import lzma
import os
import shlex
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy
import openpyxl
import pytest
import streams
from click.testing import CliRunner
from populations import write

import openfisca_cej
from openfisca_cej.cli import main
from openfisca_cej.population import arrow, checks, csv_arrow, parts, reader, run
from openfisca_cej.population.months import month_range
from openfisca_cej.population.reader import read as read_csv
from openfisca_cej.population.schema import Others
from openfisca_cej.refusals import InvalidInput

pyarrow = pytest.importorskip("pyarrow")
csv = pytest.importorskip("pyarrow.csv")
parquet = pytest.importorskip("pyarrow.parquet")

MONTHS = month_range("2025-01:2025-01")
HEAD = "individu_id,date_naissance,salaire_net@2024-12,rqth"
ROWS = ["a,2003-01-02,12.5,oui", "b,2004-05-06,0,non", "c,2004-05-06,1000,non"]
CELLS = [
    HEAD.split(","),
    ["a", datetime.date(2003, 1, 2), 12.5, True],
    ["b", datetime.datetime(2004, 5, 6), 0, "non"],
    ["c", "2004-05-06", 1000.0, False],
]


@pytest.fixture(autouse=True)
def one_system(system, monkeypatch):
    """All the tests use one tax and benefit system."""
    monkeypatch.setattr(openfisca_cej, "CountryTaxBenefitSystem", lambda: system)


def workbook(path, rows=CELLS, **others):
    """A workbook whose first sheet has these rows, after a blank one."""
    book = openpyxl.Workbook()
    book.active.title = "Jeunes"
    book.active.append([])
    for row in rows:
        book.active.append(row)
    for name in others:
        book.create_sheet(name)
    book.save(path)
    return path


#: The smallest OpenDocument spreadsheet with the same rows.
ODS = """<?xml version="1.0" encoding="UTF-8"?>
<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2">
<office:body><office:spreadsheet><table:table table:name="Jeunes">{}</table:table>
</office:spreadsheet></office:body></office:document-content>"""


MANIFEST = """<?xml version="1.0" encoding="UTF-8"?><manifest:manifest
 xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>"""


def ods(path):
    """Write it."""
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    number = '<table:table-cell office:value-type="float" office:value="{0}"/>'
    rows = []
    for line in [HEAD, *ROWS]:
        cells = [
            (number if one[0].isdigit() and "-" not in one else cell).format(one)
            for one in line.split(",")
        ]
        rows.append(f"<table:table-row>{''.join(cells)}</table:table-row>")
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", kind)
        archive.writestr("META-INF/manifest.xml", MANIFEST)
        archive.writestr("content.xml", ODS.format("".join(rows)))
    return path


def packed(path):
    """The same rows as a compressed file."""
    text = "\n".join([HEAD, *ROWS, ""]).encode()
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text))
    else:
        with pyarrow.CompressedOutputStream(str(path), "zstd") as file:
            file.write(text)
    return path


MADE = {"p.csv.gz": packed, "p.csv.zst": packed, "p.xlsx": workbook, "p.ods": ods}


@pytest.mark.parametrize("name", MADE)
@pytest.mark.parametrize("least", [0, 1 << 20])
def test_it_gives_what_the_csv_gives(system, tmp_path, monkeypatch, name, least):
    monkeypatch.setattr(csv_arrow, "WORTH_IT", least)
    plain = read_csv(write(tmp_path / "p.csv", HEAD, *ROWS), system, MONTHS)
    path = MADE[name](tmp_path / name)
    found = reader.read(path, system, MONTHS)
    assert list(found.ids) == ["a", "b", "c"]
    for one, two in zip(found.inputs, plain.inputs, strict=True):
        assert (one.variable, one.period) == (two.variable, two.period)
        assert one.values.tolist() == two.values.tolist()
    outcomes = [run.run(tmp_path / one, MONTHS, tmp_path / f"out-{one}") for one in ("p.csv", name)]
    results = [outcome.path.read_bytes() for outcome in outcomes]
    assert results[0] == results[1]


def test_faults_of_a_workbook_have_their_rows(tmp_path):
    rows = [*CELLS, ["d", "2004-13-06", 5, "non"], ["e", "2004-12-06", "x", "non"]]
    with pytest.raises(run.Incomplete) as caught:
        run.run(workbook(tmp_path / "p.xlsx", rows), MONTHS, tmp_path / "out")
    assert "p.xlsx, line 6, column date_naissance" in str(caught.value)
    assert "p.xlsx, line 7, column salaire_net@2024-12" in str(caught.value)


def test_the_sheet_that_is_read_is_told(tmp_path):
    path = workbook(tmp_path / "p.xlsx", Notes=1, Autres=1)
    outcome = run.run(path, MONTHS, tmp_path / "out")
    told = "Guessed: its first sheet, Jeunes, is read, and not Notes, Autres."
    assert told in outcome.remarks


def test_the_first_sheet_that_is_shown_is_read(tmp_path):
    book = openpyxl.load_workbook(workbook(tmp_path / "p.xlsx"))
    book.create_sheet("Listes", 0).sheet_state = "hidden"
    book["Listes"]["A1"] = "oui"
    book.create_chartsheet("Graphe", 0)
    book.save(tmp_path / "p.xlsx")
    outcome = run.run(tmp_path / "p.xlsx", MONTHS, tmp_path / "out")
    assert outcome.totals.persons == 3
    assert "Guessed: its first sheet, Jeunes, is read, and not Graphe, Listes." in outcome.remarks


def test_an_error_and_a_formula_that_nothing_computed_are_no_empty_cells(tmp_path):
    rows = [[*row, None] for row in CELLS]
    rows[0][-1], rows[3][-1] = "cej_date_fin", "=VLOOKUP(A4,Fins!A:B,2)"
    book = openpyxl.load_workbook(workbook(tmp_path / "p.xlsx", rows))
    book.active["E4"] = "#N/A"
    book.active["E4"].data_type = "e"
    book.create_sheet("Fins")["A1"] = "=1+1"
    book.save(tmp_path / "p.xlsx")
    with pytest.raises(run.Incomplete) as caught:
        run.run(tmp_path / "p.xlsx", MONTHS, tmp_path / "out")
    told = str(caught.value).splitlines()
    assert told[0].startswith("p.xlsx, line 4, column cej_date_fin: « #N/A » is not a date")
    assert told[1].startswith("p.xlsx, line 5, column cej_date_fin: « =VLOOKUP(A4,Fins!A:B,2) »")
    assert len(told) == 3


def test_without_its_library_a_workbook_says_what_to_install(tmp_path, monkeypatch):
    path = workbook(tmp_path / "p.xlsx")
    monkeypatch.setitem(sys.modules, "python_calamine", None)
    with pytest.raises(arrow.MissingLibrary, match=r"openfisca-cej\[sheets\]"):
        parts.open_source(path)


def zipped(name):
    """An archive of one file."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(name, HEAD)
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "an Excel file of the old format"),
        (zipped("p.csv"), "a zip archive"),
        (b"PK\x03\x04nothing", "a zip archive"),
        (b"ARROW1\0\0", "an Arrow (Feather) file"),
        (b"FEA1\0\0\0\0", "a Feather file"),
        (b"SQLite format 3\0", "an SQLite database"),
        (b"%PDF-1.7", "a PDF document"),
        (b"$FL2@(#) SPSS DATA FILE", "an SPSS file"),
        (b"<stata_dta><header><release>118", "a Stata file"),
        (b"\x89HDF\r\n\x1a\n", "an HDF5 file"),
        (b"ORC\x08\x03", "an ORC file"),
        (b"Obj\x01\x04\x14avro.codec", "an Avro file"),
        (bz2.compress(HEAD.encode()), "a bzip2 archive"),
        (lzma.compress(HEAD.encode()), "an xz archive"),
        (b"7z\xbc\xaf'\x1c\0\x04", "a 7-Zip archive"),
        (b"<!DOCTYPE html>", "an HTML page"),
        (b"<html lang='fr'>", "an HTML page"),
        (b"<?xml version='1.0'?>", "an XML document"),
        (b'[{"individu_id": 1}]', "a JSON document"),
        (b'{"individu_id": [1]}', "a JSON document"),
        (gzip.compress(b"PAR1 and so on"), "a compressed Parquet file"),
        (zipped("word/document.xml"), "a Word document"),
        (zipped("Index/Document.iwa"), "a Numbers workbook"),
        (b"\r\n<TABLE><tr><td>individu_id</td>", "an HTML page"),
        (b"\xef\xbb\xbf<html xmlns:o='urn'>", "an HTML page"),
        (b'\xef\xbb\xbf\n [{"individu_id": 1}]', "a JSON document"),
        (rb"{\rtf1\ansi}", "an RTF document"),
        (b"\0" * 12 + b"\xc2\xea\x81\x60\xb3", "a SAS file"),
        (b"HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!", "a SAS file"),
        (b"\x72\x02\x01\0\x04\0", "a Stata file"),
        (gzip.compress(b"X\n\0\0\0\x03\0\x04"), "an R file"),
        (gzip.compress(b"RDX3\nX\n\0\0"), "an R file"),
        (b"\xff\xff\xff\xff\x78\0\0\0", "an Arrow (Feather) file"),
        (HEAD.encode("utf-16-le"), "a text in UTF-16 without its mark"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a binary file"),
        (b"p.csv" + b"\0" * 95 + b"0000644\0", "a binary file"),
        (gzip.compress(gzip.compress(HEAD.encode())), "a binary file"),
    ],
    # The bytes of archives hold the time: the processes of a run would not name the same tests.
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_anything_else_is_named_for_what_it_is(tmp_path, content, what):
    path = tmp_path / "p.csv"
    path.write_bytes(content)
    with pytest.raises(InvalidInput) as caught:
        parts.open_source(path)
    assert str(caught.value).startswith(f"p.csv: it is {what}")
    assert "Save it as CSV" in str(caught.value)
    result = CliRunner().invoke(main, ["check", str(path)])
    assert result.exit_code == 2
    assert what in result.stdout


def test_a_parquet_file_is_one_whatever_its_name(system, tmp_path):
    for name in ("p.parq", "p.data", "p.csv"):
        parquet.write_table(streams.table(5, 1), tmp_path / name)
        assert reader.read(tmp_path / name, system, streams.MONTHS).count == 5


def test_an_archive_that_is_cut_is_named(tmp_path):
    content = gzip.compress("\n".join([HEAD, *ROWS * 1000]).encode())
    (tmp_path / "p.csv.gz").write_bytes(content[: len(content) // 2])
    with pytest.raises(InvalidInput, match=r"p\.csv\.gz: it cannot be decompressed"):
        run.run(tmp_path / "p.csv.gz", MONTHS, tmp_path / "out")


# Folders, patterns, pipes.


def test_parts_without_a_row_are_skipped_and_told(system, tmp_path):
    folder = streams.folder(tmp_path / "persons", parts=2)
    parquet.write_table(streams.table(0, 1), folder / "part-05.parquet")
    outcome = run.run(folder, streams.MONTHS, tmp_path / "out")
    assert outcome.remarks[0] == "persons/part-05.parquet has no row: skipped."
    assert outcome.rows == 400 * 3
    assert sorted(path.name for path in outcome.path.iterdir()) == [
        "part-00000.csv",
        "part-00001.csv",
    ]
    checked = checks.check_source(folder, system, streams.MONTHS)
    assert (checked.persons, checked.faults) == (400, [])
    assert "persons/part-05.parquet has no row: skipped." in checked.remarks
    texts = tmp_path / "texts"
    texts.mkdir()
    write(texts / "a.csv", HEAD, *ROWS)
    write(texts / "b.csv", HEAD)
    again = run.run(texts, MONTHS, tmp_path / "again")
    assert again.remarks[0] == "texts/b.csv has no row: skipped."


def test_folders_of_hive_say_a_column_of_all_their_rows(system, tmp_path):
    folder = tmp_path / "persons"
    for rank, (year, place) in enumerate((y, p) for y in (2023, 2024) for p in ("oui", "non")):
        inside = folder / f"annee={year}" / f"residence_mayotte={place}"
        inside.mkdir(parents=True)
        parquet.write_table(streams.table(4, rank, 4 * rank), inside / "part-0.parquet")
    names = [name for _, name in parts.part_files(folder)]
    assert names[0] == "persons/annee=2023/residence_mayotte=non/part-0.parquet"
    others = Others(("annee",))
    outcome = run.run(folder, streams.MONTHS, tmp_path / "out", others=others)
    rows = [
        line.split(",")
        for path in sorted(outcome.path.iterdir())
        for line in path.read_text().splitlines()[1:]
    ]
    assert {row[0]: row[2] for row in rows} == {
        f"p{rank}": "2023" if rank < 8 else "2024" for rank in range(16)
    }
    for unit in parts.open_source(folder).units:
        read = reader.persons(unit, reader.schema_of(unit, system, others), streams.MONTHS)
        found = {item.variable: item.values for item in read.inputs}
        assert found["residence_mayotte"].all() == ("mayotte=oui" in unit.name)
        assert found["residence_mayotte"].any() == ("mayotte=oui" in unit.name)


def test_a_folder_of_hive_may_say_nothing(tmp_path):
    inside = tmp_path / "persons" / "cej_date_fin=__HIVE_DEFAULT_PARTITION__"
    inside.mkdir(parents=True)
    path = write(inside / "p.csv", HEAD, *ROWS)
    found = run.run(tmp_path / "persons", MONTHS, tmp_path / "out")
    expected = run.run(path, MONTHS, tmp_path / "flat")
    assert found.path.read_bytes() == expected.path.read_bytes()


def test_folders_of_hive_are_read_in_csv_too(tmp_path, monkeypatch):
    folder, flat = tmp_path / "persons", tmp_path / "flat.csv"
    monkeypatch.setattr(csv_arrow, "WORTH_IT", 1000)
    texts = {}
    for rank, place in enumerate(("oui", "non")):
        inside = folder / "operateur=Mission%20locale" / f"residence_mayotte={place}"
        inside.mkdir(parents=True)
        table = streams.table(30, rank, 30 * rank)
        csv.write_csv(table, inside / "a.csv")
        texts[place] = (inside / "a.csv").read_text().splitlines()
    # The second part is short: it is read row by row, the first one by blocks of PyArrow.
    (inside / "a.csv").write_text("\n".join(texts["non"][:5]) + "\n")
    rows = [f'{row},{place},"Mission locale"' for place in texts for row in texts[place][1:]]
    header = f'{texts["oui"][0]},"residence_mayotte","operateur"'
    write(flat, header, *rows[:34])
    others = Others(("operateur",))
    hive = run.run(folder, streams.MONTHS, tmp_path / "hive", others=others)
    plain = run.run(flat, streams.MONTHS, tmp_path / "plain", others=others)
    found = [path.read_text().splitlines() for path in sorted(hive.path.iterdir())]
    expected = plain.path.read_text().splitlines()
    width = len(streams.MONTHS)
    assert found[1][1:] == expected[1 : 1 + 30 * width]  # « non » comes before « oui »
    assert found[0][1:] == expected[1 + 30 * width :]


def test_what_a_folder_says_is_read_as_a_cell_is(system, tmp_path):
    for name in ("salaire_net=beaucoup", "rqth=oui"):
        inside = tmp_path / name.partition("=")[0] / name
        inside.mkdir(parents=True)
        write(inside / "a.csv", HEAD, *ROWS)
    for name, why in (("salaire_net=beaucoup", "« beaucoup »"), ("rqth=oui", "it comes twice")):
        faults = checks.check_source(tmp_path / name.partition("=")[0], system, MONTHS).faults
        assert len(faults) == 1
        assert why in faults[0].sentence


def test_a_pattern_names_its_files(tmp_path, monkeypatch):
    folder = streams.folder(tmp_path / "persons")
    found = [name for _, name in parts.part_files(folder / "part-[01].parquet")]
    assert found == ["part-0.parquet", "part-1.parquet"]
    monkeypatch.chdir(tmp_path)
    options = ["--months", "2025-01", "--out", "out"]
    result = CliRunner().invoke(main, ["simulate", "persons/part-[12].parquet", *options])
    assert result.exit_code == 0, result.output
    assert "Personnes : 400" in result.stdout
    result = CliRunner().invoke(main, ["simulate", "persons/*.csv", *options])
    assert result.exit_code == 2
    assert "does not exist" in result.stderr


def test_pages_are_checked_where_they_carry_checksums(tmp_path):
    path = tmp_path / "p.parquet"
    table = streams.table(2000, 1)
    parquet.write_table(
        table, path, write_page_checksum=True, compression="none", use_dictionary=False
    )
    content = bytearray(path.read_bytes())
    where = content.index(b"p1500")
    content[where : where + 5] = b"p9999"  # Another person: nothing else would tell.
    path.write_bytes(content)
    with pytest.raises(run.Incomplete, match=r"p\.parquet.*CRC"):
        run.run(path, streams.MONTHS, tmp_path / "out")


ENTRANTS = ["--universe", "entrants", "--region", "PACA", "--year", "2022", "--seed", "1"]
COMMAND = [sys.executable, "-m", "openfisca_cej.cli", "simulate", "-", "--months", "2025-01"]


def test_a_pipe_is_read_and_another_written(tmp_path):
    text = "\n".join([HEAD, *ROWS, ""])
    path = write(tmp_path / "p.csv", HEAD, *ROWS)
    expected = run.run(path, MONTHS, tmp_path / "out").path.read_text()
    done = subprocess.run(
        [*COMMAND, "--out", "-"], input=text, capture_output=True, text=True, check=False,
        cwd=tmp_path, env=streams.environment(),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout == expected
    assert "Personnes : 3" in done.stderr
    assert sorted(one.name for one in tmp_path.iterdir()) == ["out", "p.csv"]
    checked = CliRunner().invoke(main, ["check", "-"], input=text)
    assert checked.stdout.splitlines()[-1] == "stdin: 3 persons, no fault."


def test_nothing_of_what_goes_to_the_standard_output_is_kept(tmp_path):
    write(tmp_path / "a.csv", HEAD, *ROWS)
    write(tmp_path / "b.csv", HEAD, "d,2003-01-02,x,oui")
    arguments = ["simulate", str(tmp_path), "--months", "2025-01", "--out", "-"]
    result = CliRunner().invoke(main, arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "« x » is not a number" in result.stderr
    assert result.stderr.endswith("Nothing was written.\n")


@pytest.mark.parametrize(
    ("arguments", "ending"),
    [
        (["simulate", "p.csv", "--months", "2025-01", "--out", "-"], ". Nothing was written."),
        (["population", "--size", "50", "--out", "-", *ENTRANTS], "."),
        (["check", "p.csv"], "."),
    ],
)
def test_a_standard_output_that_is_full_is_told_in_a_sentence(tmp_path, arguments, ending):
    write(tmp_path / "p.csv", HEAD, *ROWS)
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*COMMAND[:3], *arguments], stdout=full, stderr=subprocess.PIPE, text=True,
            check=False, cwd=tmp_path, env=streams.environment(),
        )  # fmt: skip
    last = done.stderr.splitlines()[-1]
    assert (done.returncode, last) == (2, f"standard output: No space left on device{ending}")


def test_a_disk_that_is_full_is_that_of_the_results(tmp_path, monkeypatch):
    path = write(tmp_path / "p.csv", HEAD, *ROWS)

    def full(*arguments, **others):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(numpy, "savez", full)
    arguments = ["--months", "2025-01", "--population", str(path), "--out", str(tmp_path / "out")]
    result = CliRunner().invoke(main, ["compare", "bareme_lineaire", *arguments, "-q"])
    told = f"{tmp_path / 'out'}: No space left on device. Nothing was written.\n"
    assert (result.exit_code, result.stderr) == (2, told)


def test_closed_streams_are_told_in_a_sentence(tmp_path):
    write(tmp_path / "p.csv", HEAD, *ROWS)
    for given, stream, told in (
        ("-", "<&-", "standard input: Bad file descriptor."),
        ("p.csv", ">&-", "The standard output was closed before the end."),
    ):
        command = [*COMMAND[:4], given, *COMMAND[5:], "--out", "-"]
        done = subprocess.run(
            ["sh", "-c", f"exec {shlex.join(command)} {stream}"], stderr=subprocess.PIPE, text=True,
            check=False, cwd=tmp_path, env=streams.environment(),
        )  # fmt: skip
        assert (done.returncode, done.stderr.splitlines()[-1]) == (2, told)


def test_a_family_of_thousands_is_an_identifier_that_is_not_one(tmp_path, monkeypatch):
    monkeypatch.setattr(parts, "MOVED", 10)
    table = streams.table(60, 1)
    names = ["NA" if rank < 40 else f"f{rank}" for rank in range(60)]
    table = table.append_column("famille_id", pyarrow.array(names))
    parquet.write_table(table, tmp_path / "p.parquet", row_group_size=10)
    with pytest.raises(InvalidInput) as caught:
        parts.open_source(tmp_path / "p.parquet", 10)
    assert "« NA » is the identifier of 40 persons. Give each famille its own" in str(caught.value)
    assert "follow each other" not in str(caught.value)


def test_a_name_may_have_a_break_of_lines_in_it(system, tmp_path):
    path = write(
        tmp_path / "p.csv", 'individu_id,"date\nnaissance"', "a,2003-01-02", "b,2003-13-02"
    )
    with pytest.raises(InvalidInput, match=r"p\.csv, line 4, column date_naissance"):
        read_csv(path, system, MONTHS)
    write(path, 'individu_id,"date\nnaissance"', "a,2003-01-02")
    assert read_csv(path, system, MONTHS).count == 1


def test_a_tail_of_nuls_is_named(system, tmp_path):
    path = tmp_path / "p.csv"
    path.write_bytes("\n".join([HEAD, *ROWS, ""]).encode() + b"\0" * 512)
    with pytest.raises(InvalidInput, match=r"line 5: the file ends with 512 NUL bytes"):
        read_csv(path, system, MONTHS)
