"""The numbers of the events that somebody asks for, newest first: every question is answered by an index, and none
looks at a whole chain."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db.models import QuerySet

from podium.server.history.models import Chain, Event, SubmissionNamed
from podium.server.history.services import ChainName
from podium.server.prepared_queries import prepared

_PORTION = 500
_FIRST_PORTION = 60


@dataclass(frozen=True)
class Span:
    """A part of a chain: the events after one number and before another."""

    chain: int
    after: int
    before: int

    def events(self) -> QuerySet[Event]:
        """The events of the part."""
        return Event.objects.filter(chain_id=self.chain, seq__gt=self.after, seq__lt=self.before)


def span_of(
    name: ChainName, *, since: datetime | None = None, until: datetime | None = None, before: int = 0
) -> Span | None:
    """The events of a chain from one moment on, up to another one which is not among them, and before the event
    `before`, where these are named; None where there is no such chain."""
    row = Chain.objects.filter(kind=name.kind, subject=name.subject).values_list("pk", "head_seq").first()
    if row is None:
        return None
    chain, head = row
    end = head + 1 if until is None else _first_from(chain, head, until)
    begin = 1 if since is None else _first_from(chain, head, since)
    return Span(chain, begin - 1, min(end, before) if before else end)


def place_at(name: ChainName, at: datetime) -> int:
    """The number of the last event of a chain up to a moment, which is among them; 0 where there is none."""
    row = Chain.objects.filter(kind=name.kind, subject=name.subject).values_list("pk", "head_seq").first()
    return 0 if row is None else _last(row[0], row[1], at=at)


def everything(span: Span) -> Iterator[int]:
    """All events of the part."""
    return iter(range(span.before - 1, span.after, -1))


def of_kinds(span: Span, kinds: Iterable[str]) -> Iterator[int]:
    """Those of these kinds."""
    return _merged([_walked(span, span.events().filter(kind=kind)) for kind in kinds])


def done_by(span: Span, actor: str) -> Iterator[int]:
    """What somebody did, by opaque id."""
    return _walked(span, span.events().filter(actor=actor))


def about_submissions(span: Span, ids: Collection[int]) -> Iterator[int]:
    """What names one of these submissions."""
    wanted, found = sorted(ids), list[int]()
    named = span.events().order_by().annotate(named=SubmissionNamed("payload"))
    for start in range(0, len(wanted), _PORTION):
        part = wanted[start : start + _PORTION]
        found.extend(named.filter(named__in=part).values_list("seq", flat=True))
    return iter(sorted(found, reverse=True))


def any_of(*found: Iterator[int]) -> Iterator[int]:
    """What is among any of these, once."""
    return _merged(found)


def _merged(found: Iterable[Iterator[int]]) -> Iterator[int]:
    return (seq for seq, _ in groupby(heapq.merge(*found, reverse=True)))


def _walked(span: Span, rows: QuerySet[Event, Any]) -> Iterator[int]:
    """The numbers of such events, read as far as somebody goes on asking."""
    before, portion = span.before, _FIRST_PORTION
    while found := list(rows.filter(seq__lt=before).order_by("-seq").values_list("seq", flat=True)[:portion]):
        yield from found
        if len(found) < portion:
            return
        before, portion = found[-1], _PORTION


def _first_from(chain: int, head: int, at: datetime) -> int:
    """The number of the first event that is not before a moment; one more than the last where there is none."""
    return _last(chain, head, before=at) + 1


def _last(chain: int, head: int, *, at: datetime | None = None, before: datetime | None = None) -> int:
    """The number of the last event up to a moment, or before one. Found by halving: within a chain, time never goes
    back."""
    low, high = 0, head
    while low < high:
        middle = (low + high + 1) // 2
        moment = _moment(chain=chain, seq=middle)[0][0]
        earlier = moment < before if before is not None else at is not None and moment <= at
        low, high = (middle, high) if earlier else (low, middle - 1)
    return low


@prepared
def _moment(chain: int, seq: int) -> QuerySet[Event, Any]:
    """When an event of a chain happened."""
    return Event.objects.order_by().filter(chain_id=chain, seq=seq).values_list("at")
