"""Where a request of HTTP ends, however its bytes come."""

import asyncio

import pytest

from openfisca_cej.web.framing import MOST_CHUNKS, MOST_HEAD, Broken, Incoming, TooLong

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nabcde"
CHUNKED = (
    b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n"
)
TRAILERS = CHUNKED[:-2] + b"X: y\r\n\r\n"
CHUNKS = CHUNKED.partition(b"3\r\n")[0]


class Wire:
    """A request that comes: bytes are put on it, what is told of it is noted."""

    def __init__(self, most: int = 100) -> None:
        self.reader = asyncio.StreamReader(MOST_HEAD)
        self.held = self.waits = 0
        self.incoming = Incoming(self.reader, most, self.hold, self.go_on)

    def hold(self, count: int) -> None:
        self.held += count

    def go_on(self) -> None:
        self.waits += 1


async def taken(data: bytes, most: int = 100) -> bytes:
    """The request that bytes make, all there."""
    wire = Wire(most)
    wire.reader.feed_data(data)
    return await asyncio.wait_for(wire.incoming.whole(), 10)


@pytest.mark.parametrize("request_", [GET, POST, CHUNKED, TRAILERS])
def test_a_request_is_taken_with_its_last_byte_and_not_before(request_) -> None:
    async def byte_by_byte() -> None:
        wire = Wire()
        whole = asyncio.create_task(wire.incoming.whole())
        for byte in request_:
            assert not whole.done()
            wire.reader.feed_data(bytes([byte]))
            await asyncio.sleep(0)
        wire.reader.feed_data(GET)
        assert await whole == request_
        assert wire.held == len(request_)
        assert await wire.reader.read(1_000) == GET

    asyncio.run(byte_by_byte())


@pytest.mark.parametrize(
    ("data", "part"),
    [
        (b"GET /" + b"a" * MOST_HEAD, "line"),
        (b"GET / HTTP/1.1\r\nX: " + b"a" * MOST_HEAD, "headers"),
        (b"GET / HTTP/1.1\r\nX: " + b"a" * MOST_HEAD + b"\r\n\r\n", "headers"),
        (b"POST / HTTP/1.1\r\nContent-Length: 101\r\n\r\n", "body"),
        (CHUNKS + b"ffff\r\n", "body"),
        (CHUNKS + b"40\r\n" + b"a" * 64 + b"\r\n40\r\n", "body"),
        (CHUNKS + b"f" * (MOST_HEAD + 2), "headers"),
        (CHUNKS + b"0\r\n" + b"a:b\r\n" * 40_000, "body"),
    ],
)
def test_too_many_bytes_are_refused_before_they_come(data, part) -> None:
    with pytest.raises(TooLong) as caught:
        asyncio.run(taken(data))
    assert caught.value.part == part


def test_many_small_chunks_are_too_many() -> None:
    with pytest.raises(TooLong):
        asyncio.run(taken(CHUNKS + b"1\r\na\r\n" * MOST_CHUNKS, most=5_000_000))


@pytest.mark.parametrize("line", [b"zz\r\n", b"-1\r\n", b"\r\n", b"123456789\r\n", b"1 1\r\n"])
def test_what_is_no_chunk_ends_all(line) -> None:
    with pytest.raises(Broken):
        asyncio.run(taken(CHUNKS + line))


@pytest.mark.parametrize("request_", [GET, POST, CHUNKED])
def test_a_request_that_is_cut_is_none(request_) -> None:
    async def cut() -> None:
        wire = Wire()
        wire.reader.feed_data(request_[:-1])
        wire.reader.feed_eof()
        await wire.incoming.whole()

    with pytest.raises(asyncio.IncompleteReadError):
        asyncio.run(cut())


def test_a_client_that_waits_is_told_to_go_on_once() -> None:
    async def waits() -> None:
        wire = Wire()
        wire.reader.feed_data(
            b"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n"
        )
        whole = asyncio.create_task(wire.incoming.whole())
        await asyncio.sleep(0.01)
        assert wire.waits == 1
        wire.reader.feed_data(b"a")
        assert await whole == b"POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\na"
        assert wire.waits == 1

    asyncio.run(waits())
