"""The page in a real browser: journeys with and without script, accessibility in every view.

Run by « make browser », which installs what is needed; skipped, with the reason, where a browser,
Node or the packages of npm are not here.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlencode

import pytest

HERE = Path(__file__).resolve().parent
API = HERE.parents[1] / "docs" / "api.md"
CAPTURES = HERE.parents[1] / "captures"
PATIENCE = 120  # seconds: a loaded machine must not fail the test

BROWSERS = ("chromium", "chromium-browser", "google-chrome")

JOURNEYS = (
    "from a probable amount to the amount",
    "question after question",
    "what lasted some months only",
    "faults beside the fields",
    "the tax notice and the RSA",
    "a minor, the months, the link and the files",
    "a reform before and after",
)
#: Journeys that look into the page: a script is needed for that.
WITH_SCRIPT = ("the keyboard alone", "paper and thumbs")

CASE = {
    "v": "1",
    "mois": "2025-11",
    "date_naissance": "2005-03-27",
    "cej_date_signature": "2025-09-01",
    "cej_situation_fiscale": "non_imposable",
    "salaire_net": "450",
}
MAINLAND = {**CASE, "residence": "metropole"}
VOUCHED = {**MAINLAND, "autres_ressources": "non", "rien_d_autre": "oui"}
MONTHS = {"reel_salaire_net_2025-10": "700", "declare_salaire_net_2025-10": "300"}
MONTHS |= {"ressource": ["salaire_net", "chomage_net"]}
VIEWS = {
    "accueil": "/",
    "fourchette": f"/?{urlencode(CASE)}",
    "sans-doute": f"/?{urlencode(MAINLAND)}",
    "montant": f"/?{urlencode(VOUCHED)}",
    "ressources": f"/?{urlencode({**CASE, 'autres_ressources': 'oui', 'chomage_net': '10'})}",
    "sanction": f"/?{urlencode({**VOUCHED, 'cej_sanction_motif': 'manquement'})}",
    "fautes": "/?salaire_net=abc&date_naissance=31/02/2005&inconnu=1",
    "analyse": "/analyse",
    "reforme": f"/analyse?{urlencode({**VOUCHED, 'abattement': '500', 'reformes': 'age_29'})}",
    "questions": "/questions",
    "mois": f"/mois?{urlencode({**VOUCHED, **MONTHS}, doseq=True)}",
    "quelques-mois": f"/?{urlencode({**VOUCHED, 'periode': 'rsa:300:2025-09:2025-10'})}",
    "cout": f"/cout?{urlencode({**VOUCHED, 'abattement': '500'})}",
    "reforme-fautes": "/analyse?abattement=beaucoup&part_smic=500",
}


def missing() -> str:
    """What is not here, empty when the tests may run."""
    if shutil.which("node") is None:
        return "Node is not installed"
    chosen = os.environ.get("CHROMIUM", "")
    if not (Path(chosen).is_file() or any(shutil.which(name) for name in BROWSERS)):
        return "Chromium is not installed"
    if not (HERE / "node_modules" / "playwright-core").is_dir():
        return "the packages of npm are not installed (make browser)"
    return ""


pytestmark = pytest.mark.skipif(bool(missing()), reason=missing() or "a browser is here")


@pytest.fixture(scope="module")
def base(tmp_path_factory) -> Iterator[str]:
    """The address of the server, as the command starts it."""
    with served(tmp_path_factory.mktemp("server") / "log") as address:
        yield address


@contextmanager
def served(log: Path, **environment: str) -> Iterator[str]:
    """The address of a server, as the command starts it."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "openfisca_cej.cli", "serve", "--workers", "1"]
    with log.open("w") as output:
        server = subprocess.Popen(
            [*command, "--port", str(port)],
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **environment},
        )
    address = f"http://127.0.0.1:{port}"
    limit = time.monotonic() + PATIENCE
    try:
        while True:
            try:
                urllib.request.urlopen(f"{address}/cej/health", timeout=PATIENCE).close()
                break
            except (urllib.error.URLError, ConnectionError):
                assert server.poll() is None, log.read_text()
                assert time.monotonic() < limit, log.read_text()
                time.sleep(0.1)
        yield address
        assert f"{address}/" in log.read_text(), "the command does not print the page's address"
        assert "450" not in log.read_text(), "an amount is in the log"
    finally:
        server.terminate()
        server.wait(PATIENCE)


