"""What workers tell of an attempt while they work on it: what they do, where, and what went wrong."""

from __future__ import annotations

import re

from django.db import transaction

from podium.rules.errors import UserError
from podium.rules.runs import SubmissionStatus
from podium.server import clock
from podium.server.jobs import leases
from podium.server.submissions.models import Attempt, Submission
from podium.server.submissions.services.announcing import DOING, announce
from podium.server.submissions.services.attempts import (
    LONGEST_RUNTIME,
    attempt_of_secret,
    clean,
    lease_of,
    locked_attempt,
)

_HOST = re.compile(r"(?:ingestion|scoring)_hostname-(.+)")
_LONGEST_HOST = 253
_LONGEST_TROUBLE = 40
_MD5 = re.compile(r"[0-9a-fA-F]{32}")


def note_doing(attempt: Attempt, status: SubmissionStatus, details: str, runtime: str) -> None:
    """Keep what the worker of an attempt does now, and where it does it. Open pages are told what they show of that."""
    named = _HOST.match(details)
    with transaction.atomic():
        leases.check_alive(lease_of(attempt))
        if runtime:
            attempt.runtime = clean(runtime)[:LONGEST_RUNTIME]
            attempt.save(update_fields=["runtime"])
        attempt.refresh_from_db(fields=["doing", "host"])
        host = clean(named[1])[:_LONGEST_HOST] if named else attempt.host
        doing = status.value if attempt.keeps_lease else ""
        if (host, doing) == (attempt.host, attempt.doing):
            return
        if doing != attempt.doing:
            attempt.doing_since = clock.now()
        attempt.host, attempt.doing = host, doing
        attempt.save(update_fields=["host", "doing", "doing_since"])
        announce(attempt, DOING)


def note_md5(submission_id: int, secret: str, md5: str, lease: str = "") -> None:
    """Keep the MD5 of the file of a submission, in hexadecimal, as the worker tells it that has fetched it.

    Raises:
        NotAllowed: the secret is not right.
        Conflict: the attempt is over.
        UserError: it is none.
    """
    with transaction.atomic():
        attempt = attempt_of_secret(submission_id, secret, lease)
        leases.check_alive(lease_of(attempt))
        keep_md5(attempt, md5)


def keep_md5(attempt: Attempt, md5: str) -> None:
    """The same for an attempt that is known to be alive."""
    if not _MD5.fullmatch(md5):
        raise UserError("md5-invalid", "`md5` must be 32 hexadecimal digits.")
    submission = attempt.run.submission
    Submission.objects.filter(pk__in=[submission.pk, submission.parent_id]).update(md5=md5.lower())


def note_error(submission_id: int, secret: str, message: str, trouble: str = "", lease: str = "") -> None:
    """Keep what a worker says of a trouble before it reports the failure; the failure will tell both. `trouble` is its
    kind, in the words of the contract.

    Raises:
        NotAllowed: the secret is not right.
        Conflict: the attempt is over.
    """
    with transaction.atomic():
        attempt = locked_attempt(submission_id, secret, lease)
        leases.check_alive(lease_of(attempt))
        if message and message not in attempt.reason:
            attempt.reason = clean(f"{attempt.reason} {message}")
        attempt.trouble = clean(trouble)[:_LONGEST_TROUBLE] or attempt.trouble
        attempt.save(update_fields=["reason", "trouble"])
