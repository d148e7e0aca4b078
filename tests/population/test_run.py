"""A run over part files: the same bytes however it is done, and nothing lost when it fails."""

import csv
import errno
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
import streams
from click.testing import CliRunner
from populations import write

import openfisca_cej
from openfisca_cej.cli import main
from openfisca_cej.population import (
    csv_arrow,
    jobs,
    lock,
    manifest,
    output,
    parts,
    protocol,
    run,
    run_folder,
    stream,
)
from openfisca_cej.population.months import month_text
from openfisca_cej.population.summary import Totals
from openfisca_cej.refusals import BadRequest, InvalidInput
from openfisca_cej.versions import package_version

pyarrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")

#: The parts of the folder of these tests have 200 rows, in two row groups.
UNIT = 100


@pytest.fixture(autouse=True)
def one_system(system, monkeypatch):
    """All the tests use one tax and benefit system."""
    monkeypatch.setattr(openfisca_cej, "CountryTaxBenefitSystem", lambda: system)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder of three part files, six units in all."""
    return streams.folder(tmp_path_factory.mktemp("source") / "persons")


@pytest.fixture(scope="module")
def expected(folder, tmp_path_factory):
    """What a run in one thread leaves."""
    out = tmp_path_factory.mktemp("expected") / "out"
    simulate(folder, out, threads=1)
    return streams.hashes(out)


def simulate(source, out, **options):
    """Run on units of one row group."""
    opened = parts.open_source(source, UNIT)
    return run.run(opened, streams.MONTHS, out, **{"format": "parquet", **options})


def working(out):
    """The only folder of work."""
    (found,) = out.glob("allocations.*.partial")
    return found


def rows_of(outcome):
    """All the rows of results of a CSV run."""
    paths = [outcome.path] if outcome.path.is_file() else sorted(outcome.path.iterdir())
    for path in paths:
        with path.open(newline="", encoding="utf-8") as file:
            yield from csv.DictReader(file)


def without_the_last_part(expected):
    """Parts that are complete when the last file cannot be read."""
    return {f"part-0000{rank}.parquet" for rank in range(4)}


def test_threads_change_nothing(folder, expected, tmp_path):
    outcome = simulate(folder, tmp_path / "out", threads=3)
    assert outcome.complete
    assert outcome.rows == 600 * 3
    assert streams.hashes(tmp_path / "out") == expected
    assert set(expected) == {"run.json", *(f"allocations/part-0000{n}.parquet" for n in range(6))}


def test_progress_is_told_once_for_each_person_and_month(folder, tmp_path):
    told = []
    simulate(folder, tmp_path / "out", advance=told.append)
    assert sum(told) == 600 * 3
    told.clear()
    simulate(folder, tmp_path / "out", advance=told.append)
    assert sum(told) == 600 * 3


def test_the_parts_have_the_results_of_the_whole(folder, tmp_path):
    by_parts = simulate(folder, tmp_path / "parts", format="csv")
    whole = run.run(folder / "part-0.parquet", streams.MONTHS, tmp_path / "whole")
    assert whole.path == tmp_path / "whole" / "allocations.csv"
    rows = list(rows_of(by_parts))
    assert rows[:600] == list(rows_of(whole))
    assert [row["individu_id"] for row in rows[::3]] == [f"p{rank}" for rank in range(600)]


def test_totals_are_those_of_exact_sums(folder, tmp_path):
    outcome = simulate(folder, tmp_path / "out", format="csv")
    rows = list(rows_of(outcome))
    totals = outcome.totals
    assert totals.decimals == 1
    for rank, month in enumerate(map(month_text, streams.MONTHS)):
        lines = [row for row in rows if row["mois"] == month]
        weights = [Fraction(float(row["poids"])) for row in lines]
        paid = [Fraction(Decimal(row["cej_allocation"])) for row in lines]
        spent = sum((w * a for w, a in zip(weights, paid, strict=True)), Fraction())
        payees = sum((w for w, a in zip(weights, paid, strict=True) if a), Fraction())
        running = sum(w for w, r in zip(weights, lines, strict=True) if r["cej_en_cours"] == "1")
        assert round(totals.centimes[rank]) == round(spent * 100)
        assert abs(Fraction(totals.payees[rank]) - payees) < Fraction(1, 10**6)
        assert abs(Fraction(totals.running[rank]) - running) < Fraction(1, 10**6)


def test_gathered_totals_are_those_of_one_pass(entrants, tmp_path):
    told = [
        run.write_population(
            entrants,
            jobs.run_plan(streams.MONTHS),
            tmp_path / "out",
            {"population": "entrants"},
        ).totals.to_json()
    ] * 2
    twice = Totals.gathered(streams.MONTHS, told)
    assert twice.persons == 2 * entrants.count
    assert twice.centimes.tolist() == [
        2 * told[0]["months"][month_text(month)]["centimes"] for month in streams.MONTHS
    ]
    assert json.loads(json.dumps(told[0])) == told[0]


def test_the_manifest_tells_what_was_done(folder, tmp_path):
    outcome = simulate(folder, tmp_path / "out", layout="person", variables=["cej_eligibilite"])
    told = json.loads((tmp_path / "out" / "run.json").read_text())
    assert told["versions"]["openfisca_cej"] == package_version()
    assert set(told["versions"]) >= {"openfisca_core", "numpy", "python", "model_sha256"}
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", told["law"]["checked_until"])
    assert told["months"] == ["2025-01", "2025-02", "2025-03"]
    assert (told["variables"], told["layout"]) == (["cej_eligibilite"], "person")
    assert told["reform"] is None
    for entry in told["input"]:
        path = folder.parent / entry["file"]
        assert entry["sha256"] == manifest.file_hash(path)
        assert entry["size"] == path.stat().st_size
    for entry in told["parts"]:
        path = tmp_path / "out" / told["results"] / entry["file"]
        assert entry["sha256"] == manifest.file_hash(path)
        assert entry["rows"] == parquet.read_metadata(path).num_rows == UNIT
    assert told["totals"] == outcome.totals.to_json()
    assert told["rows"] == 600


def test_a_reform_is_told_and_applied(folder, tmp_path):
    def more(amount):
        def reform(system):
            system = system.clone()
            return system if amount else None

        return reform

    outcome = simulate(folder, tmp_path / "out", reform=more(1))
    told = json.loads((tmp_path / "out" / "run.json").read_text())["reform"]
    assert told["name"] == "reform"
    assert "system.clone()" in told["content"]
    assert "# amount = 1" in told["content"]
    again = simulate(folder, tmp_path / "out", reform=more(2), overwrite=True)
    assert (outcome.resumed, again.resumed) == (0, 0)


# Going on where it was.


def test_what_is_done_is_not_done_again(folder, expected, tmp_path, monkeypatch):
    simulate(folder, tmp_path / "out")
    monkeypatch.delattr(jobs, "process")
    again = simulate(folder, tmp_path / "out")
    assert again.resumed == 6
    assert (
        again.totals.to_json() == json.loads((tmp_path / "out" / "run.json").read_text())["totals"]
    )
    assert streams.hashes(tmp_path / "out") == expected


def test_everything_is_done_again_if_asked(folder, expected, tmp_path):
    simulate(folder, tmp_path / "out")
    again = simulate(folder, tmp_path / "out", resume=False)
    assert again.resumed == 0
    assert streams.hashes(tmp_path / "out") == expected


def test_a_part_that_was_harmed_is_made_again_alone(folder, expected, tmp_path):
    simulate(folder, tmp_path / "out")
    harmed = tmp_path / "out" / "allocations" / "part-00003.parquet"
    others = {path: path.stat().st_mtime_ns for path in harmed.parent.iterdir() if path != harmed}
    harmed.write_bytes(harmed.read_bytes()[:-1] + b"x")
    assert simulate(folder, tmp_path / "out").resumed == 5
    assert {path: path.stat().st_mtime_ns for path in others} == others
    assert streams.hashes(tmp_path / "out") == expected


@pytest.mark.parametrize(
    "change", [{"variables": ["cej_allocation"]}, {"layout": "person"}, {"format": "csv"}]
)
def test_other_parameters_give_other_results(folder, tmp_path, change):
    simulate(folder, tmp_path / "out")
    before = streams.hashes(tmp_path / "out")
    with pytest.raises(BadRequest, match=r"results of another run: .* add --overwrite"):
        simulate(folder, tmp_path / "out", **change)
    assert streams.hashes(tmp_path / "out") == before
    assert simulate(folder, tmp_path / "out", **change, overwrite=True).resumed == 0
    suffixes = {path.suffix for path in (tmp_path / "out" / "allocations").iterdir()}
    assert suffixes == {f".{change.get('format', 'parquet')}"}


def test_results_of_another_shape_do_not_stay(folder, tmp_path):
    out = tmp_path / "out"
    run.run(folder / "part-0.parquet", streams.MONTHS, out)
    (out / "mine.txt").write_text("kept")
    simulate(folder, out, overwrite=True)
    assert sorted(path.name for path in out.iterdir()) == ["allocations", "mine.txt", "run.json"]
    run.run(folder / "part-0.parquet", streams.MONTHS, out, format="parquet", overwrite=True)
    assert sorted(path.name for path in out.iterdir()) == [
        "allocations.parquet",
        "mine.txt",
        "run.json",
    ]


def test_another_version_of_the_model_makes_the_same_run_again(folder, expected, tmp_path):
    out = tmp_path / "out"
    simulate(folder, out)
    told = json.loads((out / "run.json").read_text())
    told["versions"]["model_sha256"] = "another"
    for part in told["parts"]:
        part["fingerprint"] = f"another {part['number']}"
    (out / "run.json").write_text(json.dumps(told))
    assert simulate(folder, out).resumed == 0
    assert streams.hashes(out) == expected


def test_what_no_manifest_tells_is_spared(folder, tmp_path):
    for name, source in (("allocations.csv", folder / "part-0.parquet"), ("allocations", folder)):
        out = tmp_path / source.name
        out.mkdir()
        path = out / name
        path.write_text("mine") if path.suffix else path.mkdir()
        with pytest.raises(BadRequest, match="no manifest says what made it"):
            run.run(source, streams.MONTHS, out)
        assert [found.name for found in out.iterdir()] == [name]


def test_two_runs_at_once_in_one_folder_never_mix(folder, tmp_path, monkeypatch):
    alone = {}
    for layout in ("person", "person_month"):
        simulate(folder, tmp_path / layout, layout=layout)
        alone[layout] = streams.hashes(tmp_path / layout)
    process, started = jobs.process, threading.Barrier(2)

    def together(plan, unit, *rest):
        if unit.number in (0, 3):
            started.wait(60)
        return process(plan, unit, *rest)

    monkeypatch.setattr(jobs, "process", together)
    ended = {}

    def one(layout):
        try:
            simulate(folder, tmp_path / "out", layout=layout, threads=1)
            ended[layout] = ""
        except run.Incomplete as error:
            ended[layout] = str(error)

    threads = [threading.Thread(target=one, args=[layout]) for layout in alone]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (first,) = (layout for layout, text in ended.items() if not text)
    (other,) = (layout for layout in ended if layout != first)
    assert "has the results of another run" in ended[other]
    assert "6 of 6 parts are complete and kept in" in ended[other]
    found = streams.hashes(tmp_path / "out")
    kept = working(tmp_path / "out").name
    assert {name: told for name, told in found.items() if kept not in name} == alone[first]
    monkeypatch.delattr(jobs, "process")
    again = simulate(folder, tmp_path / "out", layout=other, overwrite=True)
    assert again.resumed == 6
    assert streams.hashes(tmp_path / "out") == alone[other]


def test_the_same_run_is_not_done_twice_at_once(folder, expected, tmp_path, monkeypatch):
    process, refused = jobs.process, []

    def twice(plan, unit, *rest):
        if not refused:
            with pytest.raises(BadRequest) as caught:
                simulate(folder, tmp_path / "out", threads=1)
            refused.append(str(caught.value))
        return process(plan, unit, *rest)

    monkeypatch.setattr(jobs, "process", twice)
    simulate(folder, tmp_path / "out", threads=1)
    assert f"this run is being done already (process {os.getpid()} of" in refused[0]
    assert streams.hashes(tmp_path / "out") == expected


@pytest.mark.parametrize("code", [errno.ENOLCK, errno.EOPNOTSUPP])
def test_a_disk_without_locks_has_what_the_file_says(tmp_path, monkeypatch, code):
    def without(*arguments):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(lock.fcntl, "flock", without)
    path = tmp_path / ".lock"
    with lock.held(path):
        with pytest.raises(lock.Busy, match=f"process {os.getpid()} of .* remove"), lock.held(path):
            pass
        assert path.exists()
    assert not path.exists()
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    path.write_text(json.dumps({**lock.myself(), "process": dead.pid}))
    with lock.held(path):
        assert json.loads(path.read_text())["process"] == os.getpid()
    path.write_text(json.dumps({**lock.myself(), "host": "elsewhere"}))
    with pytest.raises(lock.Busy, match="of elsewhere"), lock.held(path):
        pass


def test_a_part_that_changes_before_the_end_is_not_told(folder, expected, tmp_path, monkeypatch):
    out, finish = tmp_path / "out", run_folder.RunFolder.finish

    def harmed(self, *arguments):
        (self.working / "part-00002.parquet").write_bytes(b"another")
        finish(self, *arguments)

    monkeypatch.setattr(run_folder.RunFolder, "finish", harmed)
    with pytest.raises(run.Incomplete, match="part 2 is not what was written any more") as caught:
        simulate(folder, out)
    assert "5 of 6 parts are complete and kept in" in str(caught.value)
    assert not (out / "run.json").exists()
    monkeypatch.setattr(run_folder.RunFolder, "finish", finish)
    assert simulate(folder, out).resumed == 5
    assert streams.hashes(out) == expected


KILLED = """
import os, signal, sys
from pathlib import Path
import streams
from openfisca_cej.population import jobs, parts, run

