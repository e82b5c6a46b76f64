"""The moments that people ask for, and the events that lie before them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from podium.rules.board.replay import MOVING
from podium.rules.errors import UserError
from podium.server import clock
from podium.server.history import finding
from podium.server.history.models import Chain, Event
from podium.server.history.services import ChainName

_LONGEST = 40
_PORTION = 5000


def moment_of(text: str) -> datetime:
    """The moment that somebody wrote, such as `2026-11-01T12:00Z`; without a time zone it is UTC.

    Raises:
        UserError: it is none, or has not come yet.
    """
    # In an address, + is a space unless it is written as %2B.
    written = text.strip().replace(" ", "+") if "T" in text else text.strip()
    try:
        found = datetime.fromisoformat(written) if len(written) <= _LONGEST else None
        # Where the year ends in one zone, there may be none in another.
        at = None if found is None else found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        at = None
    if at is None:
        raise UserError(
            "at-invalid", f"“{text[:_LONGEST]}” is no moment.", "Write one in UTC, such as at=2026-11-01T12:00Z."
        )
    if at > clock.now():
        raise UserError("at-in-future", "This moment has not come yet.", "Choose one that has passed.")
    return at


def place_at(competition_id: int, at: datetime) -> int:
    """The number of the last event of a competition up to a moment; 0 where there is none."""
    return finding.place_at(ChainName.competition(competition_id), at)


def moving_events(competition_id: int, after: int, until: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """The events between two places that move a board: after the first, up to the second."""
    return ((kind, payload) for _, _, kind, payload in timed_events(competition_id, after, until))


def timed_events(competition_id: int, after: int, until: int) -> Iterator[tuple[int, datetime, str, dict[str, Any]]]:
    """The same, each with its number and its time."""
    rows = Event.objects.filter(
        chain__kind="competition", chain__subject=competition_id, seq__gt=after, seq__lte=until, kind__in=MOVING
    )
    names = ("seq", "at", "kind", "payload")
    for seq, at, kind, payload in rows.order_by("seq").values_list(*names).iterator(_PORTION):
        yield seq, at, kind, orjson.loads(payload)


def moments_of(competition_id: int, number: int) -> list[datetime]:
    """At most so many moments at which something happened in a competition, evenly over all that happened, the last one
    among them; by whole seconds, and none twice."""
    chain = Chain.objects.filter(kind="competition", subject=competition_id).values_list("pk", "head_seq").first()
    if chain is None or not chain[1]:
        return []
    head = chain[1]
    seqs = {max(1, head * place // number) for place in range(1, number + 1)} | {1, head}
    rows = Event.objects.filter(chain_id=chain[0], seq__in=seqs).order_by("seq").values_list("at", flat=True)
    # Up to the second after, so that what happened in it is seen.
    whole = [(at + timedelta(seconds=1)).replace(microsecond=0) for at in rows]
    now = clock.now()
    return list(dict.fromkeys(min(at, now) for at in whole))
