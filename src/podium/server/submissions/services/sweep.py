"""Taking back what nobody works on any more, and ending what nobody will ever work on."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Exists, OuterRef

from podium.rules.deadlines import UNATTENDED
from podium.rules.runs import SubmissionStatus
from podium.server import clock
from podium.server.jobs import leases
from podium.server.jobs.models import Job, JobState
from podium.server.jobs.place import crew_of
from podium.server.submissions.models import Run, Submission
from podium.server.submissions.services.end import cancel_run, give_up, lose
from podium.server.submissions.services.runs import locked_with_board

_UNDER_WAY = (
    SubmissionStatus.SUBMITTED,
    SubmissionStatus.PREPARING,
    SubmissionStatus.RUNNING,
    SubmissionStatus.SCORING,
)
_PORTION = 100
_UNATTENDED = "No worker of its queue was heard of for 7 days that takes its runs."


def sweep() -> int:
    """End every lease that has run out, so that its run is tried again. Returns how many there were.

    One that cannot be ended holds up no other: what went wrong with it is raised after all were tried.
    """
    late = leases.run_out(clock.now())
    wrong: list[Exception] = []
    for lease in late:
        try:
            lose(lease, only_if_late=True)
        except Exception as error:  # noqa: BLE001 - it is raised below
            wrong.append(error)
    if wrong:
        raise wrong[0]
    return len(late)


def end_unattended() -> int:
    """End what has waited for a week in a queue of which no worker was heard of that takes its runs: one that refuses
    them is none. Returns how many there were."""
    long_ago = clock.now() - UNATTENDED
    waiting = Job.objects.filter(state=JobState.WAITING, created_at__lte=long_ago, run__isnull=False)
    ended = 0
    for queue_id in list(waiting.order_by().values_list("queue_id", flat=True).distinct()):
        heard = crew_of(queue_id).last_able_at
        if heard is not None and heard > long_ago:
            continue
        # A worker that refuses now may have been well until a moment ago.
        if Job.objects.filter(queue=queue_id, taken_at__gt=long_ago).exists():
            continue
        runs = Run.objects.filter(job__in=waiting.filter(queue=queue_id)).order_by("pk")
        for submission_id in list(runs.filter(in_shadow=False).values_list("submission_id", flat=True)[:_PORTION]):
            ended += _end(submission_id, _UNATTENDED)
        for run_id in list(runs.filter(in_shadow=True).values_list("pk", flat=True)[:_PORTION]):
            ended += _end_in_shadow(run_id)
    return ended


def end_forgotten() -> int:
    """End what should be under way and has no run that waits or is worked on. There is nothing of the kind unless the
    site made a mistake, and even then nobody shall wait for ever. Returns how many there were."""
    alive = Run.objects.filter(
        submission=OuterRef("pk"), in_shadow=False, job__state__in=(JobState.WAITING, JobState.LEASED)
    )
    forgotten = Submission.objects.filter(status__in=_UNDER_WAY, task__isnull=False).exclude(Exists(alive))
    ids = list(forgotten.order_by("pk").values_list("pk", flat=True)[:_PORTION])
    return sum(_end(submission_id, "The site lost track of it.", forgotten=True) for submission_id in ids)


def _end_in_shadow(run_id: int) -> int:
    with transaction.atomic():
        locked_with_board(Run.objects.values_list("submission_id", flat=True).get(pk=run_id))
        run = Run.objects.select_related("job").get(pk=run_id)
        if run.job.state != JobState.WAITING:
            return 0
        cancel_run(run, _UNATTENDED)
        return 1


def _end(submission_id: int, reason: str, *, forgotten: bool = False) -> int:
    with transaction.atomic():
        submission = locked_with_board(submission_id)
        alive = submission.runs.filter(in_shadow=False, job__state__in=(JobState.WAITING, JobState.LEASED))
        if submission.status not in _UNDER_WAY or alive.exists() == forgotten:
            return 0
        if alive.filter(job__state=JobState.LEASED).exists():
            return 0
        give_up(submission, reason)
        return 1
