"""A comparison that is interrupted goes on where it was, and never takes what is of another."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import streams
from click.testing import CliRunner

from openfisca_cej.analysis import compare as comparing
from openfisca_cej.analysis import sources, work
from openfisca_cej.cli import main
from openfisca_cej.population import lock, manifest, run_folder
from openfisca_cej.population.run import Stopped

PARTS = 4


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Persons in four parts, with weights, families, an attribute, a standard of living."""
    path = tmp_path / "jeunes"
    path.mkdir()
    for part in range(PARTS):
        lines = ["individu_id,date_naissance,salaire_net,poids,famille_id,commune,niveau_de_vie"]
        for rank in range(12):
            person = (
                f"p{part}{rank:02d},2003-05-01,{90 * rank},{1 + rank / 7:.3f},f{part}{rank // 2}"
            )
            lines.append(f"{person},{'Nice' if rank % 2 else 'Lens'},{900 - 300 * (rank // 2)}")
        (path / f"{part}.csv").write_text("\n".join(lines) + "\n")
    return path


def run(folder: Path, out: Path, *more: str) -> object:
    arguments = ["compare", "montants_rsa", "--population", str(folder), "--months", "2025-01"]
    arguments += ["--replicates", "20", "--threads", "1", "--out", str(out), *more]
    return CliRunner().invoke(main, arguments)


def files_of(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in out.iterdir()}