@pytest.fixture(scope="module")
def captures() -> Path:
    """Where the screenshots go."""
    CAPTURES.mkdir(exist_ok=True)
    return CAPTURES


def node(*arguments: str) -> subprocess.CompletedProcess:
    """Run a script of this folder."""
    command = ["node", *arguments]
    return subprocess.run(
        command, check=False, cwd=HERE, capture_output=True, text=True, timeout=2 * PATIENCE
    )


@pytest.mark.parametrize("options", [(), ("--no-script",)], ids=["script", "no script"])
@pytest.mark.parametrize("journey", JOURNEYS)
def test_journey(base, captures, journey, options) -> None:
    run = node("page.mjs", base, journey, *options, "--pictures", str(captures))
    assert run.returncode == 0, f"{run.stdout}\n{run.stderr}"


@pytest.mark.parametrize("journey", WITH_SCRIPT)
def test_journey_with_script(base, captures, journey) -> None:
    run = node("page.mjs", base, journey, "--pictures", str(captures))
    assert run.returncode == 0, f"{run.stdout}\n{run.stderr}"


def test_every_journey_is_run() -> None:
    assert sorted(node("page.mjs", "--list").stdout.split("\n")[:-1]) == sorted(
        [*JOURNEYS, *WITH_SCRIPT]
    )


class Site(BaseHTTPRequestHandler):
    """Another site: one page, with the example of the documents in it."""

    def do_GET(self) -> None:
        """Send the page."""
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(self.server.content)

    def log_message(self, *words: object) -> None:
        """Say nothing."""


@pytest.fixture
def elsewhere() -> Iterator[ThreadingHTTPServer]:
    """Another site, under another name than the service."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()


def framed(elsewhere: ThreadingHTTPServer, service: str, expected: str, *options: str) -> None:
    """Visit the other site, whose page shows that of the service."""
    [example] = re.findall(r"```html\n(<iframe.*?)```", API.read_text("utf-8"), re.DOTALL)
    shown = example.replace("https://cej.example.org", service)
    elsewhere.content = f"<!doctype html><title>Site</title>{shown}".encode()
    run = node("frame.mjs", f"http://localhost:{elsewhere.server_port}/", expected, *options)
    assert run.returncode == 0, f"{run.stdout}\n{run.stderr}"


@pytest.mark.parametrize("options", [(), ("--no-script",)], ids=["script", "no script"])
def test_a_site_that_is_named_shows_the_page(tmp_path, captures, elsewhere, options) -> None:
    sites = f"http://localhost:{elsewhere.server_port}"
    with served(tmp_path / "log", OPENFISCA_CEJ_FRAMES=sites) as service:
        framed(elsewhere, service, "shown", *options, "--pictures", str(captures))


def test_another_site_does_not_show_it(tmp_path, elsewhere) -> None:
    with served(tmp_path / "log", OPENFISCA_CEJ_FRAMES="http://localhost:1") as service:
        framed(elsewhere, service, "refused")


def test_no_site_shows_it_where_none_is_named(base, elsewhere) -> None:
    framed(elsewhere, base, "refused")


@pytest.mark.parametrize("view", VIEWS)
def test_no_violation_at_any_width_in_any_colours(base, captures, view) -> None:
    folder = captures / view
    folder.mkdir(exist_ok=True)
    run = node("accessibility.mjs", "--pictures", str(folder), base + VIEWS[view])
    assert run.returncode in (0, 1), run.stderr
    assert run.stdout, run.stderr
    found = json.loads(run.stdout)
    assert len(found) == 4, "two widths, light and dark"
    for one in found:
        where = f"{view}, {one['width']} px, {one['scheme']}"
        assert one["rules"] > 20, f"{where}: axe did not look"
        assert not one["violations"], f"{where}: {one['violations']}"
        assert not one["sideways"], f"{where}: the page scrolls sideways"
        assert not one["asked"], f"{where}: asked of another host: {one['asked']}"
