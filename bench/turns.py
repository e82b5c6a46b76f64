"""Finding whose turn it is, on SQLite and PostgreSQL: 10,000 jobs wait, as many have ended, of 1 to 1,000 people.

Times are milliseconds per look at the line, as a worker that asks for a run costs it; at most 5 are wanted.

    python bench/turns.py [--json] [--database sqlite|postgresql]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

DATABASES = ("sqlite", "postgresql")
PEOPLE = (1, 10, 100, 1000)
JOBS = 10_000
LOOKS = 200
_AT = datetime(2026, 1, 1, tzinfo=UTC)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--json", action="store_true")
    arguments.add_argument("--database", choices=DATABASES, help="only this one")
    arguments.add_argument("--measure-here", type=int, help=argparse.SUPPRESS)
    chosen = arguments.parse_args()
    if chosen.measure_here:
        print(json.dumps(_measured(chosen.measure_here)))
        return
    figures: dict[str, Any] = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "load": os.getloadavg()[0],
    }
    for database in (chosen.database,) if chosen.database else DATABASES:
        figures[database] = {str(people): _on(database, people) for people in PEOPLE}
    print(json.dumps(figures) if chosen.json else "\n".join(_lines(figures)))


def _on(database: str, people: int) -> dict[str, float]:
    """The figures of one database with so many people, in a process of its own."""
    from tests.postgres_server import postgres_server

    with ExitStack() as stack:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PODIUM_")}
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="podium-bench-"))
        environment["PODIUM_DATA"] = str(Path(folder) / "data")
        if database == "postgresql":
            environment["PODIUM_DATABASE_URL"] = stack.enter_context(postgres_server())
        command = [sys.executable, __file__, "--measure-here", str(people)]
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
        found: dict[str, float] = json.loads(done.stdout)
        return found


def _measured(people: int) -> dict[str, float]:
    from podium.server.configuration import configuration, make_data_folder

    make_data_folder(configuration())
    os.environ["DJANGO_SETTINGS_MODULE"] = "podium.server.settings"
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    _fill(people)
    from podium.server.jobs.line import next_in_line

    took, cpu = [], time.process_time()
    for _ in range(LOOKS):
        begun = time.perf_counter()
        if next_in_line(("prediction", "scoring")) is None:
            raise SystemExit("nobody is in line")
        took.append((time.perf_counter() - begun) * 1000)
    cpu_ms = (time.process_time() - cpu) * 1000 / LOOKS
    return {"median_ms": median(took), "p90_ms": sorted(took)[LOOKS * 9 // 10], "own_cpu_ms": cpu_ms}


def _fill(people: int) -> None:
    from django.db import connection

    from podium.server.accounts.models import User
    from podium.server.jobs.models import Job, JobState

    User.objects.bulk_create(User(username=f"p{each}", email=f"p{each}@example.org") for each in range(people))
    ids = list(User.objects.filter(username__startswith="p").order_by("pk").values_list("pk", flat=True))
    for state, taken_at in ((JobState.WAITING, None), (JobState.FINISHED, _AT)):
        jobs = (
            Job(kind="scoring", owner_id=ids[each % people], state=state, created_at=_AT, taken_at=taken_at)
            for each in range(JOBS)
        )
        Job.objects.bulk_create(jobs, batch_size=1000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _lines(figures: dict[str, Any]) -> list[str]:
    lines = [f"{name}: {value}" for name, value in figures.items() if not isinstance(value, dict)]
    lines.append(f"{'database':<12}{'people':>8}{'median ms':>12}{'p90 ms':>10}{'own CPU ms':>12}")
    for database in DATABASES:
        for people, found in figures.get(database, {}).items():
            numbers = f"{found['median_ms']:>12.2f}{found['p90_ms']:>10.2f}{found['own_cpu_ms']:>12.2f}"
            lines.append(f"{database:<12}{people:>8}{numbers}")
    return lines


if __name__ == "__main__":
    main()
