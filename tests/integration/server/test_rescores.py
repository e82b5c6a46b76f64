"""Rescores: scored in the shadow, applied at one moment or dropped, with all that follows on boards."""

from __future__ import annotations

import pytest
from tests.integration.server.board_editing import board_id, change, with_more
from tests.integration.server.competition_material import make_person
from tests.integration.server.flow import (
    CODE,
    Flow,
    SteppedClock,
    claimed,
    finish_prediction,
    finish_scoring,
    kinds,
    say,
    status_of,
    worker,
)
from tests.integration.server.rescoring import WHY, begin_rescore, correct_the_program, score_again

from podium.rules.board.columns import Computation
from podium.rules.board.marks import Mark
from podium.rules.board.submission_rules import SubmissionRule
from podium.rules.bundle.board_draft import ColumnDraft
from podium.rules.errors import Conflict, NotAllowed, NotFound, UserError
from podium.server.competitions.services import register
from podium.server.leaderboards.models import BoardVersion, Entry, Leaderboard
from podium.server.leaderboards.services.marks import mark_entry
from podium.server.rescores.models import Rescore
from podium.server.rescores.queries import notices_of, rescore_detail, rescores_of, superseded_of
from podium.server.rescores.results import ItemState
from podium.server.rescores.services import RescoreWish, apply, cancel, start
from podium.server.submissions.models import RunFile, Score, Submission
from podium.server.submissions.queries.detail import submission_detail
from podium.server.submissions.services.board import add_to_board
from podium.server.submissions.services.lifecycle import delete
from podium.server.submissions.services.score_editing import edit_scores
from podium.server.submissions.services.sweep import sweep

pytestmark = pytest.mark.django_db


def living(submission_id: int) -> dict[str, float]:
    scores = Score.objects.filter(submission_id=submission_id, superseded_at=None)
    return dict(scores.values_list("column_key", "value"))


def board_order() -> list[int]:
    return list(Entry.objects.filter(ranked=True).order_by("rank_key").values_list("submission_id", flat=True))


def rule(flow: Flow, wanted: SubmissionRule) -> None:
    Leaderboard.objects.filter(competition=flow.competition_id).update(submission_rule=wanted.value)


@pytest.fixture
def bob(flow: Flow) -> object:
    person = make_person("bob")
    register(person, flow.competition_id, accepts_terms=True)
    return person


def test_nothing_that_anybody_sees_changes_before_it_is_applied(flow: Flow) -> None:
    sent = flow.scored({"accuracy": 0.5, "seconds": 2.0})
    add_to_board(flow.anna, sent)
    version = BoardVersion.objects.get(phase=flow.phase_id).version
    before = submission_detail(flow.anna, sent)
    rescore = begin_rescore(flow)
    order = claimed(worker())
    assert (order["id"], order["is_scoring"]) == (sent, True)
    assert status_of(sent) == "Finished"
    finish_scoring(order, {"accuracy": 0.75, "seconds": 2.0, "unknown": 1.0})
    assert submission_detail(flow.anna, sent) == before
    assert living(sent) == {"accuracy": 0.5, "seconds": 2.0}
    assert BoardVersion.objects.get(phase=flow.phase_id).version == version
    found = rescore_detail(flow.otto, rescore)
    (item,) = found.items
    assert [(score.column_key, score.before, score.after) for score in item.scores] == [
        ("accuracy", 0.5, 0.75),
        ("seconds", 2.0, 2.0),
    ]
    assert (found.waits, found.scored, found.changed, found.moved) == (0, 1, 1, 0)
    # Its attempts are recorded all the same, as what moves no board.
    assert "scores-accepted" not in kinds(flow.competition_id)[-3:]


