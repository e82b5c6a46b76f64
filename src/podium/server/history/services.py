"""Appending events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from django.db import transaction

from podium.rules.history import EventKind, canonical_json, event_hash
from podium.server import clock
from podium.server.history.models import Chain, Event
from podium.server.history.wakeups import notify


class Actor(Protocol):
    """Whoever did something, by the id that events use."""

    @property
    def opaque_id(self) -> str: ...


@dataclass(frozen=True)
class ChainName:
    """Which chain: that of a competition, or the site's own."""

    kind: str
    subject: int

    @classmethod
    def competition(cls, competition_id: int) -> ChainName:
        """The chain of everything that happens in a competition."""
        return cls("competition", competition_id)

    @classmethod
    def site(cls) -> ChainName:
        """The chain of what belongs to no competition: accounts, tokens, workers."""
        return cls("site", 0)

    def __str__(self) -> str:
        return f"{self.kind}:{self.subject}"


def append(chain: ChainName, kind: EventKind, *, actor: Actor | None, payload: Mapping[str, object]) -> int:
    """Add an event to the end of a chain, inside the transaction of the change that it tells of.

    `payload` holds ids, numbers and hashes, never names or free text. Returns the event's sequence number, from 1.
    """
    connection = transaction.get_connection()
    if not connection.in_atomic_block:
        message = "an event belongs into the transaction of the change it tells of"
        raise RuntimeError(message)
    now = clock.now()
    row = Chain.objects.select_for_update().filter(kind=chain.kind, subject=chain.subject).first()
    if row is None:
        Chain.objects.get_or_create(kind=chain.kind, subject=chain.subject, defaults={"created_at": now})
        row = Chain.objects.select_for_update().get(kind=chain.kind, subject=chain.subject)
    seq = row.head_seq + 1
    actor_id = actor.opaque_id if actor else ""
    digest = event_hash(
        chain=str(chain), seq=seq, kind=kind, at=now, actor=actor_id, payload=payload, prev_hash=row.head_hash
    )
    Event.objects.create(
        chain=row,
        seq=seq,
        kind=kind,
        at=now,
        actor=actor_id,
        payload=canonical_json(payload),
        prev_hash=row.head_hash,
        hash=digest,
    )
    Chain.objects.filter(pk=row.pk).update(head_seq=seq, head_hash=digest)
    notify()
    return seq
