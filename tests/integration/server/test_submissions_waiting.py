"""A submission that has not ended says what it waits for; and nothing waits for ever."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from tests.integration.server.competition_material import make_person
from tests.integration.server.flow import CODE, NOON, Flow, SteppedClock, claimed, say, score, status_of, worker

from podium.rules.deadlines import HEARTBEAT, LEASE, PREDICTIONS_GRACE, SCORES_GRACE, SILENT_LEASE_EXTRA, UNATTENDED
from podium.server.accounts.models import User
from podium.server.competitions.models import Competition
from podium.server.competitions.services import register
from podium.server.configuration import configuration
from podium.server.jobs.models import Job, Worker
from podium.server.jobs.services import greet_worker, note_worker_seen
from podium.server.submissions.models import Attempt, Run, Submission
from podium.server.submissions.queries.contract import submission_json
from podium.server.submissions.queries.quota import used_quota
from podium.server.submissions.services.report import give_back, renew
from podium.server.submissions.services.submit import run_submission
from podium.server.submissions.services.sweep import end_forgotten, end_unattended, sweep


def wait(flow: Flow, submission: int) -> dict[str, Any]:
    """The first thing that it waits for, which is also what `status_details` says."""
    found = submission_json(flow.anna, submission)
    assert found["status_details"] == found["waits"][0]["message"]
    first: dict[str, Any] = found["waits"][0]
    return first


def page(flow: Flow, submission: int) -> str:
    client = Client()
    client.force_login(User.objects.get(pk=flow.anna.id))
    return client.get(f"/submissions/{submission}/").content.decode()


@pytest.fixture
def staffed(flow: Flow) -> Worker:
    """A worker with two slots that was heard of now."""
    lab = worker()
    Worker.objects.filter(pk=lab.pk).update(slots=2)
    note_worker_seen(lab)
    return lab


class TestWhatIsSaid:
    def test_it_waits_for_the_organizer(self, flow: Flow) -> None:
        Competition.objects.update(auto_run_submissions=False)
        made = flow.take_in()
        assert wait(flow, made)["for"] == "start"
        assert "waits for the organizer to start it" in page(flow, made)
        assert "no time limit" in page(flow, made)
        run_submission(flow.otto, made)
        assert wait(flow, made)["for"] == "workers"

    def test_there_is_no_worker_at_all(self, flow: Flow, time: SteppedClock) -> None:
        made = flow.take_in()
        assert "none of this site was ever heard of" in wait(flow, made)["message"]
        lab = worker()
        Worker.objects.filter(pk=lab.pk).update(slots=1, last_seen_at=NOON)
        time.add(minutes=2)
        found = wait(flow, made)
        assert (found["for"], found["ahead"]) == ("workers", 0)
        assert "has been heard of since 2030-01-10 12:00 UTC" in found["message"]
        assert "The administrator has to start one" in page(flow, made)

    def test_the_only_worker_refuses_all_runs(self, flow: Flow) -> None:
        made = flow.take_in()
        greet_worker(worker(), slots=0, report=[], refusal="No namespaces.")
        assert wait(flow, made)["message"] == "It waits for a worker: there is one of this site, but it takes no runs."
        shown = page(flow, made)
        assert "The administrator reads why on the page Workers" in shown
        assert "No namespaces." not in shown

    def test_the_place_in_the_queue_goes_by_turns(self, flow: Flow, staffed: Worker) -> None:
        bea = make_person("bea")
        register(bea, flow.competition_id, accepts_terms=True)
        own = [flow.take_in() for _ in range(3)]
        other = flow.take_in(by=bea)
        # Anna's first, bea's, then anna's other two.
        assert [wait(flow, made)["ahead"] for made in own] == [0, 2, 3]
        assert submission_json(bea, other)["waits"][0]["ahead"] == 1
        assert "it is next" in page(flow, own[0])
        assert "2 runs are ahead of it" in page(flow, own[1])

    def test_an_estimate_comes_of_what_runs_took(self, flow: Flow, staffed: Worker, time: SteppedClock) -> None:
        made = flow.take_in()
        assert wait(flow, made)["estimate_s"] is None
        for number in range(5):
            Job.objects.create(
                kind="scoring",
                owner_id=flow.anna.id,
                state="finished",
                created_at=NOON,
                taken_at=NOON,
                ended_at=NOON + timedelta(seconds=30 + number),
            )
        # Runs of 30 to 34 s, two slots: a free one about every 16 s, and the second free one is for the second.
        second = flow.take_in()
        assert [wait(flow, each)["estimate_s"] for each in (made, second)] == [16, 32]
        assert "about 32 s at the pace of late" in page(flow, second)

    def test_it_runs_on_a_worker_since_a_moment(self, flow: Flow, staffed: Worker, time: SteppedClock) -> None:
        made = flow.take_in(CODE)
        order = claimed(staffed, 1)
        found = wait(flow, made)
        assert (found["for"], found["worker"], found["slot"], found["attempt"]) == ("inputs", "lab-1", 1, 1)
        assert found["message"] == "Worker lab-1 fetches what the prediction step needs."
        assert found["since"] == Attempt.objects.get().started_at
        time.add(seconds=30)
        for _ in range(2):
            say(order, "Running")
            time.add(seconds=5)
        found = wait(flow, made)
        assert (found["for"], found["worker"], found["slot"], found["attempt"]) == ("program", "lab-1", 1, 1)
        assert 30 < (found["since"] - Attempt.objects.get().started_at).total_seconds() < 35
        assert found["message"] == "The prediction step runs on worker lab-1, slot 1."
        assert "The prediction step runs on worker lab-1, slot 1 · for" in page(flow, made)

    def test_a_worker_of_codabench_is_shown_with_its_machine(self, flow: Flow, staffed: Worker) -> None:
        made = flow.take_in(CODE)
        order = claimed(staffed, 1, heartbeats=False)
        assert wait(flow, made)["for"] == "program"
        say(order, "Running", details="ingestion_hostname-gpu-7")
        say(order, "Preparing")
        found = wait(flow, made)
        assert (found["for"], found["host"]) == ("program", "gpu-7")
        assert found["message"] == "The prediction step runs on worker lab-1 (gpu-7), slot 1."
        assert "The prediction step runs on worker lab-1 (gpu-7), slot 1" in page(flow, made)
        assert "on lab-1 (gpu-7), slot 1" in page(flow, made)

    def test_a_worker_without_signs_of_life_holds_its_run_for_the_whole_attempt(
        self, flow: Flow, staffed: Worker, time: SteppedClock
    ) -> None:
        made = flow.take_in()
        order = claimed(staffed, 1, heartbeats=False)
        limit_s = Attempt.objects.get().limits["time"]
        time.add(seconds=limit_s, minutes=29)
        assert sweep() == 0
        renew(made, order["secret"])
        time.add(minutes=2)
        assert sweep() == 1
        assert Attempt.objects.get().outcome == "lost"

    def test_earlier_attempts_are_told_with_their_reasons(
        self, flow: Flow, staffed: Worker, time: SteppedClock
    ) -> None:
        made = flow.take_in()
        for _ in range(2):
            claimed(staffed)
            time.add(seconds=LEASE.total_seconds() + 1)
            assert sweep() == 1
            note_worker_seen(staffed)
        found = wait(flow, made)
        assert (found["for"], found["message"]) == ("retry", "It is tried again in a moment.")
        time.add(seconds=6)
        claimed(staffed)
        found = submission_json(flow.anna, made)
        assert found["status_details"].endswith("It is attempt 3 of 3.")
        told = [(attempt["number"], attempt["outcome"], attempt["reason"]) for attempt in found["attempts"]]
        lost = "Worker lab-1 was not heard of any more."
        assert told == [(1, "lost", lost), (2, "lost", lost), (3, None, None)]
        assert page(flow, made).count(lost) == 2

    def test_a_limit_for_each_person_is_kept_and_told(
        self, flow: Flow, staffed: Worker, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(configuration(), "runs_per_person", 1)
        _, second = flow.take_in(), flow.take_in()
        claimed(staffed, 0)
        from podium.server.submissions.services.claim import claim

        assert claim(staffed, 1) is None
        found = wait(flow, second)
        assert (found["for"], found["estimate_s"]) == ("own-runs", None)
        assert "1 of one person run here at a time" in found["message"]

    def test_children_are_told_of_by_their_parent(self, two: Flow) -> None:
        made = two.take_in()
        assert [each["for"] for each in submission_json(two.anna, made)["waits"]] == ["workers", "workers"]
        claimed(worker())
        assert [each["for"] for each in submission_json(two.anna, made)["waits"]] == ["inputs", "workers"]

    def test_what_has_ended_waits_for_nothing(self, flow: Flow) -> None:
        assert submission_json(flow.anna, flow.scored({"accuracy": 1.0}))["waits"] == []


class TestWhatIsHalfTold:
    def test_finished_without_scores(self, flow: Flow, time: SteppedClock) -> None:
        made = flow.take_in()
        order = claimed(worker())
        say(order, "Finished")
        assert wait(flow, made)["for"] == "scores"
        self._lost_within(SCORES_GRACE, order, time)
        assert "said that it was done, but the scores did not arrive" in Attempt.objects.get().reason

    def test_scores_without_finished(self, flow: Flow, time: SteppedClock) -> None:
        made = flow.take_in()
        order = claimed(worker())
        score(order, {"accuracy": 0.5})
        assert wait(flow, made)["for"] == "word"
        self._lost_within(SCORES_GRACE, order, time)
        assert "never said that it was done" in Attempt.objects.get().reason

    def test_a_prediction_that_is_done_without_its_result(self, flow: Flow, time: SteppedClock) -> None:
        made = flow.take_in(CODE)
        order = claimed(worker())
        say(order, "Scoring")
        assert wait(flow, made)["for"] == "predictions"
        self._lost_within(PREDICTIONS_GRACE, order, time)
        assert "the predictions did not arrive" in Attempt.objects.get().reason

    def test_a_worker_that_only_says_it_is_alive(self, flow: Flow, time: SteppedClock) -> None:
        flow.take_in()
        order = claimed(worker())
        self._lost_within(timedelta(seconds=order["execution_time_limit"]) + SILENT_LEASE_EXTRA, order, time)
        assert "much longer than the time limit allows" in Attempt.objects.get().reason

    def _lost_within(self, grace: timedelta, order: dict[str, Any], time: SteppedClock) -> None:
        """Renew as a worker does until the grace is over: not before then, and right after, it is lost."""
        end = time.moment + grace
        while time.moment + HEARTBEAT < end:
            time.add(seconds=HEARTBEAT.total_seconds())
            renew(order["id"], order["secret"])
            assert sweep() == 0
        time.add(seconds=HEARTBEAT.total_seconds() + 1)
        assert sweep() == 1
        assert Attempt.objects.get().outcome == "lost"
        assert Run.objects.get().job.state == "waiting"


class TestWhatNobodyWorksOn:
    def test_after_a_week_without_any_worker_it_is_the_sites_failure(self, flow: Flow, time: SteppedClock) -> None:
        made = flow.take_in()
        time.add(seconds=UNATTENDED.total_seconds() - 60)
        assert end_unattended() == 0
        time.add(seconds=120)
        assert end_unattended() == 1
        row = Submission.objects.get(pk=made)
        assert (row.status, row.internal_failure, row.reason_code) == ("Failed", True, "internal")
        assert "No worker of its queue was heard of for 7 days" in row.status_details
        assert Run.objects.get().job.state == "cancelled"
        assert used_quota(flow.anna.id, flow.phase_id, NOON) == {"used_total": 0, "used_today": 0}
        assert end_unattended() == 0

    def test_a_worker_that_is_heard_of_keeps_all_waiting(self, flow: Flow, time: SteppedClock) -> None:
        made = flow.take_in()
        time.add(days=30)
        note_worker_seen(worker())
        assert end_unattended() == 0
        assert status_of(made) == "Scoring"

    def test_a_worker_that_refuses_all_runs_is_none(self, flow: Flow, time: SteppedClock) -> None:
        flow.take_in()
        order = claimed(worker())
        give_back(order["id"], order["secret"], "The worker was stopped.")
        time.add(seconds=UNATTENDED.total_seconds() - 60)
        for expected in (0, 1):
            # It refuses since a moment in the first round, and for longer than a week in the second.
            greet_worker(worker(), slots=0, report=[], refusal="No namespaces.")
            assert end_unattended() == expected
            time.add(seconds=120)

    def test_what_the_site_lost_track_of_ends(self, flow: Flow) -> None:
        made, kept = flow.take_in(), flow.take_in()
        Job.objects.filter(run__submission=made).update(state="failed")
        assert end_forgotten() == 1
        assert (status_of(made), status_of(kept)) == ("Failed", "Scoring")
        assert Submission.objects.get(pk=made).internal_failure
        assert end_forgotten() == 0


def test_a_run_that_is_given_back_loses_no_attempt(flow: Flow, time: SteppedClock) -> None:
    made = flow.take_in()
    for _ in range(4):
        order = claimed(worker())
        give_back(order["id"], order["secret"], "The worker was stopped.")
    assert status_of(made) == "Scoring"
    assert [row.outcome for row in Attempt.objects.order_by("number")] == ["returned"] * 4
    order = claimed(worker())
    assert (order["attempt"], Job.objects.get().excused) == (5, 4)
    say(order, "Running")
    assert submission_json(flow.anna, made)["waits"][0]["message"] == "The scoring step runs on worker lab-1, slot 0."