def test_ranks_are_shown_before_and_after_and_applied_together(flow: Flow, bob: object) -> None:
    first, second = flow.scored({"accuracy": 0.9}), flow.scored({"accuracy": 0.8}, by=bob)  # type: ignore[arg-type]
    add_to_board(flow.anna, first)
    add_to_board(bob, second)  # type: ignore[arg-type]
    correct_the_program(flow)
    rescore = begin_rescore(flow)
    score_again({first: {"accuracy": 0.7}, second: {"accuracy": 0.8}})
    found = rescore_detail(flow.otto, rescore)
    assert {item.submission_id: (item.ranks[0].before, item.ranks[0].after) for item in found.items} == {
        first: (1, 2),
        second: (2, 1),
    }
    assert board_order() == [first, second]
    apply(flow.otto, rescore)
    assert board_order() == [second, first]
    assert living(first) == {"accuracy": 0.7}
    old = Score.objects.get(submission_id=first, value=0.9)
    assert old.superseded_at is not None
    told = kinds(flow.competition_id)
    assert told.count("scores-superseded") == 2
    assert told[-1] == "rescore-applied"
    assert told.count("rescore-started") == 1
    # The run that made the scores is one of the submission's now.
    runs = submission_detail(flow.anna, first).parts[0].runs
    assert [run.step for run in runs] == ["scoring", "scoring"]
    assert Score.objects.get(submission_id=first, superseded_at=None).attempt.run.in_shadow is False  # type: ignore[union-attr]


def test_participants_read_why_their_scores_are_others(flow: Flow) -> None:
    sent = flow.scored({"accuracy": 0.5, "seconds": 2.0})
    assert notices_of(flow.competition_id, flow.phase_id) == []
    rescore = begin_rescore(flow)
    score_again({sent: {"accuracy": 0.75}})
    assert superseded_of(flow.anna, sent) == []
    apply(flow.otto, rescore)
    (notice,) = notices_of(flow.competition_id, flow.phase_id)
    assert notice.reason == WHY
    (told,) = superseded_of(flow.anna, sent)
    assert told.reason == WHY
    assert [(score.title, score.before, score.after) for score in told.scores] == [
        ("Accuracy", "0.5", "0.75"),
        ("Seconds", "2.0", ""),
    ]


def test_a_cancelled_rescore_leaves_nothing_behind(flow: Flow) -> None:
    sent = [flow.scored({"accuracy": value}) for value in (0.5, 0.6, 0.7)]
    rescore = begin_rescore(flow)
    held = claimed(worker())
    cancel(flow.otto, rescore)
    with pytest.raises(Conflict, match="no longer the live one"):
        finish_scoring(held, {"accuracy": 0.1})
    score_again({})
    assert [living(pk)["accuracy"] for pk in sent] == [0.5, 0.6, 0.7]
    assert kinds(flow.competition_id).count("rescore-cancelled") == 1
    for decide in (apply, cancel):
        with pytest.raises(Conflict, match="cancelled already"):
            decide(flow.otto, rescore)
    # Another one may begin.
    begin_rescore(flow)


def test_only_one_is_open_at_a_time(flow: Flow) -> None:
    flow.scored({"accuracy": 0.5})
    begin_rescore(flow)
    with pytest.raises(Conflict, match="neither applied nor cancelled"):
        begin_rescore(flow)


def test_it_is_applied_only_when_everything_has_been_scored(flow: Flow) -> None:
    flow.scored({"accuracy": 0.5})
    rescore = begin_rescore(flow)
    with pytest.raises(Conflict, match="Not everything"):
        apply(flow.otto, rescore)


def test_what_fails_is_named_and_keeps_what_it_had(flow: Flow) -> None:
    good, bad = flow.scored({"accuracy": 0.5}), flow.scored({"accuracy": 0.6})
    rescore = begin_rescore(flow)
    for _ in range(2):
        order = claimed(worker())
        if order["id"] == good:
            finish_scoring(order, {"accuracy": 0.75})
        else:
            say(order, "Failed", details="The scoring program ended with exit code 3.", exit_code=3)
    found = rescore_detail(flow.otto, rescore)
    assert [(item.submission_id, item.state) for item in found.items] == [
        (bad, ItemState.FAILED),
        (good, ItemState.SCORED),
    ]
    assert "exit code 3" in found.items[0].reason
    assert status_of(bad) == "Finished"
    apply(flow.otto, rescore)
    assert (living(good), living(bad)) == ({"accuracy": 0.75}, {"accuracy": 0.6})


