"""How many result submissions a site takes in, scores and ranks in a second, for a minute, with two slots.

A whole site (`podium up`) in an empty folder and one small competition. Another process, whose processor time is
counted for itself, keeps so many submissions waiting that no slot is idle; their files are there already. Also: how
much processor each process of the site used, and how much was left to do when the minute was over.

    python bench/throughput.py [--seconds N] [--slots N] [--people N] [--json]
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import platform
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.synchronize import Event
from pathlib import Path

import httpx
import psutil

from end_to_end import packed, site, write_bundle
from podium.runtimes import ensure
from podium.sdk.client import PodiumClient

WARM_UP_S = 5.0
WAITING = 12
"""Submissions that the generator lets wait: enough that no slot is idle, few enough that nothing is prepared ahead."""

MAKE_PEOPLE = """
import django, sys
django.setup()
from podium.server.accounts.services import create_api_token, create_user
for number in range(int(sys.argv[1])):
    print(create_api_token(create_user(f"person{number}", f"p{number}@example.org", "correct horse battery"), "bench"))
"""


@dataclass(frozen=True)
class Counts:
    """How many submissions are in each state of interest at one moment."""

    sent: int
    ended: int
    scored: int


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--seconds", type=float, default=60.0)
    arguments.add_argument("--slots", type=int, default=2)
    arguments.add_argument("--people", type=int, default=8)
    arguments.add_argument("--json", action="store_true")
    chosen = arguments.parse_args()
    figures = measure(chosen.seconds, chosen.slots, chosen.people)
    print(json.dumps(figures) if chosen.json else table(figures))


def measure(seconds: float, slots: int, people: int) -> dict[str, object]:
    """All figures; times in seconds."""
    ensure("science", lambda line: print(line, file=sys.stderr))
    with tempfile.TemporaryDirectory(prefix="podium-bench-") as name:
        folder = Path(name)
        bundle = write_bundle(folder)
        data = folder / "data"
        with site(data, "--slots", str(slots)) as (url, supervisor, token):
            with PodiumClient(url, token) as client:
                competition = client.import_bundle(bundle, publish=True).id
                phase = client.competition(competition).phases[0].id
            keys = [(token, uploaded(url, token, competition, folder)) for token in tokens_of(data, people)]
            stop = multiprocessing.Event()
            generator = multiprocessing.Process(target=generate, args=(url, phase, keys, data, stop), daemon=True)
            generator.start()
            try:
                return observed(data, seconds, psutil.Process(supervisor), psutil.Process(generator.pid))
            finally:
                stop.set()
                generator.join(10)


def tokens_of(data: Path, people: int) -> list[str]:
    """The tokens of so many new accounts."""
    environment = {**os.environ, "PODIUM_DATA": str(data), "DJANGO_SETTINGS_MODULE": "podium.server.settings"}
    command = [sys.executable, "-c", MAKE_PEOPLE, str(people)]
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout.split()


def uploaded(url: str, token: str, competition: int, folder: Path) -> str:
    """The key of a file that a person, who takes part from now on, has uploaded."""
    source = folder / "submission"
    source.mkdir(exist_ok=True)
    (source / "answer.txt").write_text("a b c x")
    archive = packed(source, folder / "submission.zip")
    with PodiumClient(url, token) as client:
        client.join(competition)
    with httpx.Client(base_url=url, headers={"Authorization": f"Token {token}"}) as http:
        announced = {"type": "submission", "request_sassy_file_name": archive.name, "file_size": archive.stat().st_size}
        made = http.post("/api/datasets/", json=announced).raise_for_status().json()
        http.put(httpx.URL(url).join(made["sassy_url"]), content=archive.read_bytes()).raise_for_status()
        return str(made["key"])


def generate(url: str, phase: int, keys: Sequence[tuple[str, str]], data: Path, stop: Event) -> None:
    """Submit, one person after the other, whenever fewer than `WAITING` submissions have not ended."""
    number = 0
    with httpx.Client(base_url=url, timeout=30) as http, closing(opened(data)) as database:
        while not stop.is_set():
            counts = counted(database)
            if counts.sent - counts.ended >= WAITING:
                time.sleep(0.05)
                continue
            for _ in range(WAITING - (counts.sent - counts.ended)):
                token, key = keys[number % len(keys)]
                number += 1
                headers = {"Authorization": f"Token {token}"}
                http.post("/api/submissions/", json={"phase": phase, "data": key}, headers=headers).raise_for_status()


def observed(data: Path, seconds: float, supervisor: psutil.Process, generator: psutil.Process) -> dict[str, object]:
    """What happens in so many seconds, after a few to warm up."""
    with closing(opened(data)) as database:
        time.sleep(WARM_UP_S)
        began, before, used, driven = time.monotonic(), counted(database), processor_times(supervisor), own(generator)
        longest_wait = 0
        while time.monotonic() - began < seconds:
            time.sleep(0.5)
            now = counted(database)
            longest_wait = max(longest_wait, now.sent - now.ended)
        took = time.monotonic() - began
        after, spent, generated = counted(database), processor_times(supervisor), own(generator)
    done = after.scored - before.scored
    by_process = {name: (spent[name] - used.get(name, 0.0)) / took for name in spent}
    return {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "date": datetime.now(UTC).date().isoformat(),
        "seconds": took,
        "scored_per_s": done / took,
        "sent_per_s": (after.sent - before.sent) / took,
        "failed": (after.ended - after.scored) - (before.ended - before.scored),
        "most_waiting": longest_wait,
        "left": after.sent - after.ended,
        "cores_by_process": by_process,
        "site_ms_per_submission": sum(by_process.values()) * took / max(done, 1) * 1000,
        "cores_of_generator": (generated - driven) / took,
        "load_1_min": os.getloadavg()[0],
    }


def opened(data: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{data / 'podium.sqlite3'}?mode=ro", uri=True, timeout=30)


def counted(database: sqlite3.Connection) -> Counts:
    """What has finished stands on the board as well: both are written in one transaction."""
    states = Counter(dict(database.execute("SELECT status, COUNT(*) FROM submissions_submission GROUP BY status")))
    ended = states["Finished"] + states["Failed"] + states["Cancelled"]
    return Counts(states.total(), ended, states["Finished"])


def processor_times(supervisor: psutil.Process) -> Counter[str]:
    """Seconds of the processor by kind of process, ended children included."""
    found: Counter[str] = Counter()
    for process in [supervisor, *supervisor.children(recursive=True)]:
        try:
            found[kind(process)] += own(process)
        except psutil.NoSuchProcess:
            continue
    return found


def kind(process: psutil.Process) -> str:
    command = " ".join(process.cmdline())
    names = {"server.front": "web", "server.duties": "jobs", "podium.worker": "worker", "keeper": "keeper and programs"}
    return next((name for part, name in names.items() if part in command), "supervisor")


def own(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system + times.children_user + times.children_system


def table(figures: dict[str, object]) -> str:
    shares = figures["cores_by_process"]
    assert isinstance(shares, dict)
    rows = [
        f"{figures['machine']}, {figures['date']}, {figures['seconds']:.0f} s, load {figures['load_1_min']:.1f}",
        f"scored and ranked      {figures['scored_per_s']:6.2f} a second ({figures['failed']} failed)",
        f"taken in               {figures['sent_per_s']:6.2f} a second",
        f"waiting                {figures['most_waiting']:6} at most, {figures['left']} at the end",
        f"the site per submission{figures['site_ms_per_submission']:6.1f} ms of processor",
        *(f"  {name:20} {share:6.2f} cores" for name, share in sorted(shares.items())),
        f"the generator          {figures['cores_of_generator']:6.2f} cores",
    ]
    return "\n".join(rows)


if __name__ == "__main__":
    main()
