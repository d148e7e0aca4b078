"""Where a request of HTTP ends, however its bytes come."""

import pytest

from openfisca_cej.web.framing import LONGEST_SIZE, MOST_HEAD, Incoming, TooLong

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nabcde"
CHUNKED = (
    b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n"
)
TRAILERS = CHUNKED[:-2] + b"X: y\r\n\r\n"


def taken(incoming: Incoming, data: bytes) -> bytes | None:
    incoming.data += data
    return incoming.take()


@pytest.mark.parametrize("request_", [GET, POST, CHUNKED, TRAILERS])
def test_a_request_is_taken_with_its_last_byte_and_not_before(request_) -> None:
    incoming = Incoming(100)
    for byte in request_[:-1]:
        assert taken(incoming, bytes([byte])) is None
    assert taken(incoming, request_[-1:] + GET) == request_
    assert incoming.take() == GET
    assert incoming.take() is None
    assert not incoming.data


@pytest.mark.parametrize(
    ("data", "part"),
    [
        (b"GET /" + b"a" * MOST_HEAD, "line"),
        (b"GET / HTTP/1.1\r\nX: " + b"a" * MOST_HEAD, "headers"),
        (b"GET / HTTP/1.1\r\nX: " + b"a" * MOST_HEAD + b"\r\n\r\n", "headers"),
        (b"POST / HTTP/1.1\r\nContent-Length: 101\r\n\r\n", "body"),
        (CHUNKED.partition(b"\r\n\r\n")[0] + b"\r\n\r\nffff\r\n", "body"),
    ],
)
def test_too_many_bytes_are_refused_before_they_come(data, part) -> None:
    with pytest.raises(TooLong) as caught:
        taken(Incoming(100), data)
    assert caught.value.part == part


def test_many_small_chunks_are_too_many_bytes() -> None:
    incoming = Incoming(100)
    with pytest.raises(TooLong):
        taken(incoming, CHUNKED.partition(b"3\r\n")[0] + b"1\r\na\r\n" * 5_000)


@pytest.mark.parametrize("line", [b"zz\r\n", b"f" * LONGEST_SIZE])
def test_a_size_that_is_none_is_left_to_the_reader_of_http(line) -> None:
    data = CHUNKED.partition(b"3\r\n")[0] + line
    assert taken(Incoming(100), data) == data


def test_a_client_that_waits_is_told_to_go_on_once() -> None:
    incoming = Incoming(100)
    head = b"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n"
    assert taken(incoming, head) is None
    assert incoming.waits
    assert taken(incoming, b"a") == b"POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\na"
    assert not incoming.waits
