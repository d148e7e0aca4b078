"""A worker of gunicorn: one thread that reads, answers what is quick, and writes.

Requests are read whole before anything is done with them, and answers are written as they are
taken (``clients``): those who send or read slowly cost a connection, never a calculation. What is
costly is computed aside (``lanes``, ``bench``). Nothing of what was sent is logged.
"""

import asyncio
import contextlib
import itertools
import os
import resource
import signal
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from gunicorn.http import RequestParser, errors, wsgi
from gunicorn.workers.base import Worker as Base

from openfisca_cej.web import clients, lanes, problems
from openfisca_cej.web.bench import Bench, ComputedApart
from openfisca_cej.web.clients import Client, NotRead, State, message, overloaded
from openfisca_cej.web.framing import MOST_HEAD
from openfisca_cej.web.lanes import Lane
from openfisca_cej.web.limits import Limits

#: Rounds that a stopping worker makes for requests that have begun to come, and for those that its
#: silent connections may be sending: in each it reads what is there, however long that takes; and
#: seconds between two.
COMING, SILENT, ROUND = 250, 25, 0.02

#: Bytes of memory that a worker may take beyond what it had at first: then it is replaced.
MOST_GROWN = 150_000_000

#: Files that a worker needs beside its connections.
OTHER_FILES = 64

#: Bytes that gunicorn is given at once.
PIECE = 8_192

Result = TypeVar("Result")

#: Seconds between two looks at whether who asked for a costly request is still there.
LOOK = 0.25


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


class Parsed:
    """A whole request, as gunicorn understands it. Raises NotRead."""

    def __init__(self, data: bytes, client: Client, worker: "Worker") -> None:
        self.sink, self.wsgi = Sink(), worker.wsgi
        try:
            parsed = next(RequestParser(worker.cfg, pieces(data), client.peer))
            self.response, self.environ = wsgi.create(
                parsed, self.sink, client.peer, client.server, worker.cfg
            )
        except (errors.ParseException, errors.NoMoreData, StopIteration, ValueError) as error:
            raise NotRead(clients.fault(error)) from None
        if not worker.alive or not worker.cfg.keepalive:
            self.response.force_close()
        self.lane = lanes.lane_of(
            self.environ["REQUEST_METHOD"],
            self.environ["PATH_INFO"],
            self.environ["QUERY_STRING"],
            data,
        )

    def compute(self) -> tuple[bytes, bool]:
        """The bytes of the answer, and whether the connection is kept."""
        content = self.wsgi(self.environ, self.response.start_response)
        try:
            for part in content:
                self.response.write(part)
            self.response.close()
        finally:
            if hasattr(content, "close"):
                content.close()
        return b"".join(self.sink.parts), not self.response.should_close()


