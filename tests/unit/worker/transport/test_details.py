"""Sending the detailed results while they change."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest
from tests.tiny_server import Asked, Told, tiny_server
from tests.unit.worker.transport.test_orders import PREDICTION, SCORING

from podium.worker.transport import details
from podium.worker.transport.client import ServerClient
from podium.worker.transport.details import UPLOAD, DetailUploads
from podium.worker.transport.log_stream import LogStream
from podium.worker.transport.orders import read_order

PATIENCE_S = 20.0


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[int]:
    opened = os.open(tmp_path, os.O_RDONLY | os.O_DIRECTORY)
    yield opened
    os.close(opened)


class Uploads:
    """The server: pages that arrived, and how they are answered."""

    def __init__(self, status: int = 200) -> None:
        self.pages: list[bytes] = []
        self.status = status
        self.arrived = Event()

    def answer(self, asked: Asked) -> Told:
        if asked.method == "PUT":
            self.pages.append(asked.body)
            self.arrived.set()
            return Told(self.status)
        return Told(403)


def send(uploads: Uploads, tmp_path: Path, folder: int, versions: int) -> None:
    """Write so many versions of the page and look after each; then wait until one has arrived."""
    with tiny_server(uploads.answer) as server, ServerClient(server.url, "t") as client:
        order = replace(read_order(SCORING), uploads={UPLOAD: f"{server.url}/upload/page"})
        with LogStream(order, server.url) as logs, DetailUploads(client, order, logs) as sending:
            assert sending.wanted
            for number in range(versions):
                (tmp_path / "detailed_results.html").write_bytes(b"%06d" % number * (number + 1))
                sending.look(folder)
            assert uploads.arrived.wait(PATIENCE_S)


def test_many_changes_are_few_uploads(tmp_path: Path, folder: int) -> None:
    uploads = Uploads()
    send(uploads, tmp_path, folder, 300)
    # The first at once, the next after two seconds: what is there at the end goes with the results.
    assert len(uploads.pages) == 1
    assert len(set(uploads.pages[0].split(b"0"))) >= 1


def test_the_newest_of_several_changes_is_sent(tmp_path: Path, folder: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(details, "_EVERY_S", 0.01)
    uploads = Uploads()
    with tiny_server(uploads.answer) as server, ServerClient(server.url, "t") as client:
        order = replace(read_order(SCORING), uploads={UPLOAD: f"{server.url}/upload/page"})
        with LogStream(order, server.url) as logs, DetailUploads(client, order, logs) as sending:
            for text in (b"one", b"two!", b"three"):
                uploads.arrived.clear()
                (tmp_path / "detailed_results.html").write_bytes(text)
                sending.look(folder)
                assert uploads.arrived.wait(PATIENCE_S)
    assert uploads.pages == [b"one", b"two!", b"three"]


@pytest.mark.parametrize("status", [403, 409, 413, 500, 503])
def test_a_server_that_does_not_take_them_fails_nothing(tmp_path: Path, folder: int, status: int) -> None:
    uploads = Uploads(status)
    send(uploads, tmp_path, folder, 3)
    assert uploads.pages


def test_where_nobody_wants_them_nothing_is_looked_for() -> None:
    with ServerClient("http://127.0.0.1:9", "t") as client:
        for content in (PREDICTION, SCORING):
            order = replace(read_order(content), uploads={})
            assert not DetailUploads(client, order, LogStream(order, client.url)).wanted
