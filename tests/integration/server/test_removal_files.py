"""What is kept no longer than the settings say: gone after its time, said where it was, told by the history."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from tests.integration.server.competition_material import DESCRIPTION
from tests.integration.server.flow import (
    CODE,
    Flow,
    SteppedClock,
    assert_all_chains_fit,
    claimed,
    finish_prediction,
    finish_scoring,
    put,
    worker,
)
from tests.integration.server.new_versions import update
from tests.small_bundles import zipped

from podium.server import clock
from podium.server.accounts.models import User
from podium.server.accounts.people import Person
from podium.server.competitions.models import Competition, Task
from podium.server.configuration import configuration
from podium.server.files.garbage import remove_unused_blobs
from podium.server.files.models import Blob
from podium.server.files.services import store
from podium.server.history.models import Event
from podium.server.jobs.internal.models import InternalJob
from podium.server.removal.files import remove_ended_jobs, remove_expired_files
from podium.server.removal.space import space_for
from podium.server.submissions.models import Attempt, LiveLog, RunFile, Score, Submission
from podium.server.submissions.services.making_again import verify
from podium.server.submissions.services.sweep import sweep


@pytest.fixture
def keep(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Sets for how many days a kind of file is kept."""

    def set_days(kind: str, days: int) -> None:
        monkeypatch.setenv(f"PODIUM_KEEP_{kind.upper()}_DAYS", str(days))
        configuration.cache_clear()

    return set_days


def client_of(person: Person) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=person.id), backend="django.contrib.auth.backends.ModelBackend")
    return client


def run_through(flow: Flow) -> int:
    made = flow.take_in(CODE)
    finish_prediction(claimed(worker()))
    finish_scoring(claimed(worker()), {"accuracy": 0.5})
    return made


def removed() -> list[dict[str, Any]]:
    return [json.loads(event.payload) for event in Event.objects.filter(kind="files-removed").order_by("seq")]


def test_everything_is_kept_for_ever_without_a_setting(flow: Flow, time: SteppedClock) -> None:
    made = run_through(flow)
    time.add(days=5000)
    assert remove_expired_files() == 0
    assert Submission.objects.get(pk=made).data.blob is not None
    assert removed() == []


@pytest.mark.parametrize("kind", ["submissions", "outputs"])
def test_what_is_over_its_time_goes_and_scores_stay(flow: Flow, time: SteppedClock, keep: Any, kind: str) -> None:
    made = run_through(flow)
    keep(kind, 10)
    time.add(days=9)
    assert remove_expired_files() == 0
    young = run_through(flow)
    time.add(days=2)
    # Of the same bytes, that of the younger one is a file of its own.
    assert remove_expired_files() == 1
    assert remove_expired_files() == 0
    (event,) = removed()
    assert (event["files"], event["submissions"]) == (kind, [made])
    here = {pk: Submission.objects.get(pk=pk).data.blob is not None for pk in (made, young)}
    assert here == {made: kind != "submissions", young: True}
    outputs = RunFile.objects.filter(kind="prediction_result").exclude(ticket__blob=None)
    gone = {young} if kind == "outputs" else {made, young}
    assert set(outputs.values_list("attempt__run__submission", flat=True)) == gone
    assert Score.objects.filter(submission=made, superseded_at=None).count() == 1
    assert_all_chains_fit()
    page = client_of(flow.anna).get(f"/submissions/{made}/").text
    assert "are kept for 10 days on this site. Those of this submission were removed" in page
    assert "are kept for 10 days" not in client_of(flow.anna).get(f"/submissions/{young}/").text
    file = client_of(flow.anna).get(f"/submissions/{made}/files/{made}/data/")
    assert file.status_code == (404 if kind == "submissions" else 302)
    assert kind == "outputs" or "not kept any more" in file.text


def test_logs_that_are_over_their_time_go_and_outputs_stay(flow: Flow, time: SteppedClock, keep: Any) -> None:
    made = flow.take_in(CODE)
    order = claimed(worker())
    put(order["prediction_stdout"], b"a line of Anna's program\n")
    finish_prediction(order)
    order = claimed(worker())
    put(order["scoring_stderr"], b"a warning\n")
    finish_scoring(order, {"accuracy": 0.5})
    logs = RunFile.objects.filter(kind__in=["prediction_stdout", "scoring_stderr"])
    assert logs.exclude(ticket__blob=None, noted=None).count() == 2
    assert "a line of Anna" in client_of(flow.anna).get(f"/submissions/{made}/").text
    keep("logs", 10)
    time.add(days=9)
    assert remove_expired_files() == 0
    time.add(days=2)
    assert (remove_expired_files(), remove_expired_files()) == (1, 0)
    assert logs.exclude(ticket__blob=None, noted=None, shared=None).count() == 0
    assert RunFile.objects.filter(kind="prediction_result").exclude(ticket__blob=None).count() == 1
    assert Submission.objects.get(pk=made).data.blob is not None
    assert Score.objects.filter(submission=made, superseded_at=None).count() == 1
    (event,) = removed()
    assert (event["files"], event["submissions"]) == ("logs", [made])
    page = client_of(flow.anna).get(f"/submissions/{made}/").text
    assert "Logs are kept for 10 days on this site. Those of this submission were removed" in page
    assert "a line of Anna" not in page
    assert client_of(flow.anna).get(f"/submissions/{made}/logs/{made}/prediction_stdout/").status_code == 404
    assert_all_chains_fit()


