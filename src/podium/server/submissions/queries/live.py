"""What open pages read of runs that go on: messages after a place, and the logs as they stand."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db.models import Q

from podium.server.submissions.models import LiveBook, LiveLog, LiveMessage

MOST_MESSAGES = 500
"""Who is further behind than this reads the page again instead."""


@dataclass(frozen=True)
class LiveNews:
    """A piece of a log that begins at character `start`, or without `is_log` the word that a file has arrived.

    `part` is the submission that was run on one task, `kind` the name of the log or file in the contract.
    """

    seq: int
    part: int
    step: str
    attempt: int
    kind: str
    is_log: bool
    start: int
    text: str


@dataclass(frozen=True)
class StandingLog:
    """A log that is being written: `head` from its first character on, `tail` up to character `length`.

    The tail is empty where the head is all of it.
    """

    attempt: int
    kind: str
    head: str
    tail: str
    length: int

    @property
    def cut(self) -> int:
        """How many characters are missing between head and tail."""
        return self.length - len(self.head) - len(self.tail)


def live_seqs(submission_ids: Collection[int]) -> Mapping[int, int]:
    """The place of the newest message of each of these submissions, which are nobody's children; 0 without any."""
    known = dict(LiveBook.objects.filter(pk__in=submission_ids).values_list("pk", "last_seq"))
    return {pk: known.get(pk, 0) for pk in submission_ids}


def live_news(after: Mapping[int, int]) -> Mapping[int, list[LiveNews] | None]:
    """The messages of each submission after a place, in order; None where they are too many to be worth telling.

    Two queries, however many submissions are asked for; submissions without news are left out.
    """
    newest = live_seqs(after)
    behind = {pk: seq for pk, seq in after.items() if newest[pk] > seq}
    if not behind:
        return {}
    told: dict[int, list[LiveNews] | None] = {}
    wanted = Q()
    for pk, seq in behind.items():
        if newest[pk] - seq > MOST_MESSAGES:
            told[pk] = None
        else:
            told[pk] = []
            wanted |= Q(book_id=pk, seq__gt=seq)
    if not wanted:
        return told
    rows = LiveMessage.objects.filter(wanted).order_by("book_id", "seq")
    for row in rows.values_list(
        "book_id", "seq", "attempt__run__submission_id", "attempt__run__step", "attempt_id", "kind", "log_id", "start",
        "text",
    ):  # fmt: skip
        book_id, seq, part, step, attempt, kind, log_id, start, text = row
        news = told[book_id]
        if news is not None:
            news.append(LiveNews(seq, part, step, attempt, kind, log_id is not None, start, text))
    return told


def standing_logs(attempt_ids: Collection[int]) -> Mapping[int, list[StandingLog]]:
    """The logs of these attempts that are being written, by attempt."""
    found: dict[int, list[StandingLog]] = {}
    for log in LiveLog.objects.filter(attempt_id__in=attempt_ids).order_by("kind"):
        head: list[str] = []
        tail: list[str] = []
        end, length = 0, log.length
        for start, text in log.messages.order_by("start").values_list("start", "text"):
            if start == end and not tail:
                head.append(text)
                end += len(text)
            else:
                tail.append(text)
            # Not what the row said before: a piece may have come since.
            length = start + len(text)
        found.setdefault(log.attempt_id, []).append(
            StandingLog(log.attempt_id, log.kind, "".join(head), "".join(tail), length)
        )
    return found
