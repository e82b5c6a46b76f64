"""Which networks nearby programs may reach, and the rules that keep them from all else."""

from __future__ import annotations

import os
import shutil

import pytest

from podium.rules.errors import UserError
from podium.sandbox.bubblewrap import network
from podium.sandbox.bubblewrap.network import allowed_networks, network_here
from podium.sandbox.keeper.network import own_addresses, rules_of

# As a kernel prints it (man 5 proc): an address of each kind, twice where it is in two tables.
TABLE = """Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
     +-- 127.0.0.0/8 2 0 2
        |-- 127.0.0.1
           /32 host LOCAL
     |-- 203.0.113.0
        /24 link UNICAST
     |-- 203.0.113.7
        /32 host LOCAL
     |-- 203.0.113.255
        /32 link BROADCAST
Local:
     |-- 10.1.2.3
        /32 host LOCAL
     |-- 203.0.113.7
        /32 host LOCAL
"""


def test_the_addresses_of_a_machine_are_those_it_answers_at() -> None:
    assert own_addresses(TABLE) == ("10.1.2.3", "203.0.113.7")


def test_this_machine_is_refused_before_anything_is_allowed() -> None:
    lines = rules_of(("10.1.2.3",), ("10.1.0.0/16",)).splitlines()
    own = next(number for number, line in enumerate(lines) if "10.1.2.3" in line and "reject" in line)
    allowed = lines.index("ip daddr { 10.1.0.0/16 } accept")
    nearby = next(number for number, line in enumerate(lines) if "10.0.0.0/8" in line and "reject" in line)
    assert own < allowed < nearby
    assert "169.254.0.0/16" in lines[own]
    assert "policy drop" in lines[2]


def test_networks_are_listed_with_commas() -> None:
    assert allowed_networks({"PODIUM_NETWORK_ALLOWED": " 10.0.0.0/8,192.168.1.7 ,"}) == ("10.0.0.0/8", "192.168.1.7/32")
    assert allowed_networks({}) == ()


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("10.0.0.1/8", "no IPv4 network"),
        ("lab.example.org", "no IPv4 network"),
        ("fd00::/8", "no IPv4 network"),
        ("10.0.0.0/8; drop", "no IPv4 network"),
        ("127.0.0.1", "can never be allowed"),
        ("169.254.169.254", "can never be allowed"),
        ("0.0.0.0/0", "can never be allowed"),
        ("192.0.2.2", "can never be allowed"),
    ],
)
def test_what_makes_no_sense_or_is_never_allowed_is_refused(said: str, told: str) -> None:
    with pytest.raises(UserError, match=told) as raised:
        network_here({"PODIUM_NETWORK_ALLOWED": f"10.0.0.0/8, {said}"})
    assert raised.value.code == "setting-invalid"


def test_what_is_missing_is_told_with_the_line_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(shutil, "which", lambda name, path: None if name == "slirp4netns" else f"/usr/sbin/{name}")
    here, reason = network_here({"PATH": "/nowhere"})
    assert here is None
    assert reason == "Programs get no network: slirp4netns missing. Type: apt install slirp4netns nftables"


def test_a_worker_that_is_not_root_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network.os, "geteuid", lambda: 1000)
    assert network_here({}) == (
        None,
        "Only a worker that is root can give programs a network that keeps them from this machine.",
    )
