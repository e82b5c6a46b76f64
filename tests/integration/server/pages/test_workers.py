"""The page of the workers, and the same as JSON."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from tests.integration.server.scene import Scene, ran, sent

from podium.rules.runs import RunState, Step, SubmissionStatus
from podium.server import clock
from podium.server.jobs.crew import all_workers
from podium.server.jobs.models import Job, Worker
from podium.server.jobs.services import greet_worker, note_worker_seen, register_worker, worker_of_token
from podium.server.submissions.models import Submission

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
HELD = {"limit": "network", "kind": "isolation", "enforcement": "enforced", "detail": "Tried to.", "advice": ""}
LOOSE = {
    "limit": "memory",
    "kind": "resource",
    "enforcement": "approximate",
    "detail": "Now and then.",
    "advice": "Do.",
}
OPEN = {"limit": "vsock", "kind": "isolation", "enforcement": "not enforced", "detail": "<b>It</b>", "advice": "Flee."}


def worker(
    name: str, *report: dict[str, str], refusal: str = "", slots: int = 2, time_s: float | None = None
) -> Worker:
    register_worker(None, name, f"token of {name}")
    made = worker_of_token(f"token of {name}")
    greet_worker(
        made,
        slots=slots,
        report=report,
        sandbox="bubblewrap",
        version="0.1.0",
        host="lab.example.org",
        refusal=refusal,
        time_s=time_s,
    )
    return made


def at_work(scene: Scene, lab: Worker, until: datetime) -> Submission:
    """A submission whose scoring the second slot of a worker holds since noon."""
    row = sent(scene, scene.people["participant"], status=SubmissionStatus.SCORING, at=NOON)
    job = ran(row, Step.SCORING, RunState.LEASED, None).run.job
    Job.objects.filter(pk=job.pk).update(worker=lab, slot=1, lease_until=until)
    return row


def page(client: Client, scene: Scene, who: str = "admin") -> str:
    client.force_login(scene.people[who], backend="django.contrib.auth.backends.ModelBackend")
    return client.get("/workers/").content.decode()


def test_without_workers_the_page_says_how_to_get_one(client: Client, scene: Scene) -> None:
    Job.objects.update(worker=None)
    Worker.objects.all().delete()
    said = page(client, scene)
    assert "No worker has been registered." in said
    assert "podium token create --worker NAME" in said


def test_a_worker_shows_its_state_its_facts_and_its_report_in_words(client: Client, scene: Scene) -> None:
    with clock.clock_at(NOON):
        worker("lab", HELD, LOOSE)
        said = page(client, scene)
    section = said[said.index(">lab ") :]
    assert '<span class="is small good">Alive</span>' in section
    assert "lab.example.org" in section
    assert "competitions without a queue" in section
    assert section.count("waits for a run") >= 2
    assert '<span class="is good">enforced</span>' in section
    assert '<span class="is busy">approximate</span>' in section
    assert "1 enforced, 1 approximate" in section
    assert "not enforced" not in section
    # Something needs a look: the report is open.
    assert "<details open>" in section


def test_a_report_in_which_all_is_well_is_folded_away(client: Client, scene: Scene) -> None:
    with clock.clock_at(NOON):
        worker("lab", HELD)
        said = page(client, scene)
    assert re.search(r"<details><summary>How it holds programs: 1 enforced</summary>", said)


def test_a_worker_that_refuses_says_why_and_what_it_wrote_is_text(client: Client, scene: Scene) -> None:
    with clock.clock_at(NOON):
        worker("lab", OPEN, refusal="A vsock is open. <script>alert(1)</script>", slots=0)
        said = page(client, scene)
    assert "Takes no runs" in said
    assert "A vsock is open. &lt;script&gt;" in said
    assert '<span class="is bad">not enforced</span>' in said
    assert "&lt;b&gt;It&lt;/b&gt;" in said


def test_a_worker_is_alive_for_a_minute_after_it_was_heard_of_and_while_it_keeps_a_lease(scene: Scene) -> None:
    with clock.clock_at(NOON):
        lab = worker("lab")

    def is_alive(after: timedelta) -> bool:
        with clock.clock_at(NOON + after):
            return next(row for row in all_workers() if row.name == "lab").is_alive

    assert is_alive(timedelta(seconds=59))
    assert not is_alive(timedelta(seconds=61))
    at_work(scene, lab, NOON + timedelta(seconds=90))
    assert is_alive(timedelta(seconds=89))
    assert not is_alive(timedelta(seconds=91))
    with clock.clock_at(NOON + timedelta(minutes=5)):
        note_worker_seen(lab)
    assert is_alive(timedelta(minutes=5, seconds=30))


def test_the_json_tells_the_same_with_what_each_slot_works_on(client: Client, scene: Scene) -> None:
    with clock.clock_at(NOON):
        # Its clock is a minute ahead of ours.
        lab = worker("lab", HELD, time_s=NOON.timestamp() + 60)
        submission = at_work(scene, lab, NOON + timedelta(seconds=30))
        client.force_login(scene.people["admin"], backend="django.contrib.auth.backends.ModelBackend")
        (found,) = [row for row in client.get("/api/v1/workers/").json()["workers"] if row["name"] == "lab"]
        shown = page(client, scene)
    assert found == {
        "name": "lab",
        "alive": True,
        "last_seen_at": "2026-11-01T12:00:00Z",
        "host": "lab.example.org",
        "version": "0.1.0",
        "sandbox": "bubblewrap",
        "slots": 2,
        "queues": [],
        "clock_skew_s": 60.0,
        "refusal": None,
        "no_network": None,
        "limits": [HELD],
        "check": None,
        "working_on": [{"slot": 1, "submission": submission.pk, "step": "scoring", "since": "2026-11-01T12:00:00Z"}],
    }
    assert f'<a href="/submissions/{submission.pk}/">scoring of submission {submission.pk}</a>' in shown
    assert "1 min ahead" in shown


def test_the_menu_leads_administrators_there_and_nobody_else(client: Client, scene: Scene) -> None:
    assert 'href="/workers/"' in page(client, scene)
    client.force_login(scene.people["organizer"], backend="django.contrib.auth.backends.ModelBackend")
    assert 'href="/workers/"' not in client.get("/my-work/").content.decode()


def test_what_a_worker_says_of_itself_is_kept_within_bounds() -> None:
    register_worker(None, "lab", "t")
    lab = worker_of_token("t")
    long = "x\0" * 5000
    greet_worker(lab, slots=0, report=[], sandbox=long, version=long, host=long, refusal=long)
    row = Worker.objects.get()
    assert [len(text) for text in (row.sandbox, row.version, row.host, row.refusal)] == [40, 40, 100, 2000]
    assert row.clock_skew_s is None
    # The next start clears what was refused.
    greet_worker(lab, slots=1, report=[])
    assert Worker.objects.get().refusal == ""
