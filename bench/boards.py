"""Boards side by side, from a hundred entries to a million, on SQLite and PostgreSQL.

Each database lies in a temporary folder, with one competition for each length of its board (4 columns), and two web
processes that serve it. Times are medians in milliseconds; `page_cpu_ms` is time of the processor in this process for
a page of 100 as JSON that nothing is kept of; `rank_ms` and `recording_ms` are the time that passes, the commit
included.

    python bench/boards.py [--json] [--max-entries N] [--database sqlite|postgresql]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

DATABASES = ("sqlite", "postgresql")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--json", action="store_true")
    arguments.add_argument("--max-entries", type=int, default=1_000_000)
    arguments.add_argument("--database", choices=DATABASES, help="only this one")
    arguments.add_argument("--measure-here", action="store_true", help=argparse.SUPPRESS)
    arguments.add_argument("--csv-of", nargs=2, type=int, metavar=("PHASE", "BOARD"), help=argparse.SUPPRESS)
    chosen = arguments.parse_args()
    if chosen.csv_of:
        print(json.dumps(_csv(*chosen.csv_of)))
        return
    if chosen.measure_here:
        print(json.dumps(_measured(chosen.max_entries)))
        return
    figures: dict[str, Any] = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}",
    }
    for database in (chosen.database,) if chosen.database else DATABASES:
        figures[database] = _on(database, chosen.max_entries)
    print(json.dumps(figures) if chosen.json else "\n".join(_lines(figures)))


def lengths(most: int) -> list[int]:
    """100, 1,000 and so on, as far as allowed."""
    return [size for size in (10**power for power in range(2, 7)) if size <= most]


def _on(database: str, most: int) -> dict[str, Any]:
    """The figures of one database, measured in a process of its own."""
    from tests.postgres_server import postgres_server

    with ExitStack() as stack:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PODIUM_")}
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="podium-bench-"))
        environment["PODIUM_DATA"] = str(Path(folder) / "data")
        if database == "postgresql":
            try:
                environment["PODIUM_DATABASE_URL"] = stack.enter_context(postgres_server())
            except RuntimeError as error:
                return {"skipped": str(error)}
        command = [sys.executable, __file__, "--measure-here", "--max-entries", str(most)]
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
        found: dict[str, Any] = json.loads(done.stdout)
        return found


def _csv(phase: int, board: int) -> dict[str, float]:
    _set_up()
    from bench.board_figures import csv_figures

    return csv_figures(phase, board)


def _set_up() -> None:
    from podium.server.configuration import configuration, make_data_folder

    make_data_folder(configuration())
    os.environ["DJANGO_SETTINGS_MODULE"] = "podium.server.settings"
    import django

    django.setup()


def _measured(most: int) -> dict[str, Any]:
    _set_up()
    from bench.board_figures import measured
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    return measured(lengths(most))


def _lines(figures: dict[str, Any], indent: str = "") -> list[str]:
    lines = []
    for name, value in figures.items():
        if isinstance(value, dict) and any(isinstance(inner, dict) for inner in value.values()):
            lines += [f"{indent}{name}:", *_lines(value, f"{indent}  ")]
        else:
            lines.append(f"{indent}{name}: {value}")
    return lines


if __name__ == "__main__":
    main()