class Counting:
    """The numbers of the pieces that are counted, until as many are as interrupt the command."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.numbers: list[int] = []
        self.stop_after: int | None = 2
        self.count = work.counted
        monkeypatch.setattr(work, "counted", self.counted)

    def counted(self, request, piece, advance):
        """The tally of a piece."""
        if len(self.numbers) == self.stop_after:
            raise KeyboardInterrupt
        self.numbers.append(piece.number)
        return self.count(request, piece, advance)

    def go_on(self) -> None:
        """Forget what was counted, and interrupt no more."""
        self.numbers, self.stop_after = [], None


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> Counting:
    return Counting(monkeypatch)


def test_it_goes_on_where_it_was(folder: Path, tmp_path: Path, counting: Counting) -> None:
    out = tmp_path / "out"
    stopped = run(folder, out)
    assert stopped.exit_code == 128 + signal.SIGINT
    (partial,) = out.iterdir()
    assert partial.match("comparaison.*.partial")
    assert f"What is complete is kept in {partial}" in stopped.stderr
    assert sorted(path.name for path in partial.iterdir()) == ["piece-00000.npz", "piece-00001.npz"]
    assert counting.numbers == [0, 1]
    counting.go_on()
    assert run(folder, out).exit_code == 0
    assert counting.numbers == [2, 3]
    assert not list(out.glob("*.partial"))
    counting.go_on()
    assert run(folder, tmp_path / "whole").exit_code == 0
    assert counting.numbers == [0, 1, 2, 3]
    names = {"resultats.csv", "resultats.parquet", "rapport.html", manifest.NAME, "classeur.xlsx"}
    assert files_of(out) == files_of(tmp_path / "whole")
    assert set(files_of(out)) == names


@pytest.mark.parametrize("stop", [PARTS, PARTS + 2])
def test_several_reforms_keep_what_is_done_of_each(
    folder: Path, tmp_path: Path, counting: Counting, stop: int
) -> None:
    # Interrupted as the second one starts, or in the middle of it.
    out = tmp_path / "out"
    counting.stop_after = stop
    stopped = run(folder, out, "bareme_lineaire")
    assert stopped.exit_code == 128 + signal.SIGINT
    assert "What is complete is kept in" in stopped.stderr
    assert len(list(out.glob("*.partial/piece-*"))) == stop
    counting.go_on()
    assert run(folder, out, "bareme_lineaire").exit_code == 0
    assert counting.numbers == list(range(stop - PARTS, PARTS))
    assert not list(out.glob("*.partial"))
    assert run(folder, tmp_path / "whole", "bareme_lineaire").exit_code == 0
    for name in ("couts.csv", "1_montants_rsa/resultats.csv", "2_bareme_lineaire/resultats.csv"):
        assert (out / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_an_interruption_before_all_leaves_nothing(folder, tmp_path, counting) -> None:
    counting.stop_after = 0
    stopped = run(folder, tmp_path / "out")
    assert "Interrupted. Nothing was written." in stopped.stderr
    assert not (tmp_path / "out").exists()


def shared_by_two(folder: Path, out: Path) -> None:
    """Have the rest counted by two workers, which are interrupted once all is."""
    asked = comparing.options("2025-01", replicates=20)
    origin = sources.of_files(folder)

    def assembled(*arguments: object) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(comparing, "judged", assembled)
        with streams.cluster(2) as address:
            means = comparing.Means(cluster=address, keep=out)
            with pytest.raises(Stopped):
                comparing.compared(comparing.made("montants_rsa"), origin, asked, means)
    assert len(list(out.glob("*.partial/piece-*"))) == PARTS


@pytest.mark.parametrize("change", ["content", "harm", "another", "cluster"])
def test_only_what_is_right_is_kept(
    folder: Path, tmp_path: Path, counting: Counting, change: str
) -> None:
    out, more = tmp_path / "out", ()
    run(folder, out)
    (partial,) = out.iterdir()
    expected = [0, 1, 2, 3]
    if change == "content":
        text = (folder / "0.csv").read_text()
        (folder / "0.csv").write_text(text.replace(",90,", ",95,"))
    elif change == "harm":
        (partial / "piece-00001.npz").write_bytes(b"PK nothing")
        expected = [1, 2, 3]
    elif change == "another":
        more = ("--threshold", "5")
    else:
        expected = []
    counting.go_on()
    if change == "cluster":
        shared_by_two(folder, out)
    result = run(folder, out, *more)
    assert result.exit_code == 0, result.output
    assert counting.numbers == expected
    left = list(out.glob("*.partial"))
    assert left == ([partial] if change == "another" else [])
    assert run(folder, tmp_path / "whole", *more[:2]).exit_code == 0
    results = [(one / "resultats.csv").read_bytes() for one in (out, tmp_path / "whole")]
    assert results[0] == results[1]


def test_the_same_comparison_is_not_done_twice_at_once(folder, tmp_path, counting) -> None:
    out = tmp_path / "out"
    run(folder, out)
    (partial,) = out.iterdir()
    with lock.held(partial / run_folder.LOCK):
        refused = run(folder, out)
        assert refused.exit_code == 2
        assert "this run is being done already" in refused.stderr
        assert "Nothing was written." in refused.stderr
        counting.go_on()
        assert run(folder, out, "--threshold", "5").exit_code == 0
    again = run(folder, out)
    assert again.exit_code == 2
    assert "is of another comparison" in again.stderr
    assert run(folder, out, "--overwrite").exit_code == 0
    assert not list(out.glob("*.partial"))


@pytest.mark.slow
def test_a_signal_leaves_nothing_half_written(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = [sys.executable, "-m", "openfisca_cej.cli", "compare", "montants_rsa"]
    command += ["--population", str(folder), "--months", "2025-01", "--out", str(out)]
    command += ["--threads", "1", "--replicates", "10000"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    until = time.monotonic() + 60
    while not list(out.glob("*.partial/piece-00000.npz")) and time.monotonic() < until:
        time.sleep(0.005)
    process.terminate()
    told = process.communicate()[1]
    if process.returncode == 0:
        pytest.skip("it was faster than the signal")
    assert process.returncode == 128 + signal.SIGTERM
    assert "What is complete is kept in" in told
    assert "Traceback" not in told
    (partial,) = out.iterdir()
    assert all(path.name.startswith("piece-") for path in partial.iterdir())
    assert subprocess.run(command, check=False, capture_output=True).returncode == 0
    assert not list(out.glob("*.partial"))
