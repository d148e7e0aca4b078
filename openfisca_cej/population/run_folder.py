"""The directory of a run: its parts while it works, its results when they are complete.

A run works in a folder of its own, named after what it computes from what: two runs never share
one, and the same command finds its own again. Results appear complete, with the manifest that
tells their hashes; those of another run are replaced only when asked.
"""

import contextlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from gettext import gettext as _
from pathlib import Path
from typing import Any

from openfisca_cej.population import lock, manifest
from openfisca_cej.population.jobs import FORMATS, Part, RunPlan, part_name, sidecar
from openfisca_cej.refusals import BadRequest

STEM = "allocations"

#: Beside the parts of a run at work, and beside the results while they are put in place.
LOCK = ".lock"
OUT_LOCK = f".{STEM}.lock"

#: Results on their way out.
FORMER = f".{STEM}.former"


class Harmed(Exception):
    """Files that are not what was written: their numbers."""

    def __init__(self, numbers: Sequence[int]) -> None:
        self.numbers = numbers
        super().__init__(", ".join(map(str, numbers)))


def is_ours(path: Path) -> bool:
    """Whether the file has the name of a part, of its sidecar, of one being written or a lock."""
    return path.is_file() and (path.name.lstrip(".").startswith("part-") or path.name == LOCK)


@contextlib.contextmanager
def alone_in(working: Path, out: Path) -> Iterator[None]:
    """Work alone in a folder, which is in that of the results; no empty folder is left.

    Raises BadRequest when the same run is being done already.
    """
    made = [working, *([] if out.exists() else [out])]
    try:
        with lock.held(working / LOCK):
            yield
    except lock.Busy as error:
        raise BadRequest(
            _("{working}: this run is being done already ({error}).").format(
                working=working, error=error
            )
        ) from None
    finally:
        for folder in made:
            with contextlib.suppress(OSError):  # There is something in it, or it is gone.
                folder.rmdir()


