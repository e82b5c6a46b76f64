"""By when somebody must have acted on a run, and how long whoever is silent is waited for. Times are arguments."""

from __future__ import annotations

from datetime import datetime, timedelta

LEASE = timedelta(seconds=20)
HEARTBEAT = timedelta(seconds=5)
"""How often a worker renews its lease."""
SILENT_LEASE_EXTRA = timedelta(minutes=30)
"""What an attempt has beside its time limit: for fetching images and data, and for sending results."""
SCORES_GRACE = timedelta(seconds=60)
"""How long one half of the end of a scoring step, the word that it is done or the scores, is waited for after the
other."""
PREDICTIONS_GRACE = timedelta(minutes=30)
"""The same for a prediction step, whose result may be large."""
WORKER_HEARD_WITHIN = timedelta(seconds=60)
"""A worker that was not heard of for longer is not counted on. One that waits for work asks every 20 s."""
UNATTENDED = timedelta(days=7)
"""How long a run waits in a queue of which no worker at all is heard of."""


def lease_end(now: datetime, *, heartbeats: bool = True, execution_time_limit_s: int = 0) -> datetime:
    """Until when a claim or a heartbeat made at `now` holds.

    A worker that sends no heartbeats (`heartbeats=False`) holds its run for the time limit and half an hour for
    fetching images and data.
    """
    return now + LEASE if heartbeats else attempt_end(now, execution_time_limit_s)


def attempt_end(started: datetime, execution_time_limit_s: int) -> datetime:
    """When an attempt is over at the latest, whatever its worker says of being alive."""
    return started + timedelta(seconds=execution_time_limit_s) + SILENT_LEASE_EXTRA


def retry_at(now: datetime, attempts: int) -> datetime:
    """When a run may be taken again after `attempts` attempts: at once, then after 5 s."""
    return now + timedelta(seconds=5 * max(attempts - 1, 0))


def earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    """The earlier of two moments, where None means never."""
    known = [moment for moment in (one, other) if moment is not None]
    return min(known, default=None)
