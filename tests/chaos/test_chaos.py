"""Two hundred submissions, while processes are killed, the disk is full, the database is held, the network is cut, and
the clock of a worker is wrong."""

from __future__ import annotations

import json
import os
import random
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.chaos.aftermath import check_books, check_nothing_is_left, check_quotas
from tests.chaos.network import Wire
from tests.chaos.strikes import Strikes, WorkerAhead
from tests.chaos.workload import KINDS, Sender, Sent, planned, write_bundle
from tests.requirements_on_machine import require, require_program
from tests.running_site import eventually, plain_environment, running_site

from podium.sdk.client import PodiumClient

pytestmark = [pytest.mark.slow, pytest.mark.sandbox, pytest.mark.timeout(900)]

ORGANIZER = "olga"
PEOPLE = ("anna", "ben", "carla", "dora", "emil")
DISK_BYTES = 256 << 20
FLOOR_BYTES = 32 << 20
ROUNDS = 3
SLOTS = "3"
PATIENCE_S = 240.0


@contextmanager
def small_disk(folder: Path) -> Iterator[bool]:
    """A small file system of its own at `folder`, where this process may make one. It is gone at the end, and would not
    go if anything still held a file of it."""
    options = f"size={DISK_BYTES},mode=711"
    command = ["mount", "-t", "tmpfs", "-o", options, "chaos", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, check=False, capture_output=True).returncode != 0:
        yield False
        return
    try:
        yield True
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(frozen=True)
class Place:
    """Where everything is: `disk` is a small file system with all that the site and its workers write, where one can be
    made; `mark` stands in the command of every program."""

    folder: Path
    small: bool
    mark: str
    database_url: str | None
    part: int = 1
    """Which part of the submissions are sent and of the strikes made: a half, for 2."""

    @property
    def disk(self) -> Path:
        return self.folder / "disk"

    @property
    def environment(self) -> dict[str, str]:
        more = {"PODIUM_DATABASE_URL": self.database_url} if self.database_url else {}
        return {"TMPDIR": str(self.disk / "tmp"), "PODIUM_DISK_FLOOR_BYTES": str(FLOOR_BYTES), **more}

    @property
    def work_folders(self) -> list[Path]:
        return [self.disk / "data/worker/work", self.disk / "ahead/work"]


@dataclass(frozen=True)
class Outcome:
    """What was sent, and what each person has used of the limit of each phase, by the site's word."""

    sent: list[Sent]
    used: dict[tuple[int, str], int]


def endured(place: Place, chance: random.Random) -> Outcome:
    """Run a site through all of it, until everything that was sent has ended and the site was stopped."""
    port = free_port()
    direct = f"http://127.0.0.1:{port}"
    with ExitStack() as stack:
        wire = stack.enter_context(Wire(port))
        options = ("--port", str(port), "--url", f"http://127.0.0.1:{wire.port}", "--slots", SLOTS)
        log = place.folder / "site.log"
        site = stack.enter_context(running_site(place.disk / "data", *options, log=log, environment=place.environment))
        token = site.podium("token", "create", "--worker", "ahead")
        ahead = WorkerAhead(site.url, token, place.disk / "ahead", place.folder / "ahead.log", place.environment)
        stack.callback(ahead.end)
        tokens = tokens_of(place, [ORGANIZER, *PEOPLE])
        competitions = {}
        with PodiumClient(direct, tokens[ORGANIZER]) as organizer:
            for tasks in (1, 2):
                bundle = write_bundle(place.folder, place.mark, tasks=tasks)
                competitions[tasks] = organizer.import_bundle(bundle, publish=True).id
        senders = {
            name: stack.enter_context(
                Sender(direct, tokens[name], competitions, place.folder, place.mark, chance.getrandbits(32))
            )
            for name in PEOPLE
        }
        plans = planned(chance, PEOPLE, place.part)
        with ThreadPoolExecutor(len(senders)) as pool:
            sending = [pool.submit(sender.send_all, plans[name]) for name, sender in senders.items()]
            strikes = Strikes(site, ahead, wire, place.disk if place.small else None, place.database_url, chance)
            strikes.make(-(-ROUNDS // place.part))
            for each in sending:
                each.result(PATIENCE_S)
        for sender in senders.values():
            eventually(sender.all_ended, "everything has ended", PATIENCE_S)
        used = {(phase, name): count for name, sender in senders.items() for phase, count in sender.used().items()}
        assert {strike.__name__ for strike in strikes.all()} == {name for name, hits in strikes.hits.items() if hits}
        sent = [each for plan in plans.values() for each in plan]
        return Outcome(sent, used)


def tokens_of(place: Place, names: Sequence[str]) -> Mapping[str, str]:
    """The API tokens of new accounts of these names, the first one an administrator's: by name."""
    return asked_of(place, "people.py", *names)


def books_of(place: Place) -> Mapping[str, Any]:
    """What the database of the site says in the end."""
    return asked_of(place, "books.py")


def asked_of(place: Place, script: str, *arguments: str) -> Mapping[str, Any]:
    """What a script of this folder answers, beside the site, with its database."""
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name(script)), *arguments],
        env={**plain_environment(), "PODIUM_DATA": str(place.disk / "data"), **place.environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: Mapping[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_everything_ends_well_whatever_goes_wrong(
    database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    require_program("bwrap", "bubblewrap")
    assert sum(kind.share for kind in KINDS) == 200
    seed = int(os.environ.get("PODIUM_CHAOS_SEED") or random.SystemRandom().getrandbits(32))
    print(f"The same again: PODIUM_CHAOS_SEED={seed}")
    chance = random.Random(seed)
    url = request.getfixturevalue("postgres_url") if database == "postgresql" else None
    (tmp_path / "disk").mkdir()
    with small_disk(tmp_path / "disk") as small:
        require(small, "only root can make a small disk to fill")
        # Two hundred once; what is another database's is seen with half of them, in two rounds of every strike.
        place = Place(tmp_path, small, f"chaos-{seed:x}", url, part=2 if url else 1)
        (place.disk / "tmp").mkdir()
        outcome = endured(place, chance)
        books = books_of(place)
        check_books(books, outcome.sent)
        check_quotas(books, outcome.used)
        check_nothing_is_left(place.disk, place.work_folders, place.mark)
