"""The clients of a worker: what each sends, until a request is whole, and what it is answered."""

import asyncio
from enum import Enum
from http import HTTPStatus
from typing import TYPE_CHECKING

from gunicorn import util
from gunicorn.http import errors

from openfisca_cej.web import problems
from openfisca_cej.web.framing import Broken, Incoming, TooLong

if TYPE_CHECKING:
    from openfisca_cej.web.worker import Worker

#: Seconds for a request to come whole, and for its answer to be taken: then the connection is shut.
SLOWEST = 30.0

#: Bytes, and seconds, of what a client still sends that are read after a refusal: an answer is lost
#: when a connection is closed on what nobody has read.
MOST_UNREAD, UNREAD = 20_000_000, 1.0

#: Bytes of requests and answers that a worker holds, all clients together.
MOST_HELD = 64_000_000

#: Seconds after which one may try again when there was too much to do.
RETRY = "2"

#: What is wrong in a request that is not HTTP, or too long: the status, in French and in English.
FAULTS = (
    (errors.LimitRequestLine, 414, "l'adresse est trop longue", "the address is too long"),
    (errors.LimitRequestHeaders, 431, "les en-têtes sont trop longs", "the headers are too long"),
    (errors.ParseException, 400, "ce n'est pas une requête HTTP", "it is not a request of HTTP"),
)


class State(Enum):
    """What a client does: nothing of a request has come; some; all; its answer is being taken."""

    IDLE, SENDING, WAITING, TAKING = range(4)


class NotRead(Exception):
    """A request that is answered without having been read, or understood; ``problem`` says why."""

    def __init__(self, problem: problems.Problem) -> None:
        super().__init__()
        self.problem = problem


class Client:
    """A connection, from its first byte to its last."""

    def __init__(
        self, worker: "Worker", reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.worker, self.reader, self.writer = worker, reader, writer
        self.peer = writer.get_extra_info("peername") or ("", 0)
        self.server = writer.get_extra_info("sockname")
        self.state = State.IDLE
        self.turned_away = False
        #: Requests answered, and bytes held.
        self.count = self.held = 0
        writer.transport.set_write_buffer_limits(high=0)  # an answer is written once it is taken
        self.task = worker.loop.create_task(self.converse())

    @property
    def gone(self) -> bool:
        """Whether it sends nothing more, or has left."""
        return self.reader.at_eof() or self.reader.exception() is not None

    def hold(self, count: int) -> None:
        """Count bytes that are held for it (no more, where negative)."""
        self.held += count
        self.worker.held += count
        if count > 0 and self.worker.held > MOST_HELD:
            self.worker.relieve()

    async def converse(self) -> None:
        """Answer what comes, request after request, until one of the two has done."""
        problem = None
        try:
            try:
                while await self.answer_one():
                    # Others have their turn, were the next request there already.
                    await asyncio.sleep(0)
            except NotRead as error:
                problem = error.problem
            except asyncio.CancelledError:
                if not self.turned_away:
                    raise
                self.task.uncancel()
                problem = overloaded()
            # Out of the handlers: the exception holds what had come.
            self.hold(-self.held)
            if problem:
                await self.refuse(problem)
        except (TimeoutError, OSError, asyncio.IncompleteReadError):
            self.leave()
        finally:
            self.hold(-self.held)
            self.writer.close()
            self.worker.clients.pop(self, None)

    async def answer_one(self) -> bool:
        """Read a request and answer it; whether another may follow. Raises NotRead."""
        self.state = State.IDLE
        async with asyncio.timeout(self.worker.cfg.keepalive if self.count else SLOWEST):
            first = await self.reader.read(1)
        if not first:
            return False
        self.state = State.SENDING
        incoming = Incoming(self.reader, self.worker.limits.body, self.hold, self.go_on, first)
        try:
            async with asyncio.timeout(SLOWEST):
                request = await incoming.whole()
        except TooLong as error:
            raise NotRead(too_long(error)) from None
        except Broken as error:
            raise NotRead(fault(error)) from None
        self.state = State.WAITING
        answer, keeps = await self.worker.answer(self, request)
        self.state, self.count = State.TAKING, self.count + 1
        self.hold(len(answer) - self.held)
        self.writer.write(answer)
        async with asyncio.timeout(SLOWEST):
            await self.writer.drain()
        self.hold(-self.held)
        return keeps

    def go_on(self) -> None:
        """Tell it to send the body."""
        self.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    async def refuse(self, problem: problems.Problem) -> None:
        """Answer to what has not been read; what still comes is read in vain, for a while."""
        self.writer.write(message(problem))
        self.writer.write_eof()
        unread = MOST_UNREAD
        async with asyncio.timeout(UNREAD):
            while unread > 0 and (part := await self.reader.read(65_536)):
                unread -= len(part)

    def turn_away(self) -> None:
        """Hold nothing more for it: there is too much for all."""
        if self.state is State.TAKING:
            self.leave()
        else:
            self.turned_away = True
            self.task.cancel()

    def leave(self) -> None:
        """Shut the connection, whatever is left of its answer."""
        self.writer.transport.abort()


def fault(error: Exception) -> problems.Problem:
    """The problem of what never reaches the application."""
    told = next((told for kind, *told in FAULTS if isinstance(error, kind)), FAULTS[-1][1:])
    return problems.Problem(*told)


def too_long(error: TooLong) -> problems.Problem:
    """The problem of a request with too many bytes."""
    if error.part == "body":
        return problems.too_large()
    return problems.Problem(*FAULTS[error.part == "headers"][1:])


def overloaded() -> problems.Problem:
    """The problem where there is too much to do, whoever asks."""
    return problems.Problem(503, *problems.SENTENCES[503])


def message(problem: problems.Problem) -> bytes:
    """A problem as bytes of HTTP, the last of its connection."""
    answer = problems.response(problem)
    if problem.status == 503:
        answer.headers["Retry-After"] = RETRY
    answer.headers["Connection"] = "close"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Vary"] = "Accept-Encoding"
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Date"] = util.http_date()
    status = HTTPStatus(answer.status_code)
    head = f"HTTP/1.1 {status.value} {status.phrase}\r\n{answer.headers}"
    return head.encode("latin-1") + answer.get_data()
