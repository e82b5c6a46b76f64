"""Finding the attempt that a worker speaks of, by the secret that came with its run order."""

from __future__ import annotations

from uuid import UUID

from podium.rules.errors import Conflict, NotAllowed
from podium.server.jobs import leases
from podium.server.submissions.models import Attempt
from podium.server.submissions.services.runs import locked_with_board

LONGEST_TEXT = 2000
"""How much of a worker's words is kept, in characters."""
LONGEST_RUNTIME = 200


def attempt_of_secret(submission_id: int, secret: str, lease: str = "") -> Attempt:
    """The attempt of a submission that a secret belongs to. Whoever names a lease must name that of the attempt.

    Raises:
        NotAllowed: none.
        Conflict: the lease is another.
    """
    try:
        key = UUID(secret)
    except ValueError:
        key = None
    found = (
        Attempt.objects.select_related("run__submission__phase__competition", "run__job")
        .filter(secret=key, run__submission_id=submission_id)
        .first()
        if key
        else None
    )
    if found is None:
        raise NotAllowed("secret-wrong", "Submission secrets do not match", "Report with the secret of the run order.")
    if lease and lease != str(lease_of(found)):
        raise Conflict(
            "attempt-lost", "The lease is not that of this attempt.", "Stop working on it and ask for the next run."
        )
    return found


def locked_attempt(submission_id: int, secret: str, lease: str = "") -> Attempt:
    """The same with its submission locked, so that two reports of an attempt come one after the other."""
    attempt_of_secret(submission_id, secret, lease)
    locked_with_board(submission_id)
    return attempt_of_secret(submission_id, secret, lease)


def lease_of(attempt: Attempt) -> leases.Lease:
    """The lease that an attempt held or holds."""
    return leases.Lease(attempt.run.job_id, attempt.number)


def clean(text: str) -> str:
    """Text of a worker without the characters that no database takes."""
    kept = "".join(letter if letter.isprintable() or letter in "\n\t" else " " for letter in text[:LONGEST_TEXT])
    return kept.strip()
