"""The log of a dataset: what happened to it and to the results on it, for everybody.

What was sent and not taken, and what is private of references, stands in the chain too, but not in the log.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from podium.rules.history import EventKind
from podium.rules.proof import Head
from podium.server.accounts.models import User
from podium.server.history.models import Event, EventText
from podium.server.history.proving import head_of_chain
from podium.server.history.services import ChainName
from podium.server.modelboards.queries.datasets import DatasetRow

PAGE = 50
PUBLIC = (
    EventKind.DATASET_ADDED,
    EventKind.DATASET_CHANGED,
    EventKind.RESULT_DECLARED,
    EventKind.RESULT_REVISED,
    EventKind.REFERENCES_ACCEPTED,
    EventKind.RESULT_SCORED,
    EventKind.RESULT_WITHDRAWN,
    EventKind.BASELINE_MARKED,
)
_TEXTS = ("name", "description", "metric", "model")
_LARGEST = 2**63 - 1


@dataclass(frozen=True)
class Logged:
    """An event. `who` is the name of whoever did it, empty where nobody signed in for it; `texts` are those that its
    payload refers to, by the name of the field, without those that were erased."""

    seq: int
    kind: EventKind
    at: datetime
    who: str
    payload: Mapping[str, Any]
    texts: Mapping[str, str]
    hash: str


@dataclass(frozen=True)
class LogPage:
    """Events, newest first. `older` is where the next page begins, 0 at the end; `head` how the chain ends."""

    events: tuple[Logged, ...]
    older: int
    head: Head


def log_of(dataset: DatasetRow, before: int = 0) -> LogPage:
    """A page of the log: the newest events, or those before one."""
    chain = ChainName.model_board(dataset.id)
    head = head_of_log(dataset)
    found = Event.objects.filter(chain__kind=chain.kind, chain__subject=chain.subject, kind__in=PUBLIC)
    if before:
        found = found.filter(seq__lt=min(before, _LARGEST))
    fields = ("seq", "kind", "at", "actor", "payload", "hash")
    rows = list(found.order_by("-seq").values_list(*fields)[: PAGE + 1])
    events = _logged(rows[:PAGE])
    return LogPage(tuple(events), events[-1].seq if len(rows) > PAGE else 0, head)


def head_of_log(dataset: DatasetRow) -> Head:
    """How the history of a dataset ends now."""
    return head_of_chain(ChainName.model_board(dataset.id))


def _logged(rows: Iterable[tuple[int, str, datetime, str, str, str]]) -> list[Logged]:
    read = [(seq, kind, at, actor, json.loads(payload), digest) for seq, kind, at, actor, payload, digest in rows]
    people = User.objects.filter(opaque_id__in={actor for _, _, _, actor, _, _ in read if actor})
    names = {str(each.opaque_id): each.shown_name for each in people}
    references = {payload[field] for *_, payload, _ in read for field in _TEXTS if payload.get(field)}
    texts = dict(EventText.objects.filter(reference__in=references).values_list("reference", "text"))
    return [
        Logged(
            seq=seq,
            kind=EventKind(kind),
            at=at,
            who=names.get(actor, ""),
            payload=payload,
            texts={field: texts[payload[field]] for field in _TEXTS if payload.get(field) in texts},
            hash=digest,
        )
        for seq, kind, at, actor, payload, digest in read
    ]
