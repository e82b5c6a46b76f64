"""Dropping a rescore: everything stays as it is."""

from __future__ import annotations

from django.db import transaction

from podium.rules.history import EventKind
from podium.rules.runs import RUN_ENDED
from podium.server.accounts.people import Person
from podium.server.history.services import ChainName, append
from podium.server.leaderboards.services import hold_board
from podium.server.rescores.models import RescoreItem, RescoreState
from podium.server.rescores.services.deciding import decide, held_open, rescore_for
from podium.server.submissions.models import Run
from podium.server.submissions.services.end import cancel_run

_PORTION = 100


def cancel(by: Person, rescore_id: int) -> None:
    """Drop a rescore. What is still to be scored of it is taken from workers and queues.

    Raises:
        NotFound, NotAllowed: the rescore is not the person's to decide about.
        Conflict: it was applied or cancelled before.
    """
    competition_id = rescore_for(by, rescore_id).competition_id
    with transaction.atomic():
        decide(by, held_open(rescore_id), RescoreState.CANCELLED)
        payload = {"rescore": rescore_id}
        append(ChainName.competition(competition_id), EventKind.RESCORE_CANCELLED, actor=by, payload=payload)
    # Others write between two portions. What a worker takes or ends in between changes nothing.
    while _cancel_some(rescore_id):
        pass


def _cancel_some(rescore_id: int) -> bool:
    items = RescoreItem.objects.filter(rescore=rescore_id)
    for slot in ("run_id", "twin_id"):
        alive = Run.objects.filter(pk__in=items.values(slot)).exclude(job__state__in=RUN_ENDED).order_by("-pk")
        ids = list(alive.values_list("pk", flat=True)[:_PORTION])
        if ids:
            _cancel(ids)
            return True
    return False


@transaction.atomic
def _cancel(run_ids: list[int]) -> None:
    runs = Run.objects.filter(pk__in=run_ids).select_related("submission__phase", "job")
    for phase_id in sorted({run.submission.phase_id for run in runs}):
        hold_board(phase_id)
    for run in runs.order_by("job_id"):
        if run.job.state not in RUN_ENDED:
            cancel_run(run, "The rescore was cancelled.")