done, process = [], jobs.process

def deadly(*arguments):
    result = process(*arguments)
    done.append(result)
    if len(done) == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return result

jobs.process = deadly
source = parts.open_source(Path(sys.argv[1]), 100)
run.run(source, streams.MONTHS, Path(sys.argv[2]), format="parquet", threads=int(sys.argv[3]))
"""


@pytest.mark.parametrize("threads", [1, 2])
def test_a_killed_run_goes_on_where_it_was(folder, expected, tmp_path, threads):
    out = tmp_path / "out"
    environment = streams.environment(Path(streams.__file__).parent)
    command = [sys.executable, "-c", KILLED, str(folder), str(out), str(threads)]
    killed = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert [path.name for path in out.iterdir()] == [working(out).name]
    again = simulate(folder, out)
    assert 3 <= again.resumed <= 4
    assert streams.hashes(out) == expected


STOPPED = """
import itertools, time
from openfisca_cej.cli import main
from openfisca_cej.population import engine, parts

parts.open_source.__defaults__ = (100, True)
chunk_run, ranks = engine.Chunk.run, itertools.count()

def slow(self, months, variables, advance):
    rank = next(ranks)
    if rank == 2:  # One of the first two parts is complete.
        print("ready", flush=True)
    for turn in range(400 if rank > 1 else 0):
        time.sleep(0.05)
        advance(0)
    return chunk_run(self, months, variables, advance)

