"""Finding queues."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from podium.rules.errors import NotFound, UserError
from podium.server.accounts.people import Person
from podium.server.queues.models import Queue


@dataclass(frozen=True)
class QueueRow:
    """A queue; its people by their user names."""

    id: int
    vhost: UUID
    name: str
    owner: str
    organizers: tuple[str, ...]
    is_public: bool
    created_at: datetime
    runs_per_person: int | None
    limit_defaults: Mapping[str, float]
    limit_maxima: Mapping[str, float]
    network: bool


def all_queues() -> list[QueueRow]:
    """Every queue of the site, oldest first, for whoever keeps it."""
    rows = Queue.objects.select_related("owner").prefetch_related("organizers").order_by("pk")
    return [queue_row(row) for row in rows]


@dataclass(frozen=True)
class QueueDetail:
    """A queue for those who may use it: `organizers` are (id, user name), `competitions` (id, title) for its owner."""

    row: QueueRow
    is_owner: bool
    organizers: tuple[tuple[int, str], ...]
    competitions: tuple[tuple[int, str], ...]


def queues_of_person(person: Person, *, public: bool = False) -> list[QueueDetail]:
    """The queues that a person owns or organizes, oldest first, and with `public` those that everybody may use."""
    held = Q(owner_id=person.id) | Q(organizers=person.id)
    found = Queue.objects.filter(held | Q(is_public=True) if public else held).distinct()
    rows = found.select_related("owner").prefetch_related("organizers", "competitions").order_by("pk")
    return [_detail(person, row) for row in rows]


def queue_for(person: Person, queue_id: int) -> QueueDetail:
    """One queue that a person may use.

    Raises:
        NotFound: there is none for this person.
    """
    row = Queue.objects.select_related("owner").filter(pk=queue_id).first()
    if row is None or not may_see(person, row):
        raise queue_not_found()
    return _detail(person, row)


def may_see(person: Person, queue: Queue) -> bool:
    """Whether a person may use a queue, and so know of it."""
    if queue.is_public or person.is_admin or queue.owner_id == person.id:
        return True
    return queue.organizers.filter(pk=person.id).exists()


def queue_not_found() -> NotFound:
    """The one answer for a queue that is not there and for one that the person may not use."""
    return NotFound("queue-not-found", "There is no such queue for you.", "Choose one of your queues.")


def _detail(person: Person, row: Queue) -> QueueDetail:
    owns = row.owner_id == person.id or person.is_admin
    return QueueDetail(
        row=queue_row(row),
        is_owner=row.owner_id == person.id,
        organizers=tuple(sorted((each.pk, each.username) for each in row.organizers.all())),
        competitions=tuple(sorted((each.pk, each.title) for each in row.competitions.all())) if owns else (),
    )


def vhost_of(text: str) -> UUID:
    """The vhost that somebody typed.

    Raises:
        UserError: it is none.
    """
    try:
        return UUID(text)
    except ValueError as error:
        raise UserError(
            "vhost-invalid", f"{text} is no vhost.", "`podium queue list` shows those there are."
        ) from error


def queue_of_vhost(vhost: UUID) -> QueueRow:
    """One queue of the site.

    Raises:
        NotFound: there is none of that vhost.
    """
    found = Queue.objects.select_related("owner").filter(vhost=vhost).first()
    if found is None:
        raise NotFound("queue-unknown", f"There is no queue {vhost}.", "`podium queue list` shows those there are.")
    return queue_row(found)


def usable_queue(person: Person, vhost: UUID) -> int | None:
    """The id of the queue, where the person may let a competition use it; None where not, or where there is none."""
    usable = Q(is_public=True) | Q(owner_id=person.id) | Q(organizers=person.id)
    found = Queue.objects.filter(vhost=vhost) if person.is_admin else Queue.objects.filter(usable, vhost=vhost)
    return found.values_list("pk", flat=True).first()


def queue_row(queue: Queue) -> QueueRow:
    """A queue as others may read it."""
    return QueueRow(
        id=queue.pk,
        vhost=queue.vhost,
        name=queue.name,
        owner=queue.owner.username,
        organizers=tuple(sorted(person.username for person in queue.organizers.all())),
        is_public=queue.is_public,
        created_at=queue.created_at,
        runs_per_person=queue.runs_per_person,
        limit_defaults=queue.limit_defaults,
        limit_maxima=queue.limit_maxima,
        network=queue.network,
    )
