"""Finding the attempt that a worker speaks of, by the secret that came with its run order."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from podium.rules.errors import Conflict, NotAllowed
from podium.server.jobs import leases
from podium.server.submissions.models import Attempt
from podium.server.submissions.services.runs import locked_with_board, rows_are_locked

LONGEST_TEXT = 2000
"""How much of a worker's words is kept, in characters."""
LONGEST_RUNTIME = 200


def attempt_of_secret(submission_id: int, secret: str, lease: str = "") -> Attempt:
    """The attempt of a submission that a secret belongs to. Whoever names a lease must name that of the attempt.

    Raises:
        NotAllowed: none.
        Conflict: the lease is another.
    """
    related = ("run__submission__phase__competition", "run__job")
    found = _of_secret(submission_id, secret).select_related(*related).first()
    if found is None:
        raise _wrong_secret()
    _check_lease(found, lease)
    return found


def _of_secret(submission_id: int, secret: str) -> QuerySet[Attempt]:
    try:
        return Attempt.objects.filter(secret=UUID(secret), run__submission_id=submission_id)
    except ValueError:
        return Attempt.objects.none()


def _wrong_secret() -> NotAllowed:
    return NotAllowed("secret-wrong", "Submission secrets do not match", "Report with the secret of the run order.")


def _check_lease(found: Attempt, lease: str) -> None:
    if lease and lease != str(lease_of(found)):
        raise Conflict(
            "attempt-lost", "The lease is not that of this attempt.", "Stop working on it and ask for the next run."
        )


def locked_attempt(submission_id: int, secret: str, lease: str = "") -> Attempt:
    """The same with its submission, and the board of that, locked, so that two reports of an attempt come one after the
    other."""
    known = _of_secret(submission_id, secret).select_related("run")
    # Before any lock: whoever does not know the secret holds up nobody.
    found = known.first()
    if found is None:
        raise _wrong_secret()
    submission = locked_with_board(submission_id)
    if rows_are_locked():
        found = known.get()
    found.run.submission = submission
    _check_lease(found, lease)
    return found


def lease_of(attempt: Attempt) -> leases.Lease:
    """The lease that an attempt held or holds."""
    return leases.Lease(attempt.run.job_id, attempt.number)


def clean(text: str) -> str:
    """Text of a worker without the characters that no database takes."""
    kept = "".join(letter if letter.isprintable() or letter in "\n\t" else " " for letter in text[:LONGEST_TEXT])
    return kept.strip()
