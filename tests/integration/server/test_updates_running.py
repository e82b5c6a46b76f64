"""Updates while submissions are sent and run: nothing is lost, and every run is made of one version."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from django.db import connection
from tests.integration.server.competition_material import DESCRIPTION, described, make_person
from tests.integration.server.flow import (
    CODE,
    Flow,
    SteppedClock,
    assert_all_chains_fit,
    begin,
    claimed,
    finish_prediction,
    finish_scoring,
    worker,
)
from tests.integration.server.new_versions import changed, codes, program_of, proposal, update

from podium.rules.errors import UserError
from podium.rules.runs import Outcome
from podium.server.competitions.models import Competition, Task
from podium.server.competitions.services import register
from podium.server.jobs.models import Job
from podium.server.queues.models import Queue
from podium.server.queues.services import create_queue
from podium.server.submissions.models import Attempt, Submission
from podium.server.submissions.services.claim import claim
from podium.server.submissions.services.submit import run_submission
from podium.server.updates.services import confirm

BETTER = {"scoring_program/score.py": b"print({'accuracy': 2, 'seconds': 2})\n"}
BOTH = {"accuracy": 0.5, "seconds": 1.0}


@pytest.mark.django_db
def test_what_a_worker_has_keeps_the_old_files_and_what_waits_takes_the_new(flow: Flow, tmp_path: Path) -> None:
    begun, waiting = flow.take_in(), flow.take_in()
    order = claimed(worker())
    old = program_of(Task.objects.get())
    done = update(flow.otto, flow.competition_id, tmp_path, changed(docker_image="podium/plain"), BETTER)
    assert codes(done)[:2] == ["scores-stay", "runs-under-way"]
    new = program_of(Task.objects.get())
    finish_scoring(order, BOTH)
    later = claimed(worker())
    assert (order["id"], later["id"]) == (begun, waiting)
    assert (order["docker_image"], later["docker_image"]) == ("podium/science", "podium/plain")
    made_from = Attempt.objects.order_by("pk").values_list("made_from__program_data", flat=True)
    assert list(made_from) == [old, new]
    finish_scoring(later, BOTH)
    assert set(Submission.objects.values_list("status", flat=True)) == {"Finished"}


@pytest.mark.django_db
def test_scoring_after_an_old_prediction_and_a_lost_attempt_take_the_new(flow: Flow, tmp_path: Path) -> None:
    flow.take_in(CODE)
    prediction = claimed(worker())
    update(flow.otto, flow.competition_id, tmp_path, DESCRIPTION, BETTER)
    finish_prediction(prediction)
    claimed(worker())
    assert Attempt.objects.latest("pk").made_from["program_data"] == program_of(Task.objects.get())
    update(flow.otto, flow.competition_id, tmp_path, DESCRIPTION)
    # The slot asks again, so that what it had is lost.
    finish_scoring(claimed(worker()), BOTH)
    tried = Attempt.objects.filter(run__step="scoring").order_by("number")
    assert [attempt.outcome for attempt in tried] == [Outcome.LOST, Outcome.FINISHED]
    assert tried[1].made_from["program_data"] == program_of(Task.objects.get())
    assert tried[0].made_from["program_data"] != tried[1].made_from["program_data"]


@pytest.mark.django_db
def test_what_waits_moves_to_the_new_queue(flow: Flow, tmp_path: Path) -> None:
    flow.take_in()
    vhost = create_queue("lab", flow.otto)
    queued = described(queue=str(vhost))
    update(flow.otto, flow.competition_id, tmp_path, queued)
    assert Job.objects.get().queue_id == Queue.objects.get().pk
    assert claim(worker(), 0) is None
    update(flow.otto, flow.competition_id, tmp_path, DESCRIPTION)
    finish_scoring(claimed(worker()), BOTH)


@pytest.mark.django_db
def test_what_waits_for_its_organizer_is_run_as_the_competition_is_then(flow: Flow, tmp_path: Path) -> None:
    by_hand = described(auto_run_submissions=False)
    update(flow.otto, flow.competition_id, tmp_path, by_hand)
    sent = flow.take_in()
    # It is not being run, so that even its steps may change.
    ingesting = changed(by_hand, tasks__0__ingestion_program="scoring_program")
    update(flow.otto, flow.competition_id, tmp_path, ingesting)
    run_submission(flow.otto, sent)
    order = claimed(worker())
    assert not order["is_scoring"]
    assert "ingestion_program" in order


@pytest.mark.django_db
def test_an_update_with_nothing_running_says_nothing_of_runs(flow: Flow, tmp_path: Path) -> None:
    assert "runs-under-way" not in codes(proposal(flow.otto, flow.competition_id, tmp_path, DESCRIPTION, BETTER))


class TestAtTheSameMoment:
    """On PostgreSQL, as the tests' SQLite lies in memory and has one writer."""

    @pytest.fixture(autouse=True)
    def parallel_writers(self, transactional_db: None) -> None:
        if connection.vendor != "postgresql":
            pytest.skip("The tests' SQLite lies in memory and has one writer.")

    @pytest.fixture
    def at(self, tmp_path: Path, time: SteppedClock) -> Flow:
        unlimited = changed(phases__0__max_submissions=0, phases__0__max_submissions_per_day=0)
        return begin(tmp_path, unlimited)

    def test_of_two_updates_one_is_made(self, at: Flow, tmp_path: Path) -> None:
        found = [proposal(at.otto, at.competition_id, tmp_path, changed(title=title)) for title in ("One", "Two")]
        ended = _all_at_once(
            [lambda each=each: confirm(at.otto, at.competition_id, each.proposal, each.seen) for each in found]  # type: ignore[misc]
        )
        refused = [error.code for error in ended if isinstance(error, UserError)]
        assert refused == ["update-changed"]
        assert Competition.objects.get().title in {"One", "Two"}
        assert_all_chains_fit()

    def test_people_submit_and_workers_run_while_it_is_updated(self, at: Flow, tmp_path: Path) -> None:
        people = [make_person(name) for name in ("bea", "carl")]
        for person in people:
            register(person, at.competition_id, accepts_terms=True)
        first, second = worker("lab-1"), worker("lab-2")
        base = changed(phases__0__max_submissions=0, phases__0__max_submissions_per_day=0)
        yard = {"index": 1, "name": "Yard", "scoring_program": "scoring_program"}
        versions = [changed(base, docker_image="podium/plain"), changed(base, tasks__1=yard, phases__0__tasks=[0, 1])]

        def send(person_index: int) -> None:
            for _ in range(6):
                at.take_in(by=people[person_index])

        def work(which: int) -> None:
            for _ in range(8):
                order = claim(first if which == 0 else second, 0)
                if order is not None:
                    finish_scoring(order, BOTH)

        def change() -> None:
            for version in versions:
                update(at.otto, at.competition_id, tmp_path, version, BETTER)

        ended = _all_at_once([lambda: send(0), lambda: send(1), lambda: work(0), lambda: work(1), change])
        assert ended == [None] * 5
        while (order := claim(first, 0)) is not None:
            finish_scoring(order, BOTH)
        assert set(Submission.objects.values_list("status", flat=True)) == {"Finished"}
        assert Submission.objects.filter(parent=None).count() == 12
        # Whoever submitted before the second task was there has no part for it, and all others have both.
        for sent in Submission.objects.filter(parent=None):
            assert sent.task_id is not None or sent.children.count() == 2
        assert Submission.objects.filter(task=None).exclude(children__isnull=False).count() == 0
        assert_all_chains_fit()


def _all_at_once(deeds: list[Callable[[], object]]) -> list[object]:
    start = Barrier(len(deeds))

    def do(deed: Callable[[], object]) -> object:
        try:
            start.wait()
            return deed()
        except UserError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as threads:
        return list(threads.map(do, deeds))
