"""What a run order tells a scoring program of the participant's earlier submissions."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.integration.server.competition_material import make_person, two_tasks
from tests.integration.server.flow import (
    TWO_TASKS,
    Flow,
    SteppedClock,
    begin,
    claimed,
    finish_scoring,
    say,
    worker,
)

from podium.rules.looking_back import PastScores, past_hash
from podium.server.accounts.people import Person
from podium.server.competitions.models import Phase, Task
from podium.server.competitions.services import register
from podium.server.submissions.models import Attempt, Score, Submission
from podium.server.submissions.services import looking_back
from podium.server.submissions.services.lifecycle import delete
from podium.server.submissions.services.looking_back import past_again
from podium.server.submissions.services.rerun import rerun
from podium.server.submissions.services.score_editing import edit_scores

pytestmark = pytest.mark.django_db


@pytest.fixture
def flow(tmp_path: Path, time: SteppedClock) -> Flow:
    return begin(tmp_path)


def next_order(flow: Flow, *, by: Person | None = None, **options: Any) -> dict[str, Any]:
    flow.take_in(by=by)
    return claimed(worker(), **options)


def seen(order: Mapping[str, Any]) -> dict[tuple[int, int], str]:
    return {(phase, number): text for phase, number, text in order.get("history", [])}


def to_phase(flow: Flow, index: int) -> Flow:
    """The flow with the phase of that index open instead of the first."""
    phases = list(Phase.objects.filter(competition=flow.competition_id).order_by("index"))
    Phase.objects.filter(pk=phases[index].pk).update(start=phases[0].start, end=None, max_submissions=None)
    return Flow(flow.competition_id, phases[index].pk, flow.otto, flow.anna)


def test_the_first_submission_finds_nothing_but_what_it_is(flow: Flow) -> None:
    order = next_order(flow)
    assert "history" not in order
    assert list(order["facts"]) == [
        "submitted-by",
        "submitted-at",
        "competition-submission",
        "competition-phase",
        "automatic-submission",
    ]
    assert order["facts"]["submitted-by"] == "anna"
    assert order["facts"]["competition-submission"] == "1"
    assert order["facts"]["competition-phase"] == "0"
    assert order["facts"]["automatic-submission"] == "False"
    assert "history" not in Attempt.objects.get().made_from


def test_scores_come_as_written_in_their_order_with_and_without_a_column(flow: Flow) -> None:
    flow.scored({"zeta": 2, "accuracy": 0.1, "alpha": 3.5})
    flow.scored({"accuracy": 1.0})
    order = next_order(flow)
    assert seen(order) == {(0, 1): "zeta:2.0\naccuracy:0.1\nalpha:3.5\n", (0, 2): "accuracy:1.0\n"}
    past = [PastScores(0, number, text) for (_, number), text in seen(order).items()]
    assert Attempt.objects.latest("pk").made_from["history"] == past_hash(past)


def test_what_failed_was_cancelled_or_deleted_or_still_runs_is_not_there(flow: Flow) -> None:
    gone = flow.scored({"accuracy": 0.1})
    delete(flow.anna, gone)
    say(next_order(flow), "Failed")
    flow.take_in()
    claimed(worker(), slot=1)  # still being scored
    flow.scored({"accuracy": 0.4})
    assert seen(next_order(flow)) == {(0, 4): "accuracy:0.4\n"}


def test_nobody_sees_the_past_of_another_person_or_competition(flow: Flow, tmp_path: Path) -> None:
    emmy = make_person("emmy")
    register(emmy, flow.competition_id, accepts_terms=True)
    flow.scored({"accuracy": 0.1}, by=emmy)
    (tmp_path / "other").mkdir()
    assert seen(next_order(flow)) == {}
    assert next_order(flow, by=emmy)["history_of"] != f"{flow.competition_id}-{flow.anna.id}-{Task.objects.get().pk}"


def test_earlier_phases_count_and_later_ones_do_not(flow: Flow) -> None:
    flow.scored({"accuracy": 0.1})
    final = to_phase(flow, 1)
    final.scored({"accuracy": 0.2})
    order = next_order(final)
    assert seen(order) == {(0, 1): "accuracy:0.1\n", (1, 1): "accuracy:0.2\n"}
    assert order["facts"]["competition-phase"] == "1"
    finish_scoring(order, {"accuracy": 0.3})
    assert seen(next_order(flow)) == {(0, 1): "accuracy:0.1\n"}


def test_a_phase_with_a_task_of_its_own_counts_as_well(flow: Flow) -> None:
    flow.scored({"accuracy": 0.1})
    final = to_phase(flow, 1)
    old = Task.objects.get()
    new = Task.objects.create(
        name="Barn", created_by_id=flow.otto.id, created_at=old.created_at, scoring_program=old.scoring_program
    )
    phase = Phase.objects.get(pk=final.phase_id)
    phase.phase_tasks.all().delete()
    phase.phase_tasks.create(task=new, order_index=0)
    assert seen(next_order(final)) == {(0, 1): "accuracy:0.1\n"}


def test_each_task_sees_its_own_scores(tmp_path: Path, time: SteppedClock) -> None:
    flow = begin(tmp_path, TWO_TASKS)
    flow.take_in()
    for value in (0.1, 0.2):
        finish_scoring(claimed(worker()), {"accuracy": value})
    flow.take_in()
    field, barn = claimed(worker()), claimed(worker(), slot=1)
    assert seen(field) == {(0, 1): "accuracy:0.1\n"}
    assert seen(barn) == {(0, 1): "accuracy:0.2\n"}
    assert field["history_of"] != barn["history_of"]
    assert field["facts"]["competition-submission"] == "2"


def test_a_task_that_failed_has_no_past_where_the_other_one_has(tmp_path: Path, time: SteppedClock) -> None:
    flow = begin(tmp_path, two_tasks())
    flow.take_in()
    finish_scoring(claimed(worker()), {"accuracy": 0.1})
    say(claimed(worker()), "Failed")
    flow.take_in()
    assert seen(claimed(worker())) == {(0, 1): "accuracy:0.1\n"}
    assert seen(claimed(worker(), slot=1)) == {}


def test_corrected_scores_are_seen_as_they_stand_now(flow: Flow) -> None:
    made = flow.scored({"note": 7, "accuracy": 0.1, "seconds": 2})
    edit_scores(flow.otto, made, {"accuracy": 0.9, "seconds": None}, "A wrong unit.")
    order = next_order(flow)
    assert seen(order) == {(0, 1): "note:7.0\naccuracy:0.9\n"}
    assert Attempt.objects.latest("pk").looked_back[0][3] == [["accuracy", 0.9], ["seconds", None]]


def test_what_was_added_by_hand_comes_last(flow: Flow) -> None:
    made = flow.scored({"accuracy": 0.1})
    edit_scores(flow.otto, made, {"seconds": 4.0}, "Measured later.")
    assert seen(next_order(flow)) == {(0, 1): "accuracy:0.1\nseconds:4.0\n"}


def test_a_submission_that_was_run_again_is_there_under_both_numbers(flow: Flow) -> None:
    made = flow.scored({"accuracy": 0.1})
    rerun(flow.otto, made)
    again = claimed(worker())
    assert seen(again) == {(0, 1): "accuracy:0.1\n"}
    finish_scoring(again, {"accuracy": 0.2})
    assert seen(next_order(flow)) == {(0, 1): "accuracy:0.1\n", (0, 2): "accuracy:0.2\n"}


def test_a_look_at_one_task_is_nobodys_past(flow: Flow) -> None:
    made = flow.scored({"accuracy": 0.1})
    rerun(flow.otto, made, task_key=Task.objects.get().key)
    finish_scoring(claimed(worker()), {"accuracy": 0.2})
    assert seen(next_order(flow)) == {(0, 1): "accuracy:0.1\n"}


def test_a_worker_of_codabench_is_told_nothing_that_it_cannot_lay_out(flow: Flow) -> None:
    flow.scored({"accuracy": 0.1})
    order = next_order(flow, heartbeats=False)
    assert not {"history", "history_of", "facts"} & order.keys()
    assert "history" not in Attempt.objects.latest("pk").made_from


def test_the_past_of_an_attempt_can_be_made_again_until_scores_are_gone(flow: Flow) -> None:
    first = flow.scored({"accuracy": 0.1})
    edit_scores(flow.otto, first, {"accuracy": 0.2}, "Again.")
    order = next_order(flow)
    attempt = Attempt.objects.latest("pk")
    edit_scores(flow.otto, first, {"accuracy": 0.7}, "And again.")
    again = past_again(attempt)
    assert again is not None
    assert {each.place: each.text for each in again.shown} == seen(order)
    Score.objects.filter(submission=first).delete()
    Attempt.objects.filter(run__submission=first).update(reported_scores=None)
    assert past_again(attempt) is None


def test_of_very_many_the_newest_are_shown_and_the_run_says_so(
    flow: Flow, time: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for value in (0.1, 0.2, 0.3):
        flow.scored({"accuracy": value})
    monkeypatch.setattr(looking_back, "MOST_SUBMISSIONS", 3)
    flow.take_in()
    assert set(seen(claimed(worker()))) == {(0, 1), (0, 2), (0, 3)}
    assert Attempt.objects.latest("pk").notes == []
    monkeypatch.setattr(looking_back, "MOST_SUBMISSIONS", 2)
    flow.take_in()
    assert seen(claimed(worker(), slot=1)) == {(0, 2): "accuracy:0.2\n", (0, 3): "accuracy:0.3\n"}
    assert Attempt.objects.latest("pk").notes == [
        "input/history leaves out the oldest submissions: it holds the newest 2 at most."
    ]


def test_hundreds_of_earlier_submissions_take_no_more_queries_than_one(flow: Flow) -> None:
    Phase.objects.update(max_submissions_per_day=None)
    made = flow.scored({"accuracy": 0.1})
    flow.take_in()
    with CaptureQueriesContext(
        connection,
    ) as few:
        claimed(worker())
    original, attempt = Submission.objects.get(pk=made), Attempt.objects.get(run__submission=made)
    for number in range(3, 43):
        _copy(original, attempt, number)
    flow.take_in()
    with CaptureQueriesContext(connection) as many:
        order = claimed(worker(), slot=1)
    assert len(seen(order)) == 41
    assert len(many) <= len(few)


def _copy(original: Submission, attempt: Attempt, number: int) -> None:
    """Another finished submission like that one, as rows alone."""
    run = attempt.run
    copy = Submission.objects.get(pk=original.pk)
    copy.pk, copy.number = None, number
    copy.save(force_insert=True)
    job = type(run.job).objects.get(pk=run.job_id)
    job.pk = None
    job.save(force_insert=True)
    own = type(run).objects.create(submission=copy, step=run.step, job=job)
    Attempt.objects.create(
        run=own,
        number=1,
        worker_name="lab-1",
        slot=0,
        outcome=attempt.outcome,
        reported_scores=attempt.reported_scores,
        started_at=attempt.started_at,
    )
