"""Queries whose SQL is made once: they find what the query says, for every value, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from tests.integration.server.competition_material import make_person

from podium.server import settings
from podium.server.accounts.models import User
from podium.server.competitions.models import Competition, Phase
from podium.server.leaderboards.models import Leaderboard, RankBlock
from podium.server.prepared_objects import prepared_objects
from podium.server.prepared_queries import prepared
from podium.server.queues.models import Queue

pytestmark = pytest.mark.django_db

NOON = datetime(2030, 1, 5, 12, 0, 30, 250, tzinfo=UTC)


@prepared
def competitions_of(person: int) -> QuerySet[Competition, Any]:
    """Every kind of value that a column has."""
    found = Competition.objects.filter(created_by_id=person).order_by("pk")
    return found.values_list("title", "created_at", "published", "secret_key", "fact_sheet")


@prepared
def people_beginning_with_a(skipped: int, limit: int) -> QuerySet[User, Any]:
    found = User.objects.filter(username__startswith="a%").order_by("username")
    return found.values_list("username")[skipped : skipped + limit]


@prepared
def blocks_from(board: int, key: bytes, until: bytes) -> QuerySet[RankBlock, Any]:
    found = RankBlock.objects.filter(leaderboard_id=board, first_key__gte=key, first_key__lt=until)
    return found.order_by("first_key").values_list("first_key", "size")


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite keeps statements by itself")
def test_the_database_plans_once_what_is_asked_again_and_again() -> None:
    for number in range(1, 6):
        competitions_of(person=number)
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements")
        kept = [statement for (statement,) in cursor.fetchall()]
    assert any('"created_by_id" = $1' in statement and "ORDER BY" in statement for statement in kept), kept


def test_what_the_address_of_a_database_asks_for_stays() -> None:
    made = settings._database("postgresql://podium:secret@db:5433/podium?sslmode=require")
    assert made["OPTIONS"] == {"server_side_binding": True, "prepare_threshold": 3, "sslmode": "require"}


def test_values_come_back_as_the_fields_make_them() -> None:
    key = UUID("12345678123456781234567812345678")
    anna, bert = make_person("anna"), make_person("bert")
    for person, title in ((anna, "Sheep"), (bert, "Goats")):
        Competition.objects.create(
            title=title,
            terms="",
            created_by_id=person.id,
            created_at=NOON,
            published=person is bert,
            secret_key=key if person is bert else UUID(int=1),
            fact_sheet=[{"key": "team"}] if person is bert else [],
            docker_image="none",
        )
    assert competitions_of(person=bert.id) == [("Goats", NOON, True, key, [{"key": "team"}])]
    assert competitions_of(person=anna.id) == [("Sheep", NOON, False, UUID(int=1), [])]
    assert competitions_of(person=0) == []


def test_bounds_of_a_slice_are_values_and_signs_in_the_sql_stay() -> None:
    for name in ("a%1", "a%2", "a%3", "a1"):
        make_person(name)
    # startswith is a pattern in which the sign for anything is escaped: a1 does not begin with "a%".
    assert people_beginning_with_a(skipped=1, limit=1) == [("a%2",)]
    assert people_beginning_with_a(skipped=0, limit=9) == [("a%1",), ("a%2",), ("a%3",)]


def test_bytes_are_compared_byte_by_byte() -> None:
    anna = make_person("anna")
    made = Competition.objects.create(title="S", terms="", created_by_id=anna.id, created_at=NOON, docker_image="none")
    phase = Phase.objects.create(competition=made, index=0, name="P", start=NOON)
    board = Leaderboard.objects.create(competition=made, index=0, title="B", key="b", submission_rule="Add")
    for key in (b"", b"\x00%s", b"\x7f", b"\xff\x00"):
        RankBlock.objects.create(leaderboard=board, phase=phase, first_key=key, size=len(key))
    found = blocks_from(board=board.pk, key=b"\x00", until=b"\xff")
    assert [(bytes(key), size) for key, size in found] == [(b"\x00%s", 3), (b"\x7f", 1)]


def test_a_number_that_no_row_can_have_finds_nothing() -> None:
    with CaptureQueriesContext(connection) as asked:
        assert competitions_of(person=2**63) == []
        assert competitions_of(person=-(2**63) - 1) == []
    assert len(asked) == 0


def test_the_sql_is_made_once() -> None:
    made = 0

    @prepared
    def everybody(person: int) -> QuerySet[User, Any]:
        nonlocal made
        made += 1
        return User.objects.filter(pk=person).values_list("username")

    anna, bert = make_person("anna"), make_person("bert")
    assert [everybody(person=each.id) for each in (anna, bert)] == [[("anna",)], [("bert",)]]
    assert made == 1


@prepared_objects
def competitions_with_people(person: int) -> QuerySet[Competition]:
    return Competition.objects.select_related("created_by", "queue").filter(created_by_id=person)


def test_objects_come_with_what_is_joined_to_them_and_can_be_saved() -> None:
    anna, bert = make_person("anna"), make_person("bert")
    queue = Queue.objects.create(name="lab", owner_id=anna.id, created_at=NOON)
    for person, own in ((anna, queue), (bert, None)):
        made = {"title": person.name, "created_by_id": person.id, "queue": own, "docker_image": "none"}
        Competition.objects.create(terms="", created_at=NOON, **made)
    for person, own in ((anna, queue), (bert, None)):
        with CaptureQueriesContext(connection) as asked:
            (found,) = competitions_with_people(person=person.id)
            assert (found.title, found.created_by.username, found.queue) == (person.name, person.name, own)
            assert found.created_at == NOON
        assert len(asked) == 1
        found.title = "Another"
        found.save(update_fields=["title"])
        assert Competition.objects.get(pk=found.pk).title == "Another"


@transaction.atomic
def test_objects_may_be_locked_for_the_transaction() -> None:
    @prepared_objects
    def held(person: int) -> QuerySet[User]:
        return User.objects.select_for_update().filter(pk=person)

    anna = make_person("anna")
    with CaptureQueriesContext(connection) as asked:
        assert [each.username for each in held(person=anna.id)] == ["anna"]
    assert asked[0]["sql"].endswith("FOR UPDATE") == connection.features.has_select_for_update


def test_a_value_that_the_query_does_not_use_is_a_mistake() -> None:
    @prepared
    def careless(person: int, limit: int) -> QuerySet[User, Any]:
        return User.objects.filter(pk=person).values_list("username")

    with pytest.raises(ValueError, match="does not use limit"):
        careless(person=1, limit=2)
