"""The command: a process, a port, HTTP; many clients at once, and a clean end."""

import concurrent.futures
import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from samples import sample

from openfisca_cej.explain.situation import read
from openfisca_cej.population.months import month_number, month_period
from openfisca_cej.reforms import load
from openfisca_cej.reforms.ready import NAMES
from openfisca_cej.situation_examples import exemple
from openfisca_cej.web import answers, questions, settings, what_if
from openfisca_cej.web.server import reformed

PATIENCE = 120  # seconds: a loaded machine must not fail the test

PERSON = "Clémence-Éloïse"
AMOUNT = 318.47


def situation() -> bytes:
    """A person and an amount that no log may hold."""
    document = {
        "individus": {
            PERSON: {
                "date_naissance": {"ETERNITY": "2004-03-01"},
                "salaire_net": {"2024-10": AMOUNT},
                "cej_allocation": {"2024-11": None},
            }
        }
    }
    return json.dumps(document).encode()


def post(address: str, body: bytes) -> tuple[int, dict]:
    request = urllib.request.Request(
        address, data=body, headers={"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


@contextmanager
def served(log: Path, *command: str, **environment: str):
    """The address of a server, until the end of the block; then it is stopped gracefully."""
    program = shutil.which(command[0], path=str(Path(sys.executable).parent))
    if program is None:
        pytest.skip(f"the command {command[0]} is not beside this Python")
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    arguments = [part.format(port=port) for part in command[1:]]
    with log.open("w") as output:
        server = subprocess.Popen(
            [program, *arguments],
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **environment},
        )
    address = f"http://127.0.0.1:{port}"
    limit = time.monotonic() + PATIENCE
    try:
        while True:
            try:
                with urllib.request.urlopen(f"{address}/cej/health", timeout=PATIENCE):
                    break
            except (urllib.error.URLError, ConnectionError):
                assert server.poll() is None, log.read_text()
                assert time.monotonic() < limit, log.read_text()
                time.sleep(0.05)
        yield address
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=PATIENCE) == 0, log.read_text()
    finally:
        if server.poll() is None:
            server.kill()
            server.wait()


def test_serve_loses_no_request_tells_nothing_and_stops(tmp_path) -> None:
    log = tmp_path / "log"
    with served(log, "openfisca-cej", "serve", "--port", "{port}", "--workers", "2") as address:
        body = situation()
        expected = post(f"{address}/calculate", body)
        assert expected[0] == 200
        with concurrent.futures.ThreadPoolExecutor(20) as clients:
            answers = list(clients.map(lambda _: post(f"{address}/calculate", body), range(200)))
        assert all(answer == expected for answer in answers)
        assert post(f"{address}/cej/explain?month=2024-11", body)[0] == 200
        assert post(f"{address}/calculate", body.replace(b"318.47", b'"318.47"'))[0] == 422
        assert post(f"{address}/calculate", b"[")[0] == 400
        assert post(f"{address}/calculate", json.dumps(exemple("jeune_seul")).encode())[0] == 200
    told = log.read_text()
    assert PERSON not in told
    assert "Cl\\u00e9mence" not in told
    assert str(AMOUNT) not in told


def test_gunicorn_serves_the_application_within_the_limits_of_the_environment(tmp_path) -> None:
    arguments = ("--preload", "--bind", "127.0.0.1:{port}", "openfisca_cej.web:application")
    with served(tmp_path / "log", "gunicorn", *arguments, OPENFISCA_CEJ_BODY="200") as address:
        assert post(f"{address}/calculate", situation())[0] == 200
        assert post(f"{address}/calculate", situation() + b" " * 200)[0] == 413


def run(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "openfisca_cej.cli", "serve", *arguments],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def test_a_reform_that_does_not_exist_is_told() -> None:
    done = run("--reforms", "openfisca_cej.nope.Nope")
    assert done.returncode == 2
    assert "openfisca_cej.nope.Nope" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_bad_limit_is_told() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "openfisca_cej.cli", "serve"],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        env={**os.environ, "OPENFISCA_CEJ_BODY": "5 MB"},
    )
    assert done.returncode == 2
    assert re.search(r"OPENFISCA_CEJ_BODY: « 5 MB » is not a positive integer", done.stderr)
    assert "Traceback" not in done.stderr