engine.Chunk.run = slow
main()
"""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_leaves_what_is_complete_and_nothing_else(folder, tmp_path, number, code):
    out = tmp_path / "out"
    environment = streams.environment(Path(streams.__file__).parent)
    options = ["--months", "2025-01:2025-03", "--out", str(out), "--format", "parquet"]
    command = [sys.executable, "-c", STOPPED, "simulate", str(folder), *options]
    running = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert running.stdout.readline() == "ready\n"
    time.sleep(0.3)
    running.send_signal(number)
    _, errors = running.communicate(timeout=30)
    assert running.returncode == code, errors
    assert f"Interrupted. What is complete is kept in {working(out)}" in errors
    assert "Traceback" not in errors
    names = {path.name for path in working(out).iterdir()}
    assert names == {name for rank in complete(names) for name in of_part(rank)}
    assert len(complete(names)) >= 1
    assert simulate(folder, out).resumed == len(complete(names))


def test_a_part_completed_while_the_run_stops_is_kept_and_told(folder, tmp_path, monkeypatch):
    def stopping(job, units, folder, advance, *others):
        job.process(units[0], folder, advance)  # by a thread that ends what it was doing
        raise KeyboardInterrupt
        yield

    monkeypatch.setattr(run, "each", stopping)
    with pytest.raises(run.Stopped) as caught:
        simulate(folder, tmp_path / "out")
    assert caught.value.kept == working(tmp_path / "out")


def complete(names):
    """The numbers of the parts that have a file."""
    return [name[5:10] for name in names if name.startswith("part-")]


def of_part(rank):
    """The files of a complete part."""
    return f"part-{rank}.parquet", f".part-{rank}.parquet.json"


STEPS = {"remove_former": run_folder, "write_json": manifest, "manifest_of": run}


@pytest.mark.parametrize("step", STEPS)
def test_an_end_that_is_interrupted_is_done_again(folder, expected, tmp_path, monkeypatch, step):
    out = tmp_path / "out"

    def interrupted(*arguments):
        if step != "write_json" or arguments[0].name == manifest.NAME:
            raise KeyboardInterrupt
        whole(*arguments)

    whole = getattr(STEPS[step], step)
    monkeypatch.setattr(STEPS[step], step, interrupted)
    with pytest.raises(run.Stopped) as caught:
        simulate(folder, out)
    assert caught.value.kept in (*out.glob("allocations.*.partial"), out / "allocations")
    monkeypatch.setattr(STEPS[step], step, whole)
    assert simulate(folder, out).resumed == 6
    assert streams.hashes(out) == expected


# What cannot be done.


@pytest.mark.parametrize("threads", [1, 2])
def test_a_corrupt_part_is_named_and_the_others_are_kept(folder, expected, tmp_path, threads):
    source, out = streams.folder(tmp_path / "persons"), tmp_path / "out"
    sound = streams.spoil(source / "part-1.parquet")
    with pytest.raises(run.Incomplete) as caught:
        simulate(source, out, threads=threads)
    text = str(caught.value)
    assert "persons/part-1.parquet" in text
    assert "5 of 6 parts are complete and kept in" in text
    assert "the same command does the rest" in text
    assert [failure.number for failure in caught.value.outcome.failures] == [2]
    kept = {path.name for path in working(out).glob("part-*")}
    assert kept == {f"part-0000{number}.parquet" for number in (0, 1, 3, 4, 5)}
    assert not (out / "run.json").exists()
    (source / "part-1.parquet").write_bytes(sound)
    # The other row group of the file is done again too: the file is not the same any more.
    assert simulate(source, out, threads=threads).resumed == 4
    assert streams.hashes(out) == expected


def test_a_file_that_is_not_parquet_is_named(tmp_path):
    source = streams.folder(tmp_path / "persons", parts=2)
    (source / "part-1.parquet").write_text("individu_id\n")
    with pytest.raises(run.Incomplete, match=r"persons/part-1\.parquet.*") as caught:
        simulate(source, tmp_path / "out")
    assert len(caught.value.outcome.parts) == 2


def test_a_bad_row_is_named_and_its_part_is_not_written(tmp_path):
    source = tmp_path / "persons"
    source.mkdir()
    for name, born in (("a", "2003-01-01"), ("b", "2003-13-01"), ("c", "2004-01-01")):
        write(source / f"{name}.csv", "individu_id,date_naissance", f"{name},{born}")
    with pytest.raises(run.Incomplete) as caught:
        run.run(source, streams.MONTHS, tmp_path / "out")
    text = str(caught.value)
    assert "b.csv, line 2, column date_naissance: « 2003-13-01 » is not a date" in text
    assert "Nothing was written" not in text
    assert "2 of 3 parts are complete" in text
    write(source / "b.csv", "individu_id,date_naissance", "b,2003-12-01")
    outcome = run.run(source, streams.MONTHS, tmp_path / "out")
    assert outcome.resumed == 2
    assert [row["individu_id"] for row in rows_of(outcome)][::3] == ["a", "b", "c"]


def test_a_disk_that_fills_up_at_the_very_end_loses_nothing(
    folder, expected, tmp_path, monkeypatch
):
    out, write_json = tmp_path / "out", manifest.write_json

    def full(path, content):
        if path.name == manifest.NAME:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        write_json(path, content)

    monkeypatch.setattr(manifest, "write_json", full)
    with pytest.raises(run.Incomplete, match="No space left on device") as caught:
        simulate(folder, out)
    assert "6 of 6 parts are complete and kept" in str(caught.value)
    monkeypatch.setattr(manifest, "write_json", write_json)
    assert simulate(folder, out).resumed == 6
    assert streams.hashes(out) == expected


def test_large_units_are_told_and_go_to_fewer_threads(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(parts, "TARGET", 30)
    monkeypatch.setattr(stream, "ThreadPoolExecutor", None)
    outcome = simulate(folder, tmp_path / "out", threads=2)
    assert outcome.remarks[0] == (
        "persons/part-0.parquet has a row group of 100 rows: memory for one thread only. "
        "Write smaller row groups, of at most 30 rows."
    )


def test_nothing_is_left_when_no_part_can_be_done(tmp_path):
    path = write(tmp_path / "a.csv", "date_naissance", "nowhere")
    with pytest.raises(run.Incomplete, match=r"Nothing was written\.$"):
        run.run(path, streams.MONTHS, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_results_stay_until_the_new_ones_are_complete(folder, tmp_path):
    out, source = tmp_path / "out", streams.folder(tmp_path / "persons")
    simulate(source, out)
    before = streams.hashes(out)
    streams.spoil(source / "part-1.parquet")
    with pytest.raises(run.Incomplete):
        simulate(source, out, overwrite=True)
    after = streams.hashes(out)
    assert {name: after[name] for name in before} == before


@pytest.mark.parametrize("threads", [1, 2])
def test_a_full_disk_stops_the_run_and_keeps_what_is_complete(
    folder, expected, tmp_path, monkeypatch, threads
):
    out, written = tmp_path / "out", []
    finish = output.ParquetFile.finish

    def full(file):
        written.append(file.path.name)
        if len(written) > 2:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        finish(file)

    monkeypatch.setattr(output.ParquetFile, "finish", full)
    with pytest.raises(run.Incomplete) as caught:
        simulate(folder, out, threads=threads)
    text = str(caught.value)
    assert text.count("No space left on device") == 1
    assert "2 of 6 parts are complete and kept" in text
    assert len(written) <= 2 + threads
    assert not list(working(out).glob(".*.parquet.[!j]*"))
    monkeypatch.setattr(output.ParquetFile, "finish", finish)
    assert simulate(folder, out).resumed == 2
    assert streams.hashes(out) == expected


def test_a_disk_that_is_full_of_what_was_seen_is_not_the_fault_of_the_file(tmp_path, monkeypatch):
    """The identifiers of blocks are kept where the results go, and the message names that place."""

    def full(file, keys):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(parts, "TARGET", 100)
    monkeypatch.setattr(csv_arrow, "WORTH_IT", 0)
    monkeypatch.setattr(jobs.numpy, "save", full)
    rows = [f"p{rank},F{rank // 2},2003-01-01" for rank in range(300)]
    source = write(tmp_path / "persons.csv", "individu_id,famille_id,date_naissance", *rows)
    with pytest.raises(run.Incomplete) as caught:
        run.run(source, streams.MONTHS, tmp_path / "out")
    assert "No space left on device" in str(caught.value)
    assert "Replace this file" not in str(caught.value)


def test_a_group_in_two_parts_is_refused_before_anything_is_written(tmp_path):
    source = tmp_path / "persons"
    source.mkdir()
    for name in "ab":
        write(source / f"{name}.csv", "date_naissance,famille_id", "2003-01-01,F")
    with pytest.raises(InvalidInput, match=r"« F » lies both in .*a\.csv, line 2 and in .*b\.csv"):
        run.run(source, streams.MONTHS, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"variables": ["cej_allocations"]}, "did you mean « cej_allocation »"),
        ({"variables": ["rni"]}, "rni is not a monthly variable"),
        ({"variables": ["cej_date_fin"]}, "cej_date_fin is not a monthly variable"),
        ({"layout": "long"}, "« long » is not a layout"),
        ({"format": "xlsx"}, "« xlsx » is not one of csv, parquet"),
    ],
)
def test_what_cannot_be_asked_is_refused(folder, tmp_path, options, sentence):
    with pytest.raises(BadRequest, match=sentence):
        simulate(folder, tmp_path / "out", **options)
    assert not (tmp_path / "out").exists()


# Persons without identifiers, remarks.


def test_persons_without_identifiers_are_numbered_over_the_whole_source(tmp_path):
    source = tmp_path / "persons"
    source.mkdir()
    for name in "ab":
        part = streams.table(20, 1).drop_columns(["individu_id"])
        parquet.write_table(part, source / f"{name}.parquet", row_group_size=10)
    opened = parts.open_source(source, 10)
    outcome = run.run(opened, streams.MONTHS, tmp_path / "out", threads=2)
    assert [row["individu_id"] for row in rows_of(outcome)][::3] == [
        str(rank) for rank in range(1, 41)
    ]


def test_families_that_lie_across_row_groups_are_simulated_whole(tmp_path):
    rows = 40
    columns = streams.table(rows, 3)
    columns = columns.append_column("famille_id", pyarrow.array([r // 3 for r in range(rows)]))
    columns = columns.append_column(
        "famille_role",
        pyarrow.array([("demandeur", "conjoint", "enfant")[r % 3] for r in range(rows)]),
    )
    columns = columns.append_column("rsa", pyarrow.array([float(r // 3 % 2) for r in range(rows)]))
    parquet.write_table(columns, tmp_path / "p.parquet", row_group_size=10)
    cut = run.run(parts.open_source(tmp_path / "p.parquet", 10), streams.MONTHS, tmp_path / "cut")
    whole = run.run(tmp_path / "p.parquet", streams.MONTHS, tmp_path / "whole")
    assert len(cut.parts) == 4
    assert list(rows_of(cut)) == list(rows_of(whole))


def test_remarks_of_the_parts_are_added_up(tmp_path):
    source = tmp_path / "persons"
    source.mkdir()
    for name, count in (("a", 2), ("b", 3)):
        write(source / f"{name}.csv", "date_naissance", *["2003-01-01"] * count)
    outcome = run.run(source, streams.MONTHS, tmp_path / "out")
    (remark,) = outcome.remarks
    assert remark.startswith("cej_date_signature is not given for 5 of 5 persons: ")
    assert outcome.defaults["nbptr"] == {"2023"}


# The command.


def command(*arguments):
    """Run the command."""
    return CliRunner().invoke(main, ["simulate", *[str(item) for item in arguments]])


def test_the_command_takes_a_folder(folder, tmp_path):
    out = tmp_path / "out"
    arguments = (folder, "--months", "2025-01:2025-03", "--out", out, "--format", "parquet")
    result = command(*arguments, "--layout", "person", "--variables", "cej_allocation")
    assert result.exit_code == 0, result.output
    assert "Personnes : 600" in result.stdout
    assert "600 lignes écrites dans" in result.stdout
    assert result.stderr.startswith("Simulating 600 persons × 3 months…\n")
    table = parquet.read_table(out / "allocations" / "part-00000.parquet")
    assert table.column_names == [
        "individu_id",
        "poids",
        *(f"cej_allocation@2025-0{month}" for month in (1, 2, 3)),
    ]
    again = command(*arguments, "--layout", "person", "--variables", "cej_allocation")
    assert "Déjà calculé par la même commande : 3 / 3" in again.stdout


def test_the_command_names_the_parts_that_failed(tmp_path):
    source = streams.folder(tmp_path / "persons")
    streams.spoil(source / "part-1.parquet")
    result = command(source, "--months", "2025-01", "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "persons/part-1.parquet" in result.stderr
    assert "2 of 3 parts are complete and kept in" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--variables", "rsa"], "rsa is not a monthly variable of individu"),
        (["--variables", " , "], "--variables names no variable"),
        (["--layout", "wide"], "wide"),
        (["--workers", "0"], "0"),
    ],
)
def test_the_command_refuses_what_it_cannot_do(folder, tmp_path, arguments, sentence):
    out = tmp_path / "out"
    result = command(folder, "--months", "2025-01", "--out", out, *arguments)
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert "Traceback" not in result.stderr
    assert not out.exists()


def test_the_command_tells_what_an_interruption_leaves(folder, tmp_path, monkeypatch):
    process, done = jobs.process, []

    def interrupted(*arguments):
        if done:
            raise KeyboardInterrupt
        done.append(process(*arguments))
        return done[0]

    arguments = (folder, "--months", "2025-01", "--out", tmp_path / "out", "--threads", 1)
    monkeypatch.setattr(jobs, "process", interrupted)
    result = command(*arguments)
    assert result.exit_code == 130
    assert "Interrupted. What is complete is kept in" in result.stderr
    monkeypatch.setattr(jobs, "process", process)
    assert "Déjà calculé par la même commande : 1 / 3" in command(*arguments).stdout


def test_the_results_never_replace_the_input(tmp_path):
    source = streams.folder(tmp_path / "allocations")
    before = streams.hashes(tmp_path)
    for given, out in ((source, tmp_path), (source, source), (source / "part-0.parquet", source)):
        result = command(given, "--months", "2025-01", "--out", out)
        if given is source:
            assert result.exit_code == 2
            assert "would replace" in result.stderr
            assert streams.hashes(tmp_path) == before
        else:
            assert result.exit_code == 0
    result = command(source / "allocations.csv", "--months", "2025-01", "--out", source)
    assert result.exit_code == 2
    assert "would replace" in result.stderr


def test_a_folder_that_no_run_made_is_spared(folder, tmp_path):
    (tmp_path / "allocations").mkdir()
    precious = tmp_path / "allocations" / "mine.txt"
    precious.write_text("precious", encoding="utf-8")
    result = command(folder, "--months", "2025-01", "--out", tmp_path)
    assert result.exit_code == 2
    assert "holds mine.txt, which no simulation wrote" in result.stderr
    assert precious.read_text(encoding="utf-8") == "precious"


def test_the_faults_of_a_part_name_it_within_its_folder(tmp_path):
    source = tmp_path / "persons"
    source.mkdir()
    write(source / "a.csv", "date_naissance", "2003-01-01")
    write(source / "b.csv", "date_naissance", "2003-13-01")
    result = command(source, "--months", "2025-01", "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert "persons/b.csv, line 2, column date_naissance" in result.stderr


def test_the_long_format_gives_what_the_flat_one_gives(tmp_path):
    persons, monthly, flat = (tmp_path / f"{name}.csv" for name in ("p", "m", "flat"))
    head = "individu_id,date_naissance,cej_date_signature"
    write(persons, head, "a,2003-01-01,2024-11-05", "b,2004-02-01,2024-12-09")
    write(monthly, "individu_id,mois,salaire_net", "a,2024-12,600", "b,2025-01,900.5")
    columns = ",salaire_net@2024-12,salaire_net@2025-01"
    write(flat, head + columns, "a,2003-01-01,2024-11-05,600,0", "b,2004-02-01,2024-12-09,0,900.5")
    window = ("--months", "2025-01:2025-02", "--out")
    long = command(persons, "--monthly", monthly, *window, tmp_path / "long")
    assert long.exit_code == 0, long.stderr
    assert command(flat, *window, tmp_path / "wide").exit_code == 0
    results = [tmp_path / name / "allocations.csv" for name in ("long", "wide")]
    assert results[0].read_bytes() == results[1].read_bytes()
    told = json.loads((tmp_path / "long" / "run.json").read_text(encoding="utf-8"))
    assert [file["file"] for file in told["input"]] == ["p.csv", "m.csv"]


def test_what_is_read_by_default_is_told_alike_everywhere(tmp_path):
    persons, monthly, flat = (tmp_path / f"{name}.csv" for name in ("p", "m", "flat"))
    # a gives the notice that January 2025 reads (incomes of 2023), and not the number of parts.
    write(persons, "individu_id,date_naissance,rni@2023", "a,2003-01-01,9000", "b,2004-02-01,8000")
    write(monthly, "individu_id,mois,salaire_net", "a,2024-12,600", "b,2024-12,5")
    write(flat, "individu_id,date_naissance,rni@2023", "a,2003-01-01,9000", "b,2004-02-01,8000")
    window, sentence = ("--months", "2025-01:2025-01"), "nbptr = 1 (2023)"
    check = [str(item) for item in (persons, "--monthly", monthly, *window)]
    compare = ["compare", "bareme_lineaire", *window, "--replicates", "0", "-q", "--population"]

    def compared(*files):
        out = tmp_path / f"compared-{len(files)}"
        arguments = [str(item) for item in (*compare, *files, "--out", out)]
        assert CliRunner().invoke(main, arguments).exit_code == 0
        return "\n".join(json.loads((out / "run.json").read_text())["remarks"])

    told = [
        compared(flat),
        compared(persons, "--monthly", monthly),
        command(flat, *window, "--out", tmp_path / "flat").stderr,
        command(persons, "--monthly", monthly, *window, "--out", tmp_path / "long").stderr,
        CliRunner().invoke(main, ["check", *check]).stdout,
        CliRunner().invoke(main, ["check", str(flat), *map(str, window)]).stdout,
    ]
    for text in told:
        assert sentence in text
        assert "2024-12" not in text  # What the law reads of it is there.
    lines = [next(one for one in text.splitlines() if sentence in one) for text in told]
    assert len({line[line.index("Not in the file") :] for line in lines}) == 1
    long = json.loads((tmp_path / "long" / "run.json").read_text())
    assert long["defaults"]["nbptr"] == ["2023"]
    assert long["remarks"][0].startswith("cej_date_signature is not given for 2 of 2 persons")


def test_months_before_the_law_are_told(tmp_path):
    source = tmp_path / "p.csv"
    write(source, "date_naissance", "2003-01-01")
    result = command(source, "--months", "2021-12:2022-03", "--out", tmp_path / "out")
    assert result.exit_code == 0
    assert "There is no CEJ before 2022-03" in result.stderr


def test_an_empty_folder_is_refused(tmp_path):
    (tmp_path / "empty").mkdir()
    result = command(tmp_path / "empty", "--months", "2025-01", "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert "it has no part file" in result.stderr


def test_the_embedded_population_has_a_manifest(system, entrants, tmp_path):
    asked = ("--variables", "cej_mineur", "--assumptions", "stated")
    result = command("--months", "2022-03", "--out", tmp_path / "out", *asked)
    assert result.exit_code == 0, result.output
    told = json.loads((tmp_path / "out" / "run.json").read_text())
    path = tmp_path / "out" / "allocations.csv"
    assert told["input"] == {
        "population": "entrants",
        "seed": 2022,
        "assumptions": {},
        "preregistration_sha256": protocol.sha256(),
    }
    assert told["sha256"] == manifest.file_hash(path)
    assert path.read_text().startswith("individu_id,mois,cej_mineur\n")
