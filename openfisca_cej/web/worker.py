"""A worker of gunicorn: one thread that reads, answers what is quick, and writes.

Requests are read whole before anything is done with them, and answers are written as they are
taken: those who send or read slowly cost a connection, never a calculation. What is costly is
computed aside (``lanes``, ``bench``). Nothing of what was sent is logged.
"""

import asyncio
import contextlib
import functools
import os
import resource
import signal
import socket
import time
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any

from gunicorn import util
from gunicorn.http import RequestParser, errors, wsgi
from gunicorn.workers.base import Worker as Base

from openfisca_cej.web import lanes, problems, warm
from openfisca_cej.web.bench import Bench, Outcome
from openfisca_cej.web.framing import Incoming, TooLong
from openfisca_cej.web.lanes import Lane
from openfisca_cej.web.limits import Limits

#: Seconds for a request to come whole, and for its answer to be taken: then the connection is shut.
SLOWEST = 30.0

#: Bytes, and seconds, of what a client still sends that are read after a refusal: an answer is lost
#: when a connection is closed on what nobody has read.
MOST_UNREAD, UNREAD = 20_000_000, 1.0

#: Bytes of requests and answers that a worker holds, all connections together.
MOST_HELD = 100_000_000

#: Seconds that a stopping worker waits for requests that have begun to come, and for those that
#: its silent connections may be sending.
COMING, SILENT = 5.0, 0.5

#: Bytes of memory that a worker may take beyond what it had when it was warm: then it is replaced.
MOST_GROWN = 150_000_000

#: Files that a worker needs beside its connections.
OTHER_FILES = 64

#: Bytes that gunicorn is given at once.
PIECE = 8_192

#: Seconds after which one may try again when there was too much to do.
RETRY = "2"

#: What is wrong in a request that is not HTTP, or too long: the status, in French and in English.
FAULTS = (
    (errors.LimitRequestLine, 414, "l'adresse est trop longue", "the address is too long"),
    (errors.LimitRequestHeaders, 431, "les en-têtes sont trop longs", "the headers are too long"),
    (errors.ParseException, 400, "ce n'est pas une requête HTTP", "it is not a request of HTTP"),
)


class Overrun(BaseException):
    """A request that the worker answers itself has used its time: no handler keeps it."""


