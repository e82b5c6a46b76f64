"""Slots of each back end that isolates, to be attacked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.attacks.attacked import Slot
from tests.docker_engine import Engine
from tests.sandbox_benches import docker, podman, there
from tests.sandboxed import Bench, HereBench

from podium.sandbox.bubblewrap import BubblewrapSandbox
from podium.sandbox.docker import DockerOptions, DockerSandbox

__all__ = ["docker", "podman", "there"]

# Even: the first of a pair.
SLOT = 4


@pytest.fixture(scope="session")
def bubblewrap_slot(tmp_path_factory: pytest.TempPathFactory) -> Slot:
    work = tmp_path_factory.mktemp("attacked")
    work.chmod(0o700)
    sandbox = BubblewrapSandbox(SLOT, work)
    return Slot(HereBench(work, sandbox=sandbox), sandbox.counts_in_kernel, sandbox.user)


@pytest.fixture(scope="session")
def second_slot(bubblewrap_slot: Slot) -> Slot:
    """The one beside it."""
    return bubblewrap_slot.beside()


@pytest.fixture(scope="session")
def ordinary_slot(there: Bench) -> Slot:
    return Slot(there, counts_in_kernel=False)


@pytest.fixture(scope="session")
def docker_slot(docker: Engine, tmp_path_factory: pytest.TempPathFactory) -> Slot:
    return _in_engine(docker, tmp_path_factory.mktemp("attacked-docker"))


@pytest.fixture(scope="session")
def podman_slot(podman: Engine, tmp_path_factory: pytest.TempPathFactory) -> Slot:
    return _in_engine(podman, tmp_path_factory.mktemp("attacked-podman"))


def _in_engine(engine: Engine, work: Path) -> Slot:
    sandbox = DockerSandbox(SLOT, work, DockerOptions(engine.host))
    return Slot(HereBench(work, sandbox=sandbox), counts_in_kernel=True, uid=sandbox.user, engine=engine)


_ROOT = pytest.param("bubblewrap_slot", id="bubblewrap")
_ORDINARY = pytest.param("ordinary_slot", id="bubblewrap, as an ordinary user")
_DOCKER = pytest.param("docker_slot", id="docker", marks=pytest.mark.slow)
_PODMAN = pytest.param("podman_slot", id="podman", marks=pytest.mark.slow)


@pytest.fixture(params=[_ROOT, _ORDINARY, _DOCKER])
def slot(request: pytest.FixtureRequest) -> Iterator[Slot]:
    """Each back end, one after the other; what the attack left is looked for afterwards."""
    yield from _attacked(request)


@pytest.fixture(params=[_ROOT, _DOCKER])
def counting_slot(request: pytest.FixtureRequest) -> Iterator[Slot]:
    """Each whose memory and processors the kernel counts."""
    yield from _attacked(request)


@pytest.fixture(params=[_ROOT, _ORDINARY, _DOCKER, _PODMAN])
def any_slot(request: pytest.FixtureRequest) -> Iterator[Slot]:
    """Podman's too, which takes the same orders as Docker's engine: for one attack of each kind."""
    yield from _attacked(request)


def _attacked(request: pytest.FixtureRequest) -> Iterator[Slot]:
    found: Slot = request.getfixturevalue(request.param)
    yield found
    found.assert_unharmed()
