from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.rules.board.submission_rules import Actor, Candidate, Happening, SubmissionRule, standing
from podium.rules.errors import Conflict, NotAllowed

R = SubmissionRule
H = Happening
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


def candidate(number: int, *, key: bytes | None, on_board: bool = False, finished: bool = True) -> Candidate:
    return Candidate(number, NEW_YEAR + timedelta(hours=number), finished, on_board, key)


# Submission 1 is the best and stands on the board, 2 is the worst, 3 was submitted last, 4 still runs.
FIRST = candidate(1, key=b"a", on_board=True)
SECOND = candidate(2, key=b"c")
THIRD = candidate(3, key=b"b")
RUNNING = candidate(4, key=None, finished=False)
ALL = [FIRST, SECOND, THIRD, RUNNING]

REFUSED = "refused"
OUTCOMES = {
    # rule: (2 gets its scores, owner adds 2, owner removes 1, organizer removes 1, organizer deletes 1)
    R.ADD: ({1}, {2}, REFUSED, set(), set()),
    R.ADD_AND_DELETE: ({1}, {2}, set(), set(), set()),
    R.ADD_AND_DELETE_MULTIPLE: ({1}, {1, 2}, set(), set(), set()),
    R.FORCE_LAST: ({3}, REFUSED, REFUSED, REFUSED, {3}),
    R.FORCE_LATEST_MULTIPLE: ({1, 2}, REFUSED, REFUSED, REFUSED, set()),
    R.FORCE_BEST: ({1}, REFUSED, REFUSED, REFUSED, {3}),
    R.BY_ORGANIZERS: ({1}, REFUSED, REFUSED, set(), set()),
}
ACTIONS = [
    (H.SCORED, 2, Actor.OWNER),
    (H.ADDED, 2, Actor.OWNER),
    (H.REMOVED, 1, Actor.OWNER),
    (H.REMOVED, 1, Actor.ORGANIZER),
    (H.DELETED, 1, Actor.ORGANIZER),
]
TABLE = [
    (rule, *action, expected)
    for rule, outcomes in OUTCOMES.items()
    for action, expected in zip(ACTIONS, outcomes, strict=True)
]


@pytest.mark.parametrize(("rule", "happening", "number", "actor", "expected"), TABLE)
def test_the_board_after_each_action_under_each_rule(rule, happening, number, actor, expected):
    if expected == REFUSED:
        with pytest.raises(NotAllowed):
            standing(rule, ALL, happening, number, actor)
    else:
        assert standing(rule, ALL, happening, number, actor) == expected


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (R.ADD, {2}),
        (R.ADD_AND_DELETE, {2}),
        (R.ADD_AND_DELETE_MULTIPLE, {1, 2}),
        (R.FORCE_LAST, {2}),
        (R.FORCE_LATEST_MULTIPLE, {1, 2}),
        (R.FORCE_BEST, {2}),
    ],
)
def test_an_admin_may_add_under_any_rule(rule, expected):
    assert standing(rule, ALL, H.ADDED, 2, Actor.ADMIN) == expected


@pytest.mark.parametrize("actor", [Actor.ORGANIZER, Actor.ADMIN])
def test_organizers_choose_one_submission_per_participant_where_only_they_may(actor):
    assert standing(R.BY_ORGANIZERS, ALL, H.ADDED, 2, actor) == {2}


@pytest.mark.parametrize("happening", [H.ADDED, H.REMOVED])
def test_a_participant_hears_that_organizers_choose(happening):
    with pytest.raises(NotAllowed) as caught:
        standing(R.BY_ORGANIZERS, ALL, happening, 1, Actor.OWNER)
    assert caught.value.code == "board-by-organizers"


@pytest.mark.parametrize("rule", R)
def test_an_admin_may_remove_under_any_rule(rule):
    assert standing(rule, ALL, H.REMOVED, 1, Actor.ADMIN) == set()


@pytest.mark.parametrize("rule", [R.ADD, R.ADD_AND_DELETE, R.ADD_AND_DELETE_MULTIPLE])
def test_an_organizer_may_add_where_participants_may(rule):
    assert 2 in standing(rule, ALL, H.ADDED, 2, Actor.ORGANIZER)


def test_the_last_is_the_last_submitted_and_not_the_last_scored():
    # 3 was submitted after 2; that 2 is scored after 3 changes nothing.
    board = [replace(FIRST, on_board=False), SECOND, replace(THIRD, on_board=True)]
    assert standing(R.FORCE_LAST, board, H.SCORED, 2) == {3}


def test_a_later_submission_without_scores_does_not_displace_the_last():
    assert standing(R.FORCE_LAST, ALL, H.RESCORED, 1) == {3}


@pytest.mark.parametrize(("rule", "expected"), [(R.FORCE_BEST, {1, 3}), (R.FORCE_LAST, {1, 3})])
def test_a_marked_one_stays_beside_the_one_that_is_chosen(rule, expected):
    assert standing(rule, [replace(FIRST, marked=True), SECOND, THIRD], H.RESCORED, 1) == expected