def test_nothing_is_applied_where_everything_failed(flow: Flow) -> None:
    flow.scored({"accuracy": 0.5})
    rescore = begin_rescore(flow)
    say(claimed(worker()), "Failed", details="No such file.", exit_code=1)
    with pytest.raises(Conflict, match="Nothing could be scored"):
        apply(flow.otto, rescore)


def test_a_lost_worker_costs_an_attempt_and_no_more(flow: Flow, time: SteppedClock) -> None:
    sent = flow.scored({"accuracy": 0.5})
    rescore = begin_rescore(flow)
    for _ in range(2):
        claimed(worker())
        time.add(hours=1)
        assert sweep() == 1
        time.add(hours=1)
    score_again({sent: {"accuracy": 0.75}})
    assert rescore_detail(flow.otto, rescore).scored == 1
    assert status_of(sent) == "Finished"


def test_a_worker_that_is_lost_again_and_again_is_told_of(flow: Flow, time: SteppedClock) -> None:
    sent = flow.scored({"accuracy": 0.5})
    rescore = begin_rescore(flow)
    for _ in range(3):
        claimed(worker())
        time.add(hours=1)
        assert sweep() == 1
        time.add(hours=1)
    (item,) = rescore_detail(flow.otto, rescore).items
    assert (item.state, "Worker lab-1" in item.reason) == (ItemState.FAILED, True)
    assert status_of(sent) == "Finished"


def test_predictions_that_were_kept_are_scored_without_running_the_submission(flow: Flow) -> None:
    sent = flow.take_in(CODE)
    finish_prediction(claimed(worker()))
    finish_scoring(claimed(worker()), {"accuracy": 0.5})
    begin_rescore(flow)
    order = claimed(worker())
    assert order["is_scoring"]
    assert order["predictions_ran"]
    assert "prediction_result" in order
    assert order["id"] == sent


def test_what_is_not_kept_any_more_is_left_as_it_is(flow: Flow) -> None:
    gone = flow.take_in(CODE)
    finish_prediction(claimed(worker()))
    finish_scoring(claimed(worker()), {"accuracy": 0.5})
    kept = flow.scored({"accuracy": 0.6})
    file = RunFile.objects.get(kind="prediction_result")
    file.ticket.blob = None
    file.ticket.save()
    rescore = begin_rescore(flow)
    score_again({kept: {"accuracy": 0.7}})
    found = rescore_detail(flow.otto, rescore)
    assert [(item.submission_id, item.state) for item in found.items] == [
        (gone, ItemState.LEFT),
        (kept, ItemState.SCORED),
    ]
    assert "not kept any more" in found.items[0].reason


def test_a_program_that_scores_differently_each_time_is_found_out(flow: Flow) -> None:
    sent = [flow.scored({"accuracy": value}) for value in (0.1, 0.2, 0.3, 0.4)]
    rescore = begin_rescore(flow, sample=2)
    found = rescore_detail(flow.otto, rescore)
    assert (found.twins.sampled, found.twins.compared) == (2, 0)
    # Evenly spread: the first and the third.
    assert [item.submission_id for item in found.items if item.twice] == [sent[0], sent[2]]
    times = dict.fromkeys(sent, 0)
    for _ in range(6):
        order = claimed(worker())
        times[order["id"]] += 1
        drift = 0.01 * times[order["id"]] if order["id"] == sent[2] else 0.0
        finish_scoring(order, {"accuracy": 0.5 + drift})
    found = rescore_detail(flow.otto, rescore)
    assert (found.twins.sampled, found.twins.compared, found.twins.differing) == (2, 2, 1)
    assert found.items[0].differs
    apply(flow.otto, rescore)
    assert living(sent[2])["accuracy"] == 0.51


