"""Waiting for commits of other connections, on both databases."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Coroutine, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from uuid import uuid4

import dj_database_url
import psycopg
import pytest

from podium.server.history import wakeups
from podium.server.history.wakeups import Wakeups

PATIENCE_S = 30.0


@dataclass
class Database:
    """What commits as another process would: `begin` writes, and what it returns commits."""

    begin: Callable[[], Callable[[], object]]

    def commit(self) -> None:
        self.begin()()


def sqlite_file(place: Path) -> Iterator[Database]:
    with closing(sqlite3.connect(place, isolation_level=None, check_same_thread=False)) as other:
        other.execute("PRAGMA journal_mode=WAL")
        other.execute("CREATE TABLE thing (number)")

        def begin() -> Callable[[], object]:
            other.execute("BEGIN IMMEDIATE")
            other.execute("INSERT INTO thing VALUES (1)")
            return lambda: other.execute("COMMIT")

        yield Database(begin)


def postgres(url: str) -> Iterator[Database]:
    with psycopg.connect(url) as other:

        def begin() -> Callable[[], object]:
            other.execute(f"NOTIFY {wakeups.CHANNEL}")
            return other.commit

        yield Database(begin)


def listen_to(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Wakeups believe that the site's database is there."""
    chosen = {"USER": "", "PASSWORD": "", "HOST": "", "PORT": "", **dj_database_url.parse(url)}
    monkeypatch.setattr(wakeups, "settings", SimpleNamespace(DATABASES={"default": chosen}))
    monkeypatch.setattr(wakeups, "connection", SimpleNamespace(vendor=url.partition(":")[0]))
    monkeypatch.setattr(wakeups, "_AFTER_FAILURE_S", 0.01)
    # Other test processes may use the same server.
    monkeypatch.setattr(wakeups, "CHANNEL", f"podium_commit_{uuid4().hex}")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """The database that Wakeups listens to."""
    place = tmp_path / "site.sqlite3"
    if request.param == "sqlite":
        listen_to(f"sqlite:///{place}", monkeypatch)
        yield from sqlite_file(place)
    else:
        url: str = request.getfixturevalue("postgres_url")
        listen_to(url, monkeypatch)
        yield from postgres(url)


def listening(test: Callable[[Wakeups], Coroutine[None, None, None]]) -> None:
    """Run a test while Wakeups listens, after the first look, which wakes everybody."""

    async def run() -> None:
        with Wakeups() as listener:
            await woken(listener.next_commit())
            await test(listener)

    asyncio.run(run())


async def woken(event: asyncio.Event) -> None:
    await asyncio.wait_for(event.wait(), PATIENCE_S)


def test_everything_that_waits_is_woken_by_each_commit(database: Database) -> None:
    async def test(listener: Wakeups) -> None:
        for _ in range(3):
            waiting = [asyncio.ensure_future(woken(listener.next_commit())) for _ in range(20)]
            await asyncio.to_thread(database.commit)
            await asyncio.gather(*waiting)

    listening(test)


def test_a_commit_between_asking_and_waiting_is_not_lost(database: Database) -> None:
    async def test(listener: Wakeups) -> None:
        event = listener.next_commit()
        noticed = asyncio.ensure_future(woken(listener.next_commit()))
        await asyncio.to_thread(database.commit)
        # As if looking at the database took until after the commit was noticed.
        await noticed
        assert event.is_set()
        assert listener.next_commit() is not event

    listening(test)


def test_nothing_is_woken_before_the_commit(database: Database) -> None:
    async def test(listener: Wakeups) -> None:
        event = listener.next_commit()
        commit = await asyncio.to_thread(database.begin)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(event.wait(), 0.2)
        await asyncio.to_thread(commit)
        await woken(event)

    listening(test)


@pytest.mark.postgres
def test_a_lost_connection_wakes_and_is_made_again(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    listen_to(postgres_url, monkeypatch)

    def interrupt() -> None:
        with psycopg.connect(postgres_url, autocommit=True) as other:
            asked = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = %s"
            assert other.execute(asked, [f"LISTEN {wakeups.CHANNEL}"]).fetchall() == [(True,)]

    async def test(listener: Wakeups) -> None:
        event = listener.next_commit()
        await asyncio.to_thread(interrupt)
        await woken(event)
        # The new connection wakes once more, because something may have been committed in between.
        await woken(listener.next_commit())
        event = listener.next_commit()
        for database in postgres(postgres_url):
            await asyncio.to_thread(database.commit)
        await woken(event)

    listening(test)


def test_a_database_that_is_not_there_yet_is_listened_to_when_it_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "later.sqlite3"
    listen_to(f"sqlite:///{place}", monkeypatch)

    async def test(listener: Wakeups) -> None:
        for database in sqlite_file(place):
            for _ in range(2):
                event = listener.next_commit()
                await asyncio.to_thread(database.commit)
                await woken(event)

    # The first look fails, which wakes everybody too.
    listening(test)


@pytest.mark.postgres
def test_whoever_listens_connects_as_the_address_says(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    listen_to(f"{postgres_url}{'&' if '?' in postgres_url else '?'}application_name=listening-site", monkeypatch)

    async def test(listener: Wakeups) -> None:
        def names() -> list[tuple[str]]:
            with psycopg.connect(postgres_url) as other:
                asked = "SELECT application_name FROM pg_stat_activity WHERE query = %s"
                return other.execute(asked, [f"LISTEN {wakeups.CHANNEL}"]).fetchall()

        assert await asyncio.to_thread(names) == [("listening-site",)]

    listening(test)


def test_what_the_address_says_of_encryption_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    url = "postgresql://podium:secret@db.example.org:5433/site?sslmode=verify-full&sslrootcert=/etc/ca.pem"
    listen_to(url, monkeypatch)
    held = wakeups.settings.DATABASES["default"]
    # Beside what the site itself sets: one for Django, one for the driver.
    held["OPTIONS"] |= {"server_side_binding": True, "prepare_threshold": 3}
    assert wakeups._parameters() == {
        "dbname": "site",
        "user": "podium",
        "password": "secret",
        "host": "db.example.org",
        "port": 5433,
        "sslmode": "verify-full",
        "sslrootcert": "/etc/ca.pem",
        "prepare_threshold": 3,
    }