def test_importing_the_package_is_light() -> None:
    code = (
        "import sys, openfisca_cej.web, openfisca_cej.commands.serve;"
        "print({'flask', 'gunicorn', 'openfisca_web_api'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


SLOW = (
    "from openfisca_cej.web import clients; clients.SLOWEST = 1.0;"
    "from openfisca_cej.web.server import Server; Server(None, '127.0.0.1:{port}', 1).run()"
)


HALF = b"POST /calculate HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"


def test_clients_who_send_nothing_more_hold_nobody_up(tmp_path) -> None:
    """Each with half a request: they are let go."""
    with served(tmp_path / "log", "python", "-c", SLOW) as address:
        place = urlsplit(address)
        with contextlib.ExitStack() as stack:
            for _ in range(16):
                slow = socket.create_connection((place.hostname, place.port), PATIENCE)
                stack.enter_context(closing(slow))
                slow.sendall(HALF)
            assert post(f"{address}/calculate", situation())[0] == 200
            assert slow.recv(10) == b""
    assert PERSON not in (tmp_path / "log").read_text()


def test_gunicorn_takes_the_settings_by_their_name(tmp_path) -> None:
    arguments = ("-c", "python:openfisca_cej.web.settings", "--bind", "127.0.0.1:{port}")
    with served(tmp_path / "log", "gunicorn", *arguments, "openfisca_cej.web:application") as at:
        assert post(f"{at}/calculate", situation())[0] == 200
        with pytest.raises(urllib.error.HTTPError, match="414"):
            urllib.request.urlopen(f"{at}/?nom={'a' * 9_000}", timeout=PATIENCE)


def test_the_longest_case_fits_in_an_address(app) -> None:
    """Every question answered at its longest, and the amount that was shared."""
    system = app.config["CEJ_SYSTEM"]
    month = month_period(month_number("2026-11"))
    pairs = [(name, "2026-11") for name in questions.months_of_decisions()]
    for name in [*questions.askable(system), questions.AT_SIGNATURE]:
        asked = questions.question(system, name, month)
        texts = [value for value, *_ in asked.choices] or ["1000000000.99"]
        pairs.append((name, max(texts, key=len)))
    pairs += [(name, max(values, key=len)) for name, values in answers.CHOICES.items()]
    pairs += [("v", answers.VERSION), ("mois", str(month)), ("resultat", "1234.56-1234.56")]
    pairs += [(lever.name, f"{lever.most:.2f}") for lever in what_if.LEVERS]
    pairs.append((what_if.READY, ",".join(NAMES)))
    line = f"GET /analyse?{urlencode(pairs)} HTTP/1.1"
    assert len(line) < settings.limit_request_line


WAGES = {"salaire_net": {"2026-01": 0}}


def amount_at_27(system) -> float:
    """What someone of 27 is due: nothing, unless a reform says otherwise."""
    person = {"date_naissance": {"ETERNITY": "1998-05-05"}, **WAGES}
    case = read({"individus": {"a": person}}, system)
    return float(case.simulation().calculate("cej_allocation", "2026-02")[0])


@pytest.mark.parametrize(
    "given", ["age_29", "openfisca_cej.reforms.age_29", "age_29+mayotte_alignee", "essai.yaml"]
)
def test_reforms_are_given_as_names_files_or_paths(tmp_path, monkeypatch, given) -> None:
    age = "contrat_engagement_jeune.public.age_maximum"
    (tmp_path / "essai.yaml").write_text(f"parameters: {{{age}: {{2026-01-01: 29}}}}")
    monkeypatch.chdir(tmp_path)
    assert amount_at_27(reformed([given])) == 561.68
    assert amount_at_27(reformed(["mayotte_alignee"])) == 0
    assert amount_at_27(reformed(["mayotte_alignee", given])) == 561.68


@pytest.mark.parametrize("name", sample(NAMES, 5))
def test_each_ready_made_reform_has_a_dotted_path(name) -> None:
    by_path, by_name = reformed([f"openfisca_cej.reforms.{name}"]), reformed([name])
    assert type(by_path) is type(by_name) is load(name)


@pytest.mark.parametrize(
    "given", ["age_92", "nope.yaml", "age_29+", "openfisca_cej.reforms.age_92"]
)
def test_a_reform_that_is_none_is_told(given) -> None:
    done = run("--reforms", given)
    assert done.returncode == 2
    assert given.split("+")[0] in done.stderr or "age_29" in done.stderr
    assert "Traceback" not in done.stderr
    assert ".." not in done.stderr.replace("...", "")


def test_a_reform_beyond_the_bounds_is_not_served(tmp_path) -> None:
    """It made a curve of a million points."""
    smic = "marche_travail.salaire_minimum.smic.smic_b_mensuel"
    (tmp_path / "essai.yaml").write_text(f"parameters: {{{smic}: {{2026-01-01: 10000000}}}}")
    done = run("--reforms", str(tmp_path / "essai.yaml"))
    assert done.returncode == 2
    assert "Write at most 20000 (limit parametre_euros)" in done.stderr


def test_a_folder_where_nothing_can_be_written_is_told_in_a_sentence(tmp_path) -> None:
    nowhere = tmp_path / "nowhere"
    done = run("--worker-tmp-dir", str(nowhere))
    assert done.returncode == 2
    assert f"« {nowhere} » cannot be written: give one that can to --worker-tmp-dir" in done.stderr
    assert len(done.stderr.strip().splitlines()) <= 3
    assert "Traceback" not in done.stderr


def test_the_folder_of_workers_is_the_one_that_was_given(tmp_path) -> None:
    """Its files have no name once they are open: they are seen as files of the workers."""
    arguments = ("serve", "--port", "{port}", "--worker-tmp-dir", str(tmp_path))
    with served(tmp_path / "log", "openfisca-cej", *arguments) as address:
        port = urlsplit(address).port
        opened = []
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if f"--port\0{port}\0" in (process / "cmdline").read_text():
                    opened += [str(file.readlink()) for file in (process / "fd").iterdir()]
        assert any(name.startswith(f"{tmp_path}/wgunicorn-") for name in opened)