def test_the_best_stands_on_a_board_that_shows_the_best(flow: Flow) -> None:
    rule(flow, SubmissionRule.FORCE_BEST)
    first, second = flow.scored({"accuracy": 0.9}), flow.scored({"accuracy": 0.8})
    assert board_order() == [first]
    rescore = begin_rescore(flow)
    score_again({first: {"accuracy": 0.5}, second: {"accuracy": 0.8}})
    moves = {
        item.submission_id: (item.ranks[0].before, item.ranks[0].after)
        for item in rescore_detail(flow.otto, rescore).items
    }
    assert moves == {first: (1, None), second: (None, 1)}
    apply(flow.otto, rescore)
    assert board_order() == [second]
    assert Submission.objects.get(pk=second).on_board
    assert kinds(flow.competition_id).count("entry-removed") == 1


def test_baselines_and_hidden_entries_stay_so_with_new_scores(flow: Flow, bob: object) -> None:
    first, second = flow.scored({"accuracy": 0.9}), flow.scored({"accuracy": 0.8}, by=bob)  # type: ignore[arg-type]
    add_to_board(flow.anna, first)
    add_to_board(bob, second)  # type: ignore[arg-type]
    mark_entry(flow.otto, board_id(flow.competition_id), first, Mark.BASELINE)
    rescore = begin_rescore(flow)
    score_again({first: {"accuracy": 0.7}, second: {"accuracy": 0.6}})
    apply(flow.otto, rescore)
    assert board_order() == [second]
    assert Entry.objects.get(submission_id=first).values["accuracy"] == 0.7


def test_computed_columns_follow(flow: Flow) -> None:
    total = ColumnDraft("total", "Sum", computation=Computation.SUM, computed_from=("accuracy", "seconds"))
    change(flow.otto, board_id(flow.competition_id), with_more(total))
    sent = flow.scored({"accuracy": 0.5, "seconds": 2.0})
    add_to_board(flow.anna, sent)
    rescore = begin_rescore(flow)
    score_again({sent: {"accuracy": 0.25, "seconds": 1.0}})
    (item,) = rescore_detail(flow.otto, rescore).items
    assert [(score.column_key, score.before, score.after) for score in item.scores][-1] == ("total", 2.5, 1.25)
    apply(flow.otto, rescore)
    assert Entry.objects.get().values["total"] == 1.25


def test_every_task_of_several_is_scored_again(two: Flow) -> None:
    sent = two.take_in()
    for value in (0.4, 0.6):
        finish_scoring(claimed(worker()), {"accuracy": value})
    add_to_board(two.anna, sent)
    field, barn = Submission.objects.filter(parent=sent).order_by("pk").values_list("pk", flat=True)
    rescore = begin_rescore(two, submission_ids=(sent,))
    order = claimed(worker())
    finish_scoring(order, {"accuracy": 1.0})
    say(claimed(worker()), "Failed", details="It broke.", exit_code=1)
    apply(two.otto, rescore)
    # One task has its new score, the other keeps the one it had: the mean of 1.0 and 0.6, or of 0.4 and 1.0.
    assert Entry.objects.get().values["accuracy"] == {field: 0.8, barn: 0.7}[order["id"]]


def test_a_phase_or_chosen_submissions_are_rescored_alone(flow: Flow) -> None:
    first, second = flow.scored({"accuracy": 0.5}), flow.scored({"accuracy": 0.6})
    rescore = begin_rescore(flow, submission_ids=(second,))
    assert [item.submission_id for item in rescore_detail(flow.otto, rescore).items] == [second]
    cancel(flow.otto, rescore)
    rescore = begin_rescore(flow, phase_id=flow.phase_id)
    assert rescore_detail(flow.otto, rescore).total == 2
    cancel(flow.otto, rescore)
    other = flow.phase_id + 1
    with pytest.raises(UserError, match="no finished submission"):
        begin_rescore(flow, phase_id=other)
    with pytest.raises(NotFound, match="no such phase"):
        begin_rescore(flow, phase_id=10**9)
    with pytest.raises(NotFound, match="no submission 999999"):
        begin_rescore(flow, submission_ids=(first, 999_999))


