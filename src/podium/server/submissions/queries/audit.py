"""What happened in a competition, for those who may know it: its organizers, a participant, and everybody."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from podium.rules.access import Action
from podium.rules.history import EventKind
from podium.rules.proof import Head
from podium.server.accounts.models import User
from podium.server.accounts.people import Person
from podium.server.competitions.models import Phase
from podium.server.competitions.queries.standing import standing_of
from podium.server.history.models import Event, EventText
from podium.server.history.proving import head_of_competition
from podium.server.leaderboards.models import Entry, EntryMark, Leaderboard
from podium.server.submissions.models import Submission

PAGE = 50
_PORTION = 500
# A filter that fits nothing ends after so many events; the page then offers to look further back.
_MOST_LOOKED_AT = 50_000

Payload = Mapping[str, Any]
_OWN = ("submission-", "attempt-", "scores-", "entry-", "participant-")
_PUBLIC = (
    EventKind.COMPETITION_PUBLISHED,
    EventKind.COMPETITION_CHANGED,
    EventKind.PHASE_ADDED,
    EventKind.PHASE_CHANGED,
    EventKind.PHASE_MIGRATED,
    EventKind.BOARD_ADDED,
    EventKind.BOARD_CHANGED,
    EventKind.RESCORE_APPLIED,
    EventKind.ENTRY_ADDED,
    EventKind.ENTRY_REMOVED,
)


@dataclass(frozen=True)
class AuditFilter:
    """Which events are asked for: of one kind, by or about a person (user name), about a submission, within times;
    before the event `before`. What is empty counts for nothing."""

    kind: str = ""
    person: str = ""
    submission: int = 0
    since: datetime | None = None
    until: datetime | None = None
    before: int = 0


@dataclass(frozen=True)
class Recorded:
    """An event as it is stored."""

    seq: int
    kind: str
    at: datetime
    actor: str
    payload: Payload
    hash: str


@dataclass(frozen=True)
class Names:
    """What the ids in events are called now: people by opaque id, phases and boards by number, texts by reference.
    `owners` are the opaque ids of those whose submissions they are."""

    people: Mapping[str, str]
    phases: Mapping[int, str]
    boards: Mapping[int, str]
    texts: Mapping[str, str]
    owners: Mapping[int, str]


@dataclass(frozen=True)
class AuditPage:
    """Events, newest first. `older` is where the next page begins, 0 at the end."""

    events: tuple[Recorded, ...]
    names: Names
    older: int
    head: Head


def audit_page(by: Person | None, competition_id: int, wanted: AuditFilter) -> AuditPage:
    """What happened in a competition, for those who run it.

    Raises:
        NotFound, NotAllowed: the person may not know it.
    """
    standing_of(by, competition_id).require(Action.SEE_HISTORY)
    concerns: Callable[[Recorded], bool] = _any
    if wanted.person:
        user = User.objects.filter(username__iexact=wanted.person).first()
        concerns = _nothing if user is None else _about(user, competition_id)
    rows = _newest_first(competition_id, wanted)
    if wanted.kind:
        rows = _newest_first(competition_id, wanted, kinds=[wanted.kind])
    return _page(
        competition_id,
        rows,
        lambda event: concerns(event) and wanted.submission in {0, event.payload.get("submission", 0)},
    )


def own_timeline(by: Person | None, competition_id: int, before: int = 0) -> AuditPage:
    """What happened to a person's own submissions and participation.

    Raises:
        NotFound, NotAllowed: the person does not see the competition, or is not signed in.
    """
    standing = standing_of(by, competition_id)
    standing.require(Action.SEE_OWN_SUBMISSION)
    user = User.objects.get(pk=by.id if by else 0)
    about = _about(user, competition_id, acted=False)
    hidden = set(_boards(competition_id).filter(hidden=True).values_list("pk", flat=True))
    if standing.may(Action.SEE_HIDDEN_BOARD):
        hidden = set()
    return _page(
        competition_id,
        _newest_first(competition_id, AuditFilter(before=before)),
        lambda event: (
            event.kind.startswith(_OWN)
            and not event.payload.get("in_shadow")
            and event.payload.get("leaderboard") not in hidden
            and about(event)
        ),
    )


def public_changes(by: Person | None, competition_id: int) -> AuditPage:
    """The newest changes of a competition that everybody who sees it may know.

    Raises:
        NotFound: the person does not see the competition.
    """
    standing_of(by, competition_id).require(Action.SEE_BOARD)
    shown = set(_boards(competition_id).filter(hidden=False).values_list("pk", flat=True))
    marks = EntryMark.objects.filter(leaderboard__in=shown).values_list("leaderboard_id", "submission_id")
    marked = set(marks)
    standing_there = set(Entry.objects.filter(leaderboard__in=shown).values_list("leaderboard_id", "submission_id"))

    def is_public(event: Recorded) -> bool:
        board, submission = event.payload.get("leaderboard"), event.payload.get("submission")
        if event.kind.startswith("board-"):
            return board in shown and not event.payload["after"]["hidden"]
        if submission is None:
            return True
        return board in shown and (board, submission) in standing_there - marked

    return _page(competition_id, _newest_first(competition_id, AuditFilter(), kinds=_PUBLIC), is_public)


def _boards(competition_id: int) -> Any:
    return Leaderboard.objects.filter(competition_id=competition_id)


def _any(event: Recorded) -> bool:  # noqa: ARG001 - as other conditions are asked
    return True


def _nothing(event: Recorded) -> bool:  # noqa: ARG001 - as other conditions are asked
    return False


def _about(user: User, competition_id: int, *, acted: bool = True) -> Callable[[Recorded], bool]:
    """Whether something is about a person or a submission of theirs, or with `acted` was done by the person."""
    person = str(user.opaque_id)
    sent = Submission.objects.filter(owner=user, phase__competition_id=competition_id)
    own = set(sent.values_list("pk", flat=True))

    def concerns(event: Recorded) -> bool:
        if event.payload.get("submission") in own or event.payload.get("user") == person:
            return True
        return acted and event.actor == person

    return concerns


def _newest_first(competition_id: int, wanted: AuditFilter, *, kinds: Iterable[str] = ()) -> Iterator[Recorded]:
    rows = Event.objects.filter(chain__kind="competition", chain__subject=competition_id)
    if kinds:
        rows = rows.filter(kind__in=list(kinds))
    if wanted.since:
        rows = rows.filter(at__gte=wanted.since)
    if wanted.until:
        rows = rows.filter(at__lt=wanted.until)
    before = wanted.before
    while True:
        part = rows.filter(seq__lt=before) if before else rows
        fields = ("seq", "kind", "at", "actor", "payload", "hash")
        found = list(part.order_by("-seq").values_list(*fields)[:_PORTION])
        for seq, kind, at, actor, payload, digest in found:
            yield Recorded(seq, kind, at, actor, json.loads(payload), digest)
        if len(found) < _PORTION:
            return
        before = found[-1][0]


def _page(competition_id: int, rows: Iterator[Recorded], fits: Callable[[Recorded], bool]) -> AuditPage:
    chosen: list[Recorded] = []
    older = 0
    for number, event in enumerate(rows):
        if len(chosen) == PAGE or number == _MOST_LOOKED_AT:
            older = event.seq + 1
            break
        if fits(event):
            chosen.append(event)
    return AuditPage(tuple(chosen), _names(competition_id, chosen), older, head_of_competition(competition_id))


def _names(competition_id: int, events: Iterable[Recorded]) -> Names:
    payloads = [event.payload for event in events]
    submissions = {payload["submission"] for payload in payloads if "submission" in payload}
    rows = Submission.objects.filter(pk__in=submissions).select_related("owner")
    owners = {row.pk: str(row.owner.opaque_id) for row in rows}
    ids = {event.actor for event in events} | {str(payload.get("user", "")) for payload in payloads}
    people = User.objects.filter(opaque_id__in=(ids | set(owners.values())) - {""})
    references = {ref for payload in payloads for ref in (payload.get("reason"), payload.get("title")) if ref}
    references |= {
        state[name]
        for payload in payloads
        for state in (payload.get("after"), payload.get("before"))
        if state
        for name in ("name", "title")
        if name in state
    }
    texts = EventText.objects.filter(reference__in=references)
    return Names(
        people={str(row.opaque_id): row.shown_name for row in people},
        phases=dict(Phase.objects.filter(competition_id=competition_id).values_list("pk", "name")),
        boards=dict(_boards(competition_id).values_list("pk", "title")),
        texts=dict(texts.values_list("reference", "text")),
        owners=owners,
    )
