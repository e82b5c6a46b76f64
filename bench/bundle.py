"""How long a bundle takes: `podium lint` of a long competition.yaml and the parts of it, and imports on a site.

Makes a bundle with a competition.yaml of at least `--kilobytes` and measures the reading alone, all checks, and the
whole command with the start of its interpreter, by the clock and in time of the processor (which other work on the
machine does not lengthen); the median of `--runs`. Then it starts a site, imports a small bundle `--imports` times,
each from the first request to the competition, and one of `--megabytes`, whose progress it watches beside the memory of
every process of the site. The small bundle is `--bundle`, or else an example of ours.

    python bench/bundle.py [--kilobytes N] [--runs N] [--imports N] [--megabytes N] [--bundle ZIP] [--json]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

from importing import imports
from podium.blobs.archives import open_source
from podium.cli.local.lint import lint_path
from podium.cli.local.templates import write_bundle
from podium.rules.bundle import read_bundle

SOLUTION = """\
  - index: {index}
    tasks: [0]
    name: Solution number {index}
    description: Some words about what it does, about as many as organizers write
    path: solutions/every_second
"""


def main() -> None:
    options = arguments()
    with tempfile.TemporaryDirectory(prefix="podium-bench-") as folder:
        bundle = Path(folder, "bundle")
        size = make_bundle(bundle, options.kilobytes * 1000)
        command = [sys.executable, "-m", "podium.cli.main", "lint", str(bundle)]
        measured = {
            "reading_s": median(lambda: read(bundle), options.runs),
            "all_checks_s": median(lambda: require_good(bundle), options.runs),
            "command_s": median(lambda: subprocess.run(command, check=True, capture_output=True), options.runs),
            "command_cpu_s": median(
                lambda: subprocess.run(command, check=True, capture_output=True), options.runs, processor_of_children
            ),
        }
        measured |= imports(Path(folder), options.bundle, options.imports, options.megabytes)
    facts = {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "yaml_bytes": size,
        "runs": options.runs,
    }
    if options.json:
        print(json.dumps({**facts, **measured}, indent=2))
        return
    print(f"{facts['machine']}; competition.yaml of {size:,} bytes, median of {options.runs}")
    for name, value in measured.items():
        print(f"{name:<28}{shown(name, value)}")


def shown(name: str, value: object) -> str:
    """A figure with the unit that its name ends in."""
    if name.endswith("_s"):
        return f"{value:10.3f} s"
    return f"{value / 1e6:10.1f} MB" if name.endswith("_bytes") else f"{value!s:>10}"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kilobytes", type=int, default=100, help="size of competition.yaml (100)")
    parser.add_argument("--runs", type=int, default=5, help="how often each part is measured (5)")
    parser.add_argument("--imports", type=int, default=20, help="how often the small bundle is imported (20)")
    parser.add_argument("--megabytes", type=int, default=1000, help="size of the large bundle (1000)")
    parser.add_argument("--bundle", type=Path, help="the small bundle, a zip; without it the example hello")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser.parse_args()


def make_bundle(folder: Path, size_bytes: int) -> int:
    """A working bundle with so many solutions that its competition.yaml is long enough; returns its size in bytes."""
    write_bundle(folder, "results", "Bench", date(2026, 1, 1))
    file = folder / "competition.yaml"
    before, heading, after = file.read_text(encoding="utf-8").partition("phases:\n")
    solutions: list[str] = []
    while len(before) + len(after) + sum(map(len, solutions)) < size_bytes:
        solutions.append(SOLUTION.format(index=len(solutions) + 1))
    file.write_text(before + "".join(solutions) + "\n" + heading + after, encoding="utf-8")
    return file.stat().st_size


def read(bundle: Path) -> None:
    with open_source(bundle) as source:
        read_bundle(source).require()


def require_good(bundle: Path) -> None:
    if lint_path(bundle).problems:
        message = "the bundle of the benchmark has problems"
        raise AssertionError(message)


def median(work: Callable[[], object], runs: int, clock: Callable[[], float] = time.perf_counter) -> float:
    """The median of what `work` takes by that clock, in seconds."""
    times = []
    for _ in range(runs):
        started = clock()
        work()
        times.append(clock() - started)
    return statistics.median(times)


def processor_of_children() -> float:
    """The processor time of all processes that this one has started and waited for, in seconds."""
    used = os.times()
    return used.children_user + used.children_system


if __name__ == "__main__":
    main()
