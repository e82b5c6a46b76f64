"""What a network for programs needs on this machine, and which networks nearby they may reach."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from ipaddress import IPv4Network
from pathlib import Path

from podium.rules.errors import UserError
from podium.sandbox.keeper.network import NEARBY, NEVER
from podium.sandbox.keeper.order import Network

VARIABLE = "PODIUM_NETWORK_ALLOWED"
_TUN = Path("/dev/net/tun")
_SBIN = "/usr/sbin:/sbin"


def network_here(environment: Mapping[str, str]) -> tuple[Network | None, str]:
    """What connects a run, or None and why runs of a queue with a network cannot be done here, with what to type.

    Raises:
        UserError: PODIUM_NETWORK_ALLOWED makes no sense.
    """
    allowed = allowed_networks(environment)
    if os.geteuid() != 0:
        return None, "Only a worker that is root can give programs a network that keeps them from this machine."
    path = f"{environment.get('PATH', os.defpath)}:{_SBIN}"
    slirp4netns, nft = (shutil.which(name, path=path) for name in ("slirp4netns", "nft"))
    if slirp4netns is None or nft is None:
        missing = " and ".join(name for name, found in (("slirp4netns", slirp4netns), ("nft", nft)) if found is None)
        return None, f"Programs get no network: {missing} missing. Type: apt install slirp4netns nftables"
    if not os.access(_TUN, os.R_OK | os.W_OK):
        return None, f"Programs get no network: {_TUN} cannot be opened. In a container, start it with --device {_TUN}"
    return Network(slirp4netns, nft, allowed), ""


def allowed_networks(environment: Mapping[str, str]) -> tuple[str, ...]:
    """The networks nearby that programs may reach, as PODIUM_NETWORK_ALLOWED lists them.

    Raises:
        UserError: it makes no sense, or is of what nobody can allow (`setting-invalid`).
    """
    words = [word.strip() for word in environment.get(VARIABLE, "").split(",")]
    return tuple(str(_network(word)) for word in words if word)


def _network(word: str) -> IPv4Network:
    try:
        found = IPv4Network(word)
    except ValueError as error:
        raise UserError(
            "setting-invalid",
            f"{VARIABLE} names {word!r}, which is no IPv4 network.",
            f"Write networks like {NEARBY[0]} or 10.1.2.3, separated by commas.",
        ) from error
    never = [network for network in NEVER if found.overlaps(IPv4Network(network))]
    if never:
        raise UserError(
            "setting-invalid",
            f"{VARIABLE} names {word}, and what is in {never[0]} can never be allowed.",
            "Name networks outside of it.",
        )
    return found
