"""Checking references, and letting them count."""

from __future__ import annotations

from django.db import transaction

from podium.server.computing.orders import file_of
from podium.server.files.services import keep_blob, store
from podium.server.jobs.internal.models import InternalJob
from podium.server.jobs.internal.services import Order
from podium.server.jobs.internal.work import JobKind, Work
from podium.server.modelboards.jobs.orders import done_for
from podium.server.modelboards.models import ReferenceSet, ReferencesState
from podium.server.modelboards.scoring.files import ITEMS
from podium.server.modelboards.services.references import (
    CHECKING_REFERENCES,
    accept_references,
    refuse_references,
)


def _check(work: Work) -> None:
    pk = work.order.payload["references"]
    references = ReferenceSet.objects.select_related("dataset").get(pk=pk)
    order = {
        "kind": "references",
        "task_type": references.dataset.task_type,
        "references": file_of(references.blob_id, references.name),
        "inputs": file_of(references.inputs_id, references.inputs_name) if references.inputs_id else None,
    }
    with done_for(work, order) as (found, place):
        if "problems" in found:
            with transaction.atomic():
                refuse_references(pk, ReferencesState.REFUSED, found["problems"], found["problem_count"])
                work.finish({"state": "refused"})
            return
        stored = store().put_file(place / ITEMS)
    with transaction.atomic():
        accept_references(pk, found, keep_blob(stored))
        work.finish({"state": "accepted", "items": found["count"]})


def _tidy(order: Order) -> None:
    problems = InternalJob.objects.values_list("problems", flat=True).get(pk=order.job_id)
    refuse_references(order.payload["references"], ReferencesState.FAILED, problems, len(problems))


REFERENCE_CHECKS = JobKind(CHECKING_REFERENCES, _check, _tidy)
