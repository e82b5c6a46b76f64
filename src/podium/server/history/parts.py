"""Telling of the parts of something: which came, which changed, which went, each in an event of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from podium.rules.history import EventKind
from podium.server.history.services import Actor, ChainName, append

State = Mapping[str, Any]
"""All of a part that its events tell."""


@dataclass(frozen=True)
class PartKinds:
    """What the events of a kind of part are called, and how they name the part."""

    name: str
    added: EventKind
    changed: EventKind
    removed: EventKind


def record_parts(
    chain: ChainName,
    kinds: PartKinds,
    before: Mapping[int, State],
    after: Mapping[int, State],
    *,
    by: Actor | None,
    written: Callable[[State], State],
) -> None:
    """Append an event for each part that came, went or became another, by the parts' numbers. `written` makes of a
    state what its event says: titles become references."""
    for pk in sorted(before.keys() | after.keys()):
        old, new = before.get(pk), after.get(pk)
        if old == new:
            continue
        states = {"before": old, "after": new}
        payload = {kinds.name: pk} | {name: written(state) for name, state in states.items() if state is not None}
        kind = kinds.added if old is None else kinds.removed if new is None else kinds.changed
        append(chain, kind, actor=by, payload=payload)
