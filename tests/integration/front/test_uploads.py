"""What clients send: nothing reaches a view before all of it is here and right."""

from __future__ import annotations

import asyncio
import hashlib
import socket
import threading
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import PlainTextResponse, Response
from starlette.types import Message, Scope
from tests.integration.front.serving import StartResponse, answer, read_to_end, serving, wait_until

from podium.server.front.bridge import WsgiBridge
from podium.server.front.limits import BridgeLimits


class Recorder:
    """A view that keeps what it got: (method, path, CONTENT_LENGTH, body)."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str, str, bytes]] = []
        self.environs: list[dict[str, Any]] = []

    def __call__(self, environ: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
        body = environ["wsgi.input"].read()
        self.environs.append(environ)
        self.seen.append((environ["REQUEST_METHOD"], environ["PATH_INFO"], environ["CONTENT_LENGTH"], body))
        return answer(start, hashlib.sha256(body).hexdigest().encode())


HEAD = b"POST /upload HTTP/1.1\r\nHost: test\r\n"


def test_a_chunked_body_without_length_arrives_whole_with_its_real_length(tmp_path: Path) -> None:
    view = Recorder()
    pieces = [bytes([number]) * 70_000 for number in range(10)]
    body = b"".join(pieces)
    with serving(view, tmp_path) as site:
        response, got = site.request("POST", "/upload", body=iter(pieces))
    assert response.status == 200
    assert got.decode() == hashlib.sha256(body).hexdigest()
    assert view.seen == [("POST", "/upload", "700000", body)]
    assert "HTTP_TRANSFER_ENCODING" not in view.environs[0]


@pytest.mark.parametrize("size", [0, 1, 131_072, 131_073, 3_000_000])
def test_a_body_arrives_as_it_was_sent_whether_it_lay_in_memory_or_on_disk(tmp_path: Path, size: int) -> None:
    view = Recorder()
    body = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    with serving(view, tmp_path) as site:
        site.request("POST", "/upload", body=body)
    assert view.seen == [("POST", "/upload", str(size), body)]


def test_a_client_that_leaves_in_the_middle_of_a_body_leaves_nothing_and_the_view_is_not_called(tmp_path: Path) -> None:
    view = Recorder()
    with serving(view, tmp_path) as site:
        with site.connect() as connection:
            connection.sendall(HEAD + b"Content-Length: 1000000\r\n\r\n" + b"x" * 600_000)
            wait_until(lambda: _open_spools(tmp_path) == 1, "the upload has begun")
        wait_until(lambda: _open_spools(tmp_path) == 0, "the upload is forgotten")
        site.request("GET", "/after")
    assert [path for _, path, _, _ in view.seen] == ["/after"]
    assert list(tmp_path.iterdir()) == []


def test_a_client_that_leaves_in_the_middle_of_a_chunked_body_is_not_taken_for_done(tmp_path: Path) -> None:
    view = Recorder()
    with serving(view, tmp_path) as site:
        with site.connect() as connection:
            connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"40000\r\n" + b"x" * 0x40000 + b"\r\n")
            wait_until(lambda: _open_spools(tmp_path) == 1, "the upload has begun")
        wait_until(lambda: _open_spools(tmp_path) == 0, "the upload is forgotten")
        site.request("GET", "/after")
    assert [path for _, path, _, _ in view.seen] == ["/after"]


def test_a_client_that_leaves_while_its_request_waits_for_a_thread_is_never_served(tmp_path: Path) -> None:
    begun, go_on = threading.Event(), threading.Event()
    seen = []

    def view(environ: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
        seen.append(environ["PATH_INFO"])
        if environ["PATH_INFO"] == "/slow":
            begun.set()
            assert go_on.wait(30)
        return answer(start, b"done")

    with serving(view, tmp_path, threads=1) as site, site.connect() as first:
        first.sendall(b"GET /slow HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")
        assert begun.wait(30)
        bridge: Any = site.app.router.default
        with site.connect() as second:
            second.sendall(b"GET /left HTTP/1.1\r\nHost: test\r\n\r\n")
            wait_until(lambda: bridge._threads.waiting == 1, "the second request waits")
        wait_until(lambda: bridge._threads.waiting == 0, "the second request is withdrawn")
        go_on.set()
        assert read_to_end(first).startswith(b"HTTP/1.1 200 ")
        site.request("GET", "/after")
    assert seen == ["/slow", "/after"]


def test_a_body_that_ends_before_its_announced_length_never_reaches_the_view(tmp_path: Path) -> None:
    view = Recorder()
    with serving(view, tmp_path) as site:
        with site.connect() as connection:
            connection.sendall(HEAD + b"Content-Length: 10\r\n\r\nshort")
            connection.shutdown(socket.SHUT_WR)
            assert b"200" not in read_to_end(connection)
        site.request("GET", "/after")
    assert [path for _, path, _, _ in view.seen] == ["/after"]


def test_bytes_after_the_announced_length_are_refused_and_the_view_is_not_called(tmp_path: Path) -> None:
    view = Recorder()
    with serving(view, tmp_path) as site:
        told = site.say(HEAD + b"Content-Length: 5\r\n\r\nhello and more than was announced\r\n\r\n")
        site.request("GET", "/after")
    assert told.startswith(b"HTTP/1.1 400 ")
    assert told.count(b"HTTP/1.1 ") == 1
    assert [path for _, path, _, _ in view.seen] == ["/after"]


def test_a_malformed_chunk_is_refused_and_the_view_is_not_called(tmp_path: Path) -> None:
    view = Recorder()
    with serving(view, tmp_path) as site:
        told = site.say(HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n")
        site.request("GET", "/after")
    assert told.startswith(b"HTTP/1.1 400 ")
    assert [path for _, path, _, _ in view.seen] == ["/after"]


def test_two_requests_sent_at_once_are_both_answered_in_order(tmp_path: Path) -> None:
    view = Recorder()
    with serving(view, tmp_path) as site:
        told = site.say(
            HEAD
            + b"Content-Length: 5\r\n\r\nhello"
            + b"GET /second HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n"
        )
    assert told.count(b"HTTP/1.1 200 OK") == 2
    assert [path for _, path, _, _ in view.seen] == ["/upload", "/second"]


@pytest.mark.parametrize(("announced", "sent"), [(10, b"short"), (3, b"longer")])
def test_a_server_that_passes_another_length_than_announced_gets_400(
    tmp_path: Path, announced: int, sent: bytes
) -> None:
    view = Recorder()
    messages = asyncio.run(_ask_bridge(view, tmp_path, [(b"content-length", str(announced).encode())], sent))
    assert messages[0]["status"] == 400
    assert (b"connection", b"close") in messages[0]["headers"]
    assert view.seen == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("length", [b"-1", b"+5", b"5 5", b"0x5", b"9" * 5000, "\u0665".encode()])
def test_a_length_that_is_no_number_gets_400(tmp_path: Path, length: bytes) -> None:
    view = Recorder()
    messages = asyncio.run(_ask_bridge(view, tmp_path, [(b"content-length", length)], b"hello"))
    assert messages[0]["status"] == 400
    assert view.seen == []


def test_an_upload_that_is_too_large_hears_413_before_it_is_sent(tmp_path: Path) -> None:
    view = Recorder()
    limits = BridgeLimits(max_body_bytes=lambda scope: 1000 if scope["path"] == "/upload" else 100_000)
    with serving(view, tmp_path, limits=limits) as site:
        told = site.say(HEAD + b"Content-Length: 1001\r\nExpect: 100-continue\r\n\r\n")
        response, _ = site.request("POST", "/elsewhere", body=b"x" * 1001)
    assert told.startswith(b"HTTP/1.1 413 ")
    assert b"100 Continue" not in told
    assert b"connection: close" in told.lower()
    assert response.status == 200
    assert [path for _, path, _, _ in view.seen] == ["/elsewhere"]


def test_an_upload_that_may_be_sent_hears_100_continue(tmp_path: Path) -> None:
    view = Recorder()
    with serving(view, tmp_path) as site, site.connect() as connection:
        connection.sendall(HEAD + b"Content-Length: 5\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n")
        assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"hello")
        assert read_to_end(connection).startswith(b"HTTP/1.1 200 OK")
    assert view.seen == [("POST", "/upload", "5", b"hello")]


def test_a_client_that_sends_without_asking_hears_413_too(tmp_path: Path) -> None:
    limits = BridgeLimits(max_body_bytes=lambda _: 1000)
    view = Recorder()
    with serving(view, tmp_path, limits=limits) as site:
        response, told = site.request("POST", "/upload", body=b"x" * 5_000_000)
    assert response.status == 413
    assert b"1000 bytes" in told
    assert view.seen == []


def test_a_chunked_body_that_grows_past_the_limit_gets_413(tmp_path: Path) -> None:
    limits = BridgeLimits(max_body_bytes=lambda _: 100_000)
    view = Recorder()
    with serving(view, tmp_path, limits=limits) as site:
        response, _ = site.request("POST", "/upload", body=iter([b"x" * 60_000] * 2))
    assert response.status == 413
    assert view.seen == []
    assert list(tmp_path.iterdir()) == []


def test_who_may_not_upload_hears_it_before_the_body_is_sent(tmp_path: Path) -> None:
    async def admit(scope: Scope) -> Response | None:
        allowed = (b"authorization", b"Token right") in scope["headers"]
        return None if allowed else PlainTextResponse("who are you", 401)

    view = Recorder()
    with serving(view, tmp_path, admit=admit) as site:
        told = site.say(HEAD + b"Content-Length: 5\r\nExpect: 100-continue\r\n\r\n")
        response, _ = site.request("POST", "/upload", body=b"hello", headers={"Authorization": "Token right"})
        page, _ = site.request("GET", "/page")
    assert told.startswith(b"HTTP/1.1 401 ")
    assert b"100 Continue" not in told
    assert response.status == 200
    assert page.status == 200
    assert len(view.seen) == 2


def test_an_upload_that_stalls_gets_408(tmp_path: Path) -> None:
    view = Recorder()
    with serving(view, tmp_path, limits=BridgeLimits(body_idle_s=0.2)) as site:
        told = site.say(HEAD + b"Content-Length: 10\r\n\r\nhel")
    assert told.startswith(b"HTTP/1.1 408 ")
    assert view.seen == []


def test_an_upload_that_trickles_past_the_total_time_gets_408(tmp_path: Path) -> None:
    view = Recorder()
    limits = BridgeLimits(body_idle_s=30, body_total_s=0.3)
    with serving(view, tmp_path, limits=limits) as site, site.connect() as connection:
        connection.sendall(HEAD + b"Content-Length: 100000\r\n\r\n")
        connection.setblocking(False)
        told = bytearray()

        def heard() -> bool:
            try:
                connection.send(b"x")
                told.extend(connection.recv(1000))
            except BlockingIOError:
                pass
            return b"\r\n" in told

        wait_until(heard, "the front lost its patience")
    assert told.startswith(b"HTTP/1.1 408 ")
    assert view.seen == []


def test_uploads_are_refused_while_the_disk_is_nearly_full(tmp_path: Path) -> None:
    view = Recorder()
    with serving(view, tmp_path, limits=BridgeLimits(disk_floor_bytes=1 << 62)) as site:
        response, _ = site.request("POST", "/upload", body=b"hello")
        page, _ = site.request("GET", "/page")
    assert response.status == 507
    assert page.status == 200


def test_eight_stalled_uploads_do_not_keep_a_ping_waiting(tmp_path: Path) -> None:
    view = Recorder()
    with serving(view, tmp_path, threads=4) as site, ExitStack() as stack:
        for _ in range(8):
            connection = stack.enter_context(site.connect())
            connection.sendall(HEAD + b"Content-Length: 1000000\r\n\r\n" + b"x" * 400_000)
        wait_until(lambda: _open_spools(tmp_path) == 8, "all uploads have begun")
        response, _ = site.request("GET", "/ping")
        assert response.status == 200
        assert _open_spools(tmp_path) == 8
    assert [path for _, path, _, _ in view.seen] == ["/ping"]


def test_fields_after_a_chunked_body_do_not_reach_the_view(tmp_path: Path) -> None:
    view = Recorder()
    with serving(view, tmp_path) as site:
        told = site.say(
            HEAD + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n",
            b"5\r\nhello\r\n0\r\nAuthorization: Token stolen\r\nX-Extra: yes\r\n\r\n",
        )
    assert told.startswith(b"HTTP/1.1 200 OK")
    assert "HTTP_AUTHORIZATION" not in view.environs[0]
    assert "HTTP_X_EXTRA" not in view.environs[0]


def test_a_request_with_two_ideas_of_its_length_is_refused(tmp_path: Path) -> None:
    view = Recorder()
    with serving(view, tmp_path) as site:
        told = site.say(HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
        twice = site.say(HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!")
    assert told.startswith(b"HTTP/1.1 400 ")
    assert twice.startswith(b"HTTP/1.1 400 ")
    assert view.seen == []


async def _ask_bridge(view: Recorder, folder: Path, headers: list[tuple[bytes, bytes]], body: bytes) -> list[Message]:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/upload",
        "raw_path": b"/upload",
        "query_string": b"",
        "http_version": "1.1",
        "headers": headers,
    }
    bridge = WsgiBridge(view, spool_folder=folder)
    await bridge(scope, receive, send)
    return sent


def _open_spools(folder: Path) -> int:
    """How many files below `folder` this process holds open, named or not."""
    count = 0
    for link in Path("/proc/self/fd").iterdir():
        try:
            count += str(link.readlink()).startswith(f"{folder}/")
        except OSError:
            continue
    return count
