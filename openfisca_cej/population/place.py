"""The directory of a run: its parts while it works, its results when they are complete."""

import contextlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from openfisca_cej.population import manifest
from openfisca_cej.population.jobs import FORMATS, BadRequest, Job, Part, part_name, sidecar
from openfisca_cej.population.parts import Source, Unit

STEM = "allocations"
PARTIAL = f"{STEM}.partial"


def is_ours(path: Path) -> bool:
    """Whether the file has the name of a part, of its sidecar or of one being written."""
    return path.is_file() and path.name.lstrip(".").startswith("part-")


class Place:
    """Where a run writes: its parts while it works, its results when they are complete."""

    def __init__(self, out: Path, source: Source, job: Job) -> None:
        self.out = out
        self.source = source
        self.job = job
        self.single = len(source.units) == 1
        self.working = out / PARTIAL
        self.path = out / (f"{STEM}.{job.format}" if self.single else STEM)
        self.manifest = out / manifest.NAME
        self.existed = out.exists()
        self.finished = False

    def spare_the_input(self) -> None:
        """Refuse to replace the input by the results. Raises BadRequest."""
        given = self.source.path.resolve()
        for path in (self.working, self.path):
            if given.is_relative_to(path.resolve()) or path.resolve().is_relative_to(given):
                raise BadRequest(f"{path} would replace the input or lie in it: choose another.")

    def spare_the_rest(self) -> None:
        """Refuse to replace a folder that no run made. Raises BadRequest."""
        for folder in (self.path, self.working):
            others = folder.is_dir() and [path for path in folder.iterdir() if not is_ours(path)]
            if others:
                raise BadRequest(
                    f"{folder} holds {others[0].name}, which no simulation wrote: it would be "
                    "removed. Choose another --out, or move it."
                )

    def find_done(self) -> dict[int, Part]:
        """The parts that are complete, made of the same input in the same way, and unharmed."""
        content = manifest.read_json(self.manifest)
        found = self._unharmed(content.get("parts", []), self.out if self.single else self.path)
        if self._all(found):
            self.finished = content.get("results") == self.path.name
            return found
        found = self._told_beside(self.path)
        return found if self._all(found) else self._told_beside(self.working)

    def _all(self, found: dict[int, Part]) -> bool:
        return len(found) == len(self.source.units)

    def _told_beside(self, folder: Path) -> dict[int, Part]:
        """The parts of a folder that have a sidecar."""
        sidecars = (sidecar(folder / self._name(unit)) for unit in self.source.units)
        return self._unharmed([manifest.read_json(path) for path in sidecars], folder)

    def _name(self, unit: Unit) -> str:
        return part_name(unit.number, self.job.format)

    def _unharmed(self, told: list[dict[str, Any]], folder: Path) -> dict[int, Part]:
        wanted: dict[Any, Unit] = {self.job.fingerprint(unit): unit for unit in self.source.units}
        found = {}
        for content in told:
            unit = wanted.get(content.get("fingerprint"))
            if unit is None:
                continue
            part = Part(**content, resumed=True)
            path = folder / part.file
            if path.is_file() and manifest.file_hash(path) == part.sha256:
                found[unit.number] = part
        return found

    def prepare(self, done: dict[int, Part]) -> None:
        """Make the folder of work; remove from it what this run did not make."""
        self.working.mkdir(parents=True, exist_ok=True)
        kept = {self.working / part.file for part in done.values()}
        kept |= {sidecar(path) for path in kept}
        for path in self.working.iterdir():
            if path not in kept:
                path.unlink()

    def tidy(self) -> None:
        """Leave no trace of a run that completed no part."""
        if not any(self.working.glob(".*.json")):
            shutil.rmtree(self.working, ignore_errors=True)
            if not self.existed:
                with contextlib.suppress(OSError):  # Someone else may have put something there.
                    self.out.rmdir()

    def finish(self, done: list[Part], told: Callable[[], dict[str, Any]]) -> None:
        """Put the complete results in their place, with the manifest that ``told`` then gives.

        Sidecars go last: wherever this is interrupted, nothing has to be computed again.
        """
        remove_former(self.out, self.path.name)
        if self.single:
            (part,) = done
            (self.working / part.file).replace(self.path)
            part.file = self.path.name
            shutil.rmtree(self.working)
        elif self.working.exists():
            if self.path.exists():
                shutil.rmtree(self.path)
            self.working.replace(self.path)
        manifest.write_json(self.manifest, told())
        if not self.single:
            for path in self.path.glob(".*"):
                path.unlink()


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
