"""Whether a request of HTTP has come whole: nothing is computed, and nobody waits, before.

Gunicorn reads the request once it is there; here only its end is looked for. A request that means
two ends is refused or left unfinished by one of the two readers, never taken for two requests:
its connection is closed.
"""

import re

END = b"\r\n\r\n"

#: Bytes of the first line and of the headers, all together.
MOST_HEAD = 65_536

LENGTH = re.compile(rb"\r\ncontent-length[ \t]*:[ \t]*(\d{1,18})[ \t]*\r\n", re.IGNORECASE)
CHUNKED = re.compile(rb"\r\ntransfer-encoding[ \t]*:[^\r\n]*chunked[ \t]*\r\n", re.IGNORECASE)
EXPECT = re.compile(rb"\r\nexpect[ \t]*:[ \t]*100-continue[ \t]*(?=\r\n)", re.IGNORECASE)
SIZE = re.compile(rb"([0-9a-fA-F]{1,8})[ \t]*(?:;[^\r\n]*)?\r\n")

#: Bytes of the line that gives the size of a chunk, and of the lines after the last one.
LONGEST_SIZE, MOST_TRAILERS = 300, 8_192


class TooLong(Exception):
    """The first line, the headers or the body (``part``) has more bytes than it may."""

    def __init__(self, part: str) -> None:
        super().__init__()
        self.part = part


class Incoming:
    """What came of a connection, and how much of it is the first request."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.data = bytearray()
        self._forget()

    def _forget(self) -> None:
        #: Where the headers end, and where the next chunk begins; 0 before they are known.
        self.head = self.chunk = 0
        self.length: int | None = None
        self.searched = 0
        #: Whether the client waits to be told to send the body.
        self.waits = False

    def take(self) -> bytes | None:
        """The first request, None while it is not whole. Raises TooLong."""
        if not self.head and not self._find_head():
            return None
        end = self._end()
        if end is None:
            return None
        request = bytes(self.data[:end])
        del self.data[:end]
        self._forget()
        return request

    def _find_head(self) -> bool:
        at = self.data.find(END, max(self.searched - len(END), 0))
        if at < 0:
            self.searched = len(self.data)
            self._check_head(len(self.data))
            return False
        self._check_head(at)
        head = bytes(self.data[: at + 2])
        if EXPECT.search(head):
            # It is answered here: gunicorn would do it again.
            head, self.waits = EXPECT.sub(b"", head), True
            self.data[: at + 2] = head
        self.head = len(head) + 2
        lengths = LENGTH.findall(head)
        if CHUNKED.search(head):
            self.chunk = self.head
        elif lengths:
            self.length = int(lengths[-1])
            if self.length > self.most:
                raise TooLong("body")
        return True

    def _check_head(self, size: int) -> None:
        if size > MOST_HEAD:
            ended = 0 <= self.data.find(b"\r\n") <= MOST_HEAD
            raise TooLong("headers" if ended else "line")

    def _end(self) -> int | None:
        """Where the request ends, None while that is not there."""
        if self.chunk:
            return self._end_of_chunks()
        end = self.head + (self.length or 0)
        return end if len(self.data) >= end else None

    def _end_of_chunks(self) -> int | None:
        while True:
            if self.chunk - self.head > 2 * self.most + MOST_TRAILERS:
                raise TooLong("body")
            found = SIZE.match(self.data, self.chunk, self.chunk + LONGEST_SIZE)
            if found is None:
                # Not there yet, or none: then gunicorn says so.
                line = self.data[self.chunk : self.chunk + LONGEST_SIZE]
                is_wrong = b"\n" in line or len(line) == LONGEST_SIZE
                return len(self.data) if is_wrong else None
            size = int(found[1], 16)
            if size > self.most:
                raise TooLong("body")
            if size == 0:
                return self._end_of_trailers(found.end())
            after = found.end() + size + 2
            if len(self.data) < after:
                return None
            self.chunk = after

    def _end_of_trailers(self, start: int) -> int | None:
        if self.data[start : start + 2] == b"\r\n":
            return start + 2
        at = self.data.find(END, start)
        if at >= 0:
            return at + len(END)
        return len(self.data) if len(self.data) - start > MOST_TRAILERS else None
