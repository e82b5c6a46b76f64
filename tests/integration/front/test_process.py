"""A web process as a whole: its end, its memory, and the socket it shares."""

from __future__ import annotations

import http.client
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.integration.front.serving import CEILING_S, read_to_end, wait_until

from podium.server.front.listening import listen

ROOT = Path(__file__).resolve().parents[3]
Start = Callable[[], "subprocess.Popen[str]"]


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with listen("127.0.0.1", 0) as bound:
        yield bound


@pytest.fixture
def start(listener: socket.socket, tmp_path: Path) -> Iterator[Start]:
    """Starts web processes on one shared socket, and ends them."""
    command = [sys.executable, "-m", "tests.integration.front.site", str(listener.fileno()), str(tmp_path), "1"]
    started: list[subprocess.Popen[str]] = []

    def begin() -> subprocess.Popen[str]:
        process = subprocess.Popen(
            command, cwd=ROOT, pass_fds=[listener.fileno()], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.communicate(timeout=CEILING_S)


def say(listener: socket.socket, path: str) -> socket.socket:
    connection = socket.create_connection(listener.getsockname(), timeout=CEILING_S)
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n".encode())
    return connection


def ask(listener: socket.socket, path: str) -> bytes:
    with say(listener, path) as connection:
        return read_to_end(connection).partition(b"\r\n\r\n")[2]


def end(process: subprocess.Popen[str]) -> tuple[int, str, str, float]:
    begun = time.monotonic()
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=CEILING_S)
    return process.returncode, out, err, time.monotonic() - begun


def test_sigterm_ends_an_idle_process_in_order(listener: socket.socket, start: Start) -> None:
    process = start()
    assert ask(listener, "/pid").decode() == str(process.pid)
    assert end(process)[:2] == (0, "ended in order\n")


def test_sigterm_wakes_those_who_wait_long(listener: socket.socket, start: Start) -> None:
    process = start()
    ask(listener, "/ready")
    with say(listener, "/live/wait") as first, say(listener, "/live/wait") as second:
        # Answered after them on the same loop, so that both wait by then.
        ask(listener, "/ready")
        process.send_signal(signal.SIGTERM)
        assert read_to_end(first).startswith(b"HTTP/1.1 204 ")
        assert read_to_end(second).startswith(b"HTTP/1.1 204 ")
        assert process.wait(CEILING_S) == 0


def test_sigterm_ends_the_process_in_time_whatever_is_open(listener: socket.socket, start: Start) -> None:
    process = start()
    ask(listener, "/ready")
    with ExitStack() as stack:
        for path in ("/endless", "/live/deaf", "/hangs"):
            stack.enter_context(say(listener, path))
        upload = stack.enter_context(socket.create_connection(listener.getsockname(), timeout=CEILING_S))
        upload.sendall(b"POST /upload HTTP/1.1\r\nHost: test\r\nContent-Length: 1000\r\n\r\nhalf")
        head = stack.enter_context(socket.create_connection(listener.getsockname(), timeout=CEILING_S))
        head.sendall(b"GET / HTTP/1.1\r\nHo")
        deaf = stack.enter_context(say(listener, "/live/deaf"))
        assert deaf.recv(1000)
        code, out, err, took_s = end(process)
    assert (code, out) == (0, "ended in order\n"), err
    # One second of grace, 0.2 for the view that hangs, and what a busy machine adds.
    assert took_s < 10


def test_processes_that_share_a_socket_all_serve_and_outlive_each_other(listener: socket.socket, start: Start) -> None:
    first, second = start(), start()
    pids = {str(first.pid), str(second.pid)}
    seen: set[str] = set()
    with ExitStack() as stack:

        def both_answered() -> bool:
            # Open connections stay with the process that accepted them, so that the other comes to its turn.
            stack.enter_context(say(listener, "/live/wait"))
            seen.add(ask(listener, "/pid").decode())
            return seen == pids

        wait_until(both_answered, "both processes answered")
    assert end(first)[0] == 0
    assert {ask(listener, "/pid").decode() for _ in range(5)} == {str(second.pid)}


@pytest.mark.slow
def test_large_downloads_and_uploads_take_little_memory(listener: socket.socket, start: Start) -> None:
    process = start()
    ask(listener, "/ready")
    before = _peak_memory(process.pid)
    size = 200 << 20
    with ExitStack() as stack:
        for _ in range(8):
            stalled = stack.enter_context(say(listener, f"/large?{32 << 20}"))
            stalled.recv(1)
        with say(listener, f"/large?{size}") as connection:
            received = 0
            while piece := connection.recv(1 << 20):
                received += len(piece)
        assert received > size
        client = http.client.HTTPConnection(*listener.getsockname(), timeout=CEILING_S)
        client.request("POST", "/upload", body=(b"u" * (1 << 20) for _ in range(200)))
        assert client.getresponse().read() == str(size).encode()
        client.close()
    # Eight windows of one MiB wait in memory, some blocks of 256 kB are on their way: far less than one response.
    assert _peak_memory(process.pid) - before < 64 << 20


def _peak_memory(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))
