"""A worker of gunicorn that waits for nobody for ever, and that logs nothing of what was sent."""

import contextlib
import socket
import time
from typing import Any

from gunicorn import util
from gunicorn.http import errors
from gunicorn.workers.gthread import TConn, ThreadWorker

from openfisca_cej.web import problems

#: Seconds for a request to come whole and its answer to be taken: then the connection is shut.
SLOWEST = 30.0

#: Bytes, and seconds, of what a client still sends that are read after a refusal: an answer is lost
#: when a connection is closed on what nobody has read.
MOST_UNREAD, UNREAD = 20_000_000, 1.0

#: What is wrong in a request that is not HTTP, or too long: the status, in French and in English.
FAULTS = (
    (errors.LimitRequestLine, 414, "l'adresse est trop longue", "the address is too long"),
    (errors.LimitRequestHeaders, 431, "les en-têtes sont trop longs", "the headers are too long"),
    (errors.ParseException, 400, "ce n'est pas une requête HTTP", "it is not a request of HTTP"),
)


class Worker(ThreadWorker):
    """Threads that answer, and a loop that shuts the connections of those who are too slow."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        #: When the requests that are being read or answered began to come.
        self.begun: dict[TConn, float] = {}

    def handle(self, conn: TConn) -> tuple[bool, TConn]:
        """Read a request and answer it."""
        self.begun[conn] = time.monotonic()
        try:
            kept, conn = super().handle(conn)
            if not kept:
                with contextlib.suppress(OSError):
                    read_what_is_left(conn.sock)
            return kept, conn
        finally:
            self.begun.pop(conn, None)

    def notify(self) -> None:
        """Tell that the worker is alive: the loop does it every second."""
        super().notify()
        limit = time.monotonic() - SLOWEST
        for conn, begun in list(self.begun.items()):
            if begun < limit:
                with contextlib.suppress(OSError):
                    conn.sock.shutdown(socket.SHUT_RDWR)

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: Exception) -> None:
        """Answer with a problem to what never reached the application."""
        told = next((told for kind, *told in FAULTS if isinstance(exc, kind)), None)
        if told is None:
            self.log.error("%s", type(exc).__name__)
            told = [500, *problems.SENTENCES[500]]
        with contextlib.suppress(OSError):
            util.write_nonblock(client, message(problems.Problem(*told)))


def message(problem: problems.Problem) -> bytes:
    """A problem as bytes of HTTP."""
    answer = problems.response(problem)
    answer.headers["Connection"] = "close"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return f"HTTP/1.1 {answer.status}\r\n{answer.headers}".encode("latin-1") + answer.get_data()


def read_what_is_left(client: socket.socket) -> None:
    """Let the client send what it had begun, within limits. Raises OSError: nothing is left."""
    client.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    client.shutdown(socket.SHUT_WR)
    client.settimeout(UNREAD)
    end, left = time.monotonic() + UNREAD, MOST_UNREAD
    while left > 0 and time.monotonic() < end:
        received = len(client.recv(65_536))
        if not received:
            return
        left -= received
