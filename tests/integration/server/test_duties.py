"""The rounds of the jobs process."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from podium.server.duties import rounds

pytestmark = pytest.mark.django_db


def make_rounds(monkeypatch: pytest.MonkeyPatch, *duties: Callable[[], object]) -> None:
    """Rounds without pauses, until a duty sets `stopping`."""
    monkeypatch.setattr(rounds, "_EVERY_S", 0.0)
    monkeypatch.setattr(rounds, "DUTIES", duties)
    monkeypatch.setattr(rounds, "close_old_connections", lambda: None)


def test_a_duty_that_fails_keeps_neither_the_others_nor_its_next_turn_from_being_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stopping = threading.Event()
    done: list[str] = []

    def fails() -> None:
        done.append("fails")
        raise RuntimeError("the database is away")

    def works() -> None:
        done.append("works")
        if len(done) >= 4:
            stopping.set()

    make_rounds(monkeypatch, fails, works)
    rounds.make_rounds(stopping)
    assert done == ["fails", "works", "fails", "works"]


def test_nothing_is_done_after_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    stopping = threading.Event()
    stopping.set()
    done: list[str] = []
    make_rounds(monkeypatch, lambda: done.append("once"))
    rounds.make_rounds(stopping)
    assert done == []
