"""The table of what submissions wait for covers everything."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.rules.runs import TERMINAL, SubmissionStatus
from podium.rules.waits import WAITS, Actor, Wait, Waiting

PAGE = Path(__file__).parents[3] / "docs/explanation/submission-flow.md"


@pytest.mark.parametrize("status", sorted(set(SubmissionStatus) - TERMINAL))
def test_in_every_state_that_is_not_the_last_somebody_acts_next(status: SubmissionStatus) -> None:
    assert any(status in wait.statuses for wait in WAITS.values())


def test_every_wait_is_in_the_table_and_none_is_about_an_end() -> None:
    assert set(WAITS) == set(Waiting)
    for wait in WAITS.values():
        assert wait.statuses
        assert not wait.statuses & TERMINAL


@pytest.mark.parametrize("wait", WAITS.values(), ids=list(WAITS))
def test_every_wait_ends_by_itself_or_is_bounded_by_another_or_is_a_persons_decision(wait: Wait) -> None:
    assert wait.otherwise
    assert wait.limit
    bounded = wait.within is not None
    assert bounded or wait.actor is Actor.ORGANIZER or "time limit" in wait.limit


def test_the_page_has_every_line_of_the_table() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for wait in WAITS.values():
        assert f"| {wait.actor} | {wait.limit} | {wait.otherwise} |" in text
