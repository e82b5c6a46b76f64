"""Appending events, and keeping the texts that they refer to."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.db import transaction
from django.db.models import QuerySet

from podium.rules.event_payloads import check_payload
from podium.rules.history import EventKind, canonical_json, moment, text_hash
from podium.rules.proof import link_hash
from podium.server import clock
from podium.server.history.models import Chain, EventText
from podium.server.history.wakeups import notify
from podium.server.prepared_queries import prepared

_INSERT = (
    "INSERT INTO history_event (chain_id, seq, kind, at, actor, payload, prev_hash, hash)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"
)
_UPDATE = "UPDATE history_chain SET head_seq = %s, head_hash = %s, head_at = %s WHERE id = %s"


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

    @classmethod
    def model_board(cls, dataset_id: int) -> ChainName:
        """The chain of a dataset and the results of models on it."""
        return cls("model-board", dataset_id)

    def __str__(self) -> str:
        return f"{self.kind}:{self.subject}"


def append(chain: ChainName, kind: EventKind, *, actor: Actor | None, payload: Mapping[str, object]) -> int:
    """Add an event to the end of a chain, inside the transaction of the change that it tells of.

    `payload` is what the kind's schema in `podium.rules.event_payloads` asks for: ids, numbers and hashes, never names
    or free text. Within a chain time never goes back, whatever the clock does. Returns the event's sequence number,
    from 1.

    Raises:
        ValueError: the payload is not what an event of this kind says.
    """
    return append_all(chain, [(kind, payload)], actor=actor)


def append_all(
    chain: ChainName, happenings: Sequence[tuple[EventKind, Mapping[str, object]]], *, actor: Actor | None
) -> int:
    """Add an event for each of these kinds and payloads, in their order and all of one moment: quicker than one by one.
    Returns the sequence number of the last; 0 where there is none.

    Raises:
        ValueError: as for `append`; nothing was added.
    """
    for kind, payload in happenings:
        check_payload(kind, payload)
    connection = transaction.get_connection()
    if not connection.in_atomic_block:
        message = "an event belongs into the transaction of the change it tells of"
        raise RuntimeError(message)
    if not happenings:
        return 0
    found = _held_head(kind=chain.kind, subject=chain.subject)
    if not found:
        _chain(chain)
        found = _held_head(kind=chain.kind, subject=chain.subject)
    seq: int
    chain_id, seq, last, head_at = found[0]
    now = clock.now() if head_at is None else max(clock.now(), head_at)
    actor_id = actor.opaque_id if actor else ""
    made = []
    at, name = connection.ops.adapt_datetimefield_value(now), str(chain)
    for kind, payload in happenings:
        seq, before, text = seq + 1, last, canonical_json(payload)
        last = link_hash(name, seq, kind.value, moment(now), actor_id, text, before)
        made.append((chain_id, seq, kind.value, at, actor_id, text, before, last))
    # Written by hand: every change of the site appends, and Django takes longer to make these two statements than the
    # database to carry them out.
    with connection.cursor() as cursor:
        cursor.executemany(_INSERT, made)
        cursor.execute(_UPDATE, [seq, last, at, chain_id])
    notify()
    return seq


@prepared
def _held_head(kind: str, subject: int) -> QuerySet[Chain, Any]:
    """Where a chain ends, held until the transaction does."""
    held = Chain.objects.select_for_update().filter(kind=kind, subject=subject)
    return held.values_list("pk", "head_seq", "head_hash", "head_at")


def hold_chain(chain: ChainName) -> None:
    """Let nothing be appended to a chain by others until the transaction ends."""
    list(Chain.objects.select_for_update().filter(kind=chain.kind, subject=chain.subject).values_list("pk"))


def keep_text(chain: ChainName, text: str, *, about: str = "") -> str:
    """Keep a text that an event of the chain is to refer to. Returns the reference.

    The same text of a chain, such as the title of a board, keeps its reference; but one that is `about` a person, by
    opaque id, has a row of its own each time, which goes when the person is erased.
    """
    found = _numbered(kind=chain.kind, subject=chain.subject)
    chain_id: int = found[0][0] if found else _chain(chain).pk
    for (known,) in () if about else _kept_text(chain=chain_id, text=text):
        return str(known)
    salt = secrets.token_bytes(16)
    reference = text_hash(salt, text)
    EventText.objects.create(chain_id=chain_id, reference=reference, salt=salt.hex(), text=text, about=about)
    return reference


@prepared
def _numbered(kind: str, subject: int) -> QuerySet[Chain, Any]:
    return Chain.objects.filter(kind=kind, subject=subject).values_list("pk")


@prepared
def _kept_text(chain: int, text: str) -> QuerySet[EventText, Any]:
    return EventText.objects.filter(chain_id=chain, about="", text=text).order_by("pk").values_list("reference")[:1]


def _chain(chain: ChainName) -> Chain:
    row, _ = Chain.objects.get_or_create(kind=chain.kind, subject=chain.subject, defaults={"created_at": clock.now()})
    return row
