"""Appending to chains of events."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from tests.integration.server.competition_material import make_person
from tests.integration.server.flow import NOON, assert_all_chains_fit
from tests.integration.server.unguarded import unguarded

from podium.rules.history import EventKind, text_hash
from podium.server import clock
from podium.server.history.models import Chain, Event, EventText
from podium.server.history.services import ChainName, append, keep_text

CHAIN = ChainName.competition(7)
_REST = "kind, at, actor, payload, prev_hash, hash"
_NAME = "kind, subject, head_hash, created_at"


def add(number: int = 1) -> int:
    with transaction.atomic():
        return append(CHAIN, EventKind.COMPETITION_PUBLISHED, actor=None, payload={"competition": number})


@pytest.mark.django_db(transaction=True)
def test_an_event_needs_the_transaction_of_its_change() -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        append(CHAIN, EventKind.COMPETITION_PUBLISHED, actor=None, payload={"competition": 7})
    assert not Event.objects.exists()


@pytest.mark.django_db
def test_events_are_numbered_from_one_and_bound_to_the_one_before() -> None:
    assert [add(), add(), add()] == [1, 2, 3]
    rows = list(Event.objects.order_by("seq"))
    assert [row.prev_hash for row in rows] == ["", rows[0].hash, rows[1].hash]
    chain = Chain.objects.get()
    assert (chain.head_seq, chain.head_hash) == (3, rows[2].hash)
    assert_all_chains_fit()


@pytest.mark.django_db
def test_what_is_rolled_back_leaves_no_gap() -> None:
    add()
    with transaction.atomic():
        append(CHAIN, EventKind.COMPETITION_PUBLISHED, actor=None, payload={"competition": 7})
        transaction.set_rollback(True)
    assert add() == 2
    assert_all_chains_fit()


@pytest.mark.django_db
def test_each_chain_counts_for_itself() -> None:
    add()
    with transaction.atomic():
        seq = append(ChainName.competition(8), EventKind.COMPETITION_PUBLISHED, actor=None, payload={"competition": 7})
    assert seq == 1
    assert_all_chains_fit()


@pytest.mark.django_db
def test_an_event_names_its_actor_by_the_opaque_id_and_its_time_by_the_clock() -> None:
    anna = make_person("anna")
    with clock.clock_at(NOON), transaction.atomic():
        append(CHAIN, EventKind.COMPETITION_PUBLISHED, actor=anna, payload={"competition": 7})
    row = Event.objects.get(chain__kind="competition")
    assert (row.actor, row.at) == (anna.opaque_id, NOON)
    assert "anna" not in f"{row.actor}{row.payload}"


@pytest.mark.django_db
def test_a_payload_that_is_not_what_the_kind_says_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot say this"), transaction.atomic():
        append(CHAIN, EventKind.COMPETITION_PUBLISHED, actor=None, payload={"at": NOON})


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change", [{"payload": '{"competition":9}'}, {"kind": "competition-deleted"}, {"actor": "eve"}]
)
def test_an_event_that_was_edited_is_noticed(change: dict[str, str]) -> None:
    add(1)
    add(2)
    with unguarded():
        Event.objects.filter(seq=1).update(**change)
    with pytest.raises(AssertionError):
        assert_all_chains_fit()


@pytest.mark.django_db
def test_a_chain_whose_end_was_cut_off_is_noticed() -> None:
    add()
    add()
    with unguarded():
        Event.objects.filter(seq=2).delete()
    with pytest.raises(AssertionError):
        assert_all_chains_fit()


@pytest.mark.django_db(transaction=True)
def test_writers_at_the_same_moment_make_one_chain() -> None:
    if connection.vendor == "sqlite":
        pytest.skip("The tests' SQLite lives in memory, where threads share one connection's locks.")
    together = threading.Barrier(6)

    def write(number: int) -> list[int]:
        try:
            together.wait()
            return [add(number) for _ in range(5)]
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as threads:
        numbers = [seq for seqs in threads.map(write, range(1, 7)) for seq in seqs]
    assert sorted(numbers) == list(range(1, 31))
    assert_all_chains_fit()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE history_event SET payload = '{}' WHERE seq = 1",
        "UPDATE history_event SET hash = hash",
        "DELETE FROM history_event WHERE seq = 2",
        "DELETE FROM history_chain",
        "UPDATE history_chain SET head_seq = 1",
        "UPDATE history_chain SET head_hash = ''",
        "UPDATE history_chain SET subject = 8",
        "UPDATE history_chain SET id = id + 1",
    ],
)
def test_the_database_itself_refuses_to_change_the_past(statement: str) -> None:
    add()
    add()
    with (
        pytest.raises(IntegrityError, match=r"an event is never|the end of a chain only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert add() == 3
    assert_all_chains_fit()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        f"REPLACE INTO history_event (chain_id, seq, {_REST}) SELECT chain_id, seq, {_REST} FROM history_event",
        # In the place of none by its number in the chain, but of one by its key.
        f"REPLACE INTO history_event (id, chain_id, seq, {_REST}) SELECT id, 1, seq + 10, {_REST} FROM history_event",
        f"REPLACE INTO history_chain (id, head_seq, {_NAME}) SELECT id, 1, {_NAME} FROM history_chain",
        f"REPLACE INTO history_chain (head_seq, {_NAME}) SELECT 1, {_NAME} FROM history_chain",
    ],
)
def test_sqlite_refuses_to_replace_the_past(statement: str) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL has no REPLACE: it updates, which is refused.")
    add()
    add()
    before = list(Event.objects.order_by("pk").values())
    with (
        pytest.raises(IntegrityError, match=r"an event is never|the end of a chain only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert list(Event.objects.order_by("pk").values()) == before
    assert add() == 3
    assert_all_chains_fit()


@pytest.mark.django_db(transaction=True)
def test_postgresql_refuses_to_empty_the_tables() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no TRUNCATE: it deletes, which is refused.")
    add()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE history_event")


@pytest.mark.django_db
def test_time_never_goes_back_within_a_chain() -> None:
    with clock.clock_at(NOON):
        add()
    with clock.clock_at(NOON - timedelta(hours=1)):
        add()
    assert list(Event.objects.order_by("seq").values_list("at", flat=True)) == [NOON, NOON]
    assert_all_chains_fit()


@pytest.mark.django_db
def test_a_text_keeps_its_reference_but_one_about_a_person_has_a_row_of_its_own() -> None:
    anna = make_person("anna")
    title = keep_text(CHAIN, "Accuracy")
    assert keep_text(CHAIN, "Accuracy") == title != keep_text(ChainName.competition(8), "Accuracy")
    first, second = (keep_text(CHAIN, "Too late", about=anna.opaque_id) for _ in range(2))
    assert first != second
    row = EventText.objects.get(reference=first)
    assert text_hash(bytes.fromhex(row.salt), "Too late") == first