class Sink:
    """Takes what gunicorn writes to a socket."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def sendall(self, data: bytes) -> None:
        """Keep bytes."""
        self.parts.append(data)

    send = sendall


class Connection(asyncio.Protocol):
    """A client: what it sends, until a request is whole; what it is answered."""

    def __init__(self, worker: "Worker", peer: Any, server: Any) -> None:
        self.worker, self.peer, self.server = worker, peer, server
        self.incoming = Incoming(worker.most)
        self.deadline = time.monotonic() + SLOWEST
        self.begun = self.busy = self.leaving = self.lost = False
        #: Bytes held for this connection, and read in vain since it was refused.
        self.held = self.unread = 0
        self.bench: Bench | None = None

    @property
    def idle(self) -> bool:
        """Whether nothing has come of the next request, and nothing is owed."""
        return not (self.begun or self.busy or self.leaving or self.owed)

    @property
    def owed(self) -> int:
        """Bytes of answers that the client has not taken."""
        return 0 if self.lost else self.transport.get_write_buffer_size()

    def hold(self, size: int) -> None:
        """Count bytes that are held, or no more."""
        self.held += size
        self.worker.held += size

    # What asyncio calls.

    def connection_made(self, transport: Any) -> None:
        """A client is there."""
        self.transport = transport
        self.worker.connections[self] = None
        transport.set_write_buffer_limits(high=0)

    def data_received(self, data: bytes) -> None:
        """Some of a request has come."""
        if self.leaving:
            self.unread += len(data)
            if self.unread > MOST_UNREAD:
                self.transport.abort()
            return
        if not self.begun and not self.busy:
            self.begun, self.deadline = True, time.monotonic() + SLOWEST
        self.incoming.data += data
        self.hold(len(data))
        if self.worker.held > MOST_HELD:
            self.refuse(overloaded())
        elif self.busy:
            self.transport.pause_reading()
        else:
            self.advance()

    def eof_received(self) -> bool:
        """The client sends nothing more: what it has sent is answered."""
        return self.busy or bool(self.owed)

    def pause_writing(self) -> None:
        """The client does not take its answer at once."""

    def resume_writing(self) -> None:
        """The client has taken its answer."""
        if not self.busy and not self.leaving:
            self.hold(-self.held + len(self.incoming.data))
            self.rest()

    def connection_lost(self, error: Exception | None) -> None:
        """The client is no more."""
        self.lost = True
        self.hold(-self.held)
        self.worker.connections.pop(self, None)
        if self.bench:
            self.bench.kill()

    # A request.

    def advance(self) -> None:
        """Answer the request that has come, if it is whole."""
        try:
            request = self.incoming.take()
        except TooLong as error:
            self.refuse(problems.response(too_long(error)))
            return
        if request is None:
            if self.incoming.waits:
                self.incoming.waits = False
                self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            return
        self.busy, self.begun = True, False
        self.worker.answer(self, request)

    def finish(self, answer: bytes, keeps: bool) -> None:
        """Write an answer; then read the next request, or close."""
        self.busy, self.bench = False, None
        if self.lost:
            return
        self.transport.write(answer)
        if not keeps:
            self.leave()
            return
        owed = self.owed
        self.hold(owed + len(self.incoming.data) - self.held)
        self.deadline = time.monotonic() + SLOWEST
        if not owed:
            self.rest()

    def rest(self) -> None:
        """Wait for the next request; it may be there."""
        self.deadline = time.monotonic() + self.worker.cfg.keepalive
        with contextlib.suppress(RuntimeError):
            self.transport.resume_reading()
        if self.incoming.data:
            self.begun, self.deadline = True, time.monotonic() + SLOWEST
            # Not at once: others have their turn.
            self.worker.loop.call_soon(self.go_on)

    def go_on(self) -> None:
        """Answer the next request, that came with the one before."""
        if self.begun and not (self.busy or self.leaving or self.lost):
            self.advance()

    def refuse(self, answer: Any) -> None:
        """Answer without having read all, and close."""
        self.transport.write(message(answer))
        self.leave(reads=True)

    def leave(self, reads: bool = False) -> None:
        """Close once all is written; ``reads``: what still comes is read, for a while."""
        self.leaving = True
        self.hold(self.owed - self.held)
        self.incoming.data.clear()
        if not reads:
            self.deadline = time.monotonic() + SLOWEST
            self.transport.close()
            return
        self.deadline = time.monotonic() + UNREAD
        with contextlib.suppress(OSError, RuntimeError):
            self.transport.resume_reading()
            self.transport.write_eof()


class Waiting:
    """The requests of a lane: those that are computed, and how many wait."""

    def __init__(self, lane: Lane) -> None:
        self.lane = lane
        self.free = asyncio.Semaphore(lane.at_once)
        self.count = 0


class Worker(Base):
    """Reads, answers and writes for many connections."""

    def run(self) -> None:
        """Serve until told to stop."""
        limits = getattr(self.wsgi, "config", {}).get("CEJ_LIMITS") or Limits.of()
        self.limits, self.most, self.held = limits, limits.body, 0
        files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        self.most_connections = max(min(self.cfg.worker_connections, files - OTHER_FILES), 8)
        #: In the order in which they came.
        self.connections: dict[Connection, None] = {}
        self.tasks: set[asyncio.Task] = set()
        signal.signal(signal.SIGPROF, overrun)
        asyncio.run(self.serve())

    async def serve(self) -> None:
        """Accept and answer; then let what has begun end."""
        self.loop = asyncio.get_running_loop()
        self.stopping = asyncio.Event()
        self.waiting = {lane.name: Waiting(lane) for lane in (lanes.ASIDE, lanes.LARGE)}
        self.loop.add_signal_handler(signal.SIGTERM, self.stop)
        for listener in self.sockets:
            listener.setblocking(False)
            self.loop.add_reader(listener, self.accept, listener)
        self.keep(self.warm_up())
        self.warmed: int | None = None
        while self.alive:
            self.tick()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.stopping.wait(), 1)
        await self.end()

    def stop(self) -> None:
        """Stop accepting; end when what was accepted is answered."""
        self.alive = False
        self.stopping.set()

    def keep(self, coroutine: Any) -> None:
        """Have the loop run a coroutine."""
        task = self.loop.create_task(coroutine)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def warm_up(self) -> None:
        """Load and remember what costly requests need: it is shared with their processes."""
        for step in warm.steps(self.wsgi):
            await asyncio.sleep(0.01)
            if not self.alive:
                return
            step()
        self.warmed = memory()

    def tick(self) -> None:
        """Each second: say that the worker lives, shut those who are too slow."""
        self.notify()
        now = time.monotonic()
        for connection in list(self.connections):
            if not connection.busy and connection.deadline < now:
                connection.transport.abort()
        if self.ppid != os.getppid():
            self.stop()
        if self.warmed is not None and memory() > self.warmed + MOST_GROWN + self.held:
            self.log.warning("Worker %s has grown: it is replaced", self.pid)
            self.stop()

    def accept(self, listener: socket.socket) -> bool:
        """Accept one connection: what waits is there for the other workers. Whether one was."""
        try:
            client, peer = listener.accept()
        except BlockingIOError:
            return False
        except OSError:
            # No file is free, or the client has left: the loop would try again without a pause.
            self.loop.remove_reader(listener)
            self.loop.call_later(0.1, self.listen, listener)
            return False
        client.setblocking(False)
        if client.family != socket.AF_UNIX:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if len(self.connections) >= self.most_connections:
            self.make_room()
        server = listener.getsockname()
        make = functools.partial(Connection, self, peer or ("", 0), server)
        self.keep(self.loop.connect_accepted_socket(make, client))
        return True

    def listen(self, listener: socket.socket) -> None:
        """Accept again."""
        if self.alive:
            self.loop.add_reader(listener, self.accept, listener)

    def make_room(self) -> None:
        """Shut the connection that has kept the worker waiting for the longest."""
        slow = (one for one in self.connections if not one.busy)
        slowest = next(slow, None)
        if slowest:
            slowest.transport.abort()

    async def end(self) -> None:
        """Answer what was accepted, close the rest."""
        for listener in self.sockets:
            self.loop.remove_reader(listener)
            while self.accept(listener):
                pass
            listener.close()
        begin = time.monotonic()
        while self.connections or self.tasks:
            passed = time.monotonic() - begin
            for connection in list(self.connections):
                too_late = COMING if connection.begun else SILENT if connection.idle else None
                if too_late is not None and passed > too_late:
                    connection.transport.abort() if connection.begun else connection.leave()
            if passed > self.cfg.graceful_timeout:
                return
            self.notify()
            await asyncio.sleep(0.02)

    # Requests.

    def answer(self, connection: Connection, request: bytes) -> None:
        """Answer a whole request, at once or aside."""
        sink = Sink()
        try:
            parsed = next(RequestParser(self.cfg, pieces(request), connection.peer))
            response, environ = wsgi.create(
                parsed, sink, connection.peer, connection.server, self.cfg
            )
        except (errors.ParseException, errors.NoMoreData, StopIteration, ValueError) as error:
            connection.busy = False
            connection.refuse(problems.response(self.fault(error)))
            return
        self.nr += 1
        if not self.alive or not self.cfg.keepalive:
            response.force_close()
        compute = functools.partial(self.compute, sink, response, environ)
        lane = lanes.lane_of(
            environ["REQUEST_METHOD"], environ["PATH_INFO"], environ["QUERY_STRING"], request
        )
        if lane is lanes.QUICK:
            try:
                with at_most(self.limits.cpu):
                    answer, keeps = compute()
            except Overrun:
                answer, keeps = (
                    message(problems.response(problems.over_cpu(self.limits.cpu))),
                    False,
                )
            connection.finish(answer, keeps)
        elif self.waiting[lane.name].count >= lane.waiting + lane.at_once:
            connection.finish(message(overloaded()), False)
        else:
            self.keep(self.aside(connection, compute, self.waiting[lane.name]))

    async def aside(
        self, connection: Connection, compute: Callable[[], tuple[bytes, bool]], waiting: Waiting
    ) -> None:
        """Have a request computed in a process of its own, when its turn comes."""
        waiting.count += 1
        try:
            async with waiting.free:
                if connection.lost:
                    return
                connection.bench = Bench(
                    compute, self.limits.cpu, self.limits.memory, waiting.lane.niceness
                )
                outcome = await connection.bench.ended
        except OSError as error:  # no process, or no file, may be made
            self.log.error("%s: no process for a request", type(error).__name__)
            connection.finish(message(overloaded()), False)
            return
        finally:
            waiting.count -= 1
        if outcome.is_whole:
            connection.finish(outcome.answer, outcome.keeps and self.alive)
        else:
            connection.finish(message(self.why_not(outcome)), False)

    def why_not(self, outcome: Outcome) -> Any:
        """The answer where a process wrote none."""
        if outcome.overran:
            return problems.response(problems.over_cpu(self.limits.cpu))
        if outcome.late or (os.WIFSIGNALED(outcome.status)):
            return overloaded()
        self.log.error("The process of a request ended with status %s", outcome.status)
        return problems.response(problems.Problem(500, *problems.SENTENCES[500]))

    def compute(self, sink: Sink, response: Any, environ: dict[str, Any]) -> tuple[bytes, bool]:
        """The bytes of the answer to a request, and whether the connection is kept."""
        content = self.wsgi(environ, response.start_response)
        try:
            for part in content:
                response.write(part)
            response.close()
        finally:
            if hasattr(content, "close"):
                content.close()
        return b"".join(sink.parts), not response.should_close()

    def fault(self, error: Exception) -> problems.Problem:
        """The problem of what never reaches the application."""
        told = next((told for kind, *told in FAULTS if isinstance(error, kind)), None)
        return problems.Problem(*(told or [400, *FAULTS[-1][2:]]))


@contextlib.contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raise Overrun in the block when it has used so much processor."""
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def overrun(number: int, frame: Any) -> None:
    """The timer has run out."""
    raise Overrun