def test_a_marked_one_that_does_not_stand_there_is_never_chosen():
    away = replace(FIRST, marked=True, on_board=False)
    assert standing(R.FORCE_BEST, [away, SECOND, THIRD], H.SCORED, 2) == {3}


def test_a_marked_one_goes_when_it_is_deleted_or_has_no_scores_any_more():
    marked = replace(FIRST, marked=True)
    assert standing(R.FORCE_BEST, [marked, SECOND], H.DELETED, 1, Actor.ORGANIZER) == {2}
    assert standing(R.FORCE_BEST, [replace(marked, rank_key=None), SECOND], H.RESCORED, 1) == {2}


def test_an_admin_who_adds_one_leaves_the_marked_ones_there():
    assert standing(R.FORCE_BEST, [replace(FIRST, marked=True), SECOND, THIRD], H.ADDED, 2, Actor.ADMIN) == {1, 2}


def test_where_people_choose_a_marked_one_is_replaced():
    assert standing(R.ADD, [replace(FIRST, marked=True), SECOND], H.ADDED, 2) == {2}


def test_the_best_follows_an_edited_score():
    board = [FIRST, SECOND, replace(THIRD, rank_key=b"0")]
    assert standing(R.FORCE_BEST, board, H.RESCORED, 3) == {3}


def test_a_submission_that_failed_changes_nothing_on_a_board_of_all():
    failed = candidate(5, key=None, finished=False)
    assert standing(R.FORCE_LATEST_MULTIPLE, [FIRST, failed], H.SCORED, 5) == {1}


def test_the_board_is_empty_when_nothing_is_scored():
    for rule in (R.FORCE_BEST, R.FORCE_LAST):
        assert standing(rule, [RUNNING], H.RESCORED, 4) == set()


@pytest.mark.parametrize("rule", [R.ADD, R.ADD_AND_DELETE, R.ADD_AND_DELETE_MULTIPLE])
def test_what_has_no_scores_cannot_be_added(rule):
    with pytest.raises(Conflict) as conflict:
        standing(rule, ALL, H.ADDED, 4)
    assert conflict.value.code == "submission-not-scored"


@pytest.mark.parametrize("rule", [R.ADD_AND_DELETE, R.ADD_AND_DELETE_MULTIPLE])
def test_what_is_not_on_the_board_cannot_be_removed(rule):
    with pytest.raises(Conflict) as conflict:
        standing(rule, ALL, H.REMOVED, 2)
    assert conflict.value.code == "submission-not-on-board"


@pytest.mark.parametrize("rule", R)
def test_an_owner_cannot_delete_what_stands_on_the_board(rule):
    with pytest.raises(NotAllowed) as refusal:
        standing(rule, ALL, H.DELETED, 1, Actor.OWNER)
    assert refusal.value.code == "submission-on-board"


@pytest.mark.parametrize("rule", [R.ADD, R.ADD_AND_DELETE, R.ADD_AND_DELETE_MULTIPLE, R.FORCE_BEST])
def test_an_owner_may_delete_what_does_not_stand_on_the_board(rule):
    assert standing(rule, ALL, H.DELETED, 2, Actor.OWNER) == {1}


def test_a_submission_that_is_gone_is_a_conflict():
    with pytest.raises(Conflict) as conflict:
        standing(R.ADD, ALL, H.ADDED, 99)
    assert conflict.value.code == "submission-gone"


AUTOMATIC_BY_HAND = list(product([rule for rule in R if rule.automatic], [H.ADDED, H.REMOVED]))


@pytest.mark.parametrize(("rule", "happening"), AUTOMATIC_BY_HAND)
def test_a_refusal_names_the_rule_and_says_what_the_board_shows(rule, happening):
    with pytest.raises(NotAllowed) as refusal:
        standing(rule, ALL, happening, 1)
    assert rule.value in refusal.value.message
    assert refusal.value.hint.startswith("It ")


@given(
    rule=st.sampled_from(R),
    happening=st.sampled_from(H),
    actor=st.sampled_from(Actor),
    number=st.integers(0, 4),
    board=st.lists(st.tuples(st.booleans(), st.booleans()), min_size=5, max_size=5),
)
def test_only_scored_submissions_come_onto_the_board_and_only_some_rules_allow_several(
    rule, happening, actor, number, board
):
    already = [i for i, (finished, on) in enumerate(board) if finished and on]
    if not rule.several and len(already) > 1:
        already = already[:1]
    candidates = [
        candidate(i, key=bytes([9 - i]) if finished else None, finished=finished, on_board=i in already)
        for i, (finished, _) in enumerate(board)
    ]
    try:
        after = standing(rule, candidates, happening, number, actor)
    except (NotAllowed, Conflict):
        return
    assert after <= {c.id for c in candidates if c.scored}
    assert rule.several or len(after) <= 1
    if happening is H.DELETED:
        assert number not in after
