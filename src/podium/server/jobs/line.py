"""Who waits in a queue, and whose turn it is, looked up without reading what waits behind.

The people who wait are found by hopping from one to the next in an index, and of each only the first job is read: the
work grows with the number of people, not with that of jobs.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.utils.dateparse import parse_datetime

from podium.rules.turns import Turn, next_turn
from podium.server import clock
from podium.server.configuration import configuration
from podium.server.jobs.models import JobState
from podium.server.queues.models import Queue

_QUEUE_LOCKS = 4_017_501
"""Sets the locks of queues apart from every other advisory lock of the database."""

# `{queue}` is `queue_id = 7` or `queue_id IS NULL`: both let an index be used, unlike any form that does for both. Each
# order names every column of the index that is to be walked, for PostgreSQL does not see that one which IS NULL is the
# same in all rows; a maximum would read all rows where a walk reads one; and joins instead of the small queries within
# would read the whole table.
_TURNS = """
WITH RECURSIVE people(owner) AS (
    SELECT (
        SELECT owner_id FROM jobs_job WHERE state = %(waiting)s AND {queue} AND owner_id IS NOT NULL
        ORDER BY state, queue_id, owner_id, priority DESC, id LIMIT 1
    )
    UNION ALL
    SELECT (
        SELECT owner_id FROM jobs_job WHERE state = %(waiting)s AND {queue} AND owner_id > people.owner
        ORDER BY state, queue_id, owner_id, priority DESC, id LIMIT 1
    ) FROM people WHERE people.owner IS NOT NULL
), firsts(owner, job) AS MATERIALIZED (
    SELECT owner, (
        SELECT id FROM jobs_job
        WHERE state = %(waiting)s AND {queue} AND owner_id = people.owner AND kind IN ({kinds})
            AND (not_before IS NULL OR not_before <= %(now)s)
        ORDER BY state, queue_id, owner_id, priority DESC, id LIMIT 1
    ) FROM people WHERE owner IS NOT NULL
)
SELECT job, owner,
    (SELECT priority FROM jobs_job AS chosen WHERE chosen.id = firsts.job),
    (SELECT created_at FROM jobs_job AS chosen WHERE chosen.id = firsts.job),
    (
        SELECT taken_at FROM jobs_job WHERE {queue} AND owner_id = firsts.owner AND taken_at IS NOT NULL
        ORDER BY queue_id DESC, owner_id DESC, taken_at DESC LIMIT 1
    ),
    (
        SELECT ended_at FROM jobs_job WHERE {queue} AND owner_id = firsts.owner AND taken_at IS NOT NULL
        ORDER BY queue_id DESC, owner_id DESC, taken_at DESC LIMIT 1
    ),
    (SELECT COUNT(*) FROM jobs_job AS held WHERE held.state = %(leased)s AND held.{queue} AND held.owner_id = owner)
FROM firsts WHERE job IS NOT NULL
"""


def next_in_line(kinds: Sequence[str], queues: Collection[int] = ()) -> int | None:
    """The id of the job of these kinds that is next in these queues; without any queue, among those that belong to
    none."""
    chosen: Collection[int | None] = queues or (None,)
    limits = runs_per_person(queues)
    now = clock.now()
    firsts = (next_turn(turns(kinds, queue), now, limit=limits[queue]) for queue in chosen)
    found = next_turn((turn for turn in firsts if turn is not None), now)
    return None if found is None else found.job_id


def turns(kinds: Sequence[str], queue_id: int | None) -> list[Turn]:
    """The first job of everybody who waits in a queue, in no order."""
    names = {f"kind{number}": kind for number, kind in enumerate(kinds)}
    queue = "queue_id IS NULL" if queue_id is None else "queue_id = %(queue)s"
    query = _TURNS.format(queue=queue, kinds=", ".join(f"%({name})s" for name in names))
    given: dict[str, str | int | datetime | None] = {
        "waiting": JobState.WAITING.value,
        "leased": JobState.LEASED.value,
        "queue": queue_id,
        "now": connection.ops.adapt_datetimefield_value(clock.now()),
    }
    with connection.cursor() as cursor:
        cursor.execute(query, {**given, **names})
        return [_turn(*row) for row in cursor]


def _turn(job: int, owner: int, priority: int, created: Any, taken: Any, ended: Any, running: int) -> Turn:
    created_at, taken_at, ended_at = (_moment(value) for value in (created, taken, ended))
    if created_at is None:
        message = "a job has a moment when it was made"
        raise AssertionError(message)
    # What was taken and neither runs nor has ended waits again: since when is not written, and it was not long ago.
    last_served = ended_at or taken_at
    return Turn(job, owner, priority, running, taken_at, max(created_at, last_served or created_at))


def runs_per_person(queues: Collection[int]) -> dict[int | None, int]:
    """How many jobs of one person each of these queues works on at a time, and those that belong to none; 0 for any
    number."""
    site = configuration().runs_per_person
    limits: dict[int | None, int] = {None: site}
    if queues:
        own = Queue.objects.filter(pk__in=queues).values_list("pk", "runs_per_person")
        limits |= {pk: site if limit is None else limit for pk, limit in own}
    return limits


def hold_line(queues: Collection[int]) -> None:
    """Let nobody else take a job of these queues until the running transaction ends, so that whose turn it is stays
    true while it is acted on. It comes before every other lock."""
    if connection.vendor != "postgresql":
        # On SQLite one transaction writes at a time.
        return
    with connection.cursor() as cursor:
        for queue in sorted(queues) or [0]:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_QUEUE_LOCKS, queue])


def _moment(value: Any) -> datetime | None:
    """A moment as the database gives it: SQLite gives it in UTC without saying so."""
    found = parse_datetime(value) if isinstance(value, str) else value
    return None if found is None else found.replace(tzinfo=found.tzinfo or UTC)
