"""Programs that talk to others."""

from __future__ import annotations

import os
import socket
import tempfile
import time

import pytest
from tests.attacks.attacked import Slot, breaches
from tests.tiny_server import Told, tiny_server

pytestmark = pytest.mark.sandbox


def test_services_names_and_the_world(any_slot: Slot) -> None:
    with tiny_server(lambda asked: Told()) as server, socket.create_server(("127.0.0.1", 0)) as worker:
        ports = [int(server.url.rpartition(":")[2]), worker.getsockname()[1]]
        seen = any_slot.attack("network", targets=ports)
        assert server.asked == []
    assert breaches(seen) == []
    assert "interfaces []" in seen.lines


def test_unix_sockets_by_name(slot: Slot) -> None:
    name = f"\0podium-attack-{os.getpid()}-{time.monotonic_ns()}"
    with (
        tempfile.TemporaryDirectory(prefix="podium-service-") as folder,
        socket.socket(socket.AF_UNIX) as abstract,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as datagram,
    ):
        abstract.bind(name)
        abstract.listen()
        datagram.bind(f"{folder}/socket")
        assert breaches(slot.attack("abstract_sockets", targets=[name, f"{folder}/socket"])) == []


def test_families_of_sockets(any_slot: Slot) -> None:
    assert breaches(any_slot.attack("families_of_sockets")) == []


def test_the_kernels_tables_of_the_network(slot: Slot) -> None:
    assert breaches(slot.attack("netlink")) == []
