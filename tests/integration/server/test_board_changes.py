"""The board editor: what a change would move, and that it is made whole or not at all."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.integration.server.board_editing import (
    Edit,
    board_id,
    change,
    lines,
    proposed,
    ranks,
    with_column,
    with_more,
    without,
)
from tests.integration.server.competition_material import make_person
from tests.integration.server.flow import Flow, assert_all_chains_fit, claimed, finish_scoring, kinds, worker
from tests.integration.server.own_jobs import do_jobs

from podium.rules.board.aggregate import MultiTaskRanking
from podium.rules.board.columns import Computation, Sorting
from podium.rules.board.submission_rules import SubmissionRule
from podium.rules.bundle.board_draft import BoardDraft, ColumnDraft
from podium.rules.errors import BoardError, Conflict, NotAllowed, NotFound, UserError
from podium.rules.runs import RunState
from podium.server.accounts.people import Person
from podium.server.competitions.models import Phase
from podium.server.competitions.services import register
from podium.server.jobs.internal.models import InternalJob
from podium.server.jobs.internal.queries import job_status
from podium.server.leaderboards.models import Column, Entry, Leaderboard
from podium.server.leaderboards.services import rebuild_stale_boards
from podium.server.submissions.models import Submission
from podium.server.submissions.services.board import add_to_board
from podium.server.updates.board_changes import BOARD_CHANGE, apply
from podium.server.updates.board_editions import edition_of
from podium.server.updates.board_previews import preview

pytestmark = pytest.mark.django_db


@pytest.fixture
def bea(flow: Flow) -> Person:
    person = make_person("bea")
    register(person, flow.competition_id, accepts_terms=True)
    return person


@pytest.fixture
def main(flow: Flow) -> int:
    return board_id(flow.competition_id)


@pytest.fixture
def two_rows(flow: Flow, bea: Person) -> tuple[int, int]:
    """The accurate one, which is slow, stands above the quick one."""
    slow = flow.scored({"accuracy": 0.8, "seconds": 9.0})
    quick = flow.scored({"accuracy": 0.2, "seconds": 1.0}, by=bea)
    add_to_board(flow.anna, slow)
    add_to_board(bea, quick)
    return slow, quick


def summed(key: str, *operands: str) -> ColumnDraft:
    return ColumnDraft(key, "Sum", computation=Computation.SUM, computed_from=operands)


def same(draft: BoardDraft) -> BoardDraft:
    return draft


@pytest.mark.parametrize(
    ("edit", "line"),
    [
        (
            lambda draft: replace(draft, primary="seconds"),
            'leaderboard Results: primary column: "accuracy" -> "seconds"',
        ),
        (with_column("accuracy", sorting=Sorting.ASCENDING), "column accuracy: sorting: desc -> asc"),
        (lambda draft: replace(draft, columns=draft.columns[::-1], primary="seconds"), None),
    ],
)
def test_what_the_preview_says_is_what_happens(
    flow: Flow, main: int, two_rows: tuple[int, int], edit: Edit, line: str | None
) -> None:
    slow, quick = two_rows
    found = change(flow.otto, main, edit)
    assert line is None or lines(found) == [line]
    assert [(move.owner, move.before, move.after) for move in found.moves.first] == [("bea", 2, 1), ("anna", 1, 2)]
    assert ranks(main) == {(flow.phase_id, quick): 1, (flow.phase_id, slow): 2}
    assert kinds(flow.competition_id)[-1] == "board-changed"
    assert_all_chains_fit()


def test_names_places_and_what_is_shown_move_nothing(flow: Flow, main: int, two_rows: tuple[int, int]) -> None:
    def edit(draft: BoardDraft) -> BoardDraft:
        accuracy, seconds = draft.columns
        columns = (replace(seconds, title="Time, s", hidden=True), replace(accuracy, precision=4))
        return replace(draft, title="Final results", hidden=True, columns=columns)

    found = change(flow.otto, main, edit)
    assert found.moves.count == 0
    board = Leaderboard.objects.get(pk=main)
    assert (board.title, board.hidden) == ("Final results", True)
    shown = list(Column.objects.filter(leaderboard=main).values_list("key", "title", "hidden", "precision"))
    assert shown == [("seconds", "Time, s", True, 1), ("accuracy", "Accuracy", False, 4)]
    # The one that ranked first still does, wherever it stands.
    assert edition_of(flow.otto, main).draft.primary == "accuracy"


def test_a_computed_column_is_there_at_once_and_may_be_made_of_a_computed_one(
    flow: Flow, main: int, two_rows: tuple[int, int]
) -> None:
    total = ColumnDraft("total", "Sum", computation=Computation.SUM, computed_from=("accuracy", "seconds"))
    double = ColumnDraft("more", "More", computation=Computation.SUM, computed_from=("total", "seconds"))
    change(flow.otto, main, with_more(double, total))
    # 0.8 + 9, and that + 9.
    values = Entry.objects.get(submission_id=two_rows[0]).values
    assert (values["total"], values["more"]) == (pytest.approx(9.8), pytest.approx(18.8))
    change(flow.otto, main, lambda draft: without("total")(without("more")(draft)))
    assert set(Entry.objects.get(submission_id=two_rows[0]).values) == {"accuracy", "seconds"}


def test_a_column_of_ranks_may_rank_first(flow: Flow, main: int, two_rows: tuple[int, int]) -> None:
    # Accurate: ranks 1 and 2; quick: ranks 2 and 1. So both have 1.5, and the earlier one stays first.
    mean = ColumnDraft(
        "mean",
        "Mean rank",
        Sorting.ASCENDING,
        computation=Computation.AVERAGE_RANK,
        computed_from=("accuracy", "seconds"),
    )
    found = change(flow.otto, main, lambda draft: replace(with_more(mean)(draft), primary="mean"))
    assert found.moves.count == 0
    assert set(Entry.objects.values_list("values__mean", flat=True)) == {1.5}


@pytest.mark.parametrize(
    ("rule", "stand"),
    [(SubmissionRule.FORCE_BEST, [0]), (SubmissionRule.FORCE_LATEST_MULTIPLE, [0, 2, 1])],
)
def test_another_rule_fills_the_board_anew(flow: Flow, main: int, rule: SubmissionRule, stand: list[int]) -> None:
    sent = [flow.scored({"accuracy": value, "seconds": 1.0}) for value in (0.9, 0.1, 0.5)]
    add_to_board(flow.anna, sent[1])
    found = change(flow.otto, main, lambda draft: replace(draft, submission_rule=rule))
    assert found.moves.count >= 2
    board = list(Entry.objects.order_by("rank_key").values_list("submission_id", flat=True))
    assert board == [sent[place] for place in stand]
    assert set(Submission.objects.filter(on_board=True).values_list("pk", flat=True)) == set(board)


def test_several_tasks_rank_by_mean_mean_rank_or_the_first(two: Flow) -> None:
    bea = make_person("bea")
    register(bea, two.competition_id, accepts_terms=True)
    main = board_id(two.competition_id)
    sent = []
    # Field and Barn. Means 0.5 and 0.45; ranks (1, 2) and (2, 1), so 1.5 each; first task 1.0 against 0.2.
    for person, scores in ((two.anna, (1.0, 0.0)), (bea, (0.2, 0.7))):
        sent.append(two.take_in(by=person))
        for accuracy in scores:
            finish_scoring(claimed(worker()), {"accuracy": accuracy, "seconds": 1.0})
        add_to_board(person, sent[-1])
    lacking = two.take_in(by=bea)
    for how, value in ((MultiTaskRanking.MEAN_RANK, 1.5), (MultiTaskRanking.FIRST, 1.0), (MultiTaskRanking.MEAN, 0.5)):
        change(two.otto, main, lambda draft, how=how: replace(draft, multi_task_ranking=how))  # type: ignore[misc]
        assert Entry.objects.get(submission_id=sent[0]).values["accuracy"] == pytest.approx(value)
        assert list(ranks(main).values()) == [1, 2]
    assert lacking not in {pk for _, pk in ranks(main)}


def test_a_mean_of_ranks_is_made_again_when_a_row_comes(two: Flow) -> None:
    bea = make_person("bea")
    register(bea, two.competition_id, accepts_terms=True)
    main = board_id(two.competition_id)
    change(two.otto, main, lambda draft: replace(draft, multi_task_ranking=MultiTaskRanking.MEAN_RANK))
    for person, accuracy in ((two.anna, 0.5), (bea, 0.9)):
        sent = two.take_in(by=person)
        for _ in range(2):
            finish_scoring(claimed(worker()), {"accuracy": accuracy, "seconds": 1.0})
        add_to_board(person, sent)
        rebuild_stale_boards()
    values = list(Entry.objects.order_by("rank_key").values_list("owner__username", "values__accuracy"))
    assert values == [("bea", 1.0), ("anna", 2.0)]


def test_a_column_with_scores_neither_goes_nor_is_computed(flow: Flow, main: int, two_rows: tuple[int, int]) -> None:
    for edit in (
        without("seconds"),
        with_column("seconds", computation=Computation.SUM, computed_from=("accuracy",)),
        lambda draft: with_more(ColumnDraft("time", "Seconds"))(without("seconds")(draft)),
    ):
        with pytest.raises(BoardError) as refused:
            proposed(flow.otto, main, edit)
        assert refused.value.code == "column-has-scores"
        assert "2 submissions" in refused.value.message


@pytest.mark.parametrize(
    ("edit", "code"),
    [
        (lambda draft: replace(draft, title="  "), "text-missing"),
        (lambda draft: replace(draft, title="x" * 129), "text-long"),
        (lambda draft: replace(draft, title="a\0b"), "text-characters"),
        (lambda draft: replace(draft, primary="nothing"), "primary-unknown"),
        (lambda draft: replace(draft, columns=()), "board-without-columns"),
        (with_column("accuracy", title=""), "text-missing"),
        (with_column("accuracy", precision=21), "number-out-of-range"),
        (with_column("accuracy", precision=-1), "number-out-of-range"),
        (with_column("accuracy", computed_from=("seconds",)), "columns-without-computation"),
        (with_more(ColumnDraft("seconds", "Again")), "key-repeated"),
        (with_more(ColumnDraft("", "Nameless")), "text-missing"),
        (with_more(ColumnDraft("sum", "Sum", computation=Computation.SUM)), "computation-without-columns"),
        (
            with_more(ColumnDraft("sum", "Sum", computation=Computation.SUM, computed_from=("sum",))),
            "computation-of-itself",
        ),
        (
            with_more(ColumnDraft("sum", "Sum", computation=Computation.SUM, computed_from=("x",))),
            "computation-of-unknown",
        ),
        (
            with_more(summed("a", "b"), summed("b", "a")),
            "computation-circle",
        ),
        (with_more(*(ColumnDraft(f"c{number}", "C") for number in range(99))), "too-many-columns"),
    ],
)
def test_a_draft_that_makes_no_board_is_refused_with_its_reason(flow: Flow, main: int, edit: Edit, code: str) -> None:
    with pytest.raises(BoardError) as refused:
        proposed(flow.otto, main, edit)
    assert [problem.code for problem in refused.value.problems] == [code]
    assert not InternalJob.objects.filter(kind=BOARD_CHANGE).exists()


def test_the_second_of_two_editors_learns_what_the_first_one_changed(flow: Flow, main: int) -> None:
    opened = edition_of(flow.otto, main)
    seen = preview(flow.otto, main, replace(opened.draft, title="Mine"), opened.edition)
    change(flow.otto, main, with_column("accuracy", sorting=Sorting.ASCENDING))
    for act in (
        lambda: preview(flow.otto, main, opened.draft, opened.edition),
        lambda: apply(flow.otto, main, seen.proposal),
    ):
        with pytest.raises(Conflict, match="accuracy, sorting: desc -> asc"):
            act()
    assert Leaderboard.objects.get(pk=main).title == "Results"


def test_a_change_waits_for_the_one_before_it(flow: Flow, main: int) -> None:
    found = proposed(flow.otto, main, lambda draft: replace(draft, title="One"))
    apply(flow.otto, main, found.proposal)
    with pytest.raises(Conflict, match="being made"):
        apply(flow.otto, main, found.proposal)
    do_jobs()
    assert Leaderboard.objects.get(pk=main).title == "One"


def test_a_change_is_not_made_where_the_board_has_changed_before_its_turn(flow: Flow, main: int) -> None:
    found = proposed(flow.otto, main, lambda draft: replace(draft, title="One"))
    job = apply(flow.otto, main, found.proposal)
    Leaderboard.objects.filter(pk=main).update(title="Other")
    do_jobs()
    status = job_status(flow.otto, BOARD_CHANGE, job)
    assert status.state is RunState.FAILED
    assert [problem.code for problem in status.problems] == ["board-changed"]
    assert Leaderboard.objects.get(pk=main).title == "Other"
    assert "board-changed" not in kinds(flow.competition_id)


def test_a_change_that_breaks_off_leaves_the_board_as_it_was(
    flow: Flow, main: int, two_rows: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = list(Entry.objects.order_by("pk").values_list("rank_key", "values"))
    found = proposed(flow.otto, main, lambda draft: replace(draft, primary="seconds", title="New"))
    job = apply(flow.otto, main, found.proposal)

    def breaks(*args: object, **named: object) -> None:
        raise RuntimeError("the disk is gone")

    with monkeypatch.context() as patched:
        patched.setattr("podium.server.updates.board_changes.record_boards", breaks)
        do_jobs()
    assert list(Entry.objects.order_by("pk").values_list("rank_key", "values")) == before
    assert Leaderboard.objects.get(pk=main).title == "Results"
    InternalJob.objects.filter(pk=job).update(not_before=None)
    do_jobs()
    assert job_status(flow.otto, BOARD_CHANGE, job).state is RunState.FINISHED
    assert (Leaderboard.objects.get(pk=main).title, list(ranks(main).values())) == ("New", [1, 2])


def test_an_edition_is_good_for_its_person_and_its_board_only(flow: Flow, main: int) -> None:
    root = make_person("root", is_admin=True)
    opened = edition_of(flow.otto, main)
    for person, edition in ((root, opened.edition), (flow.otto, "made up"), (flow.otto, "")):
        with pytest.raises(UserError) as refused:
            preview(person, main, opened.draft, edition)
        assert refused.value.code == "edition-unknown"
    with pytest.raises(UserError):
        apply(flow.otto, main, opened.edition)


def test_only_the_staff_edits_a_board(flow: Flow, main: int) -> None:
    with pytest.raises(NotAllowed):
        edition_of(flow.anna, main)
    with pytest.raises(NotFound):
        edition_of(flow.otto, 404)


def test_who_loses_the_right_before_the_job_is_done_changes_nothing(flow: Flow, main: int) -> None:
    root = make_person("root", is_admin=True)
    found = proposed(root, main, lambda draft: replace(draft, title="Taken"))
    job = apply(root, main, found.proposal)
    InternalJob.objects.filter(pk=job).update(owner=None)
    do_jobs()
    assert Leaderboard.objects.get(pk=main).title == "Results"


def test_an_edit_that_changes_nothing_says_so(flow: Flow, main: int) -> None:
    found = proposed(flow.otto, main, same)
    assert (found.changes, found.moves.count) == ((), 0)


def test_a_new_column_without_scores_is_worth_a_note(flow: Flow, main: int, two_rows: tuple[int, int]) -> None:
    found = proposed(flow.otto, main, with_more(ColumnDraft("recall", "Recall")))
    assert [note.code for note in found.notes] == ["column-without-scores"]


def test_of_many_moves_the_first_are_named(flow: Flow, main: int) -> None:
    change(flow.otto, main, lambda draft: replace(draft, submission_rule=SubmissionRule.FORCE_LATEST_MULTIPLE))
    Phase.objects.update(max_submissions=None, max_submissions_per_day=None)
    for number in range(24):
        flow.scored({"accuracy": number / 100, "seconds": float(number)})
    found = change(flow.otto, main, lambda draft: replace(draft, primary="seconds"))
    # All 24 turn round; with an even number none stays where it was.
    assert (found.moves.count, len(found.moves.first)) == (24, 20)
    assert [(move.before, move.after) for move in found.moves.first[:2]] == [(24, 1), (23, 2)]
