"""Finding queues."""

from __future__ import annotations

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


def all_queues() -> list[QueueRow]:
    """Every queue of the site, oldest first, for whoever keeps it."""
    rows = Queue.objects.select_related("owner").prefetch_related("organizers").order_by("pk")
    return [queue_row(row) for row in rows]


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
    )
