"""Submissions that are stopped, lost, deleted, or may not be made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.integration.server.competition_material import DESCRIPTION, described, make_person
from tests.integration.server.flow import (
    CODE,
    RESULT,
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
    uploaded,
    worker,
)

from podium.rules.deadlines import LEASE
from podium.rules.errors import ArchiveError, Conflict, NotAllowed, NotFound, OutOfSpace, TooLarge, UserError
from podium.rules.runs import MAX_ATTEMPTS
from podium.server.accounts.models import User
from podium.server.accounts.people import Person
from podium.server.competitions.models import Phase
from podium.server.competitions.services import register, unpublish
from podium.server.configuration import configuration
from podium.server.files.models import DataSet, DataSetType
from podium.server.files.services import create_data_set, keep_blob, store
from podium.server.jobs import leases
from podium.server.leaderboards.models import Entry
from podium.server.submissions.models import Attempt, Score, Submission
from podium.server.submissions.queries.detail import submission_detail
from podium.server.submissions.queries.quota import used_quota, used_quotas
from podium.server.submissions.services import sweep as services_sweep
from podium.server.submissions.services.board import add_to_board, remove_from_board
from podium.server.submissions.services.claim import claim
from podium.server.submissions.services.end import lose
from podium.server.submissions.services.lifecycle import cancel, delete
from podium.server.submissions.services.report import give_back, renew, report_scores
from podium.server.submissions.services.submit import (
    StoredUpload,
    SubmissionRequest,
    run_submission,
    submit,
    submit_upload,
)
from podium.server.submissions.services.sweep import sweep


def lost_order(time: SteppedClock) -> dict[str, object]:
    """Take the next run and let its lease run out."""
    order = claimed(worker())
    time.add(seconds=LEASE.total_seconds() + 1)
    assert sweep() == 1
    return order


def ready(time: SteppedClock) -> None:
    """Wait out the pause before the next attempt."""
    time.add(minutes=10)


class TestLosing:
    def test_a_run_whose_worker_is_silent_is_tried_again_with_the_reason(self, flow: Flow, time: SteppedClock) -> None:
        made = flow.take_in(CODE)
        lost_order(time)
        assert status_of(made) == "Submitted"
        (run,) = submission_detail(flow.anna, made).parts[0].runs
        assert (run.state, run.reason) == ("waiting", "Worker lab-1 was not heard of any more.")
        assert [attempt.outcome for attempt in run.attempts] == ["lost"]
        ready(time)
        assert claimed(worker())["attempt"] == 2

    @pytest.mark.parametrize("report", ["scores", "finished", "failed", "renew"])
    def test_what_a_lost_attempt_says_is_refused_and_changes_nothing(
        self, flow: Flow, time: SteppedClock, report: str
    ) -> None:
        made = flow.take_in()
        order = lost_order(time)
        before = kinds(flow.competition_id)
        reports = {
            "scores": lambda: score(order, {"accuracy": 1.0}),
            "finished": lambda: say(order, "Finished"),
            "failed": lambda: say(order, "Failed", details="Too late."),
            "renew": lambda: renew(made, str(order["secret"])),
        }
        with pytest.raises(Conflict):
            reports[report]()
        assert status_of(made) == "Scoring"
        assert not Score.objects.exists()
        assert kinds(flow.competition_id) == before

    def test_the_late_answer_of_the_first_attempt_does_not_disturb_the_second(
        self, flow: Flow, time: SteppedClock
    ) -> None:
        made = flow.take_in()
        late = lost_order(time)
        ready(time)
        order = claimed(worker("lab-2"))
        with pytest.raises(Conflict):
            score(late, {"accuracy": 0.1})
        finish_scoring(order, {"accuracy": 0.9})
        assert list(Score.objects.values_list("submission_id", "value")) == [(made, 0.9)]

    def test_bad_scores_of_a_lost_attempt_do_not_fail_the_submission(self, flow: Flow, time: SteppedClock) -> None:
        made = flow.take_in()
        order = lost_order(time)
        with pytest.raises(Conflict):
            score(order, {"accuracy": "none"})
        assert status_of(made) == "Scoring"

    def test_predictions_of_a_lost_attempt_are_not_scored(self, flow: Flow, time: SteppedClock) -> None:
        made = flow.take_in(CODE)
        late = lost_order(time)
        with pytest.raises(Conflict):
            put(str(late["prediction_result"]), b"late")
        assert status_of(made) == "Submitted"
        ready(time)
        order = claimed(worker())
        finish_prediction(order)
        scoring = claimed(worker())
        name = Attempt.objects.get(secret=order["secret"]).files.get(kind="prediction_result").ticket.blob_id
        assert f"/blobs/{name}/" in scoring["prediction_result"]

    def test_after_the_last_attempt_the_submission_fails_as_our_fault(self, flow: Flow, time: SteppedClock) -> None:
        made = flow.take_in()
        for _ in range(MAX_ATTEMPTS):
            lost_order(time)
            ready(time)
        row = Submission.objects.get(pk=made)
        assert (row.status, row.reason_code, row.internal_failure) == ("Failed", "internal", True)
        assert f"{MAX_ATTEMPTS} times" in row.status_details
        assert claim(worker(), 0) is None
        assert kinds(flow.competition_id)[-1] == "submission-failed"
        assert kinds(flow.competition_id).count("attempt-lost") == MAX_ATTEMPTS

    def test_a_failure_of_ours_uses_up_nothing_of_a_quota(self, flow: Flow, time: SteppedClock) -> None:
        flow.take_in()
        for _ in range(MAX_ATTEMPTS):
            say(claimed(worker()), "Failed", outcome="infrastructure", details="The disk is full.")
            ready(time)
        assert used_quota(flow.anna.id, flow.phase_id, time())["used_total"] == 0

    @pytest.mark.parametrize(("outcome", "counts"), [("infrastructure", False), ("failed", True)])
    def test_a_failure_of_ours_at_one_of_several_tasks_uses_up_nothing_either(
        self, two: Flow, time: SteppedClock, outcome: str, counts: bool
    ) -> None:
        made = two.take_in()
        finish_scoring(claimed(worker(), 0), {"accuracy": 0.4})
        for _ in range(1 if counts else MAX_ATTEMPTS):
            say(claimed(worker(), 1), "Failed", outcome=outcome, details="The disk is full.")
            ready(time)
        row = Submission.objects.get(pk=made)
        assert (row.status, row.internal_failure) == ("Finished", not counts)
        assert used_quota(two.anna.id, two.phase_id, time())["used_total"] == int(counts)
        assert used_quotas(two.anna.id, [two.phase_id], time())[two.phase_id]["used_today"] == int(counts)

    def test_one_run_that_cannot_be_taken_back_does_not_hold_up_the_others(
        self, flow: Flow, time: SteppedClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made = [flow.take_in() for _ in range(3)]
        for slot in range(3):
            claimed(worker(), slot)
        time.add(seconds=LEASE.total_seconds() + 1)
        broken = leases.run_out(time())[1]
        whole = services_sweep.lose

        def lose(lease: leases.Lease, **more: Any) -> None:
            if lease == broken:
                raise RuntimeError("the chain of its competition does not fit")
            whole(lease, **more)

        monkeypatch.setattr(services_sweep, "lose", lose)
        with pytest.raises(RuntimeError):
            sweep()
        assert leases.run_out(time()) == [broken]
        assert [status_of(each) for each in made] == ["Scoring"] * 3

    def test_a_slot_that_asks_has_lost_what_it_held(self, flow: Flow, time: SteppedClock) -> None:
        made = flow.take_in()
        first = claimed(worker(), 3)
        again = claimed(worker(), 3)
        assert (again["id"], again["attempt"]) == (made, 2)
        assert "restarted" in submission_detail(flow.anna, made).parts[0].runs[0].attempts[0].reason
        with pytest.raises(Conflict):
            say(first, "Finished")

    def test_another_slot_of_the_same_worker_keeps_its_run(self, flow: Flow) -> None:
        flow.take_in()
        order = claimed(worker(), 0)
        assert claim(worker(), 1) is None
        finish_scoring(order, {"accuracy": 1.0})

    def test_a_run_that_is_given_back_is_tried_again(self, flow: Flow, time: SteppedClock) -> None:
        made = flow.take_in()
        order = claimed(worker())
        give_back(made, order["secret"], "The worker was stopped.\0")
        ready(time)
        assert claimed(worker())["attempt"] == 2
        assert Attempt.objects.order_by("pk").values_list("reason", flat=True)[0] == "The worker was stopped."

    def test_a_heartbeat_keeps_a_run_from_being_swept(self, flow: Flow, time: SteppedClock) -> None:
        made = flow.take_in()
        order = claimed(worker())
        for _ in range(5):
            time.add(seconds=LEASE.total_seconds() * 0.9)
            renew(made, order["secret"])
            assert sweep() == 0
        finish_scoring(order, {"accuracy": 1.0})

    def test_a_lease_that_was_prolonged_after_the_sweeper_looked_stays(self, flow: Flow, time: SteppedClock) -> None:
        made = flow.take_in()
        order = claimed(worker())
        time.add(seconds=LEASE.total_seconds() + 1)
        (late,) = leases.run_out(time())
        renew(made, order["secret"])
        lose(late, only_if_late=True)
        finish_scoring(order, {"accuracy": 1.0})

    def test_a_child_that_waits_again_puts_its_parent_back(self, two: Flow, time: SteppedClock) -> None:
        made = two.take_in(CODE)
        order = claimed(worker())
        assert status_of(made) == "Running"
        give_back(order["id"], order["secret"], "Stopped.")
        assert status_of(made) == "Submitted"


class TestCancelling:
    def test_a_waiting_submission_is_taken_from_the_queue(self, flow: Flow) -> None:
        made = flow.take_in()
        assert cancel(flow.anna, made)
        assert status_of(made) == "Cancelled"
        assert claim(worker(), 0) is None
        assert kinds(flow.competition_id)[-1] == "submission-cancelled"

    def test_the_worker_of_a_cancelled_submission_is_told_when_it_reports(self, flow: Flow) -> None:
        made = flow.take_in()
        order = claimed(worker())
        cancel(flow.anna, made)
        for report in (lambda: renew(made, order["secret"]), lambda: score(order, {"accuracy": 1.0})):
            with pytest.raises(Conflict):
                report()
        assert status_of(made) == "Cancelled"
        assert Attempt.objects.get().outcome == "cancelled"

    def test_one_that_has_ended_is_not_cancelled(self, flow: Flow) -> None:
        made = flow.scored({"accuracy": 1.0})
        assert not cancel(flow.anna, made)
        assert status_of(made) == "Finished"

    def test_all_children_are_cancelled_with_their_parent(self, two: Flow) -> None:
        made = two.take_in()
        claimed(worker())
        assert cancel(two.anna, made)
        assert [child.status for child in Submission.objects.filter(parent_id=made)] == ["Cancelled", "Cancelled"]
        assert status_of(made) == "Cancelled"

    def test_cancelling_the_rest_keeps_what_was_scored(self, two: Flow) -> None:
        made = two.take_in()
        finish_scoring(claimed(worker()), {"accuracy": 0.4})
        assert cancel(two.anna, made)
        assert status_of(made) == "Finished"
        add_to_board(two.anna, made)
        assert Entry.objects.get().submission_id == made

    def test_a_stranger_cancels_nothing(self, flow: Flow) -> None:
        made = flow.take_in()
        with pytest.raises(NotFound):
            cancel(make_person("eve"), made)
        assert status_of(made) == "Scoring"

    def test_the_organizer_cancels_anybodys(self, flow: Flow) -> None:
        assert cancel(flow.otto, flow.take_in())


class TestDeleting:
    def test_a_submission_that_is_worked_on_is_not_deleted(self, flow: Flow) -> None:
        with pytest.raises(Conflict, match="still being worked on"):
            delete(flow.anna, flow.take_in())

    def test_a_deleted_submission_is_gone_but_its_scores_stay(self, flow: Flow) -> None:
        made = flow.scored({"accuracy": 1.0})
        delete(flow.anna, made)
        with pytest.raises(NotFound):
            submission_detail(flow.anna, made)
        assert Score.objects.filter(submission_id=made).count() == 1
        assert kinds(flow.competition_id)[-1] == "submission-deleted"

    def test_an_owner_does_not_delete_what_stands_on_the_board_but_the_organizer_may(self, flow: Flow) -> None:
        made = flow.scored({"accuracy": 1.0})
        add_to_board(flow.anna, made)
        with pytest.raises(NotAllowed):
            delete(flow.anna, made)
        delete(flow.otto, made)
        assert not Entry.objects.exists()
        assert kinds(flow.competition_id)[-2:] == ["entry-removed", "submission-deleted"]

    def test_a_deleted_submission_still_counts(self, flow: Flow, time: SteppedClock) -> None:
        delete(flow.anna, flow.scored({"accuracy": 1.0}))
        assert used_quota(flow.anna.id, flow.phase_id, time())["used_total"] == 1

    def test_a_stranger_deletes_nothing(self, flow: Flow) -> None:
        made = flow.scored({"accuracy": 1.0})
        with pytest.raises(NotFound):
            delete(make_person("eve"), made)


class TestBoard:
    def test_what_was_not_scored_is_not_added(self, flow: Flow) -> None:
        with pytest.raises(Conflict):
            add_to_board(flow.anna, flow.take_in())

    def test_a_stranger_adds_nothing(self, flow: Flow) -> None:
        made = flow.scored({"accuracy": 1.0})
        with pytest.raises(NotFound):
            add_to_board(make_person("eve"), made)

    def test_by_the_rule_add_a_participant_does_not_remove(self, flow: Flow) -> None:
        made = flow.scored({"accuracy": 1.0})
        add_to_board(flow.anna, made)
        with pytest.raises(NotAllowed):
            remove_from_board(flow.anna, made)

    def test_adding_another_takes_the_place_of_the_first(self, flow: Flow) -> None:
        first, second = flow.scored({"accuracy": 1.0}), flow.scored({"accuracy": 0.5})
        add_to_board(flow.anna, first)
        add_to_board(flow.anna, second)
        assert list(Entry.objects.values_list("submission_id", flat=True)) == [second]
        assert not Submission.objects.get(pk=first).on_board

    def test_the_score_of_a_hidden_column_is_for_the_organizer_alone(
        self, tmp_path: Path, time: SteppedClock, db: None
    ) -> None:
        board = described()["leaderboards"][0]
        columns = [board["columns"][0], board["columns"][1] | {"hidden": True}]
        hiding = begin(tmp_path, described(leaderboards=[board | {"columns": columns}]))
        made = hiding.scored({"accuracy": 1.0, "seconds": 2.0})
        seen = {
            person.name: [each.key for each in submission_detail(person, made).parts[0].scores]
            for person in (hiding.anna, hiding.otto)
        }
        assert seen == {"anna": ["accuracy"], "otto": ["accuracy", "seconds"]}


class TestTakingIn:
    def test_a_phase_that_is_over_takes_nothing(self, flow: Flow, time: SteppedClock) -> None:
        time.add(days=60)
        with pytest.raises(UserError, match="closed on 2030-02-01") as caught:
            flow.take_in()
        assert (caught.value.code, caught.value.status) == ("phase-closed", 400)
        assert not Submission.objects.exists()

    def test_a_phase_to_come_takes_nothing(self, flow: Flow) -> None:
        later = Phase.objects.get(competition_id=flow.competition_id, index=1).pk
        with pytest.raises(UserError) as caught:
            submit(flow.anna, SubmissionRequest(later), uploaded(flow.anna, RESULT))
        assert caught.value.code == "phase-not-open"

    def test_the_limit_in_all_holds(self, flow: Flow) -> None:
        Phase.objects.filter(pk=flow.phase_id).update(max_submissions=2)
        flow.take_in()
        flow.take_in()
        with pytest.raises(UserError) as caught:
            flow.take_in()
        assert caught.value.code == "quota-total"

    def test_the_limit_of_a_day_begins_anew_at_midnight_utc(self, flow: Flow, time: SteppedClock) -> None:
        Phase.objects.filter(pk=flow.phase_id).update(max_submissions_per_day=1)
        flow.take_in()
        # From 12:00 to 23:59.
        time.add(hours=11, minutes=59)
        with pytest.raises(UserError) as caught:
            flow.take_in()
        assert caught.value.code == "quota-day"
        time.add(minutes=1)
        flow.take_in()

    def test_what_was_cancelled_or_failed_does_not_count(self, flow: Flow) -> None:
        Phase.objects.filter(pk=flow.phase_id).update(max_submissions=1)
        cancel(flow.anna, flow.take_in())
        made = flow.take_in()
        say(claimed(worker()), "Failed")
        assert status_of(made) == "Failed"
        flow.take_in()

    def test_the_quota_is_each_persons_own_and_children_do_not_count(self, two: Flow, time: SteppedClock) -> None:
        bert = make_person("bert")
        register(bert, two.competition_id, accepts_terms=True)
        two.take_in()
        two.take_in(by=bert)
        counted = {person.name: used_quota(person.id, two.phase_id, time()) for person in (two.anna, bert)}
        assert counted == {name: {"used_total": 1, "used_today": 1} for name in ("anna", "bert")}
        assert used_quotas(bert.id, [two.phase_id, 0], time()) == {
            two.phase_id: {"used_total": 1, "used_today": 1},
            0: {"used_total": 0, "used_today": 0},
        }

    def test_who_does_not_take_part_submits_nothing(self, flow: Flow) -> None:
        with pytest.raises(NotAllowed):
            flow.take_in(by=make_person("eve"))

    def test_an_unpublished_competition_is_not_there(self, flow: Flow) -> None:
        unpublish(flow.otto, flow.competition_id)
        with pytest.raises(NotFound):
            flow.take_in()

    def test_there_is_no_such_phase(self, flow: Flow) -> None:
        with pytest.raises(NotFound):
            submit(flow.anna, SubmissionRequest(10**9), uploaded(flow.anna, RESULT))

    def test_submissions_are_numbered_for_each_person(self, flow: Flow) -> None:
        bert = make_person("bert")
        register(bert, flow.competition_id, accepts_terms=True)
        made = [flow.take_in(), flow.take_in(), flow.take_in(by=bert)]
        assert [Submission.objects.get(pk=pk).number for pk in made] == [1, 2, 1]

    @pytest.mark.parametrize(
        ("content", "code"),
        [(b"no zip at all", "archive-not-zip"), (b"", "archive-empty"), (b"PK\x03\x04cut", "archive")],
    )
    def test_what_is_no_zip_is_refused_by_the_name_its_owner_knows(self, flow: Flow, content: bytes, code: str) -> None:
        blob = keep_blob(store().put_stream([content], max_bytes=100))
        data = create_data_set(flow.anna.id, DataSetType.SUBMISSION, "my submission.zip", blob)
        with pytest.raises(ArchiveError) as caught:
            submit(flow.anna, SubmissionRequest(flow.phase_id), data)
        assert caught.value.code.startswith(code)
        assert "my submission.zip" in caught.value.message
        assert str(blob.pk) not in str(caught.value)
        assert not Submission.objects.exists()

    def test_a_file_of_another_kind_or_one_that_has_not_arrived_is_refused(self, flow: Flow) -> None:
        other = uploaded(flow.anna, RESULT, DataSetType.INPUT_DATA)
        missing = create_data_set(flow.anna.id, DataSetType.SUBMISSION, "later.zip", None)
        for data, code in ((other, "not-a-submission"), (missing, "upload-incomplete")):
            with pytest.raises(UserError) as caught:
                submit(flow.anna, SubmissionRequest(flow.phase_id), data)
            assert caught.value.code == code

    def test_some_of_the_tasks_can_be_chosen(self, two: Flow) -> None:
        first, second = Phase.objects.get(pk=two.phase_id).tasks.order_by("pk").values_list("pk", flat=True)
        made = two.take_in(task_ids=(second,))
        assert Submission.objects.get(pk=made).task_id == second
        with pytest.raises(UserError, match="not one of this phase"):
            two.take_in(task_ids=(first, 10**9))

    def test_bytes_sent_with_a_form_are_checked_before_they_count(
        self, flow: Flow, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        kept = StoredUpload("0" * 64, 5_000, "a.zip")
        User.objects.filter(pk=flow.anna.id).update(quota_bytes=4_000)
        before = DataSet.objects.count()
        with pytest.raises(OutOfSpace):
            submit_upload(flow.anna, SubmissionRequest(flow.phase_id), kept)
        monkeypatch.setattr(configuration(), "max_submission_bytes", 4_999)
        with pytest.raises(TooLarge):
            submit_upload(flow.anna, SubmissionRequest(flow.phase_id), kept)
        assert DataSet.objects.count() == before


class TestWaitingForTheOrganizer:
    @pytest.fixture
    def patient(self, tmp_path: Path, time: SteppedClock, db: None) -> Flow:
        return begin(tmp_path, DESCRIPTION | {"auto_run_submissions": False})

    def test_nothing_runs_until_the_organizer_says_so(self, patient: Flow) -> None:
        made = patient.take_in()
        assert status_of(made) == "Submitting"
        assert claim(worker(), 0) is None
        run_submission(patient.otto, made)
        finish_scoring(claimed(worker()), {"accuracy": 1.0})
        assert status_of(made) == "Finished"
        assert_all_chains_fit()

    def test_it_is_started_once(self, patient: Flow) -> None:
        made = patient.take_in()
        run_submission(patient.otto, made)
        with pytest.raises(Conflict):
            run_submission(patient.otto, made)
        assert Submission.objects.get(pk=made).runs.count() == 1

    def test_a_participant_does_not_start_it(self, patient: Flow) -> None:
        with pytest.raises(NotAllowed):
            run_submission(patient.anna, patient.take_in())

    def test_one_that_waits_can_be_cancelled(self, patient: Flow) -> None:
        made = patient.take_in()
        assert cancel(patient.anna, made)
        with pytest.raises(Conflict):
            run_submission(patient.otto, made)


def test_a_submission_to_several_tasks_that_was_started_is_not_started_again(two: Flow) -> None:
    made = two.take_in()
    with pytest.raises(Conflict):
        run_submission(two.otto, made)


def test_only_a_scoring_step_has_scores(flow: Flow) -> None:
    flow.take_in(CODE)
    order = claimed(worker())
    with pytest.raises(Conflict, match="Only a scoring step"):
        report_scores(order["id"], order["secret"], {"accuracy": 1.0})


def test_what_others_submitted_is_not_seen(flow: Flow) -> None:
    made = flow.take_in()
    eve: Person = make_person("eve")
    register(eve, flow.competition_id, accepts_terms=True)
    with pytest.raises(NotFound):
        submission_detail(eve, made)
