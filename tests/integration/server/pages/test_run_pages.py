"""The pages of what waits and runs, and the buttons that run submissions again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from tests.integration.server.scene import Scene, failed, make_person, ran, scored, sent

from podium.rules.runs import Outcome, RunState, Step, SubmissionStatus
from podium.server import clock
from podium.server.jobs.models import Job, Worker
from podium.server.queues.models import Queue
from podium.server.submissions.models import Run, Submission

pytestmark = pytest.mark.django_db

As = Callable[[str | None], Client]


def text(as_: As, name: str, path: str) -> str:
    return as_(name).get(path).content.decode()


def waiting(scene: Scene, name: str, minutes: int, queue: Queue | None = None) -> Submission:
    owner = scene.people[name]
    row = sent(scene, owner, status=SubmissionStatus.SCORING)
    at = clock.now() - timedelta(minutes=minutes)
    job = Job.objects.create(kind="scoring", owner=owner, state="waiting", created_at=at, queue=queue)
    Run.objects.create(submission=row, step="scoring", job=job)
    return row


def test_administrators_see_every_queue_with_its_waits(scene: Scene, as_: As) -> None:
    with clock.clock_at(clock.now()):
        _look_at_waits(scene, as_)


def _look_at_waits(scene: Scene, as_: As) -> None:
    row = waiting(scene, "participant", 2)
    waiting(scene, "participant", 10)
    running = sent(scene, scene.people["participant"], status=SubmissionStatus.SCORING)
    ran(running, Step.SCORING, RunState.LEASED, None)
    page = text(as_, "admin", "/my-work/runs/")
    assert "2 waiting, 1 running, half of them for 6 min or less, the longest for 10 min." in page
    assert "no worker was ever heard of" in page
    assert f'href="/submissions/{row.pk}/"' in page
    assert "scoring runs on lab-2" in page
    Worker.objects.update(last_seen_at=clock.now())
    assert "2 slots of workers that are alive" in text(as_, "admin", "/my-work/runs/")


def test_participants_see_their_own_and_no_queue(scene: Scene, as_: As) -> None:
    own = waiting(scene, "participant", 2)
    other = waiting(scene, "collaborator", 2)
    page = text(as_, "participant", "/my-work/runs/")
    assert f"/submissions/{own.pk}/" in page
    assert f"/submissions/{other.pk}/" not in page
    assert "waiting," not in page


def test_who_keeps_a_queue_sees_that_others_wait_but_not_who(scene: Scene, as_: As) -> None:
    queue = Queue.objects.create(name="gpu", owner=scene.people["user"], created_at=clock.now())
    row = waiting(scene, "participant", 2, queue)
    page = text(as_, "user", "/my-work/runs/")
    assert "gpu" in page
    assert "1 waiting, 0 running" in page
    assert "Somebody else" in page
    assert f"/submissions/{row.pk}/" not in page
    assert scene.competition.title not in page
    # An organizer of the queue who runs the competition knows them anyway.
    queue.organizers.add(scene.people["organizer"])
    assert f"/submissions/{row.pk}/" in text(as_, "organizer", "/my-work/runs/")
    assert "gpu" not in text(as_, "collaborator", "/my-work/runs/")


def test_administrators_see_what_the_site_failed_at(scene: Scene, as_: As) -> None:
    row = sent(scene, scene.people["participant"], status=SubmissionStatus.FAILED)
    Submission.objects.filter(pk=row.pk).update(
        internal_failure=True, status_details="This site failed. <b>Disk full</b>", ended_at=clock.now()
    )
    other = failed(scene, scene.people["participant"])
    page = text(as_, "admin", "/my-work/runs/failures/")
    assert f"/submissions/{row.pk}/" in page
    assert "&lt;b&gt;Disk full" in page
    assert f"/submissions/{other.pk}/" not in page


class TestRunningAgain:
    def test_one_by_its_button(self, scene: Scene, as_: As) -> None:
        row = scored(scene, scene.people["participant"], {"accuracy": 0.5})
        assert 'value="rerun"' not in text(as_, "participant", f"/submissions/{row.pk}/")
        assert 'value="rerun"' in text(as_, "organizer", f"/submissions/{row.pk}/")
        answer = as_("organizer").post(f"/submissions/{row.pk}/", {"do": "rerun"})
        made = Submission.objects.get(rerun_of=row)
        assert answer.headers["Location"] == f"/submissions/{made.pk}/"
        as_("participant").post(f"/submissions/{row.pk}/", {"do": "rerun"})
        assert Submission.objects.filter(rerun_of=row).count() == 1

    def test_the_ticked_ones_and_those_that_run_are_left(self, scene: Scene, as_: As) -> None:
        rows = [scored(scene, scene.people["participant"], {"accuracy": 0.5}) for _ in range(2)]
        rows.append(waiting(scene, "participant", 1))
        page = text(as_, "organizer", f"/competitions/{scene.competition.pk}/submissions/all/")
        assert f'name="submission" value="{rows[0].pk}" form="rerun"' in page
        where = f"/competitions/{scene.competition.pk}/submissions/rerun/"
        chosen = {"do": "selected", "submission": [rows[0].pk, rows[2].pk]}
        answer = as_("organizer").post(where, chosen, follow=True)
        assert "1 submission will be run again. 1 other left alone, not ended yet." in answer.content.decode()
        assert list(Submission.objects.exclude(rerun_of=None).values_list("rerun_of", flat=True)) == [rows[0].pk]
        assert as_("organizer").post(where, {"do": "selected"}).status_code == 400

    def test_a_phase_of_this_competition_only(self, scene: Scene, as_: As) -> None:
        scored(scene, scene.people["participant"], {"accuracy": 0.5})
        ran(
            sent(scene, make_person("bea"), status=SubmissionStatus.FAILED),
            Step.SCORING,
            RunState.FAILED,
            Outcome.FAILED,
        )
        where = f"/competitions/{scene.competition.pk}/submissions/rerun/"
        assert as_("organizer").post(where, {"do": "phase", "phase": 10**6}).status_code == 404
        assert as_("organizer").post(where, {"do": "phase", "phase": "x"}).status_code == 404
        assert as_("organizer").post(where, {"do": "phase", "phase": scene.phase.pk}).status_code == 302
        assert Submission.objects.exclude(rerun_of=None).count() == 2
        page = text(as_, "participant", f"/competitions/{scene.competition.pk}/submissions/")
        assert 'form="rerun"' not in page
