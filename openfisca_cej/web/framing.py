"""A request of HTTP, read until it is whole: nothing is computed, and nobody waits, before.

Gunicorn parses the request once it is there; here only its end is looked for. A request that means
two ends is refused or left unfinished by one of the two readers, never taken for two requests:
its connection is closed.
"""

import asyncio
import re
from collections.abc import Callable

#: Bytes of the first line and of the headers, all together.
MOST_HEAD = 32_768

#: Chunks of a body: one for each row of the longest batch, and as many again.
MOST_CHUNKS = 40_000

#: Bytes read at once of a body.
PART = 65_536

END, LINE = b"\r\n\r\n", b"\r\n"

LENGTH = re.compile(rb"\r\ncontent-length[ \t]*:[ \t]*(\d{1,18})[ \t]*(?=\r\n)", re.IGNORECASE)
CHUNKED = re.compile(rb"\r\ntransfer-encoding[ \t]*:[^\r\n]*chunked[ \t]*(?=\r\n)", re.IGNORECASE)
EXPECT = re.compile(rb"\r\nexpect[ \t]*:[ \t]*100-continue[ \t]*(?=\r\n)", re.IGNORECASE)
SIZE = re.compile(rb"([0-9a-fA-F]{1,8})[ \t]*(?:;[^\r\n]*)?\r\n")


class TooLong(Exception):
    """The first line, the headers or the body (``part``) has more bytes than it may."""

    def __init__(self, part: str) -> None:
        super().__init__(part)
        self.part = part


class Broken(Exception):
    """What comes is no request, and where the next one begins cannot be told."""


class Incoming:
    """The request that comes, of which ``data`` is there.

    ``most``: bytes of its body; ``hold(count)`` is told of bytes that are kept, ``go_on()`` is
    called when the client waits to be told to send the body.
    """

    def __init__(
        self,
        reader: asyncio.StreamReader,
        most: int,
        hold: Callable[[int], None],
        go_on: Callable[[], None],
        data: bytes = b"",
    ) -> None:
        self.reader, self.most, self.hold, self.go_on = reader, most, hold, go_on
        self.data = bytearray(data)

    async def whole(self) -> bytes:
        """The request. Raises TooLong, Broken, IncompleteReadError."""
        await self._head()
        head = bytes(self.data)
        if EXPECT.search(head):
            # It is answered here: gunicorn would do it again.
            self.data = bytearray(EXPECT.sub(b"", head))
            self.go_on()
        lengths = LENGTH.findall(head)
        if CHUNKED.search(head):
            await self._chunks()
        elif lengths:
            await self._exactly(int(lengths[-1]))
        return bytes(self.data)

    async def _head(self) -> None:
        try:
            self._add(await self.reader.readuntil(END))
        except asyncio.LimitOverrunError:
            has_line = LINE in await self.reader.read(MOST_HEAD)
            raise TooLong("headers" if has_line else "line") from None

    async def _exactly(self, count: int) -> None:
        if count > self.most:
            raise TooLong("body")
        while count:
            part = await self.reader.read(min(count, PART))
            if not part:
                raise asyncio.IncompleteReadError(b"", count)
            self._add(part)
            count -= len(part)

    async def _chunks(self) -> None:
        body = 0
        for _ in range(MOST_CHUNKS):
            found = SIZE.fullmatch(await self._line())
            if not found:
                raise Broken
            size = int(found[1], 16)
            if not size:
                while await self._line() != LINE:
                    pass
                return
            body += size
            if body > self.most:
                raise TooLong("body")
            await self._exactly(size + len(LINE))
        raise TooLong("body")

    async def _line(self) -> bytes:
        try:
            line = await self.reader.readuntil(LINE)
        except asyncio.LimitOverrunError:
            raise TooLong("headers") from None
        self._add(line)
        return line

    def _add(self, part: bytes) -> None:
        self.data += part
        self.hold(len(part))
        if len(self.data) > 2 * self.most + 2 * MOST_HEAD:
            raise TooLong("body")
