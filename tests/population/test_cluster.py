"""A run shared on a cluster: the same bytes, whatever happens to the workers."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import streams

import openfisca_cej
from openfisca_cej.population import arrow, engine, jobs, manifest, parts, run, stream
from openfisca_cej.refusals import BadRequest

pytest.importorskip("pyarrow")
distributed = pytest.importorskip("distributed")

UNIT = 100


@pytest.fixture(autouse=True)
def one_system(system, monkeypatch):
    """What this process computes itself, it computes with the system of the other tests."""
    monkeypatch.setattr(openfisca_cej, "CountryTaxBenefitSystem", lambda: system)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder of three part files, six units in all."""
    return streams.folder(tmp_path_factory.mktemp("source") / "persons")


def simulate(source, out, **options):
    """Run on units of one row group."""
    opened = parts.open_source(source, UNIT)
    return run.run(opened, streams.MONTHS, out, format="parquet", **options)


def slowed(seconds, pids, victim=None):
    """A reform that changes nothing: it tells which workers compute, and makes each unit last.

    ``victim`` is a file to make: the worker that makes it, at its second unit, kills itself while
    the file of results is open.
    """
    here = os.getpid()

    def reform(system):
        if os.getpid() == here:
            return system
        (pids / str(os.getpid())).touch()
        start, units = engine.LeanSimulation, []

        def slow(system):
            units.append(None)
            if victim and len(units) == 2 and not victim.exists():
                victim.write_text(str(os.getpid()))
                os.kill(os.getpid(), signal.SIGKILL)
            time.sleep(seconds)
            return start(system)

        engine.LeanSimulation = slow
        return system

    reform.content = "slow"
    return reform


def wait_for(condition, seconds=60):
    """Wait until something is so."""
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, "it never came"
        time.sleep(0.02)


@pytest.fixture(scope="module")
def scheduler():
    """The address of a cluster of two workers that is already there."""
    with streams.cluster(2) as address:
        yield address


def test_a_killed_worker_changes_nothing(folder, tmp_path, scheduler):
    simulate(folder, tmp_path / "alone", threads=1)
    pids, out, victim = tmp_path / "pids", tmp_path / "shared", tmp_path / "victim"
    pids.mkdir()
    outcome = simulate(folder, out, cluster=scheduler, reform=slowed(0.1, pids, victim))
    assert outcome.complete
    assert not alive(int(victim.read_text()))
    # The reform is told in the manifest: the results are compared, not the manifest.
    expected = streams.hashes(tmp_path / "alone" / "allocations")
    assert streams.hashes(out / "allocations") == expected


KILLED = """
import sys
from pathlib import Path
from test_cluster import simulate, slowed

if __name__ == "__main__":
    folder, out, pids = map(Path, sys.argv[2:])
    simulate(folder, out, cluster=sys.argv[1], reform=slowed(0.3, pids))
"""


def test_a_killed_run_goes_on_where_it_was(folder, tmp_path, scheduler):
    out, pids, script = tmp_path / "out", tmp_path / "pids", tmp_path / "script.py"
    pids.mkdir()
    script.write_text(KILLED)
    here = Path(__file__).parent
    environment = streams.environment(here, Path(streams.__file__).parent)
    command = [sys.executable, str(script), scheduler, str(folder), str(out), str(pids)]
    started = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    try:
        wait_for(lambda: len(list(out.glob("allocations.*.partial/.part-*.parquet.json"))) > 1)
    finally:
        started.kill()
        started.wait()
    assert not (out / "run.json").exists()
    again = simulate(folder, out, reform=slowed(0, pids))
    assert 2 <= again.resumed < 6
    simulate(folder, tmp_path / "alone", threads=1)
    expected = streams.hashes(tmp_path / "alone" / "allocations")
    assert streams.hashes(out / "allocations") == expected


def alive(pid):
    """Whether a process runs."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_cluster_that_is_there_is_used(folder, tmp_path, scheduler):
    simulate(folder, tmp_path / "alone", threads=1)
    told = []
    outcome = simulate(folder, tmp_path / "out", cluster=scheduler, advance=told.append)
    assert outcome.complete
    assert sum(told) == 600 * len(streams.MONTHS)
    assert streams.hashes(tmp_path / "out") == streams.hashes(tmp_path / "alone")


def test_a_corrupt_part_is_named(tmp_path, scheduler):
    source = streams.folder(tmp_path / "persons", parts=2)
    streams.spoil(source / "part-1.parquet")
    with pytest.raises(run.Incomplete, match=r"persons/part-1\.parquet") as caught:
        simulate(source, tmp_path / "out", cluster=scheduler)
    assert len(caught.value.outcome.parts) == 3


def test_workers_must_have_the_same_model(folder, tmp_path, scheduler, monkeypatch):
    other = {**manifest.environment(), "model_sha256": "another"}
    plan = jobs.RunPlan(streams.MONTHS, environment=other)
    monkeypatch.setattr(run, "run_plan", lambda *how: plan)
    with pytest.raises(run.Incomplete, match="a worker has other versions"):
        simulate(folder, tmp_path / "out", cluster=scheduler)
    assert not (tmp_path / "out").exists()


def test_workers_must_see_the_files(folder, tmp_path):
    (unit, *_) = parts.open_source(folder, UNIT).units
    result = stream.done_there(jobs.run_plan(streams.MONTHS), unit, tmp_path / "elsewhere")
    assert "a worker does not see" in result.reason
    assert result.fatal


def test_an_address_that_does_not_answer_is_refused(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(stream, "PATIENCE", 1)
    for address in ("tcp://127.0.0.1:9", "nowhere"):
        with pytest.raises(BadRequest, match=f"--cluster {address}: no Dask scheduler"):
            simulate(folder, tmp_path / "out", cluster=address)
    assert not (tmp_path / "out").exists()


def test_dask_is_asked_for_when_it_is_absent(folder, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(arrow.MissingLibrary, match=r"pip install 'openfisca-cej\[cluster\]'"):
        simulate(folder, tmp_path / "out", cluster="tcp://127.0.0.1:1")
    assert not (tmp_path / "out").exists()


def test_a_scheduler_without_a_worker_is_refused(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(stream, "PATIENCE", 2)
    with (
        distributed.LocalCluster(
            n_workers=0, dashboard_address="127.0.0.1:0", silence_logs="CRITICAL"
        ) as empty,
        pytest.raises(BadRequest, match="the scheduler has no worker"),
    ):
        simulate(folder, tmp_path / "out", cluster=empty.scheduler_address)
    assert not (tmp_path / "out").exists()


def test_a_lost_scheduler_is_a_failure_that_says_what_to_do():
    class Lost:
        def result(self):
            raise distributed.CancelledError("scheduler-connection-lost")

    unit = parts.Unit(3, Path("a.parquet"), "persons/a.parquet", "parquet", "")
    failure = stream.came_back(distributed, Lost(), unit)
    assert failure.fatal
    assert "the scheduler stopped answering" in failure.reason
