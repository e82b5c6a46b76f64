"""Reading predictions that somebody is about to send, to say what is wrong with them."""

from __future__ import annotations

from django.db import transaction

from podium.server.computing.orders import file_of
from podium.server.jobs.internal.work import JobKind, Work
from podium.server.modelboards.jobs.orders import done_for, order_of_predictions
from podium.server.modelboards.models import ReferenceSet
from podium.server.modelboards.queries.checks import CHECKING


def _check(work: Work) -> None:
    payload = work.order.payload
    references = ReferenceSet.objects.select_related("dataset").get(pk=payload["references"])
    sent = file_of(payload["sha256"], payload["name"])
    order = order_of_predictions("check", references.dataset, references, sent, open_labels=False)
    with done_for(work, order) as (found, _), transaction.atomic():
        work.finish(found)


CHECKS = JobKind(CHECKING, _check)
