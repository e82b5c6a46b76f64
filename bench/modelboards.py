"""Model boards: how long scoring takes and how much memory, and what the server needs for its answers.

Scoring, each figure in a process of its own: from files in memory to totals, intervals of all metrics, tables and the
kept form. Those of a `whole process` are taken as a site has it done, with the start of the process, its imports, and
the files that it writes: what is kept, and all items for the browser. `cpu_seconds_total` is what it would be on a
machine that does nothing else; `memory_mb` is the largest resident size.

The server: milliseconds of the processor for the median request, through the middleware and the database, and seconds
that pass from the moment at which predictions are sent until their rank is there, with the jobs process beside.

`load` is that of the machine before and after: on a machine that is busy even seconds of the processor come out up to
twice as long, so only figures taken at a load below 1 tell anything.

    python bench/modelboards.py [--json]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
_SERVER = "the server"
sys.path.insert(0, str(ROOT))


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--json", action="store_true")
    arguments.add_argument("--measure-here", help=argparse.SUPPRESS)
    chosen = arguments.parse_args()
    from bench import board_of_models
    from bench.scoring_figures import FIGURES, measured

    if chosen.measure_here:
        found = board_of_models.measured() if chosen.measure_here == _SERVER else measured(chosen.measure_here)
        print(json.dumps(found))
        return
    figures: dict[str, Any] = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "load": [round(os.getloadavg()[0], 2)],
        "scoring": {name: _in_a_process(name) for name in FIGURES},
        "server": _in_a_process(_SERVER),
    }
    figures["load"].append(round(os.getloadavg()[0], 2))
    print(json.dumps(figures) if chosen.json else "\n".join(_lines(figures)))


def _in_a_process(name: str) -> dict[str, Any]:
    done = subprocess.run([sys.executable, __file__, "--measure-here", name], stdout=subprocess.PIPE, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _lines(figures: dict[str, Any]) -> list[str]:
    lines = [f"{figures['machine']}, {figures['at']}, load {' to '.join(map(str, figures['load']))}", ""]
    lines.append(f"{'':32}{'seconds':>9}{'of CPU':>9}{'limit':>8}{'MB':>7}{'limit':>8}")
    for name, found in figures["scoring"].items():
        limits = found["limits"]
        lines.append(
            f"{name:32}{found['seconds_total']:9.2f}{found['cpu_seconds_total']:9.2f}{limits['seconds']:8}"
            f"{found['memory_mb']:7}{limits.get('memory_mb', ''):8}"
        )
        lines += [f"  {what:30}{value:9.2f}" for what, value in found["seconds"].items()]
    server = figures["server"]
    lines += ["", f"{'':32}{'ms of CPU':>9}{'limit':>8}"]
    lines += [f"{what:32}{ms:9.2f}{server['limits'][what]:8}" for what, ms in server["milliseconds"].items()]
    lines += [f"{what:32}{seconds:9.2f} s" for what, seconds in server["seconds"].items()]
    return lines


if __name__ == "__main__":
    main()
