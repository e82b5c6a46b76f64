"""Owners keep their queues by pages and API."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from tests.integration.server.competition_material import make_person
from tests.integration.server.flow import Flow, assert_all_chains_fit

from podium.rules.errors import Conflict, NotAllowed, NotFound, UserError
from podium.server.accounts.models import User
from podium.server.accounts.people import Person
from podium.server.competitions.models import Competition
from podium.server.queues.models import Queue
from podium.server.queues.queries import queue_for, usable_queue
from podium.server.queues.services import QueueWishes, change_queue, delete_queue, open_queue

pytestmark = pytest.mark.django_db


def client_of(person: Person) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=person.id))
    return client


def send(client: Client, method: str, path: str, **body: Any) -> Any:
    return getattr(client, method)(f"/api/queues/{path}", data=json.dumps(body), content_type="application/json")


def test_a_queue_is_made_changed_and_deleted_by_the_api() -> None:
    owner, helper = make_person("owner"), make_person("helper")
    client = client_of(owner)
    made = send(client, "post", "", name="gpu", organizers=[helper.id])
    assert made.status_code == 201
    body = made.json()
    assert (body["name"], body["owner"], body["is_owner"], body["is_public"]) == ("gpu", "owner", True, False)
    assert body["organizers"] == [{"id": helper.id, "username": "helper"}]
    assert body["broker_url"] is None
    address = f"{body['id']}/"
    changed = send(client, "patch", address, is_public=True).json()
    assert (changed["name"], changed["is_public"], len(changed["organizers"])) == ("gpu", True, 1)
    assert client.get("/api/queues/").json()["count"] == 1
    assert client_of(helper).get("/api/queues/").json()["results"][0]["vhost"] == body["vhost"]
    assert client.delete(f"/api/queues/{address}").status_code == 204
    assert not Queue.objects.exists()
    assert_all_chains_fit()


def test_public_queues_are_listed_for_who_asks_for_them() -> None:
    owner, stranger = make_person("owner"), make_person("stranger")
    open_queue(owner, QueueWishes("open", is_public=True))
    open_queue(owner, QueueWishes("closed"))
    client = client_of(stranger)
    assert client.get("/api/queues/").json()["results"] == []
    assert [each["name"] for each in client.get("/api/queues/?public=1").json()["results"]] == ["open"]


def test_strangers_do_not_learn_of_a_queue_and_organizers_do_not_change_it() -> None:
    owner, helper, stranger = (make_person(name) for name in ("owner", "helper", "stranger"))
    pk = open_queue(owner, QueueWishes("gpu", organizers=frozenset({helper.id})))
    for act in (queue_for, delete_queue, lambda by, pk: change_queue(by, pk, QueueWishes("x"))):
        with pytest.raises(NotFound):
            act(stranger, pk)
    assert not queue_for(helper, pk).is_owner
    with pytest.raises(NotAllowed):
        change_queue(helper, pk, QueueWishes("x"))
    with pytest.raises(NotAllowed):
        delete_queue(helper, pk)


@pytest.mark.parametrize("name", ["", "   ", "x" * 65, "a\nb"])
def test_a_name_that_does_not_do_is_refused(name: str) -> None:
    owner = make_person("owner")
    with pytest.raises(UserError) as caught:
        open_queue(owner, QueueWishes(name))
    assert caught.value.code == "queue-name"


def test_an_organizer_without_an_account_is_refused_and_nothing_changes() -> None:
    owner = make_person("owner")
    pk = open_queue(owner, QueueWishes("gpu"))
    with pytest.raises(UserError):
        change_queue(owner, pk, QueueWishes("other", organizers=frozenset({10**9})))
    assert Queue.objects.get().name == "gpu"


def test_a_person_has_five_at_most() -> None:
    owner = make_person("owner")
    for number in range(5):
        open_queue(owner, QueueWishes(f"q{number}"))
    with pytest.raises(Conflict):
        open_queue(owner, QueueWishes("one more"))


def test_competitions_of_others_keep_the_queue_that_they_have(flow: Flow) -> None:
    owner = make_person("owner")
    pk = open_queue(owner, QueueWishes("shared", is_public=True))
    Competition.objects.update(queue_id=pk)
    with pytest.raises(Conflict) as caught:
        change_queue(owner, pk, QueueWishes(is_public=False))
    assert "Count the sheep" in caught.value.message
    assert Queue.objects.get().is_public
    change_queue(owner, pk, QueueWishes(is_public=False, organizers=frozenset({flow.otto.id})))
    assert usable_queue(flow.otto, Queue.objects.get().vhost) == pk
    with pytest.raises(Conflict):
        change_queue(owner, pk, QueueWishes(organizers=frozenset()))
    with pytest.raises(Conflict):
        delete_queue(owner, pk)


def test_the_pages_make_change_and_delete() -> None:
    owner, helper = make_person("owner"), make_person("helper")
    client = client_of(owner)
    assert client.post("/my-work/queues/", {"name": "gpu <1>", "organizers": "helper, "}).status_code == 302
    pk = Queue.objects.get().pk
    listed = client.get("/my-work/queues/").content.decode()
    assert "gpu &lt;1&gt;" in listed
    assert str(Queue.objects.get().vhost) in listed
    page = f"/my-work/queues/{pk}/"
    assert 'value="helper"' in client.get(page).content.decode()
    assert "Delete the queue" not in client_of(helper).get(page).content.decode()
    assert client.post(page, {"name": "cpu", "is_public": "on"}).status_code == 302
    assert (Queue.objects.get().name, Queue.objects.get().organizers.count()) == ("cpu", 0)
    wrong = client.post(page, {"name": "cpu", "organizers": "nobody"})
    assert wrong.status_code == 400
    assert "There is no account nobody." in wrong.content.decode()
    assert client.post(page, {"do": "delete"}).status_code == 302
    assert not Queue.objects.exists()
