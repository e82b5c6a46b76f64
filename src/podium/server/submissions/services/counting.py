"""How many submissions a phase has, kept in the transaction that makes or deletes one."""

from __future__ import annotations

from django.db.models import F

from podium.server.submissions.models import SubmissionCount


def count_submission(phase_id: int, by: int) -> None:
    """Add to the number of a phase's submissions. The caller holds the board of the phase, in a transaction, and has
    appended no event yet: the chain is locked last."""
    held = SubmissionCount.objects.filter(phase_id=phase_id)
    if not held.update(number=F("number") + by):
        SubmissionCount.objects.create(phase_id=phase_id, number=by)
