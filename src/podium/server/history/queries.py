"""Reading the chains of events."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from podium.server.history.models import Chain, Event
from podium.server.prepared_queries import prepared


@dataclass(frozen=True)
class Happened:
    """An event of a competition's chain, without the proof."""

    competition: int
    seq: int
    kind: str
    payload: Mapping[str, Any]


def heads(competition_ids: Collection[int]) -> Mapping[int, int]:
    """The number of the newest event of each of these competitions; 0 without any."""
    rows = Chain.objects.filter(kind="competition", subject__in=competition_ids)
    known = dict(rows.values_list("subject", "head_seq"))
    return {pk: known.get(pk, 0) for pk in competition_ids}


def head_of(competition_id: int) -> int:
    """The same of one competition."""
    found = _head(competition=competition_id)
    return found[0][0] if found else 0


@prepared
def _head(competition: int) -> QuerySet[Chain, Any]:
    return Chain.objects.filter(kind="competition", subject=competition).values_list("head_seq")


def events_after(places: Mapping[int, int]) -> list[Happened]:
    """The events of each of these competitions after a place, in the order of their chains."""
    wanted = Q()
    for competition_id, seq in places.items():
        wanted |= Q(chain__subject=competition_id, seq__gt=seq)
    if not wanted:
        return []
    rows = Event.objects.filter(wanted, chain__kind="competition").order_by("chain_id", "seq")
    return [
        Happened(subject, seq, kind, json.loads(payload))
        for subject, seq, kind, payload in rows.values_list("chain__subject", "seq", "kind", "payload")
    ]
