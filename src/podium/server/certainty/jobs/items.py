"""Reading what each item of a submission scored."""

from __future__ import annotations

from django.db import transaction

from podium.server.certainty.items.columns_file import KEPT
from podium.server.certainty.services import keep_items
from podium.server.computing.orders import done_by
from podium.server.files.services import keep_blob, store
from podium.server.jobs.internal.services import forget_ended
from podium.server.jobs.internal.work import JobKind, Work
from podium.server.leaderboards.queries import columns_of_competition
from podium.server.leaderboards.services import hold_board
from podium.server.submissions.models import Attempt, RunFile
from podium.server.submissions.queries.access import SCORING_RESULT
from podium.server.submissions.services.item_scores import ITEM_SCORES

ROOM = "podium.server.certainty.items"


def _read(work: Work) -> None:
    pk = work.order.payload["attempt"]
    attempt = Attempt.objects.select_related("run__submission__phase").filter(pk=pk).first()
    output = (
        RunFile.objects.filter(attempt_id=pk, kind=SCORING_RESULT).values_list("ticket__blob_id", flat=True).first()
    )
    if attempt is None or output is None:
        # The submission, or its output, was taken away meanwhile.
        with transaction.atomic():
            work.finish({"state": "gone"})
        return
    phase = attempt.run.submission.phase
    columns = columns_of_competition(phase.competition_id).scored
    order = {
        "kind": "items",
        "output": str(store().path(output)),
        "columns": [column.key for column in columns if column.computation is None],
        "about": f"phase {phase.pk}",
        "digest": output,
    }
    with done_by(ROOM, work, order) as (found, place):
        stored = None if "problems" in found else store().put_file(place / KEPT)
    with transaction.atomic():
        kept = None if stored is None else keep_blob(stored)
        hold_board(phase.pk)
        keep_items(attempt, found, kept)
        forget_ended(ITEM_SCORES, work.order.subject)
        work.finish({"state": "wrong" if kept is None else "kept"})


ITEMS = JobKind(ITEM_SCORES, _read)
