"""What surrounds the code: workflows, citation, licences of the data, addresses."""

import importlib.metadata
import json
import re
from pathlib import Path

import pytest
import yaml

import openfisca_cej
from openfisca_cej.commands.serve import serve
from openfisca_cej.web.app import create_app
from openfisca_cej.web.limits import Limits

PROJECT = Path(__file__).resolve().parent.parent
PACKAGE = Path(openfisca_cej.__file__).parent
WORKFLOWS = sorted((PROJECT / ".github" / "workflows").glob("*.yml"))

#: Folders whose files are listed by folder: numbers of the law, and what is written here.
BY_FOLDER = ("parameters", "reforms", "situation_examples", "explain", "web", "units.yaml")


def read(name: str) -> str:
    return (PROJECT / name).read_text(encoding="utf-8")


def commands(workflow: Path) -> list[str]:
    """What the steps of a workflow run."""
    jobs = yaml.safe_load(workflow.read_text(encoding="utf-8"))["jobs"]
    return [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_calls_what_the_project_has(workflow: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", read("Makefile"), flags=re.MULTILINE))
    for command in commands(workflow):
        program, *words = command.split()
        if program == "make":
            assert words
            assert set(words) <= targets
        else:
            assert (PROJECT / program).is_file()


def test_a_workflow_tries_each_python_that_the_package_supports() -> None:
    jobs = yaml.safe_load(read(".github/workflows/ci.yml"))["jobs"]
    tried = set(jobs["law"]["strategy"]["matrix"]["python"])
    classifiers = importlib.metadata.metadata("openfisca-cej").get_all("Classifier")
    supported = {
        found.group(1) for name in classifiers if (found := re.search(r":: (3\.\d+)$", name))
    }
    assert tried == supported


def test_publishing_holds_no_secret() -> None:
    text = read(".github/workflows/publish.yml")
    jobs = yaml.safe_load(text)["jobs"]
    assert jobs["publish"]["permissions"] == {"id-token": "write"}
    assert "secrets." not in text


@pytest.mark.parametrize("name", ["amount", "tool"])
def test_a_form_asks_what_a_maintainer_needs(name: str) -> None:
    form = yaml.safe_load(read(f".github/ISSUE_TEMPLATE/{name}.yml"))
    asked = {field["id"] for field in form["body"] if "id" in field}
    needed = {"amount": {"situation", "month", "areas", "amounts", "article"}, "tool": {"did"}}
    assert needed[name] <= asked
    assert all(form[key] for key in ("name", "description"))


def test_a_pull_request_says_its_periods_and_its_areas() -> None:
    template = read(".github/PULL_REQUEST_TEMPLATE.md")
    assert "Impacted periods" in template
    assert "Impacted areas" in template


def test_the_citation_is_of_this_version_and_this_repository() -> None:
    citation = yaml.safe_load(read("CITATION.cff"))
    metadata = importlib.metadata.metadata("openfisca-cej")
    assert str(citation["version"]) == metadata["Version"]
    assert citation["license"] == (metadata.get("License-Expression") or metadata["License"])
    urls = dict(line.split(", ", 1) for line in metadata.get_all("Project-URL"))
    assert citation["repository-code"] == urls["Repository"]


def test_links_of_the_description_lead_somewhere_from_an_index() -> None:
    description = importlib.metadata.metadata("openfisca-cej").get_payload()
    links = re.findall(r"\]\(([^)]+)\)", description)
    assert len(links) > 20
    assert not [link for link in links if not link.startswith("https://")]


def test_each_data_file_and_each_source_has_its_terms() -> None:
    page = read("docs/licences.md")
    files = [
        path
        for path in PACKAGE.rglob("*")
        if path.suffix in (".yaml", ".json", ".csv")
        and path.relative_to(PACKAGE).parts[0] not in BY_FOLDER
    ]
    assert files
    assert not [path.name for path in files if path.name not in page]
    sources = [*files, *(PACKAGE / "parameters").rglob("*.yaml")]
    hosts = {
        host.removeprefix("www.")
        for path in sources
        for host in re.findall(r"https?://([^/\s\"']+)", path.read_text(encoding="utf-8"))
    }
    assert not sorted(host for host in hosts if host not in page)


def test_the_pythons_that_are_named_are_those_that_may_install_it() -> None:
    metadata = importlib.metadata.metadata("openfisca-cej")
    assert set(metadata["Requires-Python"].replace(" ", "").split(",")) == {">=3.11", "<3.14"}
    named = {name for name in metadata.get_all("Classifier") if ":: 3." in name}
    assert named == {f"Programming Language :: Python :: 3.{minor}" for minor in (11, 12, 13)}
    assert "(3, 11) <= sys.version_info < (3, 14)" in read("Makefile")


def instructions() -> list[tuple[str, str]]:
    """The instructions of the Dockerfile, continued lines joined."""
    text = re.sub(r"\\\n\s*", " ", read("Dockerfile"))
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in lines)]


def last(word: str) -> str:
    """What the last instruction of this name says: the one that holds."""
    return [rest for name, rest in instructions() if name == word][-1]


def test_the_image_runs_the_command_as_nobody_in_particular() -> None:
    assert last("USER") not in ("root", "0")
    program, command, *options = json.loads(last("CMD"))
    assert (Path(program).name, command) == ("openfisca-cej", "serve")
    given = serve.make_context("serve", options).params
    assert given["host"] == "0.0.0.0"
    assert str(given["port"]) == last("EXPOSE")


def test_the_image_asks_the_service_for_its_health(system) -> None:
    checked = re.search(r"127\.0\.0\.1:(\d+)(/[\w/]+)", last("HEALTHCHECK"))
    assert checked[1] == last("EXPOSE")
    answer = create_app(system, Limits()).test_client().get(checked[2])
    assert answer.status_code == 200


def test_what_the_image_is_built_from_is_sent_to_it() -> None:
    kept = {line[1:] for line in read(".dockerignore").splitlines() if line.startswith("!")}
    assert {"setup.py", "pyproject.toml", "README.md", "LICENSE", "openfisca_cej"} <= kept
    # What the version of Python runs is one that the package supports.
    assert re.search(r"python:3\.1[123]-slim", last("FROM"))
