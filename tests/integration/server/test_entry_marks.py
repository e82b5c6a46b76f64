"""Baselines and hidden entries: not ranked, never lost, and what the owner learns of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.integration.server.board_editing import board_id, change, ranks, with_more
from tests.integration.server.competition_material import make_person
from tests.integration.server.flow import Flow, assert_all_chains_fit, kinds, moments

from podium.rules.board.columns import Computation
from podium.rules.board.marks import Mark
from podium.rules.board.submission_rules import SubmissionRule
from podium.rules.bundle.board_draft import ColumnDraft
from podium.rules.errors import NotAllowed, NotFound, UserError
from podium.server.accounts.people import Person
from podium.server.competitions.services import register
from podium.server.leaderboards.models import Entry, EntryMark, Leaderboard, RankBlock
from podium.server.leaderboards.queries.marks import marks_of_submission
from podium.server.leaderboards.services import rebuild_stale_boards
from podium.server.leaderboards.services.marks import mark_entry, unmark_entry
from podium.server.submissions.services.board import add_to_board, mark_on_board, remove_from_board, unmark_on_board
from podium.server.submissions.services.changing import refill_boards

pytestmark = pytest.mark.django_db


@pytest.fixture
def bea(flow: Flow) -> Person:
    person = make_person("bea")
    register(person, flow.competition_id, accepts_terms=True)
    return person


@pytest.fixture
def rows(flow: Flow, bea: Person) -> tuple[int, int]:
    """The submissions of bea and anna, in rank order."""
    sent = []
    for person, accuracy in ((bea, 0.9), (flow.anna, 0.5)):
        sent.append(flow.scored({"accuracy": accuracy, "seconds": 1.0}, by=person))
        add_to_board(person, sent[-1])
    return sent[0], sent[1]


@pytest.mark.parametrize("mark", list(Mark))
def test_a_marked_entry_counts_for_no_rank_until_it_is_shown_again(
    flow: Flow, rows: tuple[int, int], mark: Mark
) -> None:
    main = board_id(flow.competition_id)
    first, second = rows
    mark_entry(flow.otto, main, first, mark, "Sent by the organizers.")
    assert ranks(main) == {(flow.phase_id, second): 1}
    assert RankBlock.objects.get(leaderboard_id=main, phase_id=flow.phase_id).size == 1
    (placed,) = marks_of_submission(first, sees_hidden=False)
    assert (placed.mark, placed.reason, placed.board) == (mark, "Sent by the organizers.", "Results")
    unmark_entry(flow.otto, main, first)
    assert ranks(main) == {(flow.phase_id, first): 1, (flow.phase_id, second): 2}
    marked = "entry-hidden" if mark is Mark.HIDDEN else "entry-made-baseline"
    assert kinds(flow.competition_id)[-2:] == [marked, "entry-unmarked"]
    assert_all_chains_fit()


def test_nobody_gets_rid_of_a_mark_by_taking_the_entry_off_the_board(flow: Flow, rows: tuple[int, int]) -> None:
    main = board_id(flow.competition_id)
    mark_entry(flow.otto, main, rows[1], Mark.HIDDEN, "Two accounts.")
    remove_from_board(flow.otto, rows[1])
    add_to_board(flow.anna, rows[1])
    assert ranks(main) == {(flow.phase_id, rows[0]): 1}
    refill_boards(flow.otto, flow.competition_id, another_rule={main})
    assert ranks(main) == {(flow.phase_id, rows[0]): 1}


@pytest.mark.parametrize("mark", list(Mark))
@pytest.mark.parametrize(
    ("rule", "chosen", "instead"),
    [(SubmissionRule.FORCE_BEST, 0, 2), (SubmissionRule.FORCE_LAST, 2, 1)],
)
def test_a_board_that_fills_itself_takes_no_account_of_marked_ones(
    flow: Flow, mark: Mark, rule: SubmissionRule, chosen: int, instead: int
) -> None:
    """Submitted in this order: the first is the best, the third the second best."""
    main = board_id(flow.competition_id)
    Leaderboard.objects.update(submission_rule=rule)
    sent = [flow.scored({"accuracy": accuracy, "seconds": 1.0}) for accuracy in (0.9, 0.5, 0.7)]

    def standing() -> list[int]:
        return sorted(sent.index(pk) for pk in Entry.objects.values_list("submission_id", flat=True))

    assert standing() == [chosen]
    mark_on_board(flow.otto, main, sent[chosen], mark, "Trained on the test.")
    assert standing() == sorted([chosen, instead])
    assert ranks(main) == {(flow.phase_id, sent[instead]): 1}
    # It stays so whatever comes, and when the board is filled anew.
    sent.append(flow.scored({"accuracy": 0.1, "seconds": 1.0}))
    last = 3 if rule is SubmissionRule.FORCE_LAST else instead
    assert standing() == sorted([chosen, last])
    refill_boards(flow.otto, flow.competition_id, another_rule={main})
    assert standing() == sorted([chosen, last])
    unmark_on_board(flow.otto, main, sent[chosen])
    assert standing() == [3 if rule is SubmissionRule.FORCE_LAST else chosen]
    assert_all_chains_fit()


def test_what_follows_from_one_decision_is_of_one_moment(flow: Flow) -> None:
    """Else a board of the past could be asked for that nobody ever saw."""
    main = board_id(flow.competition_id)

    def made_at_once(act: Callable[[], None], *expected: str) -> None:
        before = len(moments(flow.competition_id))
        act()
        assert kinds(flow.competition_id)[-len(expected) :] == list(expected)
        assert len(moments(flow.competition_id)) == before + 1

    first, second = (flow.scored({"accuracy": accuracy, "seconds": 1.0}) for accuracy in (0.5, 0.7))
    add_to_board(flow.anna, first)
    made_at_once(lambda: add_to_board(flow.anna, second), "entry-removed", "entry-added")
    Leaderboard.objects.update(submission_rule=SubmissionRule.FORCE_BEST)
    made_at_once(lambda: mark_on_board(flow.otto, main, second, Mark.HIDDEN, "Why."), "entry-hidden", "entry-added")
    made_at_once(lambda: unmark_on_board(flow.otto, main, second), "entry-unmarked", "entry-removed")


@pytest.mark.parametrize("mark", list(Mark))
def test_a_marked_entry_keeps_no_rank_of_the_day_when_it_was_marked(
    flow: Flow, rows: tuple[int, int], mark: Mark
) -> None:
    main = board_id(flow.competition_id)
    place = ColumnDraft("place", "Place", computation=Computation.AVERAGE_RANK, computed_from=("accuracy",))
    change(flow.otto, main, with_more(place))

    def places() -> list[float | None]:
        rebuild_stale_boards()
        return [Entry.objects.get(submission_id=pk).values["place"] for pk in rows]

    # By accuracy, 0.9 before 0.5.
    assert places() == [1.0, 2.0]
    mark_on_board(flow.otto, main, rows[0], mark, "Why.")
    assert places() == [None, 1.0]
    said = "Place comes from the ranks of all rows, and this one has no rank: the organizer marked it."
    assert Entry.objects.get(submission_id=rows[0]).reasons == {"place": said}
    unmark_on_board(flow.otto, main, rows[0])
    assert places() == [1.0, 2.0]


@pytest.mark.parametrize("mark", list(Mark))
def test_a_preview_knows_of_marked_ones(flow: Flow, bea: Person, mark: Mark) -> None:
    main = board_id(flow.competition_id)
    Leaderboard.objects.update(submission_rule=SubmissionRule.FORCE_BEST)
    for accuracy, seconds, person in ((0.9, 5.0, None), (0.5, 1.0, None), (0.7, 2.0, None), (0.6, 3.0, bea)):
        flow.scored({"accuracy": accuracy, "seconds": seconds}, by=person)
    first = min(ranks(main), key=lambda key: ranks(main)[key])[1]
    mark_on_board(flow.otto, main, first, mark, "Why.")
    # It compares what it foretells with what happens: by time, anna's second one comes first.
    assert change(flow.otto, main, lambda draft: replace(draft, primary="seconds")).moves.count == 2
    assert change(flow.otto, main, lambda draft: replace(draft, submission_rule=SubmissionRule.FORCE_LAST)).moves
    assert Entry.objects.get(submission_id=first).ranked is False


def test_on_a_board_where_people_choose_a_marked_one_is_replaced_like_others(flow: Flow, rows: tuple[int, int]) -> None:
    main = board_id(flow.competition_id)
    mark_on_board(flow.otto, main, rows[1], Mark.HIDDEN, "Two accounts.")
    other = flow.scored({"accuracy": 0.4, "seconds": 1.0})
    assert ranks(main) == {(flow.phase_id, rows[0]): 1}
    add_to_board(flow.anna, other)
    assert ranks(main) == {(flow.phase_id, rows[0]): 1, (flow.phase_id, other): 2}
    unmark_on_board(flow.otto, main, rows[1])
    assert ranks(main) == {(flow.phase_id, rows[0]): 1, (flow.phase_id, other): 2}


def test_a_mark_takes_the_place_of_another_and_the_same_one_changes_nothing(flow: Flow, rows: tuple[int, int]) -> None:
    main = board_id(flow.competition_id)
    mark_entry(flow.otto, main, rows[0], Mark.BASELINE)
    events = len(kinds(flow.competition_id))
    mark_entry(flow.otto, main, rows[0], Mark.BASELINE)
    assert len(kinds(flow.competition_id)) == events
    mark_entry(flow.otto, main, rows[0], Mark.HIDDEN, "Not ours after all.")
    assert EntryMark.objects.get().kind == "hidden"
    unmark_entry(flow.otto, main, rows[0])
    unmark_entry(flow.otto, main, rows[0])
    assert kinds(flow.competition_id).count("entry-unmarked") == 1


def test_hiding_needs_a_reason_that_is_not_endless(flow: Flow, rows: tuple[int, int]) -> None:
    main = board_id(flow.competition_id)
    for reason in ("", "  ", "x" * 1001):
        with pytest.raises(UserError):
            mark_entry(flow.otto, main, rows[0], Mark.HIDDEN, reason)
    assert len(ranks(main)) == 2


def test_only_the_staff_marks_and_only_what_stands_on_the_board(flow: Flow, rows: tuple[int, int]) -> None:
    main = board_id(flow.competition_id)
    with pytest.raises(NotAllowed):
        mark_entry(flow.anna, main, rows[0], Mark.BASELINE)
    with pytest.raises(NotAllowed):
        unmark_entry(flow.anna, main, rows[0])
    for board, submission in ((main, 404), (404, rows[0])):
        with pytest.raises(NotFound):
            mark_entry(flow.otto, board, submission, Mark.BASELINE)
        with pytest.raises(NotFound):
            unmark_entry(flow.otto, board, submission)
