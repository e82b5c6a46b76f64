"""Having it read what each item scored, once an attempt has scores and the output of its program is here."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from podium.rules.errors import NotFound
from podium.rules.runs import Outcome
from podium.server.jobs.internal.services import ask_for
from podium.server.prepared_queries import prepared
from podium.server.submissions.models import Attempt, RunFile
from podium.server.submissions.queries.access import SCORING_RESULT
from podium.server.submissions.services.runs import locked

ITEM_SCORES = "item-scores"
"""The kind of job that reads them, which podium.server.certainty carries out."""


def want_item_scores(attempt: Attempt) -> None:
    """Have the items of an attempt that ended read, if they are here. The caller has locked its submission. What is
    only made again to compare workers stands on no board."""
    if attempt.run.verification_id is None and _with_items(attempt=attempt.pk, kind=SCORING_RESULT):
        ask_for(ITEM_SCORES, None, {"attempt": attempt.pk}, subject=f"attempt {attempt.pk}")


def items_arrived(file: RunFile) -> None:
    """The output of an attempt is here, with what each item scored. Workers of Codabench send it after the scores."""
    with transaction.atomic():
        attempt = Attempt.objects.select_related("run").get(pk=file.attempt_id)
        try:
            locked(attempt.run.submission_id)
        except NotFound:
            return
        # The end of the attempt may have waited for the lock, or held it.
        attempt.refresh_from_db(fields=["outcome"])
        if attempt.outcome == Outcome.FINISHED:
            want_item_scores(attempt)


@prepared
def _with_items(attempt: int, kind: str) -> QuerySet[RunFile, Any]:
    found = RunFile.objects.filter(attempt_id=attempt, kind=kind, has_items__in=[True])
    return found.values_list("pk")
