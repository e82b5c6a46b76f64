"""Provenance of scores, and making them once more to compare."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from tests.integration.server.competition_material import DESCRIPTION, described
from tests.integration.server.flow import (
    CODE,
    RESULT,
    TWO_TASKS,
    Flow,
    SteppedClock,
    begin,
    claimed,
    finish_prediction,
    finish_scoring,
    put,
    say,
    score,
    uploaded,
    worker,
)
from tests.integration.server.new_versions import update
from tests.small_bundles import zipped

from podium.rules.errors import Conflict, NotAllowed, NotFound
from podium.rules.runs import Step
from podium.server.accounts.models import User
from podium.server.accounts.people import Person
from podium.server.competitions.models import Task
from podium.server.files.garbage import GRACE, remove_unused_blobs
from podium.server.files.models import Blob, DataSet, DataSetType, UploadTicket
from podium.server.files.services import delete_data_set
from podium.server.jobs.services import greet_worker
from podium.server.leaderboards.models import Entry
from podium.server.submissions.models import Attempt, Run, RunFile, Score, Submission, TaskFile, Verification
from podium.server.submissions.queries.provenance import provenance_of, verification_detail
from podium.server.submissions.queries.quota import used_quota
from podium.server.submissions.services.claim import claim
from podium.server.submissions.services.making_again import verification_of, verify
from podium.server.submissions.services.score_editing import edit_scores

pytestmark = pytest.mark.django_db

DIGEST = "5c" * 32


@pytest.fixture
def flow(tmp_path: Path, time: SteppedClock) -> Flow:
    return begin(tmp_path)


def ended_scoring(order: Mapping[str, Any], scores: Mapping[str, float], **more: Any) -> None:
    score(order, scores)
    said = {"exit_code": 0, "runtime": "science 5c5c", "runtime_digest": DIGEST} | more
    say(order, "Finished", **said)


def scored(flow: Flow, scores: Mapping[str, float]) -> int:
    made = flow.take_in()
    ended_scoring(claimed(worker()), scores)
    return made


def client_of(person: Person) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=person.id), backend="django.contrib.auth.backends.ModelBackend")
    return client


def outcome(by: Person, verification_id: int) -> dict[str, Any]:
    answer = client_of(by).get(f"/api/v1/verifications/{verification_id}/")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


class TestProvenance:
    def test_every_file_and_who_ran_it_where_is_named(self, flow: Flow) -> None:
        made = flow.take_in(CODE)
        first = claimed(worker())
        put(first["prediction_result"], zipped({"labels.csv": b"1\n"}))
        say(first, "Scoring", exit_code=0, runtime="science 5c5c", runtime_digest=DIGEST)
        second = claimed(worker())
        put(second["scoring_result"], zipped({"scores.txt": b"accuracy:0.5\n"}))
        ended_scoring(second, {"accuracy": 0.5})
        (part,) = provenance_of(flow.otto, made)
        prediction, scoring = part.making.steps
        task = Task.objects.get()
        sent = Submission.objects.get(pk=made).data.blob_id
        assert prediction.read == {"submission": sent}
        predictions = prediction.wrote["predictions"]
        assert scoring.read == {
            "scoring_program": task.scoring_program.blob_id,
            "reference_data": task.reference_data.blob_id,
            "predictions": predictions,
        }
        assert set(scoring.wrote) == {"output"}
        for step in (prediction, scoring):
            assert (step.runtime_digest, step.worker, step.exit_code) == (DIGEST, "lab-1", 0)
            assert step.started_at < step.ended_at
            assert step.limits["time"] == 600
        assert part.making.scores == {"accuracy": 0.5}

    def test_a_result_submission_is_what_scoring_read(self, flow: Flow) -> None:
        made = scored(flow, {"accuracy": 0.5})
        (part,) = provenance_of(flow.anna, made)
        (step,) = part.making.steps
        assert step.read["submission"] == Submission.objects.get(pk=made).data.blob_id

    def test_the_record_stays_when_the_worker_and_the_task_change(self, flow: Flow) -> None:
        made = scored(flow, {"accuracy": 0.5})
        before = provenance_of(flow.otto, made)
        known = worker()
        known.sandbox, known.version, known.name = "other", "99", "renamed"
        known.save()
        Task.objects.update(scoring_program=uploaded(flow.otto, RESULT, DataSetType.SCORING_PROGRAM))
        assert provenance_of(flow.otto, made) == before

    def test_the_record_outlives_the_files(self, flow: Flow) -> None:
        made = flow.take_in(CODE)
        finish_prediction(claimed(worker()))
        finish_scoring(claimed(worker()), {"accuracy": 0.5})
        (before,) = provenance_of(flow.otto, made)
        UploadTicket.objects.update(blob=None)
        assert len(verify(flow.otto, made)) == 1  # predictions are made again from what was sent
        DataSet.objects.filter(type=DataSetType.SUBMISSION).update(blob=None)
        (after,) = provenance_of(flow.otto, made)
        assert [step.read for step in after.making.steps] == [step.read for step in before.making.steps]
        with pytest.raises(Conflict) as refused:
            verify(flow.otto, made)
        assert "submission" in refused.value.message

    def test_participants_see_hashes_but_no_score_that_is_hidden_from_them(self, flow: Flow) -> None:
        made = scored(flow, {"accuracy": 0.5, "seconds": 2.0, "secret_note": 1.0})
        order_attempt = Attempt.objects.get()
        assert order_attempt.reported_scores
        shown = client_of(flow.anna).get(f"/api/v1/submissions/{made}/provenance/").json()
        (part,) = shown["parts"]
        assert [score["key"] for score in part["scores"]] == ["accuracy", "seconds"]
        assert part["steps"][0]["read"]["reference_data"] == Task.objects.get().reference_data.blob_id
        all_of_it = client_of(flow.otto).get(f"/api/v1/submissions/{made}/provenance/").json()
        assert [score["key"] for score in all_of_it["parts"][0]["scores"]] == ["accuracy", "seconds", "secret_note"]

    def test_that_scores_were_corrected_is_counted_and_nobody_named(self, flow: Flow) -> None:
        made = scored(flow, {"accuracy": 0.5})
        edit_scores(flow.otto, made, {"accuracy": 0.6}, "Wrong label.")
        shown = client_of(flow.anna).get(f"/api/v1/submissions/{made}/provenance/")
        assert shown.json()["parts"][0]["corrections"] == 1
        assert "otto" not in shown.text

    def test_what_has_no_scores_has_no_provenance(self, flow: Flow) -> None:
        assert provenance_of(flow.anna, flow.take_in()) == ()

    def test_it_stands_on_the_page_of_the_submission(self, flow: Flow) -> None:
        made = scored(flow, {"accuracy": 0.5})
        page = client_of(flow.anna).get(f"/submissions/{made}/").text
        assert "How this score was made" in page
        assert DIGEST in page
        assert Task.objects.get().scoring_program.blob_id in page

    def test_page_and_api_say_all_that_made_a_score(self, flow: Flow, tmp_path: Path, time: SteppedClock) -> None:
        task = DESCRIPTION["tasks"][0] | {"ingestion_program": "ingestion", "input_data": "input_data"}
        files = {"input_data/sheep.csv": b"7\n", "ingestion/metadata.yaml": b"command: python3 ingest.py\n"}
        update(flow.otto, flow.competition_id, tmp_path, described(tasks=[task]), files)
        place = {"sandbox": "bubblewrap", "version": "9.8", "host": "barn"}
        greet_worker(worker(), slots=2, report=[], refusal="", time_s=None, **place)
        made = flow.take_in(CODE)
        for end in ("Scoring", "Finished"):
            order = claimed(worker())
            if end == "Scoring":
                put(order["prediction_result"], zipped({"labels.csv": b"1\n"}))
            else:
                score(order, {"accuracy": 0.5})
            time.add(minutes=1)
            say(order, end, exit_code=0, runtime="science 5c5c", runtime_digest=DIGEST)
        held = Task.objects.get()
        sent = Submission.objects.get(pk=made).data
        predictions = RunFile.objects.get(kind="prediction_result").ticket
        read = [
            {"submission": sent, "ingestion_program": held.ingestion_program, "input_data": held.input_data},
            {
                "predictions": predictions,
                "scoring_program": held.scoring_program,
                "reference_data": held.reference_data,
            },
        ]
        moments = Attempt.objects.order_by("pk").values_list("started_at", "ended_at")
        assert all(ended - started > timedelta(minutes=1) for started, ended in moments if started and ended)
        page = client_of(flow.anna).get(f"/submissions/{made}/").text
        (part,) = client_of(flow.anna).get(f"/api/v1/submissions/{made}/provenance/").json()["parts"]
        assert [step["step"] for step in part["steps"]] == ["prediction", "scoring"]
        for step, named, times in zip(part["steps"], read, moments, strict=True):
            assert step["read"] == {name: str(file.blob_id) for name, file in named.items()}
            assert all(str(file.blob_id) in page for file in named.values())
            said = (step["runtime_digest"], step["sandbox"], step["worker"], step["worker_version"], step["exit_code"])
            assert said == (DIGEST, "bubblewrap", "lab-1", "9.8", 0)
            assert [datetime.fromisoformat(step[name]) for name in ("started_at", "ended_at")] == list(times)
        for name, value in (("Sandbox", "bubblewrap"), ("Worker", "lab-1, 9.8"), ("Exit code", "0")):
            assert page.count(f"<dt>{name}</dt><dd>{value}</dd>") == 2
        assert page.count(DIGEST) == page.count("<dt>Began</dt>") == page.count("<dt>Ended</dt>") == 2


class TestKeeping:
    def test_what_a_run_read_is_kept_when_its_data_set_is_gone(self, flow: Flow, time: SteppedClock) -> None:
        made = scored(flow, {"accuracy": 0.5})
        old = Task.objects.get().scoring_program
        Task.objects.update(scoring_program=uploaded(flow.otto, RESULT, DataSetType.SCORING_PROGRAM))
        DataSet.objects.filter(pk=old.pk).update(owner_id=flow.otto.id)
        assert delete_data_set(flow.otto.id, old.key)
        time.add(seconds=2 * GRACE.total_seconds())
        remove_unused_blobs()
        assert Blob.objects.filter(pk=old.blob_id).exists()
        assert verify(flow.otto, made)
        assert claimed(worker())["program_data"].split("/blobs/")[1].startswith(str(old.blob_id))

    def test_it_is_named_once_however_many_runs_read_it(self, flow: Flow) -> None:
        scored(flow, {"accuracy": 0.5})
        scored(flow, {"accuracy": 0.6})
        assert TaskFile.objects.count() == 2  # the scoring program and the reference data


class TestVerifying:
    def test_the_same_agrees_and_nothing_else_changes(self, flow: Flow, time: SteppedClock) -> None:
        made = scored(flow, {"accuracy": 0.5, "seconds": 2.0})
        before = (
            list(Entry.objects.order_by("pk").values()),
            list(Score.objects.order_by("pk").values()),
            list(Submission.objects.order_by("pk").values()),
            used_quota(flow.anna.id, flow.phase_id, time()),
        )
        (verification,) = verify(flow.otto, made)
        assert outcome(flow.otto, verification)["ended"] is False
        ended_scoring(claimed(worker()), {"seconds": 2.0, "accuracy": 0.5})
        found = outcome(flow.otto, verification)
        assert (found["ended"], found["agrees"], found["problem"]) == (True, True, None)
        assert found["differences"] == {"scores": [], "inputs": [], "where": []}
        after = (
            list(Entry.objects.order_by("pk").values()),
            list(Score.objects.order_by("pk").values()),
            list(Submission.objects.order_by("pk").values()),
            used_quota(flow.anna.id, flow.phase_id, time()),
        )
        assert before == after

    def test_how_far_scores_are_apart_is_told(self, flow: Flow) -> None:
        made = scored(flow, {"accuracy": 0.5, "seconds": 2.0})
        (verification,) = verify(flow.otto, made)
        ended_scoring(claimed(worker()), {"accuracy": 0.75, "more": 1.0})
        found = outcome(flow.otto, verification)
        assert found["agrees"] is False
        assert found["differences"]["scores"] == [
            {"key": "accuracy", "before": 0.5, "now": 0.75, "by": 0.25},
            {"key": "seconds", "before": 2.0, "now": None, "by": None},
            {"key": "more", "before": None, "now": 1.0, "by": None},
        ]

    def test_another_runtime_is_a_difference_and_another_worker_is_told(self, flow: Flow) -> None:
        made = scored(flow, {"accuracy": 0.5})
        (verification,) = verify(flow.otto, made)
        ended_scoring(claimed(worker("lab-2")), {"accuracy": 0.5}, runtime_digest="77" * 32)
        found = outcome(flow.otto, verification)
        assert found["agrees"] is False
        assert found["differences"]["scores"] == []
        assert found["differences"]["inputs"] == [
            {"step": "scoring", "what": "runtime", "before": DIGEST, "now": "77" * 32}
        ]
        assert found["differences"]["where"] == [
            {"step": "scoring", "what": "worker", "before": "lab-1", "now": "lab-2"}
        ]

    def test_the_programs_of_then_are_used_and_not_those_of_now(self, flow: Flow) -> None:
        made = scored(flow, {"accuracy": 0.5})
        old = Task.objects.get().scoring_program.blob_id
        Task.objects.update(scoring_program=uploaded(flow.otto, CODE, DataSetType.SCORING_PROGRAM))
        (verification,) = verify(flow.otto, made)
        order = claimed(worker())
        assert f"/blobs/{old}/" in order["program_data"]
        ended_scoring(order, {"accuracy": 0.5})
        assert outcome(flow.otto, verification)["agrees"] is True

    def test_the_past_of_then_is_shown_and_not_that_of_now(self, flow: Flow) -> None:
        first = scored(flow, {"accuracy": 0.1})
        second = scored(flow, {"accuracy": 0.5})
        edit_scores(flow.otto, first, {"accuracy": 0.9}, "Later.")
        (verification,) = verify(flow.otto, second)
        order = claimed(worker())
        assert order["history"] == [[0, 1, "accuracy:0.1\n"]]
        ended_scoring(order, {"accuracy": 0.5})
        assert outcome(flow.otto, verification)["agrees"] is True

    def test_predictions_are_made_again_and_compared(self, flow: Flow) -> None:
        made = flow.take_in(CODE)
        finish_prediction(claimed(worker()))
        finish_scoring(claimed(worker()), {"accuracy": 0.5})
        (verification,) = verify(flow.otto, made)
        prediction = claimed(worker())
        assert prediction["is_scoring"] is False
        put(prediction["prediction_result"], zipped({"labels.csv": b"2\n"}))
        say(prediction, "Scoring", exit_code=0)
        own = Attempt.objects.get(run__verification=verification, run__step=Step.PREDICTION)
        scoring = claimed(worker())
        written = own.files.get(kind="prediction_result").ticket.blob_id
        assert f"/blobs/{written}/" in scoring["prediction_result"]
        finish_scoring(scoring, {"accuracy": 0.5})
        found = outcome(flow.otto, verification)
        assert found["agrees"] is False
        assert [each["what"] for each in found["differences"]["inputs"]] == ["predictions"]
        # What is scored next time is still what the submission itself had predicted.
        (again,) = verify(flow.otto, made)
        assert verification_of(flow.otto, again).attempt_id == verification_of(flow.otto, verification).attempt_id

    def test_a_failure_is_told_and_the_submission_stays_finished(self, flow: Flow) -> None:
        made = scored(flow, {"accuracy": 0.5})
        (verification,) = verify(flow.otto, made)
        say(claimed(worker()), "Failed", details="No memory left.", code="memory", outcome="memory-limit")
        found = outcome(flow.otto, verification)
        assert (found["ended"], found["agrees"]) == (True, None)
        assert "No memory left." in found["problem"]
        assert Submission.objects.get(pk=made).status == "Finished"

    def test_each_task_is_made_again(self, tmp_path: Path, time: SteppedClock) -> None:
        flow = begin(tmp_path, TWO_TASKS)
        made = flow.take_in()
        for value in (0.1, 0.2):
            finish_scoring(claimed(worker()), {"accuracy": value})
        verifications = verify(flow.otto, made)
        for value in (0.1, 0.3):
            finish_scoring(claimed(worker()), {"accuracy": value})
        assert [outcome(flow.otto, each)["agrees"] for each in verifications] == [True, False]

    def test_it_waits_behind_what_people_wait_for(self, flow: Flow) -> None:
        made = scored(flow, {"accuracy": 0.5})
        verify(flow.otto, made)
        other = flow.take_in(by=flow.otto)
        assert claimed(worker())["id"] == other

    def test_only_those_who_run_the_competition_may(self, flow: Flow) -> None:
        made = scored(flow, {"accuracy": 0.5})
        with pytest.raises(NotAllowed):
            verify(flow.anna, made)
        (verification,) = verify(flow.otto, made)
        with pytest.raises(NotAllowed):
            verification_of(flow.anna, verification)
        with pytest.raises(NotFound):
            verification_of(flow.otto, verification + 1)

    def test_what_has_no_scores_is_not_verified(self, flow: Flow) -> None:
        with pytest.raises(Conflict) as refused:
            verify(flow.otto, flow.take_in())
        assert refused.value.code == "nothing-to-verify"

    def test_files_that_are_gone_are_named(self, flow: Flow) -> None:
        made = scored(flow, {"accuracy": 0.5})
        TaskFile.objects.filter(blob=Task.objects.get().reference_data.blob_id).delete()
        with pytest.raises(Conflict) as refused:
            verify(flow.otto, made)
        assert refused.value.code == "files-gone"
        assert "reference data" in refused.value.message

    def test_files_that_go_while_it_waits_end_it_with_a_reason(self, flow: Flow) -> None:
        made = scored(flow, {"accuracy": 0.5})
        (verification,) = verify(flow.otto, made)
        TaskFile.objects.all().delete()
        assert claim(worker(), 0) is None
        found = outcome(flow.otto, verification)
        assert found["ended"] is True
        assert "scoring program" in found["problem"]


def test_a_verification_says_what_it_is_while_it_runs(flow: Flow) -> None:
    made = scored(flow, {"accuracy": 0.5})
    (number,) = verify(flow.otto, made)
    found = verification_detail(Verification.objects.get(pk=number))
    assert (found.ended, found.now, found.comparison) == (False, None, None)
    assert Run.objects.get(verification=number).in_shadow
    assert json.dumps(outcome(flow.otto, number))
