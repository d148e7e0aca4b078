"""The project as a whole: paths, versions, what an installation pulls."""

import importlib.metadata
import re
import shutil
import subprocess

from health.common import PACKAGE, TESTS, report

from openfisca_cej.population import protocol

PROJECT = TESTS.parent


def test_no_path_is_longer_than_120_characters() -> None:
    """A deep folder on Windows leaves little room: 260 characters in all."""
    paths = {
        file.relative_to(PACKAGE.parent).as_posix()
        for file in PACKAGE.rglob("*")
        if "__pycache__" not in file.parts
    }
    paths |= {str(file) for file in importlib.metadata.files("openfisca-cej") or []}
    if shutil.which("git") and (PROJECT / ".git").exists():
        listing = subprocess.run(
            ["git", "ls-files", "-z"], cwd=PROJECT, capture_output=True, text=True, check=True
        )
        paths |= set(listing.stdout.split("\0"))
    report(
        [
            f"{len(path)}: {path}"
            for path in paths
            if len(path) > 120 and "__pycache__" not in path and not path.startswith("../")
        ]
    )


def test_what_tests_share_is_in_a_folder_of_its_own() -> None:
    report(
        [
            f"tests/{file.name}: not a test: move it to tests/helpers/"
            for file in TESTS.glob("*.py")
            if not file.name.startswith(("test_", "conftest."))
        ]
    )


def test_changelog_opens_on_the_version_of_the_package() -> None:
    changelog = (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.findall(r"^#+ (\d+\.\d+\.\d+)", changelog, flags=re.MULTILINE)
    assert versions[0] == importlib.metadata.version("openfisca-cej")


def test_an_installation_pulls_nothing_heavy() -> None:
    requirements = importlib.metadata.requires("openfisca-cej") or []
    names = {
        re.match(r"[\w.-]+", requirement).group().lower()
        for requirement in requirements
        if "extra ==" not in requirement
    }
    # Jinja2 is there already: OpenFisca-Core brings it with its web API.
    assert names == {"openfisca-core", "numpy", "pyyaml", "click", "rich", "jinja2"}


def test_metadata_give_the_repository_that_core_asks_for(system) -> None:
    metadata = system.get_package_metadata()
    assert metadata["name"] in ("openfisca-cej", "openfisca_cej")
    assert metadata["version"] == importlib.metadata.version("openfisca-cej")
    assert metadata["repository_url"] == "https://github.com/openfisca/openfisca-cej"


def test_the_protocol_does_not_change_without_its_line_in_the_changelog() -> None:
    known = (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert protocol.sha256() in known
