"""What waits and runs in the queues of a site, and what the site failed at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from statistics import median

from django.db.models import Q, QuerySet

from podium.rules.access import Action, require, roles_towards
from podium.server import clock
from podium.server.accounts.people import Person
from podium.server.competitions.queries.standing import standings_of
from podium.server.jobs.models import Job, JobState
from podium.server.jobs.place import Crew, crew_of
from podium.server.queues.models import Queue
from podium.server.submissions.models import Run, Submission

_SHOWN = 100


@dataclass(frozen=True)
class QueuedRun:
    """A run that waits or is worked on. Of somebody else's, where the person does not run the competition, only the
    state is told: `submission_id` is None and the texts are empty. `worker` is empty while it waits."""

    submission_id: int | None
    competition: str
    owner: str
    step: str
    running: bool
    since: datetime
    worker: str


@dataclass(frozen=True)
class QueueState:
    """A queue: its workers, how much waits and runs, how long what waits has waited (the median and the longest, None
    where nothing waits), and the first of its runs. `queue_id` of None are the workers of the site itself."""

    queue_id: int | None
    name: str
    crew: Crew
    waiting: int
    running: int
    median_wait_s: float | None
    longest_wait_s: float | None
    runs: tuple[QueuedRun, ...]


@dataclass(frozen=True)
class InternalFailure:
    """A submission that failed by the site's fault."""

    submission_id: int
    competition: str
    owner: str
    reason: str
    ended_at: datetime | None


def queue_states(person: Person) -> list[QueueState]:
    """The queues that the person owns or organizes; for an admin all, the site's own workers first."""
    mine = Q() if person.is_admin else Q(owner_id=person.id) | Q(organizers=person.id)
    named: list[tuple[int | None, str]] = [(None, "")] if person.is_admin else []
    named += Queue.objects.filter(mine).distinct().order_by("name", "pk").values_list("pk", "name")
    return [_state(person, queue_id, name) for queue_id, name in named]


def own_runs(person: Person) -> list[QueuedRun]:
    """What of the person's own submissions waits or is worked on."""
    seen = Q(submission__owner_id=person.id, submission__phase__competition__published=True)
    return _runs(person, Run.objects.filter(seen, in_shadow=False, job__state__in=(JobState.WAITING, JobState.LEASED)))


def internal_failures(person: Person) -> list[InternalFailure]:
    """The latest submissions that failed by the site's fault, be it at one task of several, for whoever keeps it.

    Raises:
        NotAllowed: the person does not.
    """
    require(Action.ADMINISTER, roles_towards(signed_in=True, admin=person.is_admin))
    rows = Submission.objects.filter(internal_failure=True, parent=None)
    shown = rows.select_related("phase__competition", "owner").order_by("-ended_at", "-pk")[:_SHOWN]
    return [
        InternalFailure(row.pk, row.phase.competition.title, row.owner.shown_name, row.status_details, row.ended_at)
        for row in shown
    ]


def _state(person: Person, queue_id: int | None, name: str) -> QueueState:
    now = clock.now()
    jobs = Job.objects.filter(queue=queue_id, owner__isnull=False)
    since = jobs.filter(state=JobState.WAITING).values_list("created_at", flat=True)
    waits = [(now - at).total_seconds() for at in since]
    alive = Run.objects.filter(job__queue=queue_id, job__state__in=(JobState.WAITING, JobState.LEASED))
    return QueueState(
        queue_id=queue_id,
        name=name,
        crew=crew_of(queue_id),
        waiting=len(waits),
        running=jobs.filter(state=JobState.LEASED).count(),
        median_wait_s=median(waits) if waits else None,
        longest_wait_s=max(waits, default=None),
        runs=tuple(_runs(person, alive)),
    )


def _runs(person: Person, found: QuerySet[Run]) -> list[QueuedRun]:
    rows = list(
        found.select_related("job__worker", "submission__owner", "submission__phase__competition").order_by(
            "job__state", "in_shadow", "job_id"
        )[:_SHOWN]
    )
    standings = standings_of(person, {row.submission.phase.competition_id for row in rows})
    made = []
    for row in rows:
        submission, job = row.submission, row.job
        staff = standings[submission.phase.competition_id].may(Action.SEE_ANY_SUBMISSION)
        told = staff or submission.owner_id == person.id
        running = job.state == JobState.LEASED
        made.append(
            QueuedRun(
                submission_id=(submission.parent_id or submission.pk) if told else None,
                competition=submission.phase.competition.title if told else "",
                owner=submission.owner.shown_name if told else "",
                step=row.step,
                running=running,
                since=job.taken_at if running and job.taken_at else job.created_at,
                worker=job.worker.name if running and job.worker else "",
            )
        )
    return made
