"""What a run tells while it goes on: its logs as programs write them, and that a file of its has arrived.

Every process reads it from the same rows. A log keeps its beginning and its end, like the log that a sandbox keeps,
until the whole of it is uploaded.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Q

from podium.rules.errors import Conflict, NotAllowed
from podium.rules.runs import Step
from podium.server import clock
from podium.server.history.wakeups import notify
from podium.server.submissions.models import Attempt, LiveBook, LiveLog, LiveMessage, RunFile
from podium.server.submissions.services.announcing import book_of, locked_book
from podium.server.submissions.services.attempts import attempt_of_secret
from podium.server.submissions.services.report import TAKEN_AWAY

HEAD_CHARACTERS = 256 << 10
TAIL_CHARACTERS = 768 << 10
"""How much is kept of a log that is being written: its beginning and its end."""
_PIECE_CHARACTERS = 64 << 10
_MOST_PIECES = 400
_RECENT_PIECES = 50
_LAST_WORDS = timedelta(seconds=5)
"""For how long after its end a log is still taken. It comes over another connection than the end, and a worker of
Codabench whose program ran out of time uploads none."""
_PROGRAMS = {"program": "", "ingestion": "_ingestion"}


@dataclass(frozen=True)
class LiveSource:
    """A live attempt that may send logs: whose it is, and of which step. Nobody looks at those of one `in_shadow`."""

    attempt_id: int
    book_id: int
    step: Step
    in_shadow: bool = False

    def log_kind(self, program: str, stream: str) -> str | None:
        """The name in the contract of the log that one of the step's programs (`program`, `ingestion`) writes."""
        middle = _PROGRAMS.get(program)
        return None if middle is None else f"{self.step}{middle}_{stream}"


@dataclass(frozen=True)
class LogText:
    """Text that a program of an attempt wrote; `kind` is the log's name in the contract."""

    source: LiveSource
    kind: str
    text: str


def live_source(submission_id: int, secret: str, owner_id: int) -> LiveSource:
    """Who sends live messages with the secret of an attempt.

    Raises:
        NotAllowed: the secret is not right, or the submission is not that owner's.
        Conflict: the attempt is over.
    """
    attempt = attempt_of_secret(submission_id, secret)
    if attempt.run.submission.owner_id != owner_id:
        raise NotAllowed("secret-wrong", "Submission secrets do not match", "Report with the secret of the run order.")
    if attempt.outcome:
        raise Conflict("attempt-lost", "This attempt is over.", "Stop working on it.")
    return LiveSource(attempt.pk, book_of(attempt), Step(attempt.run.step), in_shadow=attempt.run.in_shadow)


def append_logs(texts: Sequence[LogText]) -> frozenset[int]:
    """Keep what programs wrote, in this order. Returns the ids of those attempts that have been over for a while, or
    were taken from their workers: nothing was kept of theirs."""
    by_book: dict[int, list[LogText]] = {}
    for each in (text for text in texts if not text.source.in_shadow):
        by_book.setdefault(each.source.book_id, []).append(each)
    over: set[int] = set()
    with transaction.atomic():
        # In one order for everybody, because two processes may write for the same submissions.
        for book_id in sorted(by_book):
            over |= _append_to_book(book_id, by_book[book_id])
        notify()
    return frozenset(over)


def drop_live_log(file: RunFile) -> None:
    """The whole log is here: what was kept of it while it was written goes."""
    if not LiveLog.objects.filter(attempt=file.attempt, kind=file.kind).exists():
        return
    with transaction.atomic():
        # So that no piece of it is being written at this moment.
        locked_book(book_of(file.attempt))
        LiveLog.objects.filter(attempt=file.attempt, kind=file.kind).delete()


