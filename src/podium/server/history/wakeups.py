"""Noticing that something was committed, by whichever process: what long-polls and live pages wait for.

On PostgreSQL a commit notifies; on SQLite a thread looks at the file's data version, which costs microseconds.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from types import TracebackType
from typing import Any, Self

import structlog
from django.conf import settings
from django.db import connection

_log = structlog.get_logger(__name__)

CHANNEL = "podium_commit"
_LOOK_EVERY_S = 0.02
_LISTEN_S = 0.5
_AFTER_FAILURE_S = 1.0
_OF_DJANGO = frozenset({"assume_role", "isolation_level", "pool", "server_side_binding"})
"""Options of Django's that the driver does not know."""


def notify() -> None:
    """Let listeners of other processes know of the running transaction as soon as it commits."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"NOTIFY {CHANNEL}")


class CommitWatch:
    """Calls `committed` after each commit to the database, in a thread of its own, while the `with` block lasts.

    Commits in quick succession may be told of once, and `committed` may be called where nothing was.
    """

    def __init__(self, committed: Callable[[], object]) -> None:
        self._committed = committed
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="wakeups", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        self._thread.join()

    def _watch(self) -> None:
        watch = self._watch_sqlite if connection.vendor == "sqlite" else self._watch_postgresql
        while not self._stopping.is_set():
            try:
                watch()
            except (sqlite3.Error, _ListeningFailed) as error:
                _log.warning("wakeups_interrupted", error=str(error))
                self._committed()
                self._stopping.wait(_AFTER_FAILURE_S)

    def _watch_sqlite(self) -> None:
        path = settings.DATABASES["default"]["NAME"]
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5)) as database:
            seen = None
            while not self._stopping.wait(_LOOK_EVERY_S):
                version = database.execute("PRAGMA data_version").fetchone()
                if version != seen:
                    seen = version
                    self._committed()

    def _watch_postgresql(self) -> None:
        # Only here: the processes of a site on SQLite spare the memory of the driver.
        import psycopg

        try:
            with psycopg.connect(**_parameters(), autocommit=True) as database:
                database.execute(f"LISTEN {CHANNEL}")
                self._committed()
                while not self._stopping.is_set():
                    for _ in database.notifies(timeout=_LISTEN_S, stop_after=1):
                        self._committed()
        except psycopg.Error as error:
            raise _ListeningFailed(str(error)) from error


class Wakeups:
    """Wakes everything that waits in one event loop after each commit to the database.

    Use as a context manager inside the loop's thread; `next_commit` may be called only there.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._waiting = asyncio.Event()
        self._ended = False
        self._watch = CommitWatch(self._committed)

    def __enter__(self) -> Self:
        self._watch.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended = True
        self._watch.__exit__(kind, error, trace)

    def next_commit(self) -> asyncio.Event:
        """An event that is set by the first commit noticed from now on. Ask for it before looking at the database."""
        return self._waiting

    def _wake(self) -> None:
        woken, self._waiting = self._waiting, asyncio.Event()
        woken.set()

    def _committed(self) -> None:
        if not self._ended:
            self._loop.call_soon_threadsafe(self._wake)


class _ListeningFailed(Exception):
    """The connection that listens for notifications broke."""


def _parameters() -> dict[str, Any]:
    """How to connect as the rest of the site does, with what the address of the database says besides: how the
    connection is encrypted, for instance."""
    chosen = settings.DATABASES["default"]
    names = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    options = {name: value for name, value in chosen.get("OPTIONS", {}).items() if name not in _OF_DJANGO}
    return options | {name: chosen[named] for name, named in names.items() if chosen[named]}
