"""The way of a submission: from being taken in to its place on the board."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from tests.integration.server.competition_material import described
from tests.integration.server.flow import (
    CODE,
    MADE,
    Flow,
    SteppedClock,
    assert_all_chains_fit,
    begin,
    claimed,
    finish_prediction,
    finish_scoring,
    kinds,
    put,
    say,
    score,
    status_of,
    worker,
)

from podium.rules.errors import Conflict, NotAllowed, ProgramError, UserError
from podium.server.history.models import Event
from podium.server.leaderboards.models import Entry
from podium.server.leaderboards.queries import contract_json
from podium.server.submissions.models import Attempt, Score, Submission
from podium.server.submissions.services.attempts import attempt_of_secret
from podium.server.submissions.services.board import add_to_board
from podium.server.submissions.services.claim import claim

pytestmark = pytest.mark.django_db


def living(submission_id: int) -> dict[str, float]:
    rows = Score.objects.filter(submission_id=submission_id, superseded_at=None).order_by("position")
    return dict(rows.values_list("column_key", "value"))


def test_a_result_submission_goes_straight_to_scoring(flow: Flow) -> None:
    made = flow.take_in()
    assert status_of(made) == "Scoring"
    order = claimed(worker())
    assert (order["id"], order["is_scoring"], order["attempt"]) == (made, True, 1)
    finish_scoring(order, {"accuracy": 0.75, "seconds": 2.0})
    assert status_of(made) == "Finished"
    assert living(made) == {"accuracy": 0.75, "seconds": 2.0}


def test_scoring_reads_what_was_submitted_where_nothing_was_predicted(flow: Flow) -> None:
    made = flow.take_in()
    order = claimed(worker())
    sent = Submission.objects.select_related("data").get(pk=made).data
    assert f"/blobs/{sent.blob_id}/" in order["prediction_result"]
    assert Attempt.objects.get().made_from["prediction_result"] == sent.blob_id


def test_code_is_run_before_it_is_scored(flow: Flow) -> None:
    made = flow.take_in(CODE)
    assert status_of(made) == "Submitted"
    first = claimed(worker())
    assert not first["is_scoring"]
    assert status_of(made) == "Running"
    finish_prediction(first)
    assert status_of(made) == "Scoring"
    second = claimed(worker())
    assert second["is_scoring"]
    assert second["secret"] != first["secret"]
    finish_scoring(second, {"accuracy": 1.0})
    assert status_of(made) == "Finished"


@pytest.mark.parametrize("upload_first", [True, False])
def test_a_prediction_has_ended_when_both_its_word_and_its_result_are_here(flow: Flow, *, upload_first: bool) -> None:
    made = flow.take_in(CODE)
    order = claimed(worker())
    steps = [lambda: put(order["prediction_result"], b"PK"), lambda: say(order, "Scoring")]
    for step in steps if upload_first else reversed(steps):
        assert claim(worker("lab-2"), 0) is None
        step()
    assert status_of(made) == "Scoring"
    assert claimed(worker("lab-2"))["is_scoring"]


@pytest.mark.parametrize("scores_first", [True, False])
def test_scores_and_the_end_may_come_in_either_order(flow: Flow, *, scores_first: bool) -> None:
    made = flow.take_in()
    order = claimed(worker())
    given = {"seconds": 3.5, "accuracy": 0.5}
    steps = [lambda: score(order, given), lambda: say(order, "Finished")]
    first, second = steps if scores_first else reversed(steps)
    first()
    assert status_of(made) == "Scoring"
    second()
    assert status_of(made) == "Finished"
    assert list(living(made)) == ["seconds", "accuracy"]


def test_reports_that_come_twice_change_nothing(flow: Flow) -> None:
    made = flow.take_in(CODE)
    order = claimed(worker())
    finish_prediction(order)
    say(order, "Scoring")
    assert Submission.objects.get(pk=made).runs.count() == 2
    order = claimed(worker())
    finish_scoring(order, {"accuracy": 0.5})
    before = kinds(flow.competition_id)
    score(order, {"accuracy": 0.5})
    say(order, "Finished")
    assert kinds(flow.competition_id) == before
    assert Score.objects.count() == 1


def test_other_scores_after_the_end_are_refused(flow: Flow) -> None:
    made = flow.take_in()
    order = claimed(worker())
    finish_scoring(order, {"accuracy": 0.5})
    with pytest.raises(Conflict):
        score(order, {"accuracy": 0.9})
    assert living(made) == {"accuracy": 0.5}


def test_progress_reports_change_nothing_but_are_heard(flow: Flow) -> None:
    made = flow.take_in(CODE)
    order = claimed(worker())
    for status in ("Preparing", "Running", "Preparing"):
        say(order, status, runtime="science")
    assert status_of(made) == "Running"
    assert Attempt.objects.get().runtime == "science"


def test_a_status_that_does_not_exist_is_refused(flow: Flow) -> None:
    flow.take_in()
    with pytest.raises(UserError, match="no status 'Done'"):
        say(claimed(worker()), "Done")


@pytest.mark.parametrize("secret", ["", "no uuid", "00000000-0000-4000-8000-000000000000"])
def test_a_wrong_secret_is_refused(flow: Flow, secret: str) -> None:
    flow.take_in()
    order = claimed(worker())
    with pytest.raises(NotAllowed, match="Submission secrets do not match"):
        attempt_of_secret(order["id"], secret)


def test_the_secret_of_one_submission_does_not_open_another(flow: Flow) -> None:
    flow.take_in()
    flow.take_in()
    one, other = claimed(worker()), claimed(worker(), slot=1)
    with pytest.raises(NotAllowed):
        attempt_of_secret(other["id"], one["secret"])


@pytest.mark.parametrize(
    ("scores", "said"),
    [
        ({"accuracy": math.nan}, "not a finite number"),
        ({"accuracy": math.inf}, "not a finite number"),
        ({"accuracy": [0.5]}, "a list"),
        ({"accuracy": "0.5"}, "the text '0.5'"),
        ([0.5], "list"),
        ("0.5", "str"),
        ({}, "no scores"),
        ({f"key{number}": 1.0 for number in range(1001)}, "more than 1000 scores"),
    ],
)
def test_scores_that_are_none_fail_the_submission_with_the_reason(flow: Flow, scores: object, said: str) -> None:
    made = flow.take_in()
    with pytest.raises(ProgramError):
        score(claimed(worker()), scores)
    row = Submission.objects.get(pk=made)
    assert (row.status, row.reason_code, row.internal_failure) == ("Failed", "scores-invalid", False)
    assert said in row.status_details
    assert row.reason_hint
    assert not Score.objects.exists()
    assert kinds(flow.competition_id)[-2:] == ["attempt-ended", "submission-failed"]


def test_a_program_that_fails_is_not_tried_again(flow: Flow) -> None:
    made = flow.take_in()
    order = claimed(worker())
    say(
        order,
        "Failed",
        details="Exit code 3.",
        outcome="failed",
        code="exit-code",
        hint="Look at the log.",
        exit_code=3,
    )
    row = Submission.objects.get(pk=made)
    assert (row.status, row.status_details, row.reason_code, row.reason_hint) == (
        "Failed",
        "Exit code 3.",
        "exit-code",
        "Look at the log.",
    )
    assert claim(worker(), 0) is None
    assert Attempt.objects.get().exit_code == 3


def test_a_failure_that_is_reported_twice_is_one(flow: Flow) -> None:
    made = flow.take_in()
    order = claimed(worker())
    say(order, "Failed", details="program_rc=1")
    say(order, "Failed", details="Something went wrong.")
    assert Submission.objects.get(pk=made).status_details == "The scoring program ended with exit code 1."


def test_a_worker_cannot_say_that_its_attempt_was_lost_or_went_well_by_failing(flow: Flow) -> None:
    for outcome in ("lost", "finished", "cancelled", "nonsense"):
        made = flow.take_in()
        say(claimed(worker()), "Failed", outcome=outcome)
        assert status_of(made) == "Failed"


def test_what_no_database_takes_is_taken_out_of_a_workers_words(flow: Flow) -> None:
    made = flow.take_in()
    say(claimed(worker()), "Failed", details="a\0b \ud800c", code="x\0", hint="\0", runtime="r\0")
    assert Submission.objects.get(pk=made).status_details == "a b  c"


def test_a_submission_that_names_no_command_fails_at_once_and_says_so(flow: Flow) -> None:
    made = flow.take_in({"metadata.yaml": b"description: nothing to run\n"})
    row = Submission.objects.get(pk=made)
    assert (row.status, row.reason_code) == ("Failed", "no-command")
    assert "command" in row.reason_hint
    assert claim(worker(), 0) is None


def test_a_scored_submission_stands_on_the_board_once_it_is_added(flow: Flow) -> None:
    made = flow.scored({"accuracy": 0.756, "seconds": 2.04})
    assert contract_json(flow.phase_id, None)["submissions"] == []
    add_to_board(flow.anna, made)
    (entry,) = contract_json(flow.phase_id, None)["submissions"]
    assert entry["id"] == made
    # Two decimals and one: the columns' precisions.
    assert [each["score"] for each in entry["scores"]] == ["0.76", "2.0"]
    assert Submission.objects.get(pk=made).on_board


def test_a_board_that_fills_itself_shows_a_submission_as_soon_as_it_is_scored(
    tmp_path: Path, time: SteppedClock
) -> None:
    board = described()["leaderboards"][0] | {"submission_rule": "Force_Best"}
    flow = begin(tmp_path, described(leaderboards=[board]))
    worse = flow.scored({"accuracy": 0.5})
    better = flow.scored({"accuracy": 0.8})
    assert list(Entry.objects.values_list("submission_id", flat=True)) == [better]
    assert not Submission.objects.get(pk=worse).on_board
    assert kinds(flow.competition_id)[-2:] == ["entry-removed", "entry-added"]
    assert_all_chains_fit()


def test_the_events_tell_the_whole_way(flow: Flow) -> None:
    made = flow.take_in(CODE)
    finish_prediction(claimed(worker()))
    finish_scoring(claimed(worker()), {"accuracy": 0.5})
    add_to_board(flow.anna, made)
    assert kinds(flow.competition_id) == [
        *MADE,
        "competition-published",
        "participant-requested",
        "participant-approved",
        "submission-received",
        "attempt-started",
        "attempt-ended",
        "attempt-started",
        "attempt-ended",
        "scores-accepted",
        "submission-finished",
        "entry-added",
    ]


def test_keys_that_no_column_has_are_left_out_with_a_note(flow: Flow) -> None:
    made = flow.scored({"accuracy": 0.5, "anna.smith@example.org": 1.0})
    assert living(made) == {"accuracy": 0.5}
    (note,) = Attempt.objects.get(run__submission=made).notes
    assert note == 'The score "anna.smith@example.org" was left out: the leaderboard has no such column.'
    event = Event.objects.get(kind="scores-accepted")
    assert json.loads(event.payload)["scores"] == {"accuracy": 0.5}


def test_a_submission_to_several_tasks_ends_with_the_last_of_its_children(two: Flow) -> None:
    made = two.take_in()
    parent = Submission.objects.get(pk=made)
    children = list(parent.children.order_by("pk"))
    assert [child.status for child in children] == ["Scoring", "Scoring"]
    assert parent.status == "Running"
    first, second = claimed(worker(), 0), claimed(worker(), 1)
    assert {first["id"], second["id"]} == {child.pk for child in children}
    finish_scoring(first, {"accuracy": 0.4})
    assert status_of(made) == "Running"
    finish_scoring(second, {"accuracy": 0.6})
    assert status_of(made) == "Finished"
    add_to_board(two.anna, made)
    (entry,) = contract_json(two.phase_id, None)["submissions"]
    # The mean of 0.4 and 0.6.
    assert [each["score"] for each in entry["aggregates"]] == ["0.5"]
    assert [each["score"] for each in entry["scores"]] == ["0.4", "0.6"]
    assert kinds(two.competition_id).count("submission-finished") == 3


def test_a_parent_waits_like_its_children(two: Flow) -> None:
    assert status_of(two.take_in(CODE)) == "Submitted"


def test_a_parent_with_one_scored_child_is_finished_and_says_what_went_wrong(two: Flow) -> None:
    made = two.take_in()
    finish_scoring(claimed(worker(), 0), {"accuracy": 0.4})
    say(claimed(worker(), 1), "Failed", details="The barn burnt down.")
    row = Submission.objects.get(pk=made)
    assert (row.status, row.status_details) == ("Finished", "The barn burnt down.")


def test_a_parent_whose_children_all_failed_has_failed(two: Flow) -> None:
    made = two.take_in()
    for slot in (0, 1):
        say(claimed(worker(), slot), "Failed", details="No sheep.")
    assert status_of(made) == "Failed"
    assert not Submission.objects.get(pk=made).internal_failure
