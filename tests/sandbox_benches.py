"""The benches as fixtures: one for each back end, and for bubblewrap one as root and one as an ordinary user."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.docker_engine import Engine, Kind, docker_engine, missing
from tests.requirements_on_machine import require
from tests.sandboxed import Bench, HereBench, ordinary_user

from podium.rules.unsandboxed import PERMISSION, VARIABLE
from podium.sandbox.docker import DockerOptions, DockerSandbox
from podium.sandbox.docker.shared import end_sharing
from podium.sandbox.unsandboxed.sandbox import UnsandboxedSandbox


@pytest.fixture(scope="session")
def here(tmp_path_factory: pytest.TempPathFactory) -> HereBench:
    """As the user that runs the tests, from a folder that is closed to every other."""
    require(shutil.which("bwrap") is not None, "bubblewrap is missing: apt install bubblewrap")
    work = tmp_path_factory.mktemp("sandbox")
    work.chmod(0o700)
    return HereBench(work)


@pytest.fixture(scope="session")
def there() -> Iterator[Bench]:
    """As an ordinary user with a home of mode 0700, which only root can arrange."""
    require(shutil.which("bwrap") is not None, "bubblewrap is missing: apt install bubblewrap")
    require(os.geteuid() == 0, "only root can run a test as another user")
    with tempfile.TemporaryDirectory(prefix="podium-ordinary-") as folder:
        place = Path(folder)
        place.chmod(0o711)
        with ordinary_user(place) as bench:
            yield bench


@pytest.fixture(scope="session")
def docker() -> Iterator[Engine]:
    """An engine of Docker."""
    yield from _engine("docker")


@pytest.fixture(scope="session")
def podman() -> Iterator[Engine]:
    """The API of podman."""
    yield from _engine("podman")


def _engine(kind: Kind) -> Iterator[Engine]:
    reason = missing(kind)
    require(not reason, reason)
    with docker_engine(kind) as engine:
        yield engine
        # Whose shared folders are still there would remove them when the tests end, and find no engine any more.
        end_sharing(engine.host)


@pytest.fixture(scope="session")
def docker_bench(docker: Engine, tmp_path_factory: pytest.TempPathFactory) -> HereBench:
    """In containers of Docker."""
    work = tmp_path_factory.mktemp("docker")
    return HereBench(work, sandbox=DockerSandbox(6, work, DockerOptions(docker.host)))


@pytest.fixture(scope="session")
def podman_bench(podman: Engine, tmp_path_factory: pytest.TempPathFactory) -> HereBench:
    """In containers of podman."""
    work = tmp_path_factory.mktemp("podman")
    return HereBench(work, sandbox=DockerSandbox(6, work, DockerOptions(podman.host)))


@pytest.fixture(scope="session")
def unsandboxed(tmp_path_factory: pytest.TempPathFactory) -> HereBench:
    """Beside the tests, as their user, with nothing around."""
    work = tmp_path_factory.mktemp("none")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, PERMISSION)
        return HereBench(work, sandbox=UnsandboxedSandbox(6, work))


@pytest.fixture(params=["here", "there"], ids=["as this user", "as an ordinary user"])
def bench(request: pytest.FixtureRequest) -> Bench:
    """Both of them, one after the other."""
    found: Bench = request.getfixturevalue(request.param)
    return found