class RunFolder:
    """Where a run writes: its parts while it works, its results when they are complete.

    ``units`` are the numbers of the units by their fingerprints, ``given`` the files or the folder
    that are read (none when nothing is), ``made_of`` what the manifest says that the results are
    made of.
    """

    def __init__(
        self,
        out: Path,
        plan: RunPlan,
        units: Mapping[str, int],
        given: Sequence[Path],
        made_of: Mapping[str, Any],
        overwrite: bool = False,
    ) -> None:
        self.out = out
        self.plan = plan
        self.units = units
        self.given = [path.resolve() for path in given]
        self.made_of = json.loads(json.dumps(made_of))
        self.overwrite = overwrite
        self.single = len(units) == 1
        read = [str(path) for path in self.given] or made_of["input"]
        key = manifest.fingerprint([plan.identity(), read])[:12]
        self.working = out / f"{STEM}.{key}.partial"
        self.path = out / (f"{STEM}.{plan.format}" if self.single else STEM)
        self.manifest = out / manifest.NAME
        self.finished = False
        #: Where the parts are that were found complete, by number.
        self.found: dict[int, Path] = {}

    def spare_the_input(self) -> None:
        """Refuse to replace the input by the results. Raises BadRequest."""
        for given in self.given:
            for path in (self.working, self.path):
                if given.is_relative_to(path.resolve()) or path.resolve().is_relative_to(given):
                    raise BadRequest(
                        _("{path} would replace the input or lie in it: choose another.").format(
                            path=path
                        )
                    )

    def spare_the_rest(self) -> None:
        """Refuse to replace a folder that no run made. Raises BadRequest."""
        for folder in (self.path, self.working):
            others = folder.is_dir() and [path for path in folder.iterdir() if not is_ours(path)]
            if others:
                raise BadRequest(
                    _(
                        "{folder} holds {others}, which no simulation wrote: it would be "
                        "removed. Choose another --out, or move it."
                    ).format(folder=folder, others=others[0].name)
                )

    def spare_other_runs(self) -> None:
        """Refuse to replace the results of anything else, unless asked to. Raises BadRequest."""
        content = manifest.read_json(self.manifest)
        if "command" in content:
            raise BadRequest(
                _("{out} has the results of a comparison: choose another --out.").format(
                    out=self.out
                )
            )
        if self.overwrite or self._is_of_this_run(content):
            return
        if self.manifest.exists():
            problem = _("{out} has the results of another run").format(out=self.out)
        elif self.path.exists() and not any(path != self.working for path in self.found.values()):
            problem = _("{path} is there, and no manifest says what made it").format(path=self.path)
        else:
            return
        raise BadRequest(
            _("{problem}: choose another --out, or add --overwrite to replace them.").format(
                problem=problem
            )
        )

    def _is_of_this_run(self, content: Mapping[str, Any]) -> bool:
        """Whether a manifest tells of the same run, be it by another version of the model."""
        return all(
            content.get(name, self) == told
            for name, told in self.made_of.items()
            if name not in ("versions", "law")
        )

    # What is done already.

    def find_done(self) -> dict[int, Part]:
        """The parts that are complete, made of the same input in the same way, and unharmed."""
        content = manifest.read_json(self.manifest)
        told = content.get("parts", []) if self._is_of_this_run(content) else []
        results = self.out if self.single else self.path
        done = self._unharmed(told, results)
        if len(done) == len(self.units):
            self.finished = content.get("results") == self.path.name
            return done
        # Without a manifest, what was being put in place has its sidecars still.
        for folder in (self.working, self.path):
            sidecars = [manifest.read_json(path) for path in folder.glob(".part-*.json")]
            done = {**self._unharmed(sidecars, folder), **done}
        return done

    def _unharmed(self, told: Sequence[dict[str, Any]], folder: Path) -> dict[int, Part]:
        found = {}
        for content in told:
            if content.get("fingerprint") not in self.units:
                continue
            part = Part.from_json(content)
            files = [folder / part.file, *([self.path] if self.single else [])]
            for path in files:
                if path.is_file() and manifest.file_hash(path) == part.sha256:
                    found[part.number] = part
                    self.found[part.number] = path.parent
                    break
        return found

    def prepare(self, done: Mapping[int, Part]) -> None:
        """Make the folder of work; remove from it what was made of what is no more."""
        self.working.mkdir(parents=True, exist_ok=True)
        kept = {self.working / part_name(number, self.plan.format) for number in done}
        kept |= {sidecar(path) for path in kept} | {self.working / LOCK}
        for path in self.working.iterdir():
            if path not in kept:
                path.unlink()

    def tidy(self) -> None:
        """Leave no file half written, and no trace of a run that completed no part."""
        complete = set(self.working.glob(".part-*.json"))
        complete |= {path.with_name(path.name[1:].removesuffix(".json")) for path in complete}
        for path in self.working.iterdir():
            if path not in complete and path.name != LOCK:
                path.unlink(missing_ok=True)

    def kept(self) -> Path | None:
        """Where complete parts wait for the others, or for their end; None where there is none."""
        folders = (self.working, self.path)
        return next((one for one in folders if any(one.glob(".part-*.json"))), None)

    # The end.

    def finish(self, done: Sequence[Part], told: Callable[[], dict[str, Any]]) -> None:
        """Put the complete results in their place, with the manifest that ``told`` then gives.

        Sidecars go last: wherever this is interrupted, nothing has to be computed again. Raises
        Harmed when a part is not what was written, BadRequest when another run was faster.
        """
        with lock.held(self.out / OUT_LOCK, wait=True):
            self.spare_other_runs()
            self._compare(done)
            self._move(done)
            manifest.write_json(self.manifest, told())
            for folder in (self.path, self.working):
                for path in folder.glob(".*"):
                    path.unlink(missing_ok=True)
            shutil.rmtree(self.out / FORMER, ignore_errors=True)

    def _file(self, part: Part) -> Path:
        """Where a part is before the end."""
        folder = self.found.get(part.number, self.working)
        name = part_name(part.number, self.plan.format)
        return self.path if self.single and folder == self.out else folder / name

    def _compare(self, done: Sequence[Part]) -> None:
        """Compare each file with what the manifest will say of it. Raises Harmed."""
        harmed = []
        for part in done:
            path = self._file(part)
            if not path.is_file() or manifest.file_hash(path) != part.sha256:
                sidecar(path).unlink(missing_ok=True)
                harmed.append(part.number)
        if harmed:
            raise Harmed(harmed)

    def _move(self, done: Sequence[Part]) -> None:
        remove_former(self.out, self.path.name)
        if self.single:
            (part,) = done
            part_path = self._file(part)
            part.file = self.path.name
            if part_path != self.path:
                part_path.replace(self.path)
        elif self.path in self.found.values():
            for part in done:
                path = self._file(part)
                manifest.write_json(sidecar(self.path / path.name), part.to_json())
                path.replace(self.path / path.name)
        else:
            if self.path.exists():
                shutil.rmtree(self.out / FORMER, ignore_errors=True)
                self.path.replace(self.out / FORMER)
            self.working.replace(self.path)


def remove_former(out: Path, kept: str) -> None:
    """Remove the manifest of the run before, and its results when they had another name."""
    path = out / manifest.NAME
    former = manifest.read_json(path).get("results")
    path.unlink(missing_ok=True)
    if former in {STEM, *(f"{STEM}.{format}" for format in FORMATS)} - {kept}:
        if (out / former).is_dir():
            shutil.rmtree(out / former)
        else:
            (out / former).unlink(missing_ok=True)
