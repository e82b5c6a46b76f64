"""What stands on a board after its columns or its rule were changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from podium.rules.board.refilling import refilled
from podium.rules.board.submission_rules import Candidate, SubmissionRule

START = datetime(2030, 1, 1, tzinfo=UTC)


def sent(number: int, *, key: bytes | None, on_board: bool = False, finished: bool = True) -> Candidate:
    return Candidate(number, START + timedelta(hours=number), finished, on_board, key)


# The smaller key ranks first: 2 is the best that counts, 4 the last; 5 has no scores, 6 did not finish.
SENT = [
    sent(1, key=b"c", on_board=True),
    sent(2, key=b"b"),
    sent(3, key=b"d", on_board=True),
    sent(4, key=b"e"),
    sent(5, key=None),
    sent(6, key=b"a", finished=False),
]


@pytest.mark.parametrize(
    ("rule", "another_rule", "stand"),
    [
        (SubmissionRule.FORCE_BEST, False, {2}),
        (SubmissionRule.FORCE_BEST, True, {2}),
        (SubmissionRule.FORCE_LAST, False, {4}),
        (SubmissionRule.FORCE_LATEST_MULTIPLE, False, {1, 3}),
        (SubmissionRule.FORCE_LATEST_MULTIPLE, True, {1, 2, 3, 4}),
        (SubmissionRule.ADD_AND_DELETE_MULTIPLE, True, {1, 3}),
        (SubmissionRule.ADD, True, {3}),
        (SubmissionRule.ADD_AND_DELETE, False, {3}),
        (SubmissionRule.BY_ORGANIZERS, True, {3}),
    ],
)
def test_each_rule_says_what_stands(rule: SubmissionRule, another_rule: bool, stand: set[int]) -> None:
    assert refilled(rule, SENT, another_rule=another_rule) == stand


@pytest.mark.parametrize("rule", list(SubmissionRule))
def test_where_nothing_has_scores_nothing_stands(rule: SubmissionRule) -> None:
    assert refilled(rule, [sent(5, key=None)], another_rule=True) == frozenset()