def test_what_a_lost_worker_sent_of_its_logs_goes_with_the_logs(flow: Flow, time: SteppedClock, keep: Any) -> None:
    made = flow.take_in()
    claimed(worker())
    lost = Attempt.objects.get()
    LiveLog.objects.create(attempt=lost, kind="scoring_stdout")
    time.add(hours=1)
    assert sweep() == 1
    time.add(hours=1)
    finish_scoring(claimed(worker()), {"accuracy": 0.5})
    keep("logs", 10)
    time.add(days=9)
    assert (remove_expired_files(), LiveLog.objects.count()) == (0, 1)
    time.add(days=2)
    assert (remove_expired_files(), LiveLog.objects.count()) == (1, 0)
    assert remove_expired_files() == 0
    assert [event["submissions"] for event in removed()] == [[made]]


def test_what_is_made_again_of_an_old_submission_is_there_for_its_next_step(
    flow: Flow, time: SteppedClock, keep: Any
) -> None:
    made = run_through(flow)
    keep("outputs", 10)
    time.add(days=11)
    assert remove_expired_files() == 1
    verify(flow.otto, made)
    finish_prediction(claimed(worker()))
    assert remove_expired_files() == 0
    assert "prediction_result" in claimed(worker())
    time.add(days=11)
    assert remove_expired_files() == 1


def test_bytes_that_nothing_names_any_more_are_swept(flow: Flow, time: SteppedClock, keep: Any) -> None:
    made = run_through(flow)
    blob = str(Submission.objects.get(pk=made).data.blob_id)
    keep("submissions", 1)
    time.add(days=3)
    remove_expired_files()
    remove_unused_blobs()
    assert not Blob.objects.filter(pk=blob).exists()
    assert store().exists(blob) is False


def test_a_file_that_runs_again_is_kept_until_the_last_run_is_old(flow: Flow, time: SteppedClock, keep: Any) -> None:
    made = flow.scored({"accuracy": 0.5})
    waiting = flow.take_in()
    Submission.objects.filter(pk=waiting).update(data=Submission.objects.get(pk=made).data)
    keep("submissions", 1)
    time.add(days=3)
    assert remove_expired_files() == 0
    assert Submission.objects.get(pk=made).data.blob is not None


def test_jobs_that_ended_a_month_ago_are_forgotten(flow: Flow) -> None:
    now = clock.now()
    for ended in (None, now - timedelta(days=29), now - timedelta(days=31)):
        InternalJob.objects.create(kind="import", created_at=now, ended_at=ended)
    before = InternalJob.objects.count()
    assert remove_ended_jobs() == 1
    assert InternalJob.objects.count() == before - 1


def test_the_space_of_ones_own_competitions_and_for_admins_of_all(flow: Flow, keep: Any) -> None:
    made = run_through(flow)
    (mine,) = space_for(flow.otto).competitions
    sent = Submission.objects.get(pk=made).data.size_bytes
    written = sum(
        file.ticket.blob.size_bytes for file in RunFile.objects.exclude(ticket__blob=None) if file.ticket.blob
    )
    assert (mine.submissions, mine.outputs + mine.logs) == (sent, written)
    assert mine.total == mine.submissions + mine.outputs + mine.logs + mine.materials > sent
    assert space_for(flow.anna).competitions == ()
    assert space_for(flow.otto).whole is None
    assert "Count the sheep" in client_of(flow.otto).get("/my-work/space/").text
    keep("logs", 7)
    text = client_of(flow.anna).get("/my-work/space/").text
    assert ("logs for 7 days" in text, "Count the sheep" in text) == (True, False)


def test_space_counts_what_is_kept_beside_what_is_used(flow: Flow, tmp_path: Path) -> None:
    def bundle_bytes() -> int:
        bundle = Competition.objects.get().bundle
        return 0 if bundle is None else bundle.size_bytes

    (before,), bundle = space_for(flow.otto).competitions, bundle_bytes()
    flow.take_in()
    order = claimed(worker())
    everything = zipped({"scores.txt": b"accuracy:0.5\n", "private/truth.txt": b"7"})
    put(order["scoring_result"], everything)
    finish_scoring(order, {"accuracy": 0.5})
    old = Task.objects.get().scoring_program
    update(flow.otto, flow.competition_id, tmp_path, DESCRIPTION, {"scoring_program/score.py": b"print('better')\n"})
    new = Task.objects.get().scoring_program
    assert old is not None
    assert new is not None
    assert old.blob_id != new.blob_id
    (after,) = space_for(flow.otto).competitions
    # What participants get of the output is a second zip.
    shared = RunFile.objects.get(kind="scoring_result").shared
    assert shared is not None
    assert after.outputs == len(everything) + shared.size_bytes
    # The old program stays for the scores that it made; only of the bundle there is one alone.
    assert after.materials - bundle_bytes() == before.materials - bundle + new.size_bytes
