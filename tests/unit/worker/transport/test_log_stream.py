"""Logs on their way to the server: whatever the server does, the run is neither held up nor failed."""

from __future__ import annotations

import json
import queue
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from threading import Event, Thread

import pytest
from tests.unit.worker.transport.test_orders import SCORING
from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection, serve

from podium.worker.execute.order import Role
from podium.worker.transport import log_stream
from podium.worker.transport.log_stream import LogStream
from podium.worker.transport.orders import read_order

ORDER = read_order(SCORING)
PATIENCE_S = 20.0


class Listening:
    """A server that keeps what it hears: `said` has (path, kind, message) in order."""

    def __init__(self) -> None:
        self.said: queue.Queue[tuple[str, str, str]] = queue.Queue()
        self.connections: list[str] = []
        self.statuses: list[HTTPStatus] = []
        """How the next handshakes are refused."""
        self.gate = Event()
        """Nothing is read before this is set."""
        self.gate.set()
        self.cut_after = 0
        """After so many messages a connection is cut; 0 is never."""
        self.url = ""

    def handshake(self, connection: ServerConnection, request: Request) -> Response | None:
        self.connections.append(request.path)
        return connection.respond(self.statuses.pop(0), "") if self.statuses else None

    def hear(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        self.gate.wait(PATIENCE_S)
        for number, text in enumerate(connection, 1):
            message = json.loads(text)
            self.said.put((connection.request.path, message["kind"], message.get("message", "")))
            if number == self.cut_after:
                self.cut_after = 0
                connection.socket.close()
                return

    def until(self, ending: str, kind: str = "program") -> str:
        """What was said of a kind up to where it ends so."""
        heard = ""
        while not heard.endswith(ending):
            _, said, text = self.said.get(timeout=PATIENCE_S)
            heard += text if said == kind else ""
        return heard


@contextmanager
def listening() -> Iterator[Listening]:
    heard = Listening()
    with serve(heard.hear, "127.0.0.1", 0, process_request=heard.handshake) as server:
        heard.url = f"http://127.0.0.1:{server.socket.getsockname()[1]}"
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield heard
        finally:
            heard.gate.set()
            server.shutdown()
            thread.join(PATIENCE_S)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_stream, "_FIRST_PAUSE_S", 0.01)
    monkeypatch.setattr(log_stream, "_LONGEST_PAUSE_S", 0.05)


def until(condition: Callable[[], object]) -> None:
    pause = Event()
    for _ in range(int(PATIENCE_S / 0.01)):
        if condition():
            return
        pause.wait(0.01)
    pytest.fail("waited in vain")


def test_each_program_has_a_socket_and_each_stream_its_kind() -> None:
    with listening() as heard, LogStream(ORDER, heard.url) as logs:
        logs.write(Role.PROGRAM, "stdout", b"one\n")
        assert heard.until("one\n") == "one\n"
        logs.write(Role.PROGRAM, "stderr", b"two\n")
        assert heard.until("two\n", "stderr") == "two\n"
        logs.write(Role.INGESTION, "stdout", b"three\n")
        assert heard.until("three\n", "ingestion") == "three\n"
        logs.details_changed()
        until(lambda: ("detailed_result_update", "") in [each[1:] for each in list(heard.said.queue)])
    assert heard.connections == [
        f"/submission_input/{ORDER.owner_id}/7/s/?kind={kind}" for kind in ("program", "ingestion")
    ]


def test_a_letter_that_comes_in_two_pieces_is_one_letter() -> None:
    with listening() as heard, LogStream(ORDER, heard.url) as logs:
        both = "é".encode()
        logs.write(Role.PROGRAM, "stdout", both[:1])
        logs.write(Role.PROGRAM, "stderr", b"between\n")
        logs.write(Role.PROGRAM, "stdout", both[1:] + b"\xff!\n")
        assert heard.until("!\n") == "é\N{REPLACEMENT CHARACTER}!\n"


def test_a_server_that_is_away_holds_nothing_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        nobody = f"http://127.0.0.1:{listener.getsockname()[1]}"
    began = time.monotonic()
    with LogStream(ORDER, nobody) as logs:
        for _ in range(1000):
            logs.write(Role.PROGRAM, "stdout", b"x" * 10_000)
    # 10 MB, kept to 1 MiB; the end does not wait for what was not sent.
    assert time.monotonic() - began < 5


def test_a_server_that_listens_and_never_answers_holds_nothing_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = time.monotonic()
        with LogStream(ORDER, f"http://127.0.0.1:{silent.getsockname()[1]}") as logs:
            for _ in range(1000):
                logs.write(Role.PROGRAM, "stdout", b"x" * 10_000)
        assert time.monotonic() - began < 5


def test_a_server_that_comes_back_hears_everything() -> None:
    with listening() as heard:
        heard.statuses = [HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.BAD_GATEWAY, HTTPStatus.INTERNAL_SERVER_ERROR]
        with LogStream(ORDER, heard.url) as logs:
            logs.write(Role.PROGRAM, "stdout", b"one\n")
            assert heard.until("one\n") == "one\n"
    assert len(heard.connections) == 4


@pytest.mark.parametrize("status", [HTTPStatus.FORBIDDEN, HTTPStatus.CONFLICT])
def test_a_server_that_refuses_the_run_is_left_alone(status: HTTPStatus) -> None:
    with listening() as heard:
        heard.statuses = [status] * 10
        with LogStream(ORDER, heard.url) as logs:
            logs.write(Role.PROGRAM, "stdout", b"one\n")
            [sender] = logs._senders.values()
            sender._thread.join(PATIENCE_S)
            assert not sender._thread.is_alive()
            logs.write(Role.PROGRAM, "stdout", b"two\n")
    assert len(heard.connections) == 1


def test_a_line_that_breaks_is_taken_up_again_and_nothing_is_said_twice() -> None:
    with listening() as heard:
        heard.cut_after = 3
        with LogStream(ORDER, heard.url) as logs:
            pause = Event()
            for number in range(200):
                logs.write(Role.PROGRAM, "stdout", b"%d\n" % number)
                pause.wait(0.005)
            numbers = [int(line) for line in heard.until("199\n").splitlines()]
    assert len(heard.connections) >= 2
    assert numbers == sorted(set(numbers))
    # What was on the way as the line broke is lost: a few messages, of 50 ms or 10 lines each.
    assert len(numbers) > 100


def test_a_flood_is_cut_and_says_so() -> None:
    with listening() as heard:
        heard.gate.clear()
        with LogStream(ORDER, heard.url) as logs:
            logs.write(Role.PROGRAM, "stdout", b"first\n")
            until(lambda: heard.connections)
            for _ in range(3000):
                logs.write(Role.PROGRAM, "stdout", b"x" * 9_999 + b"\n")
            [sender] = logs._senders.values()
            assert sender._waiting_bytes <= 1 << 20
            heard.gate.set()
            until(lambda: not sender._waiting and not sender._unsent)
            logs.write(Role.PROGRAM, "stdout", b"last\n")
            text = heard.until("last\n")
    assert text.startswith("first\n")
    assert "bytes are not shown here ...]" in text
    # 30 MB were written; 1 MiB waits, 1 MiB is being sent, and what a socket holds.
    assert len(text) < 12 << 20
