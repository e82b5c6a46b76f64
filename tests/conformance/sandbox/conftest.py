"""Every back end as a bench, and as something that opens a sandbox for a slot."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.docker_engine import Engine
from tests.sandbox_benches import docker, docker_bench, here, podman, podman_bench, there, unsandboxed
from tests.sandboxed import Bench

from podium.rules.unsandboxed import PERMISSION, VARIABLE
from podium.sandbox.bubblewrap import BubblewrapSandbox
from podium.sandbox.docker import DockerOptions, DockerSandbox
from podium.sandbox.interface import Sandbox
from podium.sandbox.unsandboxed.sandbox import UnsandboxedSandbox

__all__ = ["docker", "docker_bench", "here", "podman", "podman_bench", "there", "unsandboxed"]

_BUBBLEWRAP = [
    pytest.param("here", id="bubblewrap"),
    pytest.param("there", id="bubblewrap, as an ordinary user"),
]
_DOCKER = [pytest.param("docker_bench", id="docker", marks=pytest.mark.slow)]
_PODMAN = [pytest.param("podman_bench", id="podman", marks=pytest.mark.slow)]
_NONE = [pytest.param("unsandboxed", id="none")]


@pytest.fixture(params=[*_BUBBLEWRAP, *_DOCKER, *_NONE])
def bench(request: pytest.FixtureRequest) -> Bench:
    """Each back end, one after the other; podman, which takes seconds for a run, only where it differs from Docker."""
    found: Bench = request.getfixturevalue(request.param)
    return found


@pytest.fixture(params=[*_BUBBLEWRAP, *_DOCKER, *_PODMAN, *_NONE])
def every(request: pytest.FixtureRequest) -> Bench:
    """Each back end and podman."""
    found: Bench = request.getfixturevalue(request.param)
    return found


@pytest.fixture(params=[*_BUBBLEWRAP, *_DOCKER, *_PODMAN])
def isolating(request: pytest.FixtureRequest) -> Bench:
    """Each that keeps a program inside."""
    found: Bench = request.getfixturevalue(request.param)
    return found


OpenSlot = Callable[[int, Path], Sandbox]


@pytest.fixture(
    params=[
        "bubblewrap",
        pytest.param("docker", marks=pytest.mark.slow),
        pytest.param("podman", marks=pytest.mark.slow),
        "none",
    ]
)
def open_slot(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> OpenSlot:
    """Opens a slot of each back end, by its number and the folder of the worker."""
    if request.param == "bubblewrap":
        request.getfixturevalue("here")
        return BubblewrapSandbox
    if request.param == "none":
        monkeypatch.setenv(VARIABLE, PERMISSION)
        return UnsandboxedSandbox
    engine: Engine = request.getfixturevalue(request.param)
    return lambda slot, work: DockerSandbox(slot, work, DockerOptions(engine.host))
