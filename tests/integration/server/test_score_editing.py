"""Scores that organizers write by hand: new rows, boards that follow, computed columns made again."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.integration.server.board_editing import board_id, change, with_more
from tests.integration.server.competition_material import make_person
from tests.integration.server.flow import Flow, assert_all_chains_fit, claimed, finish_scoring, kinds, worker

from podium.rules.board.columns import Computation
from podium.rules.board.submission_rules import SubmissionRule
from podium.rules.bundle.board_draft import ColumnDraft
from podium.rules.errors import Conflict, NotAllowed, NotFound, UserError
from podium.server.leaderboards.models import Entry
from podium.server.submissions.models import Score, ScoreEdit, Submission
from podium.server.submissions.services.board import add_to_board
from podium.server.submissions.services.score_editing import edit_score, edit_scores

pytestmark = pytest.mark.django_db

WHY = "The reference had a wrong label."


def living(submission_id: int) -> dict[str, float]:
    scores = Score.objects.filter(submission_id=submission_id, superseded_at=None)
    return dict(scores.values_list("column_key", "value"))


def test_an_edited_score_supersedes_the_one_before_and_moves_the_row(flow: Flow) -> None:
    sent = flow.scored({"accuracy": 0.5, "seconds": 2.0})
    add_to_board(flow.anna, sent)
    written, _ = edit_scores(flow.otto, sent, {"accuracy": 0.75, "seconds": 2.0}, WHY)
    assert living(sent) == {"accuracy": 0.75, "seconds": 2.0}
    old = Score.objects.get(submission_id=sent, column_key="accuracy", value=0.5)
    assert old.superseded_at is not None
    edit = ScoreEdit.objects.get()
    assert (edit.by.username, edit.reason, edit.scores) == ("otto", WHY, {"accuracy": 0.75})
    assert Score.objects.get(pk=written.id).edit == edit
    assert Entry.objects.get().values["accuracy"] == 0.75
    assert kinds(flow.competition_id)[-1] == "scores-edited"
    assert_all_chains_fit()


def test_what_is_computed_follows_what_is_edited(flow: Flow) -> None:
    total = ColumnDraft("total", "Sum", computation=Computation.SUM, computed_from=("accuracy", "seconds"))
    double = ColumnDraft("double", "Double", computation=Computation.SUM, computed_from=("total", "accuracy"))
    change(flow.otto, board_id(flow.competition_id), with_more(total, double))
    sent = flow.scored({"accuracy": 0.5, "seconds": 2.0, "total": 99.0})
    add_to_board(flow.anna, sent)
    # The program's own total is not used.
    assert Entry.objects.get().values["total"] == 2.5
    edit_scores(flow.otto, sent, {"accuracy": 0.25}, WHY)
    assert Entry.objects.get().values == {"accuracy": 0.25, "seconds": 2.0, "total": 2.25, "double": 2.5}
    edit_scores(flow.otto, sent, {"seconds": None}, WHY)
    assert Entry.objects.get().values == {"accuracy": 0.25, "seconds": None, "total": None, "double": None}
    assert Entry.objects.get().reasons["total"] == "Sum needs Seconds."


def test_the_best_one_stands_after_an_edit(flow: Flow) -> None:
    main = board_id(flow.competition_id)
    change(flow.otto, main, lambda draft: replace(draft, submission_rule=SubmissionRule.FORCE_BEST))
    first, second = (flow.scored({"accuracy": value, "seconds": 1.0}) for value in (0.5, 0.9))
    assert Entry.objects.get().submission_id == second
    edit_scores(flow.otto, second, {"accuracy": 0.1}, WHY)
    assert Entry.objects.get().submission_id == first
    assert list(Submission.objects.filter(on_board=True).values_list("pk", flat=True)) == [first]
    edit_scores(flow.otto, first, {"accuracy": None, "seconds": None}, WHY)
    assert Entry.objects.get().submission_id == second


def test_a_submission_without_any_score_leaves_the_board_and_comes_back(flow: Flow) -> None:
    main = board_id(flow.competition_id)
    change(flow.otto, main, lambda draft: replace(draft, submission_rule=SubmissionRule.FORCE_LATEST_MULTIPLE))
    sent = flow.scored({"accuracy": 0.5})
    edit_scores(flow.otto, sent, {"accuracy": None}, WHY)
    assert not Entry.objects.exists()
    edit_scores(flow.otto, sent, {"accuracy": 0.5}, WHY)
    assert Entry.objects.get().submission_id == sent


def test_each_task_has_its_own_scores(two: Flow) -> None:
    sent = two.take_in()
    for accuracy in (0.2, 0.4):
        finish_scoring(claimed(worker()), {"accuracy": accuracy, "seconds": 1.0})
    add_to_board(two.anna, sent)
    child = Submission.objects.filter(parent_id=sent).order_by("pk").first()
    assert child is not None
    edit_scores(two.otto, child.pk, {"accuracy": 1.0}, WHY)
    # The mean of 1.0 and 0.4.
    assert Entry.objects.get().values["accuracy"] == pytest.approx(0.7)
    with pytest.raises(Conflict):
        edit_scores(two.otto, sent, {"accuracy": 1.0}, WHY)


def test_one_score_by_its_number(flow: Flow) -> None:
    sent = flow.scored({"accuracy": 0.5, "seconds": 2.0})
    number = Score.objects.get(column_key="accuracy").pk
    written = edit_score(flow.otto, number, 0.6, WHY)
    assert written is not None
    assert written.value == 0.6
    with pytest.raises(Conflict):
        edit_score(flow.otto, number, 0.7, WHY)
    assert edit_score(flow.otto, written.id, None, WHY) is None
    assert living(sent) == {"seconds": 2.0}
    with pytest.raises(NotFound):
        edit_score(flow.otto, 404, 1.0, WHY)


@pytest.mark.parametrize(
    ("scores", "reason", "code"),
    [
        ({"accuracy": float("nan")}, WHY, "score-invalid"),
        ({"accuracy": float("inf")}, WHY, "score-invalid"),
        ({"beauty": 1.0}, WHY, "column-unknown"),
        ({"accuracy": 0.6, "total": 1.0}, WHY, "column-computed"),
        ({"accuracy": 0.6}, " ", "reason-missing"),
        ({"accuracy": 0.6}, "x" * 1001, "reason-long"),
    ],
)
def test_what_is_no_score_is_refused_whole(flow: Flow, scores: dict[str, float], reason: str, code: str) -> None:
    total = ColumnDraft("total", "Sum", computation=Computation.SUM, computed_from=("accuracy", "seconds"))
    change(flow.otto, board_id(flow.competition_id), with_more(total))
    sent = flow.scored({"accuracy": 0.5, "seconds": 2.0})
    with pytest.raises(UserError) as refused:
        edit_scores(flow.otto, sent, scores, reason)
    assert refused.value.code == code
    assert living(sent) == {"accuracy": 0.5, "seconds": 2.0}
    assert not ScoreEdit.objects.exists()


def test_only_the_staff_edits_scores_and_only_of_what_has_finished(flow: Flow) -> None:
    sent = flow.scored({"accuracy": 0.5, "seconds": 2.0})
    with pytest.raises(NotAllowed):
        edit_scores(flow.anna, sent, {"accuracy": 1.0}, WHY)
    with pytest.raises(NotFound):
        edit_scores(make_person("stranger"), sent, {"accuracy": 1.0}, WHY)
    with pytest.raises(Conflict):
        edit_scores(flow.otto, flow.take_in(), {"accuracy": 1.0}, WHY)


def test_the_same_scores_once_more_change_nothing(flow: Flow) -> None:
    sent = flow.scored({"accuracy": 0.5, "seconds": 2.0})
    events = len(kinds(flow.competition_id))
    (written,) = edit_scores(flow.otto, sent, {"accuracy": 0.5}, WHY)
    assert (written.column_key, written.value) == ("accuracy", 0.5)
    assert len(kinds(flow.competition_id)) == events
    assert not ScoreEdit.objects.exists()
