"""The benches as fixtures: every program runs twice, for a worker that is root and for one that is not."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.requirements_on_machine import require
from tests.sandboxed import Bench, HereBench, ordinary_user


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


@pytest.fixture(params=["here", "there"], ids=["as this user", "as an ordinary user"])
def bench(request: pytest.FixtureRequest) -> Bench:
    """Both of them, one after the other."""
    found: Bench = request.getfixturevalue(request.param)
    return found
