"""Appending to chains of events."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from tests.integration.server.competition_material import make_person
from tests.integration.server.flow import NOON, assert_all_chains_fit

from podium.rules.history import EventKind
from podium.server import clock
from podium.server.history.models import Chain, Event
from podium.server.history.services import ChainName, append

CHAIN = ChainName.competition(7)


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
    Event.objects.filter(seq=1).update(**change)
    with pytest.raises(AssertionError):
        assert_all_chains_fit()


@pytest.mark.django_db
def test_a_chain_whose_end_was_cut_off_is_noticed() -> None:
    add()
    add()
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
        numbers = [seq for seqs in threads.map(write, range(6)) for seq in seqs]
    assert sorted(numbers) == list(range(1, 31))
    assert_all_chains_fit()
