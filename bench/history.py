"""What keeping, showing and proving the history costs, on SQLite: a table of measurements, each with its limit.

    python bench/history.py [--json] [--only NAME]

Each measurement is a function of its own, that has the site of a temporary folder to itself and gives figures by name.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))


@dataclass(frozen=True)
class Measurement:
    """One measurement: where its function is, and at most how much of each of its figures is wanted."""

    about: str
    place: str
    limits: Mapping[str, float]

    def run(self) -> dict[str, float]:
        """The figures. Django is set up, and the database empty."""
        module, name = self.place.split(":")
        measure: Callable[[], dict[str, float]] = getattr(import_module(module), name)
        return measure()


MEASUREMENTS: Mapping[str, Measurement] = {
    "earlier-submissions": Measurement(
        "A scoring run of a participant with 500 earlier submissions",
        "bench.history_earlier:five_hundred_earlier",
        dict.fromkeys(("run_costs_ms", "run_costs_cpu_ms", "first_run_costs_ms", "first_run_costs_cpu_ms"), 50.0),
    ),
    "chain": Measurement(
        "A chain of 1,000,000 events: one more, and all of them proved",
        "bench.history_chain:a_million_events",
        {
            "append_ms": 1.0,
            "append_cpu_ms": 1.0,
            "append_median_ms": 1.0,
            "verify_s": 20.0,
            "verify_cpu_s": 20.0,
            "verify_export_s": 20.0,
            "page_by_kind_ms": 100.0,
            "page_by_actor_ms": 100.0,
            "page_by_submissions_ms": 100.0,
            "page_by_everything_ms": 100.0,
        },
    ),
    "then": Measurement(
        "A page of a board of 10,000 entries as it was, 999 events after the last snapshot",
        "bench.history_then:ten_thousand_then",
        dict.fromkeys(("address_ms", "address_cpu_ms", "first_page_ms", "last_page_ms"), 100.0),
    ),
    "rescore": Measurement(
        "A rescore of 1,000 result submissions on a site with two slots, its board read meanwhile",
        "bench.history_rescore:a_thousand_again",
        {"scored_s": 100.0, "applied_s": 5.0, "read_longest_ms": 1000.0},
    ),
}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--json", action="store_true")
    arguments.add_argument("--only", choices=MEASUREMENTS, help="only this one")
    arguments.add_argument("--measure-here", choices=MEASUREMENTS, help=argparse.SUPPRESS)
    chosen = arguments.parse_args()
    if chosen.measure_here:
        print(json.dumps(_measured(chosen.measure_here)))
        return
    figures: dict[str, Any] = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "load": os.getloadavg()[0],
    }
    for name in [chosen.only] if chosen.only else MEASUREMENTS:
        figures[name] = _in_a_process_of_its_own(name)
    print(json.dumps(figures) if chosen.json else "\n".join(_lines(figures)))


def _in_a_process_of_its_own(name: str) -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="podium-bench-") as folder:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PODIUM_")}
        environment["PODIUM_DATA"] = str(Path(folder) / "data")
        command = [sys.executable, __file__, "--measure-here", name]
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
        found: dict[str, float] = json.loads(done.stdout)
        return found


def _measured(name: str) -> dict[str, float]:
    from podium.server.configuration import configuration, make_data_folder

    make_data_folder(configuration())
    os.environ["DJANGO_SETTINGS_MODULE"] = "podium.server.settings"
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    return MEASUREMENTS[name].run()


def _lines(figures: Mapping[str, Any]) -> list[str]:
    lines = [f"{name}: {value}" for name, value in figures.items() if not isinstance(value, dict)]
    for name, found in figures.items():
        if isinstance(found, dict):
            measurement = MEASUREMENTS[name]
            lines.append(f"{measurement.about}:")
            for key, value in found.items():
                limit = measurement.limits.get(key)
                lines.append(f"  {key}: {value:,.2f}{f' (at most {limit:g})' if limit is not None else ''}")
    return lines


if __name__ == "__main__":
    main()
