"""Every test of the server has a data folder of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db.backends.base.operations import BaseDatabaseOperations
from tests.integration.server.flow import TWO_TASKS, Flow, SteppedClock, assert_all_chains_fit, begin
from tests.integration.server.unguarded import unguarded

from podium.server import clock
from podium.server.configuration import configuration, make_data_folder
from podium.server.files.services import store


@pytest.fixture(autouse=True)
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder that PODIUM_DATA names during one test, made and empty of blobs."""
    folder = tmp_path / "podium-data"
    monkeypatch.setenv("PODIUM_DATA", str(folder))
    _forget_the_site()
    make_data_folder(configuration())
    yield folder
    _forget_the_site()


@pytest.fixture(scope="session", autouse=True)
def emptied_after_each_test() -> Iterator[None]:
    """Let the database be emptied after a test that committed: it refuses to forget events otherwise."""
    flush = BaseDatabaseOperations.execute_sql_flush

    def flush_all(operations: BaseDatabaseOperations, statements: list[str]) -> None:
        with unguarded():
            flush(operations, statements)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(BaseDatabaseOperations, "execute_sql_flush", flush_all)
        yield


def _forget_the_site() -> None:
    configuration.cache_clear()
    store.cache_clear()


@pytest.fixture(autouse=True)
def quick_site(settings: Any, data_folder: Path) -> None:
    """Static files without a manifest, which only exists once they were collected, and passwords that hash at once."""
    settings.STATIC_ROOT = data_folder / "static"
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]


@pytest.fixture
def time() -> Iterator[SteppedClock]:
    """The server's clock, in the first phase of the usual competition."""
    stepped = SteppedClock()
    with clock.clock_at(stepped):
        yield stepped


@pytest.fixture
def flow(tmp_path: Path, time: SteppedClock, db: None) -> Iterator[Flow]:
    """The usual competition, published; at the end every chain of events must fit."""
    yield begin(tmp_path)
    assert_all_chains_fit()


@pytest.fixture
def two(tmp_path: Path, time: SteppedClock, db: None) -> Iterator[Flow]:
    """The same with a competition of two tasks."""
    yield begin(tmp_path, TWO_TASKS)
    assert_all_chains_fit()
