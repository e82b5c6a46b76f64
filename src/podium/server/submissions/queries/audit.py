"""What happened in a competition, for those who may know it: its organizers, a participant, and everybody."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from podium.rules.access import Action
from podium.rules.history import EventKind
from podium.rules.proof import Head
from podium.server.accounts.models import User
from podium.server.accounts.people import Person
from podium.server.competitions.models import Phase
from podium.server.competitions.queries.standing import standing_of
from podium.server.history.finding import Span, about_submissions, any_of, done_by, everything, of_kinds, span_of
from podium.server.history.models import Event, EventText
from podium.server.history.proving import head_of_competition
from podium.server.history.services import ChainName
from podium.server.leaderboards.models import Entry, EntryMark, Leaderboard
from podium.server.submissions.models import Submission

PAGE = 50
_PORTION = 100
# Where most of what an index finds does not fit, a page ends after so many events and offers to look further back.
_MOST_LOOKED_AT = 5_000

Payload = Mapping[str, Any]
_OWN = tuple(
    kind for kind in EventKind if kind.startswith(("submission-", "attempt-", "scores-", "entry-", "participant-"))
)
_OF_PEOPLE = tuple(kind for kind in EventKind if kind.startswith(("participant-", "collaborator-")))
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
    """Events, newest first. `older` is where the next page begins, 0 at the end. `ended_after` is how many events were
    looked at where that ended the page before it was full, else 0: older ones may fit, too."""

    events: tuple[Recorded, ...]
    names: Names
    older: int
    head: Head
    ended_after: int


Fits = Callable[[Iterable[Recorded]], list[Recorded]]
"""Which of some events are asked for."""


def audit_page(by: Person | None, competition_id: int, wanted: AuditFilter) -> AuditPage:
    """What happened in a competition, for those who run it.

    Raises:
        NotFound, NotAllowed: the person may not know it.
    """
    standing_of(by, competition_id).require(Action.SEE_HISTORY)
    span = span_of(ChainName.competition(competition_id), since=wanted.since, until=wanted.until, before=wanted.before)
    if span is None:
        return page_of(competition_id, None, iter(()))
    kinds = [wanted.kind] if wanted.kind else []
    fits: Fits = list
    if wanted.person:
        user = User.objects.filter(username__iexact=wanted.person).first()
        if user is None:
            return page_of(competition_id, None, iter(()))
        person, own = str(user.opaque_id), _sent_by(user, competition_id)
        seqs = any_of(done_by(span, person), about_submissions(span, own), _about_person(span, person))
        if wanted.submission:
            seqs = about_submissions(span, {wanted.submission})
            fits = _concerning(person, own)
    elif wanted.submission:
        seqs = about_submissions(span, {wanted.submission})
    else:
        seqs = of_kinds(span, kinds) if kinds else everything(span)
    return page_of(competition_id, span, seqs, kinds, fits)


def own_timeline(by: Person | None, competition_id: int, before: int = 0) -> AuditPage:
    """What happened to a person's own submissions and participation.

    Raises:
        NotFound, NotAllowed: the person does not see the competition, or is not signed in.
    """
    standing = standing_of(by, competition_id)
    standing.require(Action.SEE_OWN_SUBMISSION)
    user = User.objects.get(pk=by.id if by else 0)
    hidden = set(_boards(competition_id).filter(hidden=True).values_list("pk", flat=True))
    if standing.may(Action.SEE_HIDDEN_BOARD):
        hidden = set()
    span = span_of(ChainName.competition(competition_id), before=before)
    if span is None:
        return page_of(competition_id, None, iter(()))
    seqs = any_of(about_submissions(span, _sent_by(user, competition_id)), _about_person(span, str(user.opaque_id)))

    def told(events: Iterable[Recorded]) -> list[Recorded]:
        known = [event for event in events if event.payload.get("leaderboard") not in hidden]
        return [event for event in known if not event.payload.get("in_shadow")]

    return page_of(competition_id, span, seqs, _OWN, told)


def public_changes(by: Person | None, competition_id: int) -> AuditPage:
    """The newest changes of a competition that everybody who sees it may know.

    Raises:
        NotFound: the person does not see the competition.
    """
    standing_of(by, competition_id).require(Action.SEE_BOARD)
    shown = set(_boards(competition_id).filter(hidden=False).values_list("pk", flat=True))
    marked = EntryMark.objects.filter(leaderboard__in=shown).values_list("leaderboard_id", "submission_id")
    unranked = set(marked)

    def public(events: Iterable[Recorded]) -> list[Recorded]:
        known = list(events)
        named = {event.payload["submission"] for event in known if "submission" in event.payload}
        there = Entry.objects.filter(leaderboard__in=shown, submission_id__in=named)
        stand = set(there.values_list("leaderboard_id", "submission_id")) - unranked
        return [event for event in known if _is_public(event, shown, stand)]

    span = span_of(ChainName.competition(competition_id))
    if span is None:
        return page_of(competition_id, None, iter(()))
    return page_of(competition_id, span, of_kinds(span, _PUBLIC), fits=public)


def _is_public(event: Recorded, shown: Collection[int], stand: Collection[tuple[int, int]]) -> bool:
    board, submission = event.payload.get("leaderboard"), event.payload.get("submission")
    if event.kind.startswith("board-"):
        return board in shown and not event.payload["after"]["hidden"]
    return submission is None or (board, submission) in stand


def _boards(competition_id: int) -> Any:
    return Leaderboard.objects.filter(competition_id=competition_id)


def _sent_by(user: User, competition_id: int) -> set[int]:
    sent = Submission.objects.filter(owner=user, phase__competition_id=competition_id)
    return set(sent.values_list("pk", flat=True))


def _about_person(span: Span, person: str) -> Iterator[int]:
    """What was decided about a person; what is about submissions is found by these."""
    rows = span.events().filter(kind__in=_OF_PEOPLE, payload__contains=f'"user":"{person}"')
    return iter(rows.order_by("-seq").values_list("seq", flat=True))


def _concerning(person: str, own: Collection[int]) -> Fits:
    """What is about a person or a submission of theirs, or was done by the person."""

    def concerns(event: Recorded) -> bool:
        payload = event.payload
        return payload.get("submission") in own or payload.get("user") == person or event.actor == person

    return lambda events: [event for event in events if concerns(event)]


def page_of(
    competition_id: int,
    span: Span | None,
    seqs: Iterator[int],
    kinds: Collection[str] = (),
    fits: Fits = list,
) -> AuditPage:
    """The first events by these numbers, of these kinds, that fit."""
    chosen: list[Recorded] = []
    older = looked_at = ended_after = 0
    while span is not None and (portion := list(islice(seqs, _PORTION))):
        found = _recorded(span, portion, kinds, fits)
        room = PAGE - len(chosen)
        chosen += found[:room]
        looked_at += len(portion)
        if len(found) > room:
            older = chosen[-1].seq
            break
        if looked_at >= _MOST_LOOKED_AT:
            older, ended_after = portion[-1], looked_at
            break
    head = head_of_competition(competition_id)
    return AuditPage(tuple(chosen), _names(competition_id, chosen), older, head, ended_after)


def _recorded(span: Span, seqs: Sequence[int], kinds: Collection[str], fits: Fits) -> list[Recorded]:
    # Without the bounds of the span, by which SQLite would rather walk than by the numbers.
    rows = Event.objects.filter(chain_id=span.chain, seq__in=seqs)
    if kinds:
        rows = rows.filter(kind__in=list(kinds))
    fields = ("seq", "kind", "at", "actor", "payload", "hash")
    return fits(
        Recorded(seq, kind, at, actor, json.loads(payload), digest)
        for seq, kind, at, actor, payload, digest in rows.order_by("-seq").values_list(*fields)
    )


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
