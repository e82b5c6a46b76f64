"""What views make: it goes out whole or visibly broken, and no reader keeps a thread."""

from __future__ import annotations

import asyncio
import hashlib
import http.client
import logging
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from starlette.types import Message
from tests.integration.front.serving import Site, StartResponse, Wsgi, answer, read_to_end, serving, wait_until

from podium.server.front.bridge import WsgiBridge
from podium.server.front.limits import BridgeLimits, ConnectionLimits

MEBIBYTE = 1 << 20
GET = b"GET /%b HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n"


class Stream:
    """An iterable response that remembers whether it was closed and how many pieces were taken."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self.taken = 0
        self.closed = threading.Event()

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            self.taken += 1
            yield piece

    def close(self) -> None:
        self.closed.set()


def streaming(stream: Callable[[], Iterable[bytes]], *headers: tuple[str, str], status: str = "200 OK") -> Wsgi:
    def view(environ: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/ping":
            return answer(start, b"pong")
        start(status, [("Content-Type", "application/octet-stream"), *headers])
        return stream()

    return view


def ping(site: Site) -> None:
    response, body = site.request("GET", "/ping")
    assert (response.status, body) == (200, b"pong")


def test_a_small_response_has_a_length_and_keeps_the_connection(tmp_path: Path) -> None:
    with serving(streaming(lambda: [b"he", b"", b"llo"]), tmp_path) as site:
        connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=30)
        for _ in range(2):
            connection.request("GET", "/x")
            response = connection.getresponse()
            assert response.getheader("Content-Length") == "5"
            assert response.read() == b"hello"
        connection.close()


def test_a_large_response_without_length_arrives_whole_and_is_closed(tmp_path: Path) -> None:
    pieces = [bytes([number % 251]) * 10_007 for number in range(500)]
    stream = Stream(pieces)
    with serving(streaming(lambda: stream), tmp_path) as site:
        response, body = site.request("GET", "/x")
    assert response.getheader("Transfer-Encoding") == "chunked"
    assert hashlib.sha256(body).digest() == hashlib.sha256(b"".join(pieces)).digest()
    assert stream.closed.is_set()


def test_many_small_pieces_are_sent_in_few_large_blocks(tmp_path: Path) -> None:
    view = streaming(lambda: [b"x" * 1000] * 2000)
    bodies = [message["body"] for message in asyncio.run(_ask(view, tmp_path))[1:]]
    assert sum(map(len, bodies)) == 2_000_000
    # 2,000,000 bytes in blocks of 262,144 are seven full ones and a rest; one empty message may end them.
    assert len(bodies) <= 9
    assert max(map(len, bodies)) == 262_144


def test_one_huge_piece_is_cut_into_blocks(tmp_path: Path) -> None:
    view = streaming(lambda: [b"y" * 3_000_000], ("Content-Length", "3000000"))
    bodies = [message["body"] for message in asyncio.run(_ask(view, tmp_path))[1:]]
    assert b"".join(bodies) == b"y" * 3_000_000
    assert max(map(len, bodies)) == 262_144


def test_what_a_view_writes_comes_before_what_it_returns(tmp_path: Path) -> None:
    def view(environ: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
        write = start("200 OK", [])
        write(b"first ")
        return [b"second"]

    with serving(view, tmp_path) as site:
        assert site.request("GET", "/")[1] == b"first second"


def test_a_view_may_change_its_mind_before_the_first_bytes(tmp_path: Path) -> None:
    def view(environ: dict[str, Any], start: StartResponse) -> Iterator[bytes]:
        start("200 OK", [("Content-Length", "100")])
        yield b"half a thought"
        try:
            raise ValueError
        except ValueError as error:
            start("503 Busy", [("X-Kind", "late")], (ValueError, error, error.__traceback__))
        yield b"busy"

    with serving(view, tmp_path) as site:
        response, body = site.request("GET", "/")
    assert (response.status, response.getheader("X-Kind"), body) == (503, "late", b"busy")


@pytest.mark.parametrize("path", ["/small", "/large", "/file"])
def test_head_has_the_headers_of_get_and_no_body(tmp_path: Path, path: str) -> None:
    stream = Stream([b"z" * 100_000] * 100)

    def view(environ: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
        if path == "/small":
            return answer(start, b"hello")
        start("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "10000000")])
        return stream

    with serving(view, tmp_path) as site:
        told = site.say(b"HEAD " + path.encode() + b" HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")
    head, _, body = told.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK")
    assert b"content-length: " + (b"5" if path == "/small" else b"10000000") in head
    assert body == b""
    if path != "/small":
        assert stream.closed.is_set()
        assert stream.taken <= 3


@pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified"])
def test_a_status_without_body_has_none_whatever_the_view_says(tmp_path: Path, status: str) -> None:
    with serving(streaming(lambda: [b"surprise"], ("Content-Length", "8"), status=status), tmp_path) as site:
        told = site.say(GET % b"x")
    head, _, body = told.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 " + status[:3].encode())
    assert b"content-length" not in head
    assert body == b""


def test_an_exception_before_the_first_bytes_is_a_500_with_the_id_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def view(environ: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/ping":
            return answer(start, b"pong")
        start("200 OK", [("Set-Cookie", "half=done")])
        raise ZeroDivisionError("secret detail")

    with serving(view, tmp_path, threads=1) as site:
        response, body = site.request("GET", "/x", headers={"Accept": "text/html"})
        ping(site)
    reference = response.getheader("X-Request-Id")
    assert response.status == 500
    assert response.getheader("Set-Cookie") is None
    assert reference is not None
    assert reference.encode() in body
    assert b"secret detail" not in body
    failures = [record for record in caplog.records if record.name.endswith("front.call")]
    assert [record.exc_info[0] for record in failures if record.exc_info] == [ZeroDivisionError]


@pytest.mark.parametrize("headers", [[], [("Content-Length", "10000000")]])
def test_an_exception_after_the_first_bytes_breaks_the_response_and_frees_the_thread(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, headers: list[tuple[str, str]]
) -> None:
    streams: list[Stream] = []

    def pieces() -> Iterator[bytes]:
        yield b"a" * 600_000
        raise ZeroDivisionError

    def make() -> Stream:
        streams.append(Stream(pieces()))
        return streams[-1]

    with serving(streaming(make, *headers), tmp_path, threads=1) as site:
        for _ in range(3):
            with pytest.raises(http.client.IncompleteRead):
                site.request("GET", "/x")
        ping(site)
    assert len(streams) == 3
    assert all(stream.closed.is_set() for stream in streams)
    failures = [record for record in caplog.records if record.name.endswith("front.call")]
    assert len(failures) == 3


@pytest.mark.parametrize(("announced", "made"), [("10", b"short"), ("3", b"longer")])
def test_a_small_response_of_another_length_than_announced_is_a_500(
    tmp_path: Path, announced: str, made: bytes
) -> None:
    with serving(streaming(lambda: [made], ("Content-Length", announced)), tmp_path) as site:
        assert site.request("GET", "/x")[0].status == 500


def test_a_large_response_longer_than_announced_is_broken_off_at_its_length(tmp_path: Path) -> None:
    with serving(streaming(lambda: [b"b" * 600_000], ("Content-Length", "300000")), tmp_path) as site:
        told = site.say(GET % b"x")
    assert len(told.partition(b"\r\n\r\n")[2]) <= 300_000


def test_a_view_that_never_starts_its_response_is_a_500(tmp_path: Path) -> None:
    with serving(lambda environ, start: [b"body"], tmp_path) as site:
        assert site.request("GET", "/x")[0].status == 500


def test_eight_stalled_downloads_do_not_keep_a_ping_waiting(tmp_path: Path) -> None:
    streams: list[Stream] = []

    def make() -> Stream:
        streams.append(Stream([b"d" * 65_536] * 320))
        return streams[-1]

    with serving(streaming(make), tmp_path, threads=4) as site, ExitStack() as stack:
        readers = [stack.enter_context(_slow_reader(site)) for _ in range(8)]
        for reader in readers:
            reader.sendall(GET % b"x")
        wait_until(
            lambda: len(streams) == 8 and all(each.closed.is_set() for each in streams), "no view works any more"
        )
        ping(site)
        # Nobody had read a byte; now the first reader gets all of its 20 MiB.
        body = read_to_end(readers[0]).partition(b"\r\n\r\n")[2]
    assert body.count(b"d") >= 20 * MEBIBYTE
    assert list(tmp_path.iterdir()) == []


def test_a_client_that_leaves_ends_the_view_and_closes_its_response(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield b"e" * 65_536

    stream = Stream(endless())
    with serving(streaming(lambda: stream), tmp_path, threads=1) as site:
        with site.connect() as connection:
            connection.sendall(GET % b"x")
            assert connection.recv(1000)
        assert stream.closed.wait(30)
        ping(site)
    # Neither a failure of the view nor the largest response was what ended it.
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


def test_a_response_that_fills_the_disk_for_a_reader_who_does_not_read_is_broken_off(tmp_path: Path) -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield b"e" * 65_536

    stream = Stream(endless())
    limits = BridgeLimits(reader_patience_s=0.05, max_spooled_response_bytes=4 * MEBIBYTE)
    with serving(streaming(lambda: stream), tmp_path, threads=1, limits=limits) as site, _slow_reader(site) as reader:
        reader.sendall(GET % b"x")
        assert stream.closed.wait(30)
        ping(site)
        assert not read_to_end(reader).endswith(b"0\r\n\r\n")


def test_a_reader_who_reads_nothing_is_cut_off(tmp_path: Path) -> None:
    view = streaming(lambda: [b"f" * 65_536] * 320)
    with (
        serving(view, tmp_path, connection=ConnectionLimits(stall_s=0.2)) as site,
        _slow_reader(site) as reader,
    ):
        reader.sendall(GET % b"x")
        wait_until(lambda: _connections_of(site) == 0, "the connection is cut")


def test_a_thread_never_waits_longer_for_a_reader_than_its_patience(tmp_path: Path) -> None:
    stream = Stream([b"g" * 65_536] * 160)
    limits = BridgeLimits(reader_patience_s=0.0, window_bytes=262_144)
    with serving(streaming(lambda: stream), tmp_path, limits=limits) as site, _slow_reader(site) as reader:
        reader.sendall(GET % b"x")
        assert stream.closed.wait(30)


def test_requests_beyond_those_that_may_wait_get_503(tmp_path: Path) -> None:
    go_on = threading.Event()

    def view(environ: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
        assert go_on.wait(30)
        return answer(start, b"done")

    with serving(view, tmp_path, threads=1, limits=BridgeLimits(max_waiting=1)) as site, ExitStack() as stack:
        bridge: Any = site.app.router.default
        first, second = (stack.enter_context(site.connect()) for _ in range(2))
        first.sendall(GET % b"x")
        wait_until(lambda: bridge._threads._running == 1, "the first request is served")
        second.sendall(GET % b"x")
        wait_until(lambda: bridge._threads.waiting == 1, "the second request waits")
        response, _ = site.request("GET", "/x")
        go_on.set()
        assert read_to_end(first).startswith(b"HTTP/1.1 200")
        assert read_to_end(second).startswith(b"HTTP/1.1 200")
    assert response.status == 503
    assert response.getheader("Retry-After") is not None


def test_a_view_that_fails_after_its_client_left_is_still_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def view(environ: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
        begun.set()
        assert go_on.wait(30)
        raise ZeroDivisionError

    with caplog.at_level(logging.ERROR), serving(view, tmp_path) as site:
        with site.connect() as connection:
            connection.sendall(GET % b"x")
            assert begun.wait(30)
        wait_until(lambda: _connections_of(site) == 0, "the client has left")
        go_on.set()
        wait_until(lambda: any(record.exc_info for record in caplog.records), "it is logged")
    assert [record.exc_info[0] for record in caplog.records if record.exc_info] == [ZeroDivisionError]


def _slow_reader(site: Site) -> socket.socket:
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.settimeout(30)
    connection.connect(("127.0.0.1", site.port))
    return connection


def _connections_of(site: Site) -> int:
    """Established connections at the front's side, by the kernel's table."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(row[1].endswith(f":{site.port:04X}") and row[3] == "01" for row in rows)


async def _ask(view: Wsgi, folder: Path) -> list[Message]:
    """What the bridge sends for GET to a client that reads at once."""
    sent: list[Message] = []
    stays = asyncio.Event()

    async def receive() -> Message:
        await stays.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/x",
        "raw_path": b"/x",
        "query_string": b"",
        "http_version": "1.1",
        "headers": [],
    }
    await WsgiBridge(view, spool_folder=folder)(scope, receive, send)
    return sent
