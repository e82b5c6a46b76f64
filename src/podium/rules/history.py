"""The chain of events: what an event says, how its hash is made, and how a chain is proved.

An event holds ids, numbers and hashes. Names and free text live elsewhere, in rows that can be deleted, and events
refer to them by `text_hash`: so a person can be erased without breaking the chain.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import PurePosixPath

from podium.rules.proof import Head, Link, Misfit, link_hash, verify_links


class EventKind(StrEnum):
    """Everything that is recorded. What an event of each kind says is in `podium.rules.event_payloads`."""

    COMPETITION_IMPORTED = "competition-imported"
    COMPETITION_CHANGED = "competition-changed"
    COMPETITION_PUBLISHED = "competition-published"
    COMPETITION_UNPUBLISHED = "competition-unpublished"
    COMPETITION_DELETED = "competition-deleted"
    COLLABORATOR_ADDED = "collaborator-added"
    COLLABORATOR_REMOVED = "collaborator-removed"
    PARTICIPANT_REQUESTED = "participant-requested"
    PARTICIPANT_APPROVED = "participant-approved"
    PARTICIPANT_DENIED = "participant-denied"
    PARTICIPANT_BANNED = "participant-banned"
    SUBMISSION_RECEIVED = "submission-received"
    SUBMISSION_STARTED = "submission-started"
    SUBMISSION_FINISHED = "submission-finished"
    SUBMISSION_FAILED = "submission-failed"
    SUBMISSION_CANCELLED = "submission-cancelled"
    SUBMISSION_DELETED = "submission-deleted"
    SUBMISSION_MADE_PUBLIC = "submission-made-public"
    SUBMISSION_MADE_PRIVATE = "submission-made-private"
    ATTEMPT_STARTED = "attempt-started"
    ATTEMPT_ENDED = "attempt-ended"
    ATTEMPT_LOST = "attempt-lost"
    SCORES_ACCEPTED = "scores-accepted"
    SCORES_EDITED = "scores-edited"
    SCORES_SUPERSEDED = "scores-superseded"
    RESCORE_STARTED = "rescore-started"
    RESCORE_APPLIED = "rescore-applied"
    RESCORE_CANCELLED = "rescore-cancelled"
    ENTRY_ADDED = "entry-added"
    ENTRY_REMOVED = "entry-removed"
    ENTRY_HIDDEN = "entry-hidden"
    ENTRY_MADE_BASELINE = "entry-made-baseline"
    ENTRY_UNMARKED = "entry-unmarked"
    BOARD_ADDED = "board-added"
    BOARD_CHANGED = "board-changed"
    BOARD_REMOVED = "board-removed"
    BOARD_PUBLISHED = "board-published"
    BOARD_UNPUBLISHED = "board-unpublished"
    PHASE_ADDED = "phase-added"
    PHASE_CHANGED = "phase-changed"
    PHASE_REMOVED = "phase-removed"
    PHASE_MIGRATED = "phase-migrated"
    TASK_ADDED = "task-added"
    TASK_CHANGED = "task-changed"
    TASK_REMOVED = "task-removed"
    FILES_REMOVED = "files-removed"
    USER_REGISTERED = "user-registered"
    USER_CHANGED = "user-changed"
    USER_BANNED = "user-banned"
    USER_UNBANNED = "user-unbanned"
    USER_ERASED = "user-erased"
    TOKEN_CREATED = "token-created"  # noqa: S105 (the name of an event)
    TOKEN_REVOKED = "token-revoked"  # noqa: S105
    WORKER_REGISTERED = "worker-registered"
    QUEUE_CREATED = "queue-created"
    QUEUE_CHANGED = "queue-changed"
    QUEUE_DELETED = "queue-deleted"
    DATASET_ADDED = "dataset-added"
    DATASET_CHANGED = "dataset-changed"
    RESULT_DECLARED = "result-declared"
    RESULT_REVISED = "result-revised"
    REFERENCES_ACCEPTED = "references-accepted"
    PREDICTIONS_SENT = "predictions-sent"
    PREDICTIONS_REFUSED = "predictions-refused"
    RESULT_SCORED = "result-scored"
    RESULT_WITHDRAWN = "result-withdrawn"
    BASELINE_MARKED = "baseline-marked"


@dataclass(frozen=True)
class Event:
    """One link of a chain.

    `seq` counts from 1 without gaps; `actor` is an opaque id, empty where nobody in particular did it; `prev_hash` is
    the hash of the event before, empty for the first. Hashes are sha256 in lower-case hex. `kind` is text, so that an
    export of another release can be verified too.
    """

    chain: str
    seq: int
    kind: str
    at: datetime
    actor: str
    payload: Mapping[str, object]
    prev_hash: str
    hash: str


def canonical_json(value: object) -> str:
    """The one way to write a value of null, booleans, finite numbers, text, lists and mappings with text keys.

    Keys are sorted by code point, nothing stands between the parts, floats are written by `repr` (so 1.0 stays apart
    from 1), characters as themselves.

    Raises:
        ValueError: the value holds anything else: NaN, a key that is not text, a date, half a surrogate pair.
    """
    try:
        text = json.dumps(
            value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, default=_as_dict
        )
        text.encode()
        _check_keys(value)
    except (TypeError, RecursionError, UnicodeEncodeError) as error:
        raise ValueError(f"this cannot stand in an event: {error}") from error
    return text


def event_hash(
    *, chain: str, seq: int, kind: str, at: datetime, actor: str, payload: Mapping[str, object], prev_hash: str
) -> str:
    """The sha256, in hex, of the canonical JSON of all the other fields of an event.

    The time is written in UTC with six decimals of a second, whatever zone it comes in.

    Raises:
        ValueError: the payload has no canonical JSON, or `at` has no time zone.
    """
    return link_hash(chain, seq, str(kind), moment(at), actor, canonical_json(payload), prev_hash)


def append(
    prev: Event | None, *, chain: str, kind: EventKind, at: datetime, actor: str, payload: Mapping[str, object]
) -> Event:
    """The event that follows `prev` (None: the first of its chain)."""
    if prev is not None and prev.chain != chain:
        raise ValueError(f"an event of {chain} cannot follow one of {prev.chain}")
    seq, prev_hash = (prev.seq + 1, prev.hash) if prev else (1, "")
    digest = event_hash(chain=chain, seq=seq, kind=kind, at=at, actor=actor, payload=payload, prev_hash=prev_hash)
    return Event(chain, seq, kind, at, actor, payload, prev_hash, digest)


def verify(events: Iterable[Event], head: Head | None = None) -> Misfit | None:
    """The first misfit of a whole chain, read from its first event on, or None if all fits; see `verify_links`."""
    return verify_links(map(link_of, events), head)


def link_of(event: Event) -> Link:
    """An event as it is stored. What could not have been appended has a payload that no hash fits."""
    try:
        at, payload = moment(event.at), canonical_json(event.payload)
    except ValueError:
        at, payload = "", ""
    return Link(event.chain, event.seq, event.kind, at, event.actor, payload, event.prev_hash, event.hash)


def moment(at: datetime) -> str:
    """A time as events write it: in UTC, with six decimals of a second.

    Raises:
        ValueError: it has no time zone.
    """
    if at.tzinfo is None:
        raise ValueError("an event's time needs a time zone")
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def text_hash(salt: bytes, text: str) -> str:
    """How an event names a text that may have to be erased: HMAC-SHA256 in hex; without the salt it says nothing."""
    return hmac.new(salt, text.encode(), hashlib.sha256).hexdigest()


def scores_path(phase_index: int, number: int) -> PurePosixPath:
    """Where a scoring program finds the scores of the participant's submission `number` (from 1) in a phase (from 0).

    Beside what it scores: `input/history/000/001/output/scores.txt`.
    """
    if phase_index < 0 or number < 1:
        raise ValueError(f"there is no submission {number} of phase {phase_index}")
    return HISTORY_FOLDER / f"{phase_index:03d}" / f"{number:03d}" / "output" / "scores.txt"


HISTORY_FOLDER = PurePosixPath("input/history")


def _as_dict(value: object) -> dict[object, object]:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} has no place in JSON")


def _check_keys(value: object) -> None:
    """Refuse keys that are not text: JSON would write 1 and "1" alike, and different mappings would look the same."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, Mapping):
            waiting.extend(each.values())
            if not all(isinstance(key, str) for key in each):
                raise TypeError("a key of a mapping is not text")
        elif isinstance(each, (list, tuple)):
            waiting.extend(each)
