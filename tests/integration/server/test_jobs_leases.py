"""Which job is taken next, by whom, and for how long; the workers that may take them."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from tests.integration.server.competition_material import make_person
from tests.integration.server.flow import NOON, Flow, SteppedClock, begin, claimed, kinds, worker

from podium.rules.deadlines import LEASE
from podium.rules.errors import Conflict, NotAllowed, UserError
from podium.rules.runs import Outcome
from podium.server import clock
from podium.server.history.models import Event
from podium.server.jobs import leases
from podium.server.jobs.models import Job, JobState, Worker
from podium.server.jobs.services import greet_worker, register_worker, worker_of_token
from podium.server.submissions.models import Attempt
from podium.server.submissions.services.claim import claim

pytestmark = pytest.mark.django_db


def test_only_the_kinds_that_are_asked_for_are_taken() -> None:
    leases.create_job("mail")
    assert leases.next_waiting(("scoring", "prediction")) is None


def test_a_job_that_shall_wait_is_not_taken_before_its_time() -> None:
    job = leases.create_job("scoring")
    Job.objects.filter(pk=job.pk).update(not_before=NOON + timedelta(seconds=10))
    with clock.clock_at(NOON):
        assert leases.next_waiting(("scoring",)) is None
    with clock.clock_at(NOON + timedelta(seconds=10)):
        assert leases.next_waiting(("scoring",)) == job.pk


def test_a_job_that_is_held_is_not_taken_again() -> None:
    job = leases.create_job("scoring")
    lease = leases.take(job.pk, worker(), 0)
    assert lease.attempt == 1
    with pytest.raises(Conflict):
        leases.take(job.pk, worker("lab-2"), 0)
    assert leases.held_by(worker(), 0) == [lease]
    assert leases.held_by(worker("lab-2"), 0) == []


def test_a_lease_runs_out_by_the_clock_and_is_prolonged_from_now() -> None:
    with clock.clock_at(NOON):
        lease = leases.take(leases.create_job("scoring").pk, worker(), 0)
    assert leases.run_out(NOON + LEASE - timedelta(seconds=1)) == []
    with clock.clock_at(NOON + LEASE / 2):
        leases.renew(lease)
    assert leases.run_out(NOON + LEASE) == []
    assert leases.run_out(NOON + LEASE * 1.5) == [lease]


def test_the_token_of_an_earlier_attempt_is_worthless() -> None:
    job = leases.create_job("scoring")
    first = leases.take(job.pk, worker(), 0)
    leases.end_attempt(first, Outcome.LOST, "gone")
    Job.objects.filter(pk=job.pk).update(not_before=None)
    second = leases.take(job.pk, worker(), 0)
    for refused in (leases.renew, leases.check_alive, lambda lease: leases.end_attempt(lease, Outcome.FINISHED)):
        with pytest.raises(Conflict):
            refused(first)
    leases.check_alive(second)
    assert leases.end_attempt(second, Outcome.FINISHED).ended
    assert Job.objects.get(pk=job.pk).ended_at is not None


def test_a_job_that_waits_again_belongs_to_nobody() -> None:
    job = leases.create_job("scoring")
    leases.end_attempt(leases.take(job.pk, worker(), 2), Outcome.LOST, "gone")
    row = Job.objects.get(pk=job.pk)
    assert (row.state, row.worker, row.slot, row.reason) == (JobState.WAITING, None, None, "gone")


def test_a_cancelled_job_stays_cancelled() -> None:
    job = leases.create_job("scoring")
    lease = leases.take(job.pk, worker(), 0)
    leases.cancel(job.pk, "not wanted")
    with pytest.raises(Conflict):
        leases.end_attempt(lease, Outcome.FINISHED)
    leases.cancel(job.pk, "once more")
    row = Job.objects.get(pk=job.pk)
    assert (row.state, row.reason) == (JobState.CANCELLED, "not wanted")


def test_a_worker_proves_itself_by_the_newest_token_only() -> None:
    admin = make_person("root", is_admin=True)
    register_worker(admin, "lab-1", "first")
    register_worker(admin, "lab-1", "second")
    assert worker_of_token("second").name == "lab-1"
    with pytest.raises(NotAllowed):
        worker_of_token("first")
    assert Event.objects.filter(chain__kind="site", kind="worker-registered").count() == 2
    assert Worker.objects.get().token_digest not in {"first", "second"}


@pytest.mark.parametrize("name", ["", "a" * 101, "two\nlines", "nul\0"])
def test_a_worker_needs_a_name_that_can_be_shown(name: str) -> None:
    with pytest.raises(UserError):
        register_worker(None, name, "token")


def test_a_worker_tells_what_it_is_when_it_starts() -> None:
    lab = worker()
    with clock.clock_at(NOON):
        greet_worker(lab, slots=3, report=[{"limit": "memory", "enforcement": "enforced"}])
    row = Worker.objects.get()
    assert (row.slots, row.report, row.last_seen_at) == (3, [{"limit": "memory", "enforcement": "enforced"}], NOON)


def test_of_a_workers_report_only_what_every_database_takes_is_kept() -> None:
    lab = worker()
    greet_worker(lab, slots=1, report=[{"limit": "a\0b", "detail": 3, "strange": "x"}] * 60)
    assert Worker.objects.get().report == [{"limit": "ab", "detail": "3"}] * 50


def test_asking_for_work_writes_nothing_but_now_and_then(time: SteppedClock) -> None:
    # Each commit wakes every worker that waits: one that wrote whenever it asks would wake itself for ever.
    claim(worker(), 0)
    first = Worker.objects.get().last_seen_at
    time.add(seconds=9)
    claim(worker(), 0)
    assert Worker.objects.get().last_seen_at == first
    time.add(seconds=1)
    claim(worker(), 0)
    assert Worker.objects.get().last_seen_at != first


def test_an_order_names_everything_that_a_run_needs(flow: Flow) -> None:
    made = flow.take_in()
    order = claimed(worker())
    assert {"user_pk", "id", "secret", "submissions_api_url", "docker_image", "execution_time_limit"} <= order.keys()
    assert (order["user_pk"], order["id"], order["docker_image"]) == (flow.anna.id, made, "podium/science")
    assert order["submissions_api_url"].endswith("/api")
    for link in ("program_data", "reference_data", "prediction_result", "scoring_result", "scoring_stdout"):
        assert order[link].startswith("http://127.0.0.1:8000/blobs/")
    assert "reference_data" in Attempt.objects.get().made_from


def test_a_prediction_is_never_given_the_reference_data(two: Flow) -> None:
    two.take_in({"metadata.yaml": b"command: python3 a.py\n"})
    order = claimed(worker())
    assert "reference_data" not in order
    assert "reference_data" not in Attempt.objects.get().made_from


@pytest.mark.django_db(transaction=True)
def test_two_workers_that_ask_at_once_get_two_runs(tmp_path: Path) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("The tests' SQLite lives in memory, where threads share one connection's locks.")
    with clock.clock_at(SteppedClock()):
        flow = begin(tmp_path)
        expected = {flow.take_in() for _ in range(4)}
        labs = [worker(f"lab-{number}") for number in range(4)]
        together = threading.Barrier(4)

        def ask(lab: Worker) -> int | None:
            try:
                together.wait()
                order = claim(lab, 0)
                return None if order is None else int(order["id"])
            finally:
                connection.close()

        with ThreadPoolExecutor(4) as threads:
            taken = list(threads.map(ask, labs))
        assert set(taken) == expected
        assert kinds(flow.competition_id).count("attempt-started") == 4
