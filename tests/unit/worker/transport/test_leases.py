"""Keeping a lease while a run goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from threading import Event

import pytest
from tests.tiny_server import Asked, Told, tiny_server
from tests.unit.worker.transport.test_orders import SCORING

from podium.worker.transport.client import ServerClient
from podium.worker.transport.leases import KeptLease
from podium.worker.transport.orders import read_order

ORDER = replace(read_order(SCORING), heartbeat_s=0.01)
PATIENCE_S = 20.0


def keep(statuses: Sequence[int], renewals: int) -> tuple[bool, bool]:
    """(lost, cancelled) after so many renewals, answered in turn, the last answer for ever; 0 closes the connection."""
    enough, count = Event(), iter(range(1, 10_000))

    def answer(asked: Asked) -> Told:
        number = next(count)
        if number >= renewals:
            enough.set()
        status = statuses[min(number, len(statuses)) - 1]
        return Told(status) if status else Told(200, b"unsent", cut_after=0)

    cancel = Event()
    with tiny_server(answer) as server, ServerClient(server.url, "t") as client:
        with KeptLease(client, ORDER, cancel) as lease:
            assert enough.wait(PATIENCE_S)
            if 409 in statuses or 403 in statuses:
                assert cancel.wait(PATIENCE_S)
        assert server.asked[0].json == {"id": 7, "secret": "s", "wait_s": 0.01}
    return lease.lost, cancel.is_set()


def test_a_lease_is_renewed_again_and_again() -> None:
    assert keep([204], 5) == (False, False)


@pytest.mark.parametrize("status", [403, 409])
def test_a_lease_that_is_over_stops_the_run(status: int) -> None:
    assert keep([204, status], 2) == (True, True)


@pytest.mark.parametrize("status", [0, 500, 502, 503])
def test_a_server_in_trouble_is_asked_again_and_the_run_goes_on(status: int) -> None:
    assert keep([status, status, 204], 4) == (False, False)


def test_after_the_end_nothing_is_renewed_and_nothing_is_lost() -> None:
    asked, over = Event(), Event()

    def answer(_: Asked) -> Told:
        asked.set()
        over.wait(PATIENCE_S)
        return Told(409)

    cancel = Event()
    with tiny_server(answer) as server, ServerClient(server.url, "t") as client:
        with KeptLease(client, replace(ORDER, heartbeat_s=3600.0), cancel) as lease:
            assert asked.wait(PATIENCE_S)
        # The end does not wait for a renewal that waits.
        over.set()
    assert not lease.lost
    assert not cancel.is_set()
    assert len(server.asked) == 1
