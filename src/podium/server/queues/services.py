"""Making queues."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from podium.rules.errors import Conflict, NotAllowed, UserError
from podium.rules.history import EventKind
from podium.rules.limits import Amounts, line_of_limits
from podium.server import clock
from podium.server.accounts.models import User
from podium.server.accounts.people import Person, person_of
from podium.server.history.services import ChainName, append
from podium.server.queues.models import Queue
from podium.server.queues.queries import may_see, queue_not_found

_MOST_QUEUES = 5


def create_queue(
    name: str,
    owner: Person,
    *,
    organizers: Sequence[Person] = (),
    is_public: bool = False,
    by: Person | None = None,
) -> UUID:
    """Make a queue and return its vhost. Nobody's rights are looked at; `by` is None for whoever keeps the site.

    Raises:
        UserError: the name does not do.
    """
    _check_name(name)
    with transaction.atomic():
        queue = Queue.objects.create(name=name.strip(), owner_id=owner.id, is_public=is_public, created_at=clock.now())
        queue.organizers.add(*{person.id for person in organizers} - {owner.id})
        append(
            ChainName.site(),
            EventKind.QUEUE_CREATED,
            actor=by,
            payload={"queue": queue.pk, "owner": owner.opaque_id, "public": is_public},
        )
    return queue.vhost


@dataclass(frozen=True)
class QueueWishes:
    """What is to be changed of a queue; None leaves it as it is. `organizers` are ids of accounts."""

    name: str | None = None
    is_public: bool | None = None
    organizers: frozenset[int] | None = None


def open_queue(by: Person, wishes: QueueWishes) -> int:
    """Make a queue of one's own. Returns its id.

    Raises:
        UserError: the name does not do, or an organizer is not there.
        Conflict: the person has as many as one may have.
    """
    organizers = _people(wishes.organizers or frozenset())
    _check_name(wishes.name or "")
    with transaction.atomic():
        list(User.objects.select_for_update().filter(pk=by.id).values_list("pk"))
        if not by.is_admin and Queue.objects.filter(owner_id=by.id).count() >= _MOST_QUEUES:
            raise Conflict(
                "too-many-queues", f"You have {_MOST_QUEUES} queues, as many as one may have.", "Delete one of them."
            )
        vhost = create_queue(wishes.name or "", by, organizers=organizers, is_public=bool(wishes.is_public), by=by)
        return Queue.objects.values_list("pk", flat=True).get(vhost=vhost)


def change_queue(by: Person, queue_id: int, wishes: QueueWishes) -> None:
    """Change a queue of one's own.

    Raises:
        NotFound, NotAllowed: it is not there for the person, or somebody else's.
        UserError: the name does not do, or an organizer is not there.
        Conflict: it is to be private, or an organizer is to go, and competitions of others would lose it.
    """
    organizers = None if wishes.organizers is None else {person.id for person in _people(wishes.organizers)}
    if wishes.name is not None:
        _check_name(wishes.name)
    with transaction.atomic():
        queue = _own(by, queue_id)
        queue.name = queue.name if wishes.name is None else wishes.name.strip()
        queue.is_public = queue.is_public if wishes.is_public is None else wishes.is_public
        queue.save(update_fields=["name", "is_public"])
        if organizers is not None:
            queue.organizers.set(organizers - {queue.owner_id})
        _check_users(queue)
        append(
            ChainName.site(),
            EventKind.QUEUE_CHANGED,
            actor=by,
            payload={"queue": queue.pk, "public": queue.is_public},
        )


@dataclass(frozen=True)
class QueuePowers:
    """What only administrators decide about a queue; None leaves it as it is. Amounts are by the names of
    `podium.rules.limits`; the maxima know `time` as well. `runs_per_person` of 0 is what the site says."""

    limit_defaults: Amounts | None = None
    limit_maxima: Amounts | None = None
    network: bool | None = None
    runs_per_person: int | None = None


def empower_queue(by: Person | None, queue_id: int, powers: QueuePowers) -> None:
    """Change what runs of a queue may use. `by` is None for whoever keeps the data folder.

    Raises:
        NotFound: it is not there for the person.
        NotAllowed: the person is no administrator, even if it is their queue.
    """
    with transaction.atomic():
        queue = Queue.objects.select_for_update().filter(pk=queue_id).first()
        if queue is None or (by is not None and not may_see(by, queue)):
            raise queue_not_found()
        if by is not None and not by.is_admin:
            raise NotAllowed(
                "queue-powers", "Only an administrator decides what runs of a queue may use.", "Ask one of them."
            )
        if powers.limit_defaults is not None:
            queue.limit_defaults = dict(powers.limit_defaults)
        if powers.limit_maxima is not None:
            queue.limit_maxima = dict(powers.limit_maxima)
        queue.network = queue.network if powers.network is None else powers.network
        if powers.runs_per_person is not None:
            queue.runs_per_person = powers.runs_per_person or None
        queue.save(update_fields=["limit_defaults", "limit_maxima", "network", "runs_per_person"])
        append(
            ChainName.site(),
            EventKind.QUEUE_CHANGED,
            actor=by,
            payload={
                "queue": queue.pk,
                "defaults": line_of_limits(queue.limit_defaults),
                "maxima": line_of_limits(queue.limit_maxima),
                "network": queue.network,
                "runs_per_person": queue.runs_per_person or 0,
            },
        )


def delete_queue(by: Person, queue_id: int) -> None:
    """Delete a queue of one's own that nothing uses any more.

    Raises:
        NotFound, NotAllowed: it is not there for the person, or somebody else's.
        Conflict: a competition uses it, runs were sent to it, or workers are bound to it.
    """
    with transaction.atomic():
        queue = _own(by, queue_id)
        if queue.competitions.exists() or queue.jobs.exists() or queue.workers.exists():
            raise Conflict(
                "queue-in-use",
                "Competitions, runs or workers still belong to this queue.",
                "Give the competitions another queue first. A queue that has run anything stays for the record.",
            )
        queue.organizers.clear()
        append(ChainName.site(), EventKind.QUEUE_DELETED, actor=by, payload={"queue": queue.pk})
        queue.delete()


def _own(by: Person, queue_id: int) -> Queue:
    queue = Queue.objects.select_for_update().filter(pk=queue_id).first()
    if queue is None or not may_see(by, queue):
        raise queue_not_found()
    if queue.owner_id != by.id and not by.is_admin:
        raise NotAllowed("not-your-queue", "Only the owner of a queue can change it.", f"Ask {queue.owner.username}.")
    return queue


def _check_users(queue: Queue) -> None:
    """A competition keeps the queue that it has as long as those who run it may use it."""
    if queue.is_public:
        return
    people = {queue.owner_id, *queue.organizers.values_list("pk", flat=True)}
    others = queue.competitions.exclude(created_by_id__in=people).exclude(created_by__is_superuser=True)
    titles = list(others.order_by("pk").values_list("title", flat=True)[:3])
    if titles:
        raise Conflict(
            "queue-used-by-others",
            f"Competitions of other people use this queue: {', '.join(titles)}.",
            "Keep it public, or make those people organizers of it.",
        )


def _check_name(name: str) -> None:
    if not 0 < len(name.strip()) <= 64 or not name.isprintable():
        raise UserError("queue-name", "A queue needs a name of 1 to 64 characters.", "Choose one, such as `gpu`.")


def _people(ids: frozenset[int]) -> list[Person]:
    found = [person_of(user) for user in User.objects.filter(pk__in=ids).order_by("pk")]
    people = [person for person in found if person is not None]
    if len(people) < len(ids):
        raise UserError("no-such-person", "One of the organizers has no account here.", "Check their names.")
    return people