class Worker(Base):
    """Reads, answers and writes for many connections."""

    def run(self) -> None:
        """Serve until told to stop."""
        self.limits = getattr(self.wsgi, "config", {}).get("CEJ_LIMITS") or Limits.of()
        files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        self.most_clients = max(min(self.cfg.worker_connections, files - OTHER_FILES), 8)
        #: In the order in which they came.
        self.clients: dict[Client, None] = {}
        #: Bytes held for all of them; bytes of memory of a worker that has done nothing.
        self.held, self.at_first = 0, memory()
        #: Connections that become clients.
        self.arriving: set[asyncio.Task[Any]] = set()
        signal.signal(signal.SIGPROF, overrun)
        asyncio.run(self.serve())

    async def serve(self) -> None:
        """Accept and answer; then let what has begun end."""
        self.loop = asyncio.get_running_loop()
        self.stopping = asyncio.Event()
        self.queues = {lane: Queue(lane) for lane in (lanes.ASIDE, lanes.LARGE)}
        self.loop.add_signal_handler(signal.SIGTERM, self.stop)
        for listener in self.sockets:
            listener.setblocking(False)
            self.listen(listener)
        while self.alive:
            self.tick()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.stopping.wait(), 1)
        await self.end()

    def stop(self) -> None:
        """Stop accepting; end when what was accepted is answered."""
        self.alive = False
        self.stopping.set()

    def tick(self) -> None:
        """Each second: say that the worker lives; stop where it is alone, or has grown."""
        self.notify()
        if self.ppid != os.getppid():
            self.stop()
        if memory() > self.at_first + MOST_GROWN + self.held:
            self.log.warning("Worker %s has grown: it is replaced", self.pid)
            self.stop()

    # Clients.

    def listen(self, listener: socket.socket) -> None:
        """Accept what comes."""
        if self.alive:
            self.loop.add_reader(listener, self.accept, listener)

    def accept(self, listener: socket.socket) -> bool:
        """Accept one connection: what waits is there for the other workers. Whether one was."""
        try:
            connection, _ = listener.accept()
        except BlockingIOError:
            return False
        except OSError:
            # No file is free, or the client has left: the loop would try again without a pause.
            self.loop.remove_reader(listener)
            self.loop.call_later(0.1, self.listen, listener)
            return False
        connection.setblocking(False)
        if connection.family != socket.AF_UNIX:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if len(self.clients) >= self.most_clients:
            self.make_room()
        task = self.loop.create_task(self.loop.connect_accepted_socket(self.protocol, connection))
        self.arriving.add(task)
        task.add_done_callback(self.arriving.discard)
        return True

    def protocol(self) -> asyncio.StreamReaderProtocol:
        """What makes a client of a connection."""
        return asyncio.StreamReaderProtocol(asyncio.StreamReader(MOST_HEAD), self.welcome)

    def welcome(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """A client is there."""
        self.clients[Client(self, reader, writer)] = None

    def make_room(self) -> None:
        """Shut the connection that has kept the worker waiting for the longest."""
        slow = (client for client in self.clients if client.state is not State.WAITING)
        slowest = next(slow, None)
        if slowest:
            del self.clients[slowest]
            slowest.leave()

    def relieve(self) -> None:
        """Let go who takes the most memory to send a request or to take an answer."""
        slow = [one for one in self.clients if one.state in (State.SENDING, State.TAKING)]
        if slow:
            max(slow, key=lambda client: client.held).turn_away()

    async def end(self) -> None:
        """Answer what was accepted, close the rest."""
        for listener in self.sockets:
            self.loop.remove_reader(listener)
            while self.accept(listener):
                pass
            listener.close()
        limit = time.monotonic() + self.cfg.graceful_timeout
        patience = {State.IDLE: SILENT, State.SENDING: COMING}
        for count in itertools.count():
            if not (self.clients or self.arriving) or time.monotonic() > limit:
                return
            for client in list(self.clients):
                if count > patience.get(client.state, count):
                    client.task.cancel()
            self.notify()
            await asyncio.sleep(ROUND)

    # Requests.

    async def answer(self, client: Client, data: bytes) -> tuple[bytes, bool]:
        """The answer to a whole request, and whether the connection is kept. Raises NotRead."""
        self.nr += 1
        request = Parsed(data, client, self)
        if request.lane is lanes.QUICK:
            answer = within(lanes.QUICK_CPU, request.compute)
            if answer is not None:
                return answer
            # It was not quick: again, aside.
            request = Parsed(data, client, self)
            request.lane = lanes.ASIDE
        work = self.loop.create_task(self.aside(request))
        try:
            while not work.done():
                await asyncio.wait({work}, timeout=LOOK)
                if client.gone:
                    raise ConnectionResetError
            return work.result()
        finally:
            work.cancel()

    async def aside(self, request: Parsed) -> tuple[bytes, bool]:
        """The answer of a process of its own, when the turn of the request comes."""
        queue = self.queues[request.lane]
        if queue.is_full:
            return message(overloaded()), False
        try:
            async with queue.turn():
                bench = Bench(
                    request.compute, self.limits.cpu, self.limits.memory, request.lane.niceness
                )
                try:
                    outcome = await bench.ended
                finally:
                    bench.kill()
        except OSError as error:  # no process, or no file, may be made
            self.log.error("%s: no process for a request", type(error).__name__)
            return message(overloaded()), False
        if outcome.is_whole:
            return outcome.answer, outcome.keeps and self.alive
        return message(self.why_not(outcome)), False

    def why_not(self, outcome: ComputedApart) -> problems.Problem:
        """The problem where a process wrote no answer."""
        if outcome.overran:
            return problems.over_cpu(self.limits.cpu)
        if outcome.lacked_memory:
            return problems.over_memory()
        if outcome.was_killed:
            return overloaded()
        self.log.error("The process of a request ended with status %s", outcome.status)
        return problems.Problem(500, *problems.SENTENCES[500])


class Queue:
    """The requests of a lane: those that are computed, and how many wait."""

    def __init__(self, lane: Lane) -> None:
        self.most = lane.at_once + lane.waiting
        self.free = asyncio.Semaphore(lane.at_once)
        self.count = 0

    @property
    def is_full(self) -> bool:
        """Whether no other request may wait."""
        return self.count >= self.most

    @contextlib.asynccontextmanager
    async def turn(self) -> Any:
        """Wait for one's turn, and have it in the block."""
        self.count += 1
        try:
            async with self.free:
                yield
        finally:
            self.count -= 1


def within(seconds: float, action: Callable[[], Result]) -> Result | None:
    """The result of an action, None when it has used so much processor without an end."""
    try:
        # Again and again: what the first interrupts may be what nothing gets out of.
        signal.setitimer(signal.ITIMER_PROF, seconds, seconds)
        try:
            return action()
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
    except Overrun:
        signal.setitimer(signal.ITIMER_PROF, 0)  # where it came before the same line above
        return None


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
