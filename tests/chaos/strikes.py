"""What goes wrong: processes are killed, the disk is full, the database is held by somebody, the network is cut."""

from __future__ import annotations

import errno
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import psycopg
from tests.chaos.network import Wire
from tests.running_site import RunningSite, plain_environment

AHEAD_S = 3600.0
_LEFT_BYTES = 1 << 20
_PAGE_BYTES = 4096


class WorkerAhead:
    """A worker of the test's own, an hour ahead of its time."""

    def __init__(self, server: str, token: str, folder: Path, log: Path, environment: Mapping[str, str]) -> None:
        self._environment = {
            **plain_environment(),
            **environment,
            "PODIUM_WORKER_SERVER": server,
            "PODIUM_WORKER_TOKEN": token,
            "PODIUM_WORKER_FOLDER": str(folder),
            "PODIUM_WORKER_DRAIN_S": "5",
        }
        self._log = log
        self.process = self._started()

    def kill(self) -> None:
        """End it by force, and start another."""
        self.process.kill()
        self.process.wait()
        self.process = self._started()

    def end(self) -> None:
        """Tell it to end, and wait until it has."""
        self.process.terminate()
        self.process.wait(60)

    def _started(self) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, str(Path(__file__).with_name("worker_ahead.py")), str(AHEAD_S)],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )


@dataclass
class Strikes:
    """Everything that may go wrong at a site, one at a time. `disk` is the root of a small file system, if there is
    one."""

    site: RunningSite
    ahead: WorkerAhead
    wire: Wire
    disk: Path | None
    database_url: str | None
    chance: random.Random
    hits: Counter[str] = field(default_factory=Counter)
    """How often each kind of strike hit something."""

    def all(self) -> list[Callable[[], bool]]:
        """Every kind of strike that can be made here."""
        possible = [self.kill_web, self.kill_jobs, self.kill_worker, self.kill_ahead, self.hold_database, self.cut_wire]
        if self.disk is not None:
            possible.append(self.fill_disk)
        if self.database_url is not None:
            possible.append(self.break_connections)
        return possible

    def make(self, rounds: int) -> None:
        """Make all kinds of strikes, so often each, in no order, with pauses between them."""
        deck = self.all() * rounds
        self.chance.shuffle(deck)
        for strike in deck:
            time.sleep(self.chance.uniform(0.2, 1.8))
            hit = strike()
            self.hits[strike.__name__] += hit
            print(strike.__name__, "hit" if hit else "missed")

    def kill_web(self) -> bool:
        return self._kill("podium.server.front")

    def kill_jobs(self) -> bool:
        return self._kill("podium.server.duties")

    def kill_worker(self) -> bool:
        return self._kill("podium.worker")

    def kill_ahead(self) -> bool:
        self.ahead.kill()
        return True

    def _kill(self, module: str) -> bool:
        running = self.site.processes(module)
        if not running:
            # It was killed a moment ago, and is being started again.
            return False
        with suppress(psutil.NoSuchProcess):
            self.chance.choice(running).kill()
        return True

    def fill_disk(self) -> bool:
        assert self.disk is not None
        filler = self.disk / "filler"
        full = False
        # Others write meanwhile: what is left by then goes page by page.
        try:
            with filler.open("wb", buffering=0) as file:
                os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(self.disk).free - _LEFT_BYTES)
                file.seek(0, os.SEEK_END)
                while file.write(bytes(_PAGE_BYTES)):
                    pass
        except OSError as error:
            full = error.errno == errno.ENOSPC
        time.sleep(self.chance.uniform(0.5, 2.0))
        filler.unlink()
        return full

    def hold_database(self) -> bool:
        held_s = self.chance.uniform(1.0, 4.0)
        if self.database_url is not None:
            # One table at a time: two, held in another order than the site's, would be a deadlock of the test's making.
            table = self.chance.choice(("jobs_job", "history_chain"))
            with psycopg.connect(self.database_url) as database:
                database.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
                time.sleep(held_s)
            return True
        with closing(sqlite3.connect(self.site.data / "podium.sqlite3", timeout=30, isolation_level=None)) as database:
            database.execute("BEGIN IMMEDIATE")
            time.sleep(held_s)
            database.execute("ROLLBACK")
        return True

    def break_connections(self) -> bool:
        assert self.database_url is not None
        with psycopg.connect(self.database_url) as database:
            database.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
        return True

    def cut_wire(self) -> bool:
        self.wire.cut()
        time.sleep(self.chance.uniform(0.5, 3.0))
        self.wire.mend()
        return True
