"""Comparing the workers of the site: each makes the scores of one known submission again, every so many hours."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, Max, OuterRef

from podium.rules.access import Action, require, roles_towards
from podium.rules.errors import Conflict, NotFound, UserError
from podium.rules.runs import RUN_ENDED
from podium.server import clock
from podium.server.accounts.people import Person
from podium.server.jobs.crew import all_workers
from podium.server.jobs.models import Job, Worker
from podium.server.submissions.models import Run, Submission, Verification, WorkerCheck
from podium.server.submissions.services.making_again import begin, made_by, require_files
from podium.server.submissions.services.runs import children_of, locked

LONGEST_H = 24 * 366
KEPT = 20
"""How many checks of a worker are kept."""


def plan_check(by: Person, submission_id: int, every_h: int) -> None:
    """Have all workers make the scores of a submission again now, and every so many hours. With several tasks it is
    the first that has scores.

    Raises:
        NotAllowed: the person is no administrator.
        NotFound: there is no such submission.
        UserError: the hours make no sense.
        Conflict: it has no scores that a program made, or something that they were made of is gone.
    """
    _require(by)
    if not 1 <= every_h <= LONGEST_H:
        raise UserError(
            "hours-invalid",
            "The hours between two checks make no sense.",
            f"Write a whole number from 1 to {LONGEST_H}.",
        )
    with transaction.atomic():
        submission = Submission.objects.filter(pk=submission_id, is_deleted=False).first()
        if submission is None:
            raise NotFound("submission-not-found", "There is no such submission.", "Look at its number on its page.")
        attempts = (made_by(part) for part in children_of(submission))
        attempt = next((each for each in attempts if each is not None), None)
        if attempt is None:
            raise Conflict(
                "nothing-to-verify", "This submission has no scores that a program made.", "Name one that has finished."
            )
        require_files(attempt)
        WorkerCheck.objects.all().delete()
        WorkerCheck.objects.create(attempt=attempt, every_h=every_h, set_by_id=by.id, set_at=clock.now())
    check_workers()


def end_checks(by: Person) -> None:
    """Compare the workers no more.

    Raises:
        NotAllowed: the person is no administrator.
    """
    _require(by)
    WorkerCheck.objects.all().delete()


def check_workers() -> int:
    """Begin the checks that are due. Returns how many there were.

    A worker whose last check has not ended, or that is not heard of, is left for later.
    """
    plan = WorkerCheck.objects.select_related("attempt__run__submission__phase__competition").first()
    if plan is None:
        return 0
    ready = [row.id for row in all_workers() if row.is_alive and row.slots and not row.refusal]
    newest = Verification.objects.filter(worker__in=ready).values("worker").annotate(newest=Max("pk")).order_by()
    under_way = Run.objects.filter(verification=OuterRef("pk")).exclude(job__state__in=RUN_ENDED)
    last = Verification.objects.filter(pk__in=newest.values("newest")).annotate(under_way=Exists(under_way))
    limit = clock.now() - timedelta(hours=plan.every_h)
    later = {
        each.worker_id
        for each in last
        if each.under_way or (each.attempt_id == plan.attempt_id and each.created_at > limit)
    }
    known = {each.worker_id: each.pk for each in last}
    return sum(_check(plan, worker_id, known.get(worker_id, 0)) for worker_id in ready if worker_id not in later)


def _check(plan: WorkerCheck, worker_id: int, newest: int) -> int:
    with transaction.atomic():
        try:
            locked(plan.attempt.run.submission_id)
            # Two processes that look at the same moment begin one check.
            worker = Worker.objects.select_for_update().filter(pk=worker_id).first()
            if worker is None or Verification.objects.filter(worker=worker_id, pk__gt=newest).exists():
                return 0
            begin(plan.attempt, None, worker)
        except (Conflict, NotFound):
            # The submission was deleted, or its files are not kept any more: there is nothing to compare workers with.
            WorkerCheck.objects.filter(pk=plan.pk).delete()
            return 0
        _forget_old(worker)
    return 1


def _forget_old(worker: Worker) -> None:
    checks = Verification.objects.filter(worker=worker).order_by("-created_at", "-pk")
    old = list(checks.values_list("pk", flat=True)[KEPT:])
    jobs = list(Run.objects.filter(verification__in=old).values_list("job_id", flat=True))
    Verification.objects.filter(pk__in=old).delete()
    Job.objects.filter(pk__in=jobs).delete()


def _require(by: Person) -> None:
    require(Action.ADMINISTER, roles_towards(signed_in=True, admin=by.is_admin))
