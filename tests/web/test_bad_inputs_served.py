"""A long list of bad inputs to the server itself; ``pytest -rP`` prints what is said of each."""

import json
import socket
from contextlib import closing
from urllib.parse import urlsplit

import pytest
from web.bad_inputs import EVERY, Bad
from web.test_serve import PATIENCE, post, served, situation


def exchange(address: str, request: bytes) -> tuple[int, str, dict]:
    """The status, the headers and the JSON of the answer to some bytes."""
    place = urlsplit(address)
    with closing(socket.create_connection((place.hostname, place.port), PATIENCE)) as connection:
        connection.sendall(request)
        answer = b""
        while received := connection.recv(65_536):
            answer += received
    head, _, body = answer.partition(b"\r\n\r\n")
    status = int(head.split(b" ", 2)[1])
    return status, head.decode("latin-1").lower(), json.loads(body, parse_constant=pytest.fail)


def row(bad: Bad, status: int, content: dict) -> str:
    """A line of the table."""
    first = next(iter(content["errors"]), {"pointer": "", "detail": content["detail"]})
    told = first["detail"].replace("|", "\\|")
    return f"| {bad.name} | {status} | `{first['pointer']}` | {told} |"


def test_every_bad_input_is_told_as_a_problem(tmp_path) -> None:
    rows = ["| ce qui est envoyé | statut | pointeur | message |", "|---|---|---|---|"]
    log = tmp_path / "log"
    with served(log, "openfisca-cej", "serve", "--port", "{port}", "--workers", "1") as address:
        for bad in EVERY:
            status, head, content = exchange(address, bad.request)
            assert (bad.name, status) == (bad.name, bad.status), content
            assert "content-type: application/problem+json" in head, bad.name
            assert content["status"] == bad.status
            assert content["detail"] != content["detail_en"], bad.name
            if bad.pointer is not None:
                assert bad.pointer in [error["pointer"] for error in content["errors"]], bad.name
            rows.append(row(bad, status, content))
        assert post(f"{address}/calculate", situation())[0] == 200
    told = [line for line in log.read_text().splitlines() if "root" not in line]
    assert len(told) == 1, told  # where the page and the API are, and nothing of what was sent
    print("\n".join(rows))
