"""What runs may use in a queue: what the competition asks for, as far as the site and the queue give it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from podium.rules.limits import TIME, Amounts, limits_given, limits_refused, refusal
from podium.server.configuration import configuration


class QueueSettings(Protocol):
    """What an administrator set for a queue, in its row or in what others read of it."""

    @property
    def limit_defaults(self) -> Amounts: ...

    @property
    def limit_maxima(self) -> Amounts: ...

    @property
    def network(self) -> bool: ...


@dataclass(frozen=True)
class Allowance:
    """What a run gets. `refused` is what was asked for and is not given in full, by name; the amounts asked for."""

    time_limit_s: int
    limits: Mapping[str, float]
    refused: Mapping[str, float]
    network: bool

    @property
    def remarks(self) -> tuple[str, ...]:
        """A sentence on everything that is not given in full."""
        given = {TIME.name: float(self.time_limit_s), **self.limits}
        return tuple(refusal(name, amount, given[name]) for name, amount in self.refused.items())


def allowance(queue: QueueSettings | None, asked: Amounts, time_limit_s: int) -> Allowance:
    """What a run gets whose phase has that time limit and whose bundle asks for that; no queue is the site's own.

    The maximum of a queue takes the place of the site's, in both directions. In a queue of its own a phase has the
    time that it asks for, unless the queue has a maximum.
    """
    site = configuration().limit_maxima
    maxima: dict[str, float] = dict(site)
    longest: float | None = configuration().time_limit_s
    defaults: Amounts = {}
    if queue is not None:
        defaults = queue.limit_defaults
        maxima |= queue.limit_maxima
        longest = queue.limit_maxima.get(TIME.name)
    given = limits_given(asked, defaults, maxima)
    seconds = time_limit_s if longest is None else min(time_limit_s, int(longest))
    late = {TIME.name: float(time_limit_s)} if seconds < time_limit_s else {}
    return Allowance(
        time_limit_s=seconds,
        limits=given,
        refused={**late, **limits_refused(asked, given)},
        network=queue is not None and queue.network,
    )
