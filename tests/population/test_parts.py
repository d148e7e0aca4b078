"""A source is cut into units that depend on it alone, and no group is ever split."""

import numpy
import pytest
from populations import write

from openfisca_cej.population import parts
from openfisca_cej.refusals import InvalidInput

pyarrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")

BIRTH = numpy.datetime64("2003-01-01")


def persons(path, rows, row_group=10, **columns):
    """A Parquet file of persons who were all born on the same day."""
    table = {"date_naissance": numpy.full(rows, BIRTH), **columns}
    parquet.write_table(pyarrow.table(table), path, row_group_size=row_group)
    return path


def shapes(source):
    """Name, row groups, rank of the first person (0 where all are named) and rows of each unit."""
    return [(unit.name, unit.groups, unit.first, unit.count) for unit in source.units]


def refusal(path, target=10):
    """The text of the refusal of a source."""
    with pytest.raises(InvalidInput) as caught:
        parts.open_source(path, target)
    return str(caught.value)


def test_row_groups_are_put_together_up_to_the_target(tmp_path):
    path = persons(tmp_path / "a.parquet", 45)
    assert shapes(parts.open_source(path)) == [("a.parquet", (0, 5), 0, 45)]
    assert shapes(parts.open_source(path, 25)) == [
        ("a.parquet", (0, 2), 0, 20),
        ("a.parquet", (2, 5), 20, 25),
    ]
    assert shapes(parts.open_source(path, 1))[-1] == ("a.parquet", (4, 5), 40, 5)


def test_the_parts_of_a_folder_follow_each_other(tmp_path):
    folder = tmp_path / "persons"
    folder.mkdir()
    for name in ("b", "a"):
        persons(folder / f"{name}.parquet", 15)
    assert shapes(parts.open_source(folder, 10)) == [
        ("persons/a.parquet", (0, 1), 0, 10),
        ("persons/a.parquet", (1, 2), 10, 5),
        ("persons/b.parquet", (0, 1), 15, 10),
        ("persons/b.parquet", (1, 2), 25, 5),
    ]


def test_a_part_of_csv_is_a_unit_and_its_rows_are_counted(tmp_path):
    folder = tmp_path / "persons"
    folder.mkdir()
    write(folder / "a.csv", "individu_id;date_naissance", '"a\nb";2003-01-01', "", "c;2003-01-01")
    write(folder / "b.csv", "individu_id;date_naissance", "d;2003-01-01")
    assert shapes(parts.open_source(folder)) == [
        ("persons/a.csv", None, 0, 2),
        ("persons/b.csv", None, 0, 1),
    ]


def test_an_unreadable_file_is_a_unit_of_its_own(tmp_path):
    persons(tmp_path / "a.parquet", 10)
    (tmp_path / "b.parquet").write_bytes(b"PAR1 nothing more")
    source = parts.open_source(tmp_path)
    assert [unit.count for unit in source.units] == [10, 0]
    assert source.files[1].broken


def test_parts_that_differ_by_their_columns_are_refused(tmp_path):
    persons(tmp_path / "a.parquet", 10, salaire_net=numpy.zeros(10))
    persons(tmp_path / "b.parquet", 10)
    text = refusal(tmp_path)
    assert "column salaire_net" in text
    assert "a.parquet has it" in text
    assert "b.parquet does not" in text


