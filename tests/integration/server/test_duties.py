"""The rounds of the jobs process."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from podium.rules.deadlines import LEASE
from podium.server.duties import rounds
from podium.server.submissions.services.sweep import sweep

pytestmark = pytest.mark.django_db


def make_rounds(monkeypatch: pytest.MonkeyPatch, *duties: Callable[[], object]) -> None:
    """Rounds without pauses, until a duty sets `stopping`."""
    monkeypatch.setattr(rounds, "_EVERY_S", 0.0)
    monkeypatch.setattr(rounds, "URGENT", ())
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


def test_a_duty_that_takes_long_does_not_keep_lost_runs_from_being_taken_back(monkeypatch: pytest.MonkeyPatch) -> None:
    stopping, taken_back = threading.Event(), threading.Event()
    in_time: list[bool] = []

    def takes_long() -> None:
        in_time.append(taken_back.wait(20))
        stopping.set()

    make_rounds(monkeypatch, takes_long)
    monkeypatch.setattr(rounds, "URGENT", (taken_back.set,))
    rounds.make_rounds(stopping)
    assert in_time == [True]


def test_a_lost_worker_is_noticed_within_30_seconds() -> None:
    # 20 s of lease; in the worst case it was renewed right after a round had looked, and the next one ends it.
    assert sweep in rounds.URGENT
    assert LEASE.total_seconds() + 2 * rounds._EVERY_S <= 30