def pieces(request: bytes) -> Iterator[bytes]:
    """A request as it would come: gunicorn copies what it has at each thousand bytes it reads."""
    return (request[start : start + PIECE] for start in range(0, len(request), PIECE))


def memory() -> int:
    """Bytes of memory of this process; 0 where that is not told."""
    with contextlib.suppress(OSError), open("/proc/self/statm") as file:  # noqa: PTH123
        return int(file.read().split()[1]) * resource.getpagesize()
    return 0


def too_long(error: TooLong) -> problems.Problem:
    """The problem of a request with too many bytes."""
    if error.part == "body":
        return problems.too_large()
    return problems.Problem(*FAULTS[error.part == "headers"][1:])


def overloaded() -> Any:
    """The answer where there is too much to do, whoever asks."""
    answer = problems.response(problems.Problem(503, *problems.SENTENCES[503]))
    answer.headers["Retry-After"] = RETRY
    return answer


def message(answer: Any) -> bytes:
    """An answer as bytes of HTTP, the last of its connection."""
    answer.headers["Connection"] = "close"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Date"] = util.http_date()
    status = HTTPStatus(answer.status_code)
    head = f"HTTP/1.1 {status.value} {status.phrase}\r\n{answer.headers}"
    return head.encode("latin-1") + answer.get_data()
