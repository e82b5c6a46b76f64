"""What a worker tells of a run while it does it."""

from __future__ import annotations

from dataclasses import replace
from threading import Event
from urllib.parse import parse_qs

import pytest
from tests.tiny_server import Asked, Told, tiny_server
from tests.unit.worker.transport.test_orders import SCORING

from podium.worker.transport import progress
from podium.worker.transport.client import ServerClient
from podium.worker.transport.orders import read_order
from podium.worker.transport.progress import Progress

ORDER = replace(read_order(SCORING), lease="12.3")
PATIENCE_S = 20.0


def test_that_programs_run_is_told_with_the_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_MOMENT_S", 0.01)
    heard = Event()

    def answer(asked: Asked) -> Told:
        heard.set()
        return Told()

    with tiny_server(answer) as server, ServerClient(server.url, "t") as client:
        with Progress(client, ORDER) as told:
            told.running()
            assert heard.wait(PATIENCE_S)
        [asked] = server.asked
    assert (asked.method, asked.path) == ("PATCH", "/api/submissions/7/")
    assert parse_qs(asked.body.decode()) == {"secret": ["s"], "status": ["Running"]}
    assert {name.lower(): value for name, value in asked.headers.items()}["podium-lease"] == "12.3"


def test_a_run_that_is_over_in_a_moment_says_nothing() -> None:
    with tiny_server(lambda asked: Told()) as server, ServerClient(server.url, "t") as client:
        with Progress(client, ORDER) as told:
            told.running()
        told._thread.join(PATIENCE_S)
        assert server.asked == []


@pytest.mark.parametrize("status", [0, 403, 409, 500, 503])
def test_a_server_that_does_not_want_to_hear_it_disturbs_nothing(status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_MOMENT_S", 0.01)
    heard = Event()

    def answer(asked: Asked) -> Told:
        heard.set()
        return Told(status) if status else Told(200, b"unsent", cut_after=0)

    with tiny_server(answer) as server, ServerClient(server.url, "t") as client:
        with Progress(client, ORDER) as told:
            told.running()
            assert heard.wait(PATIENCE_S)
        told._thread.join(PATIENCE_S)
        assert not told._thread.is_alive()
        assert len(server.asked) == 1