def test_what_was_deleted_meanwhile_is_left_alone(flow: Flow) -> None:
    first, second = flow.scored({"accuracy": 0.5}), flow.scored({"accuracy": 0.6})
    third = flow.scored({"accuracy": 0.7})
    rescore = begin_rescore(flow)
    held = claimed(worker())
    assert held["id"] == first
    delete(flow.otto, first)
    delete(flow.otto, second)
    with pytest.raises((Conflict, NotFound)):
        finish_scoring(held, {"accuracy": 0.9})
    score_again({third: {"accuracy": 0.8}})
    apply(flow.otto, rescore)
    assert living(first) == {"accuracy": 0.5}
    assert living(third) == {"accuracy": 0.8}


def test_scores_written_by_hand_are_told_of_before_they_are_replaced(flow: Flow) -> None:
    sent = flow.scored({"accuracy": 0.5})
    rescore = begin_rescore(flow)
    edit_scores(flow.otto, sent, {"accuracy": 0.55}, "By hand.")
    score_again({sent: {"accuracy": 0.75}})
    found = rescore_detail(flow.otto, rescore)
    assert found.edited == 1
    assert found.items[0].scores[0].before == 0.55
    apply(flow.otto, rescore)
    assert living(sent) == {"accuracy": 0.75}


def test_a_program_that_is_replaced_meanwhile_makes_it_out_of_date(flow: Flow) -> None:
    sent = flow.scored({"accuracy": 0.5})
    rescore = begin_rescore(flow)
    score_again({sent: {"accuracy": 0.75}})
    assert not rescore_detail(flow.otto, rescore).outdated
    correct_the_program(flow)
    assert rescore_detail(flow.otto, rescore).outdated
    with pytest.raises(Conflict, match="was replaced after"):
        apply(flow.otto, rescore)
    assert living(sent) == {"accuracy": 0.5}


def test_it_begins_when_nothing_is_scored_by_the_old_program_any_more(flow: Flow) -> None:
    done, late = flow.scored({"accuracy": 0.5}), flow.take_in()
    order = claimed(worker())
    correct_the_program(flow)
    for wishes in ({}, {"phase_id": flow.phase_id}):
        with pytest.raises(Conflict, match="1 submission is still being scored by a program or data that you have"):
            begin_rescore(flow, **wishes)
    # Who names submissions means these alone.
    cancel(flow.otto, begin_rescore(flow, submission_ids=(done,)))
    finish_scoring(order, {"accuracy": 0.6})
    # What is scored by the new one already holds up nothing.
    flow.take_in()
    fresh = claimed(worker())
    rescore = begin_rescore(flow)
    finish_scoring(fresh, {"accuracy": 0.9})
    score_again({done: {"accuracy": 0.7}, late: {"accuracy": 0.8}})
    apply(flow.otto, rescore)
    assert [living(pk)["accuracy"] for pk in (done, late, fresh["id"])] == [0.7, 0.8, 0.9]


def test_new_submissions_are_scored_before_those_in_the_shadow(flow: Flow) -> None:
    flow.scored({"accuracy": 0.5})
    begin_rescore(flow)
    fresh = flow.take_in()
    assert claimed(worker())["id"] == fresh


def test_only_who_may_edit_scores_may_rescore(flow: Flow) -> None:
    flow.scored({"accuracy": 0.5})
    wish = RescoreWish(WHY)
    with pytest.raises(NotAllowed):
        start(flow.anna, flow.competition_id, wish)
    rescore = begin_rescore(flow)
    for ask in (apply, cancel, rescore_detail):
        with pytest.raises(NotAllowed):
            ask(flow.anna, rescore)
        with pytest.raises(NotFound):
            ask(flow.otto, rescore + 1)
    with pytest.raises(NotAllowed):
        rescores_of(flow.anna, flow.competition_id)
    assert [row.id for row in rescores_of(flow.otto, flow.competition_id)] == [rescore]


@pytest.mark.parametrize(
    ("wishes", "code"),
    [({"reason": " "}, "reason-missing"), ({"sample": -1}, "sample-invalid"), ({"sample": 101}, "sample-invalid")],
)
def test_wishes_that_make_no_sense_are_refused(flow: Flow, wishes: dict[str, object], code: str) -> None:
    flow.scored({"accuracy": 0.5})
    with pytest.raises(UserError) as refused:
        begin_rescore(flow, **wishes)
    assert refused.value.code == code
    assert not Rescore.objects.exists()