def _append_to_book(book_id: int, texts: Sequence[LogText]) -> frozenset[int]:
    book = locked_book(book_id)
    attempts = {each.source.attempt_id for each in texts}
    alive = _taken_from(attempts)
    whole = set(
        RunFile.objects.filter(attempt_id__in=alive).exclude(ticket__blob=None).values_list("attempt_id", "kind")
    )
    pieces: dict[tuple[int, str], list[str]] = {}
    for each in texts:
        key = (each.source.attempt_id, each.kind)
        if key[0] in alive and key not in whole:
            pieces.setdefault(key, []).append(each.text)
    for (attempt_id, kind), said in pieces.items():
        log, _ = LiveLog.objects.get_or_create(attempt_id=attempt_id, kind=kind)
        # A database takes no NUL; one character for another, so that no place in the log moves.
        _append_to_log(book, log, "".join(said).replace("\0", "\N{REPLACEMENT CHARACTER}"))
    LiveBook.objects.filter(pk=book.pk).update(last_seq=book.last_seq)
    return frozenset(attempts - alive)


def _taken_from(attempts: Collection[int]) -> set[int]:
    """Those of the attempts whose words are taken: the live ones, and those that their workers ended just now."""
    ended_now = Q(ended_at__gte=clock.now() - _LAST_WORDS) & ~Q(outcome__in=TAKEN_AWAY)
    found = Attempt.objects.filter(Q(outcome="") | ended_now, pk__in=attempts)
    return set(found.values_list("pk", flat=True))


def _append_to_log(book: LiveBook, log: LiveLog, text: str) -> None:
    made = []
    for piece in _pieces(text, log.length):
        book.last_seq += 1
        made.append(
            LiveMessage(
                book=book,
                seq=book.last_seq,
                attempt_id=log.attempt_id,
                log=log,
                kind=log.kind,
                start=log.length,
                text=piece,
            )
        )
        log.length += len(piece)
    LiveMessage.objects.bulk_create(made)
    log.pieces += len(made)
    if log.length > HEAD_CHARACTERS + TAIL_CHARACTERS:
        log.pieces -= _cut_out_the_middle(log)
    if log.pieces > _MOST_PIECES:
        _join(log)
    log.save(update_fields=["length", "pieces"])


def _pieces(text: str, start: int) -> Iterable[str]:
    """The text in pieces none of which is partly in the beginning that is kept."""
    head = max(HEAD_CHARACTERS - start, 0)
    for part in (text[:head], text[head:]):
        for place in range(0, len(part), _PIECE_CHARACTERS):
            yield part[place : place + _PIECE_CHARACTERS]


def _cut_out_the_middle(log: LiveLog) -> int:
    """Delete what is neither beginning nor end. Returns how many pieces that were."""
    too_old = log.length - TAIL_CHARACTERS - _PIECE_CHARACTERS
    deleted, _ = log.messages.filter(start__gte=HEAD_CHARACTERS, start__lt=too_old).delete()
    return deleted


def _join(log: LiveLog) -> None:
    """Make few pieces of many small ones, all but the newest: a log may come line by line for hours."""
    old = list(log.messages.order_by("start"))[:-_RECENT_PIECES]
    joined: list[LiveMessage] = []
    gone: list[int] = []
    for message in old:
        last = joined[-1] if joined else None
        if last is None or not _continues(last, message):
            joined.append(message)
            continue
        last.text += message.text
        gone.append(last.pk)
        # The joined piece takes the later place: who has read up to the earlier one still gets all of it.
        message.text, message.start = last.text, last.start
        joined[-1] = message
    _delete(gone)
    LiveMessage.objects.bulk_update(joined, ["text", "start"], batch_size=50)
    log.pieces = log.messages.count()


def _continues(last: LiveMessage, message: LiveMessage) -> bool:
    end = last.start + len(last.text)
    fits = len(last.text) + len(message.text) <= _PIECE_CHARACTERS
    return fits and end == message.start and end != HEAD_CHARACTERS


def _delete(ids: Collection[int]) -> None:
    LiveMessage.objects.filter(pk__in=ids).delete()