@pytest.mark.parametrize("kind", [int, str])
def test_a_cut_moves_so_that_a_group_stays_whole(tmp_path, kind):
    familles = (numpy.arange(45) // 4).astype(kind)
    path = persons(tmp_path / "a.parquet", 45, famille_id=familles)
    source = parts.open_source(path, 10)
    assert [unit.count for unit in source.units] == [12, 8, 12, 8, 5]
    assert [unit.first for unit in source.units] == [0, 12, 20, 32, 40]
    rows = [parts.read_rows(unit).column("famille_id").to_pylist() for unit in source.units]
    assert [row for part in rows for row in part] == familles.tolist()
    seen = [set(part) for part in rows]
    assert sum(len(part) for part in seen) == len(set().union(*seen))


def test_a_cut_moves_past_groups_that_hold_each_other(tmp_path):
    # Familles overlap the ménages: row 10 follows row 9, rows 11 and 12 follow row 10.
    familles = numpy.array([*range(9), 100, 100, 101, 102, *range(20, 27)])
    menages = numpy.array([*range(10), 200, 200, 200, *range(30, 37)])
    path = persons(tmp_path / "a.parquet", 20, famille_id=familles, menage_id=menages)
    assert [unit.count for unit in parts.open_source(path, 10).units] == [13, 7]


def test_a_group_in_two_files_is_refused(tmp_path):
    folder = tmp_path / "persons"
    folder.mkdir()
    persons(folder / "a.parquet", 3, famille_id=["F1", "F2", "F3"])
    persons(folder / "b.parquet", 3, famille_id=["F4", "F5", "F2"])
    text = refusal(folder)
    assert "column famille_id" in text
    assert "famille « F2 » lies both in persons/a.parquet, row 2 and in persons/b.parquet" in text
    assert "row 3" in text
    assert "Put the rows of a famille in one part file" in text
    assert text.endswith("Nothing was written.")


def test_a_group_far_apart_in_one_file_is_refused(tmp_path):
    foyers = numpy.arange(30)
    foyers[25] = 3
    text = refusal(persons(tmp_path / "a.parquet", 30, foyer_fiscal_id=foyers))
    assert "foyer_fiscal « 3 » lies both in a.parquet, row 4 and in a.parquet, row 26" in text
    assert "Sort the file by foyer_fiscal_id" in text


def test_a_group_in_two_csv_files_is_refused(tmp_path):
    write(tmp_path / "a.csv", "date_naissance,menage_id", "2003-01-01,M1", "2003-01-01, M2")
    write(tmp_path / "b.csv", "menage_id,date_naissance", "M2 ,2003-01-01")
    text = refusal(tmp_path)
    assert "menage « M2 » lies both in" in text


@pytest.mark.parametrize("kind", [int, str])
def test_a_person_who_comes_twice_is_refused(tmp_path, kind):
    persons(tmp_path / "a.parquet", 3, individu_id=numpy.array([7, 8, 9]).astype(kind))
    persons(tmp_path / "b.parquet", 3, individu_id=numpy.array([1, 9, 3]).astype(kind))
    text = refusal(tmp_path)
    assert "column individu_id: « 9 » is both in" in text
    assert "One row a person" in text


def test_a_number_and_its_text_are_one_identifier(tmp_path):
    persons(tmp_path / "a.parquet", 2, famille_id=[1, 2])
    persons(tmp_path / "b.parquet", 2, famille_id=["2", "3"])
    assert "famille « 2 »" in refusal(tmp_path)


def test_keys_that_meet_by_chance_are_told_apart(tmp_path, monkeypatch):
    monkeypatch.setattr(parts, "text_keys", lambda values: numpy.ones(len(values), numpy.uint64))
    persons(tmp_path / "a.parquet", 2, famille_id=["a", "b"])
    persons(tmp_path / "b.parquet", 2, famille_id=["c", "d"])
    assert len(parts.open_source(tmp_path).units) == 2


def test_a_text_has_one_key_whatever_surrounds_it():
    texts = ["", "a", "b", "ab", "ba", "é" * 9, "x" * 8, "x" * 9, "x" * 8 + "y", "1" * 40, "a b"]
    together = parts.text_keys(pyarrow.array([*texts, None, " a "]))
    alone = [int(parts.text_keys(pyarrow.array([text]))[0]) for text in texts]
    assert together.tolist() == [*alone, 0, alone[1]]
    assert alone[0] == 0
    assert len(set(alone)) == len(texts)
    sliced = parts.text_keys(pyarrow.array(texts).slice(3, 2))
    assert sliced.tolist() == alone[3:5]


def test_many_texts_have_as_many_keys():
    names = pyarrow.array([f"personne-{rank}" for rank in range(100_000)])
    assert len(numpy.unique(parts.text_keys(names))) == 100_000


def test_identifiers_that_are_not_given_are_no_group(tmp_path):
    for name in "ab":
        persons(tmp_path / f"{name}.parquet", 2, famille_id=pyarrow.array([None, None], "int64"))
    assert len(parts.open_source(tmp_path).units) == 2


def test_identifiers_are_compared_in_several_passes(tmp_path, monkeypatch):
    monkeypatch.setattr(parts, "HELD", 7)
    persons(tmp_path / "a.parquet", 20, individu_id=[f"p{rank}" for rank in range(20)])
    persons(tmp_path / "b.parquet", 20, individu_id=[f"p{rank}" for rank in range(15, 35)])
    text = refusal(tmp_path)
    assert all(f"« p{rank} »" in text for rank in range(15, 20))


def test_sorted_numbers_are_settled_without_reading_them(tmp_path, monkeypatch):
    persons(tmp_path / "a.parquet", 20, individu_id=numpy.arange(20), famille_id=numpy.arange(20))
    monkeypatch.delattr(parts, "keys")
    assert len(parts.open_source(tmp_path, 10).units) == 2


@pytest.mark.parametrize(
    ("limits", "apart"),
    [
        ([(0, 9, 0), (10, 19, 1)], True),
        ([(0, 9, 0), (9, 19, 1)], False),
        ([(0, 30, 0), (10, 19, 0), (31, 32, 1)], True),
        ([(0, 30, 0), (10, 12, 0), (20, 22, 1)], False),
    ],
)
def test_intervals_overlap_only_within_a_unit(limits, apart):
    assert parts.disjoint(limits) is apart


def test_identifiers_are_compared_however_their_columns_are_spelt(tmp_path):
    columns = {"INDIVIDU_ID": ["x", "y"], "Famille ID": ["F", "G"]}
    for name, one in (("a", columns), ("b", {**columns, "INDIVIDU_ID": ["z", "y"]})):
        parquet.write_table(pyarrow.table(one), tmp_path / f"{name}.parquet")
    with pytest.raises(InvalidInput) as caught:
        parts.open_source(tmp_path)
    told = " ".join(fault.problem for fault in caught.value.faults.kept)
    for name in ("famille « F » lies both in", "famille « G » lies both in", "« y » is both in"):
        assert name in told
    assert caught.value.faults.count == 3


def test_parts_may_spell_their_columns_in_several_ways(tmp_path):
    write(tmp_path / "a.csv", "individu_id,date_naissance", "a,2003-05-02")
    write(tmp_path / "b.csv", "Individu ID,Date de naissance", "b,2003-05-02")
    assert len(parts.open_source(tmp_path).units) == 2


@pytest.mark.parametrize("header", ["famille_id", "Famille ID"])
def test_a_group_that_a_folder_names_is_compared_however_it_is_spelt(tmp_path, header):
    folder = tmp_path / "persons" / f"{header}=F"
    folder.mkdir(parents=True)
    for name in "ab":
        write(folder / f"{name}.csv", "individu_id,date_naissance", f"{name},2003-05-02")
    assert "famille « F » lies both in" in refusal(tmp_path / "persons")
