"""Telling open pages of a submission, beside events, that there is something new."""

from __future__ import annotations

from django.db import transaction

from podium.server.history.wakeups import notify
from podium.server.submissions.models import Attempt, LiveBook, LiveMessage

DOING = "doing"
"""The kind of message that a worker does something else now."""


def announce(attempt: Attempt, kind: str) -> None:
    """Tell that a file of this kind has arrived from an attempt, or what `DOING` tells. Of one in the shadow nothing is
    told."""
    if attempt.run.in_shadow:
        return
    with transaction.atomic():
        book = locked_book(book_of(attempt))
        book.last_seq += 1
        LiveMessage.objects.create(book=book, seq=book.last_seq, attempt=attempt, kind=kind)
        book.save(update_fields=["last_seq"])
        notify()


def book_of(attempt: Attempt) -> int:
    """The id of the book of an attempt's submission."""
    submission = attempt.run.submission
    return submission.parent_id or submission.pk


def locked_book(submission_id: int) -> LiveBook:
    """The book of a submission that is nobody's child, made if need be, and locked until the transaction ends."""
    LiveBook.objects.get_or_create(submission_id=submission_id)
    return LiveBook.objects.select_for_update().get(pk=submission_id)
