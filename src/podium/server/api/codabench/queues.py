"""Queues: listed, made, changed, deleted. The address of a broker is never told: it is a password to who reads it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from pydantic import Field

from podium.server.api.answers import answer, nothing, offset_of, page_of
from podium.server.api.asking import person_asking
from podium.server.api.bodies import Body, read
from podium.server.api.codabench.numbers import Id, PageNumber
from podium.server.queues.queries import QueueDetail, queue_for, queues_of_person
from podium.server.queues.services import QueueWishes, change_queue, delete_queue, open_queue

_PAGE_SIZE = 10


class QueueBody(Body):
    """A queue, or what is to change of it; `organizers` are ids of accounts."""

    name: str | None = Field(default=None, max_length=64)
    is_public: bool | None = None
    organizers: list[Id] | None = Field(default=None, max_length=100)

    def wishes(self) -> QueueWishes:
        """As the services take it."""
        return QueueWishes(self.name, self.is_public, None if self.organizers is None else frozenset(self.organizers))


def listed(request: HttpRequest, public: bool = False, page: PageNumber = 1) -> HttpResponse:
    """A page of the queues that one owns or organizes; with `public` of all that one may use."""
    found = queues_of_person(person_asking(request), public=public)
    start = offset_of(page, _PAGE_SIZE, len(found))
    rows = [_json(each) for each in found[start : start + _PAGE_SIZE]]
    return answer(page_of(request, rows, count=len(found), page=page, size=_PAGE_SIZE))


def made(request: HttpRequest) -> HttpResponse:
    """Make a queue of one's own."""
    person = person_asking(request)
    return answer(_json(queue_for(person, open_queue(person, read(request, QueueBody).wishes()))), 201)


def one(request: HttpRequest, pk: Id) -> HttpResponse:
    """One queue."""
    return answer(_json(queue_for(person_asking(request), pk)))


def changed(request: HttpRequest, pk: Id) -> HttpResponse:
    """Change a queue; what is not sent stays as it is."""
    person = person_asking(request)
    change_queue(person, pk, read(request, QueueBody).wishes())
    return answer(_json(queue_for(person, pk)))


def deleted(request: HttpRequest, pk: Id) -> HttpResponse:
    """Delete a queue that nothing uses."""
    delete_queue(person_asking(request), pk)
    return nothing()


def _json(found: QueueDetail) -> dict[str, Any]:
    row = found.row
    return {
        "id": row.id,
        "name": row.name,
        "vhost": row.vhost,
        "is_public": row.is_public,
        "owner": row.owner,
        "organizers": [{"id": pk, "username": name} for pk, name in found.organizers],
        "broker_url": None,
        "created_when": row.created_at,
        "is_owner": found.is_owner,
        "competitions": [{"id": pk, "title": title} for pk, title in found.competitions],
    }
