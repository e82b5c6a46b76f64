"""Which engine to use and how, from the worker's environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from podium.rules.errors import UserError

DEFAULT_HOST = "unix:///var/run/docker.sock"
NETWORK_ADVICE = "Set PODIUM_DOCKER_NETWORK; docs/how-to/give-programs-a-network.md says how to make one."


@dataclass(frozen=True)
class DockerOptions:
    """`host` is the address of the engine's API; `runtime` the engine's name of what runs containers (`runsc` for
    gVisor), empty for its default; with `pull`, images that are not there are fetched from their registry;
    `network` is the network of those runs that may use one."""

    host: str = DEFAULT_HOST
    runtime: str = ""
    pull: bool = False
    network: str = ""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> DockerOptions:
        """Options from PODIUM_DOCKER_HOST (else DOCKER_HOST), PODIUM_DOCKER_RUNTIME,
        PODIUM_DOCKER_PULL and PODIUM_DOCKER_NETWORK.

        Raises:
            UserError: a value is not understood (`setting-invalid`).
        """
        host = environment.get("PODIUM_DOCKER_HOST") or environment.get("DOCKER_HOST") or DEFAULT_HOST
        if not host.startswith(("unix://", "tcp://", "ssh://", "http://", "https://")):
            raise UserError(
                "setting-invalid",
                f"PODIUM_DOCKER_HOST is {host!r}.",
                "Set it to an address like unix:///var/run/docker.sock or tcp://engine.example.org:2376.",
            )
        pull = environment.get("PODIUM_DOCKER_PULL", "") or "no"
        if pull not in {"yes", "no"}:
            raise UserError("setting-invalid", f"PODIUM_DOCKER_PULL is {pull!r}.", "Set it to yes or no.")
        network = environment.get("PODIUM_DOCKER_NETWORK", "").strip()
        if network == "host" or network.startswith("container:"):
            raise UserError(
                "setting-invalid",
                f"PODIUM_DOCKER_NETWORK is {network!r}, a network in which programs would be inside this machine.",
                NETWORK_ADVICE,
            )
        return cls(host, environment.get("PODIUM_DOCKER_RUNTIME", "").strip(), pull == "yes", network)
