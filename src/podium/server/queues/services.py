"""Making queues."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from podium.rules.errors import UserError
from podium.rules.history import EventKind
from podium.server import clock
from podium.server.accounts.people import Person
from podium.server.history.services import ChainName, append
from podium.server.queues.models import Queue


def create_queue(name: str, owner: Person, *, organizers: Sequence[Person] = (), is_public: bool = False) -> UUID:
    """Make a queue and return its vhost. It is for whoever keeps the site: nobody's rights are looked at.

    Raises:
        UserError: the name does not do.
    """
    if not 0 < len(name.strip()) <= 64 or not name.isprintable():
        raise UserError("queue-name", "A queue needs a name of 1 to 64 characters.", "Choose one, such as `gpu`.")
    with transaction.atomic():
        queue = Queue.objects.create(name=name.strip(), owner_id=owner.id, is_public=is_public, created_at=clock.now())
        queue.organizers.add(*{person.id for person in organizers} - {owner.id})
        append(
            ChainName.site(),
            EventKind.QUEUE_CREATED,
            actor=None,
            payload={"queue": queue.pk, "owner": owner.opaque_id, "public": is_public},
        )
    return queue.vhost
