"""The leaderboards of a competition: one is added, removed, put elsewhere, whole or not at all."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.integration.server.board_editing import board_id, ranks
from tests.integration.server.competition_material import make_person
from tests.integration.server.flow import Flow, assert_all_chains_fit, kinds, moments
from tests.integration.server.own_jobs import do_jobs

from podium.rules.board.submission_rules import SubmissionRule
from podium.rules.bundle.board_list import MOST_BOARDS, NewBoard
from podium.rules.errors import BoardError, Conflict, NotAllowed, NotFound, UserError
from podium.rules.runs import RunState
from podium.server.history.models import Event
from podium.server.leaderboards.models import Leaderboard
from podium.server.leaderboards.queries import contract_json
from podium.server.submissions.models import Submission
from podium.server.submissions.services.board import add_to_board
from podium.server.updates.board_list import apply_list, board_list, preview_list, status_of_change

pytestmark = pytest.mark.django_db

Wish = list[int | NewBoard]


@pytest.fixture
def main(flow: Flow) -> int:
    return board_id(flow.competition_id)


def changed(flow: Flow, wish: Wish) -> Any:
    """Make the change; returns what its preview said."""
    found = preview_list(flow.otto, flow.competition_id, wish, board_list(flow.otto, flow.competition_id).edition)
    job = apply_list(flow.otto, flow.competition_id, found.proposal)
    assert do_jobs() == 1
    assert status_of_change(flow.otto, job).state is RunState.FINISHED
    return found


def boards(flow: Flow) -> list[int]:
    return [board.id for board in board_list(flow.otto, flow.competition_id).boards]


def said(found: Any) -> list[str]:
    return [f"{each.part} {each.name}: {each.text}" for each in found.changes]


def notes(found: Any) -> list[str]:
    return [note.code for note in found.notes]


def test_a_new_board_has_the_columns_and_the_rule_of_another_and_is_filled(flow: Flow, main: int) -> None:
    Leaderboard.objects.update(submission_rule=SubmissionRule.FORCE_BEST, primary_index=1)
    made = flow.scored({"accuracy": 0.5, "seconds": 2.0})
    found = changed(flow, [main, NewBoard(" Second look ", like=main)])
    assert said(found) == ["leaderboard Second look: added"]
    assert notes(found) == ["board-begins"]
    new = Leaderboard.objects.get(title="Second look")
    assert (new.index, new.key, new.hidden) == (1, "second-look", True)
    assert (new.submission_rule, new.primary_index) == ("Force_Best", 1)
    columns = [list(board.columns.values_list("key", "sorting")) for board in Leaderboard.objects.order_by("index")]
    assert columns[0] == columns[1]
    assert ranks(new.pk) == {(flow.phase_id, made): 1}
    assert_all_chains_fit()


def test_a_board_whose_rows_are_chosen_begins_empty(flow: Flow, main: int) -> None:
    add_to_board(flow.anna, flow.scored({"accuracy": 0.5, "seconds": 2.0}))
    found = changed(flow, [NewBoard("Second", like=main, hidden=False), main])
    assert notes(found) == ["board-begins", "first-board"]
    new = Leaderboard.objects.get(title="Second")
    assert (new.index, new.hidden, ranks(new.pk)) == (0, False, {})
    assert len(ranks(main)) == 1


def test_in_another_order_clients_see_another_first_one(flow: Flow, main: int) -> None:
    made = flow.scored({"accuracy": 0.5, "seconds": 2.0})
    add_to_board(flow.anna, made)
    changed(flow, [main, NewBoard("Second", like=main, hidden=False)])
    other = boards(flow)[1]
    assert contract_json(flow.phase_id, flow.anna)["submissions"] != []
    found = changed(flow, [other, main])
    assert said(found) == ['leaderboard : order: "Results", "Second" -> "Second", "Results"']
    assert notes(found) == ["first-board"]
    assert boards(flow) == [other, main]
    assert contract_json(flow.phase_id, flow.anna)["submissions"] == []
    assert ranks(main) == {(flow.phase_id, made): 1}


def test_a_board_that_fills_itself_goes_with_its_rows_and_the_history_tells(flow: Flow, main: int) -> None:
    Leaderboard.objects.update(submission_rule=SubmissionRule.FORCE_LAST)
    made = flow.scored({"accuracy": 0.5, "seconds": 2.0})
    changed(flow, [main, NewBoard("Second", like=main)])
    other = boards(flow)[1]
    found = changed(flow, [main])
    assert said(found) == ["leaderboard Second: removed"]
    assert notes(found) == ["rows-go"]
    assert boards(flow) == [main]
    (removed,) = (json.loads(event.payload) for event in Event.objects.filter(kind="board-removed"))
    assert removed["leaderboard"] == other
    assert Submission.objects.get(pk=made).on_board
    assert_all_chains_fit()


def test_the_whole_change_is_of_one_moment(flow: Flow, main: int) -> None:
    Leaderboard.objects.update(submission_rule=SubmissionRule.FORCE_LAST)
    flow.scored({"accuracy": 0.5, "seconds": 2.0})
    before = len(moments(flow.competition_id))
    # The board that comes, its row, and the other place of the one that was there.
    changed(flow, [NewBoard("Second", like=main), main])
    assert kinds(flow.competition_id)[-3:] == ["board-changed", "board-added", "entry-added"]
    assert len(moments(flow.competition_id)) == before + 1


def test_what_people_chose_and_scores_without_a_column_are_not_lost(flow: Flow, main: int) -> None:
    add_to_board(flow.anna, flow.scored({"accuracy": 0.5, "seconds": 2.0}))
    changed(flow, [main, NewBoard("Second", like=main)])
    other = boards(flow)[1]
    edition = board_list(flow.otto, flow.competition_id).edition
    with pytest.raises(BoardError) as chosen:
        preview_list(flow.otto, flow.competition_id, [other], edition)
    assert chosen.value.code == "leaderboard-has-entries"
    assert 'The leaderboard "Results" has 1 row' in chosen.value.message
    Leaderboard.objects.get(pk=other).columns.filter(key="seconds").delete()
    with pytest.raises(BoardError) as lost:
        preview_list(flow.otto, flow.competition_id, [other], edition)
    assert [problem.code for problem in lost.value.problems] == ["leaderboard-has-entries", "column-has-scores"]


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ([], "no-leaderboard"),
        ([0, 0], "leaderboard-repeated"),
        ([0, 10**15], "leaderboard-not-found"),
        ([0, NewBoard("", 0)], "text-missing"),
        ([0, NewBoard("x" * 129, 0)], "text-long"),
        ([0, NewBoard("a\x00b", 0)], "text-characters"),
        ([0, NewBoard("rESULTS", 0)], "title-repeated"),
        ([0, NewBoard("A", 0), NewBoard("a ", 0)], "title-repeated"),
        ([0, NewBoard("A", 10**15)], "leaderboard-not-found"),
        ([0, *(NewBoard(f"A{number}", 0) for number in range(MOST_BOARDS))], "too-many-leaderboards"),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused_with_its_reason(flow: Flow, main: int, wish: Wish, code: str) -> None:
    """0 stands for the leaderboard that there is."""
    meant = [
        NewBoard(each.title, each.like or main, each.hidden) if isinstance(each, NewBoard) else each or main
        for each in wish
    ]
    edition = board_list(flow.otto, flow.competition_id).edition
    with pytest.raises(BoardError) as refused:
        preview_list(flow.otto, flow.competition_id, meant, edition)
    assert refused.value.code == code
    assert all(problem.message and problem.hint for problem in refused.value.problems)


def test_titles_that_make_the_same_key_get_different_ones(flow: Flow, main: int) -> None:
    changed(flow, [main, NewBoard("One!", like=main)])
    changed(flow, [*boards(flow), NewBoard("One?", like=main)])
    changed(flow, [*boards(flow), NewBoard("???", like=main)])
    assert list(Leaderboard.objects.order_by("index").values_list("key", flat=True))[1:] == [
        "one",
        "one-2",
        "leaderboard",
    ]


def test_the_second_of_two_editors_learns_what_there_is_now(flow: Flow, main: int) -> None:
    edition = board_list(flow.otto, flow.competition_id).edition
    stale = preview_list(flow.otto, flow.competition_id, [main, NewBoard("B", like=main)], edition)
    changed(flow, [main, NewBoard("A", like=main)])
    for attempt in (
        lambda: preview_list(flow.otto, flow.competition_id, [main], edition),
        lambda: apply_list(flow.otto, flow.competition_id, stale.proposal),
    ):
        with pytest.raises(Conflict, match=r'in this order: "Results", "A"\.'):
            attempt()


def test_a_change_waits_for_the_one_before_it_and_is_not_made_where_the_list_is_another(flow: Flow, main: int) -> None:
    edition = board_list(flow.otto, flow.competition_id).edition
    found = preview_list(flow.otto, flow.competition_id, [main, NewBoard("A", like=main)], edition)
    job = apply_list(flow.otto, flow.competition_id, found.proposal)
    with pytest.raises(Conflict, match="is being made at this moment"):
        apply_list(flow.otto, flow.competition_id, found.proposal)
    Leaderboard.objects.create(
        competition_id=flow.competition_id, index=7, title="Sudden", key="s", submission_rule="Add"
    )
    do_jobs()
    status = status_of_change(flow.otto, job)
    assert status.state is RunState.FAILED
    assert status.problems[0].code == "board-list-changed"
    assert not Leaderboard.objects.filter(title="A").exists()


def test_only_the_staff_edits_the_list_and_an_edition_is_its_persons(flow: Flow, main: int) -> None:
    stranger = make_person("zoe")
    for person in (flow.anna, stranger):
        with pytest.raises(NotAllowed):
            board_list(person, flow.competition_id)
    with pytest.raises(NotFound):
        board_list(flow.otto, 10**15)
    edition = board_list(flow.otto, flow.competition_id).edition
    with pytest.raises(NotAllowed):
        preview_list(flow.anna, flow.competition_id, [main], edition)
    admin = make_person("root", is_admin=True)
    for text in (edition, "made up", ""):
        with pytest.raises(UserError, match="is not known here"):
            preview_list(admin, flow.competition_id, [main], text)
    with pytest.raises(UserError, match="is not known here"):
        apply_list(flow.otto, flow.competition_id, edition)


def test_a_list_that_stays_says_so(flow: Flow, main: int) -> None:
    edition = board_list(flow.otto, flow.competition_id).edition
    found = preview_list(flow.otto, flow.competition_id, [main], edition)
    assert (found.changes, found.notes) == ((), ())
