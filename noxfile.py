"""What was built, installed and tested in environments of its own: Pythons, old and new libraries.

« make test-matrix » builds, then runs them all; « nox -s lowest » one, on what is in dist/. Tests
that are marked slow run on the tree only. An interpreter that is not on this machine is told.
"""

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import nox

nox.needs_version = ">=2025.2"
nox.options.default_venv_backend = "uv|venv"

ROOT = Path(__file__).parent
WORKERS = os.environ.get("WORKERS", "2")
YAML_TESTS = ["tests/contrat_engagement_jeune", "tests/reforms/cas"]

#: The law and the engines against an independent oracle: what an old library would break first.
LAW = ["test_oracle.py", "test_proprietes.py", "droit", "population/test_engine.py"]

#: What « make test » runs on the tree, which the wheel does not have: pages, registers, habits.
OF_THE_TREE = ("browser", "docs", "droit", "france", "health")

#: Newest first.
PYTHONS = ("3.13", "3.12", "3.11")

#: The oldest libraries that setup.py admits (PyArrow 26 wants NumPy 2).
LOWEST = ["openfisca-core[web-api] ==44.6.*", "numpy ==1.26.*", "pyarrow ==17.*"]

#: Those of OpenFisca-France 176, without it: « make test-france » tests both together.
PEER = ["openfisca-core[web-api] ==44.7.*", "numpy ==1.26.*", "pyarrow ==17.*"]

#: Since Python 3.12: what comes next deprecates some ways of writing.
NEWEST = ["openfisca-core[web-api] ==46.*", "numpy >=2.5"]


def candidates(version: str) -> Iterator[Path | str]:
    """Where an interpreter may be: on the PATH, then among the versions of pyenv, newest first."""
    yield f"python{version}"
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found = pyenv.glob(f"{version}.*/bin/python")
    yield from sorted(found, key=lambda path: path.parts[-3].split(".")[-1].zfill(4), reverse=True)


def interpreter(version: str) -> str | None:
    """The path of an interpreter that runs and can make environments, None without one.

    A version manager may put on the PATH names that do not run.
    """
    told = f"import ensurepip, sys, venv; assert sys.version.startswith('{version}.')"
    for candidate in candidates(version):
        command = [candidate, "-c", f"{told}; print(sys.executable)"]
        try:
            ran = subprocess.run(command, capture_output=True, text=True, check=True)
        except (OSError, subprocess.CalledProcessError):
            continue
        return ran.stdout.strip()
    return None


FOUND = {version: interpreter(version) for version in PYTHONS}


def environment(name: str, version: str):
    """Declare a session in an interpreter of this version; without one, it says that it skips."""

    def declare(check):
        def session_of(session: nox.Session) -> None:
            if FOUND[version] is None:
                session.skip(f"skipped: python{version} not found")
            check(session)

        return nox.session(session_of, name=name, python=FOUND[version] or False)

    return declare


def built(session: nox.Session, pattern: str) -> Path:
    """What « make build » left in dist/."""
    found = list((ROOT / "dist").glob(pattern))
    if len(found) != 1:
        session.error(f"dist/ has {len(found)} {pattern} instead of one: make build")
    return found[0]


def test(
    session: nox.Session, archive: Path, libraries: list[str], tests: list[str] | None
) -> None:
    """Install what was built, then run the tests of the source archive outside of the tree.

    ``tests``: those of pytest, all of them for an empty list, only the YAML ones for None.
    """
    session.env["OPENBLAS_NUM_THREADS"] = "1"
    # pip keeps the wheel that it makes of a source archive under its path: without the digest,
    # another build of the same version would be tested instead of this one.
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    session.install(f"openfisca-cej[test] @ {archive.as_uri()}#sha256={digest}", *libraries)
    session.run("python", "-I", ".ci/installed.py")
    with tempfile.TemporaryDirectory(prefix="cej-") as folder:
        shutil.unpack_archive(built(session, "*.tar.gz"), folder, filter="data")
        (unpacked,) = Path(folder).iterdir()
        shutil.rmtree(unpacked / "openfisca_cej")
        with session.chdir(unpacked):
            session.run("openfisca", "test", "--country-package", "openfisca_cej", *YAML_TESTS)
            if tests is None:
                return
            session.run(
                *("python", "-m", "pytest", "-n", WORKERS, "-m", "not slow"),
                *(f"--ignore=tests/{name}" for name in OF_THE_TREE if not tests),
                *(f"tests/{name}" for name in tests or [""]),
            )


def first_found() -> str:
    """The newest Python of this machine, or the one that runs nox."""
    return next((version for version in PYTHONS if FOUND[version]), PYTHONS[-1])


def newest(version: str) -> list[str]:
    """The newest libraries of a Python: NumPy 2.5 left 3.11."""
    return NEWEST if version != "3.11" else NEWEST[:1]


@environment("wheel", first_found())
def wheel(session: nox.Session) -> None:
    """Test the wheel in the newest Python, with the newest libraries."""
    version = first_found()
    for newer in PYTHONS[: PYTHONS.index(version)]:
        session.warn(f"skipped: python{newer} not found; the wheel is tested in {version}")
    test(session, built(session, "*.whl"), newest(version), [])


def declare_older() -> None:
    """Test everything in the other Pythons."""
    for version in PYTHONS[1:]:

        @environment(f"py{version}", version)
        def older(session: nox.Session, version: str = version) -> None:
            test(session, built(session, "*.whl"), newest(version), [])


declare_older()


@environment("lowest", "3.11")
def lowest(session: nox.Session) -> None:
    """Test the law on the oldest libraries; everything with « nox -s lowest -- all »."""
    session.env["CEJ_QUICK"] = "" if session.posargs else "1"
    test(session, built(session, "*.whl"), LOWEST, [] if session.posargs else LAW)


@environment("peer", "3.11")
def peer(session: nox.Session) -> None:
    """Test everything on the core of OpenFisca-France."""
    test(session, built(session, "*.whl"), PEER, [])


@environment("sdist", "3.11")
def sdist(session: nox.Session) -> None:
    """Test the rules as the source archive installs them."""
    test(session, built(session, "*.tar.gz"), newest("3.11"), None)
