"""How much longer a program takes to start in the sandbox than bare: `python bench/sandbox_start.py [--json]`."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from threading import Event
from time import perf_counter

from podium.sandbox.bubblewrap import BubblewrapSandbox
from podium.sandbox.interface import Command, Limits
from podium.sandbox.interpreter import interpreter, interpreter_root

RUNS = 30
ARGV = (interpreter(), "-I", "-S", "-c", "pass")


def bare() -> float:
    begun = perf_counter()
    subprocess.run(ARGV, check=True)
    return perf_counter() - begun


def isolated(sandbox: BubblewrapSandbox, work: Path) -> float:
    into = Path(tempfile.mkdtemp(dir=work))
    command = Command(ARGV, "/tmp", interpreter_root(), (), Limits())
    begun = perf_counter()
    outcome = sandbox.run(command, collect_into=into, log=lambda *_: None, cancel=Event())
    took = perf_counter() - begun
    assert outcome.exit_code == 0
    return took


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        sandbox = BubblewrapSandbox(90, Path(folder))
        isolated(sandbox, Path(folder))
        # One after the other, so that whatever else the machine does hits both alike.
        pairs = [(bare(), isolated(sandbox, Path(folder))) for _ in range(RUNS)]
    bare_s = statistics.median(pair[0] for pair in pairs)
    isolated_s = statistics.median(pair[1] for pair in pairs)
    found = {
        "n": RUNS,
        "bare_median_s": bare_s,
        "sandbox_median_s": isolated_s,
        "overhead_median_s": isolated_s - bare_s,
    }
    if "--json" in sys.argv:
        print(json.dumps(found))
    else:
        print(f"{RUNS} starts, median: bare {bare_s * 1000:.1f} ms, in the sandbox {isolated_s * 1000:.1f} ms")


if __name__ == "__main__":
    main()
