"""What a worker's sandbox does on a machine whose control groups are of version 2 alone: run there by
`test_version_2.py`, as root, in a machine of its own. Prints one line of JSON for each program."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

from tests.sandboxed import MEBIBYTE, SMALL, HereBench, Seen

GROUPS = Path("/sys/fs/cgroup")
ATTACKS = Path(__file__).parents[2] / "attacks" / "programs"


def attack(name: str) -> str:
    """The text of a hostile program."""
    return (ATTACKS / f"{name}.py").read_text(encoding="utf-8")


def tell(name: str, seen: Seen) -> None:
    """Print how a program ended, and which of its control groups are left."""
    told = {
        "name": name,
        "ending": seen.outcome.ending.value,
        "exit_code": seen.outcome.exit_code,
        "elapsed_s": seen.outcome.elapsed_s,
        "cpu_s": seen.outcome.cpu_s,
        "memory_peak_bytes": seen.outcome.memory_peak_bytes,
        "printed": seen.lines,
        "groups": [group.name for group in GROUPS.rglob("podium-*") if group.is_dir()],
    }
    print(json.dumps(told), flush=True)


def main() -> None:
    """Run each program with limits that it must feel."""
    work = Path("/run/work")
    work.mkdir(mode=0o711)
    bench = HereBench(work)
    sandbox = bench.sandbox
    print(json.dumps({"name": "worker", "counts": sandbox.counts_in_kernel}), flush=True)  # type: ignore[attr-defined]
    small = replace(SMALL, wall_s=60.0, memory_bytes=48 * MEBIBYTE)
    tell("benign", bench.run("held = bytearray(16 << 20); print('well')", small))
    tell("children", bench.run(attack("memory_hog_of_children"), small))
    tell("processes", bench.run(attack("fork_bomb"), small))
    tell("processors", bench.run("import time\nwhile time.process_time() < 0.6: pass", replace(small, cpus=0.5)))


if __name__ == "__main__":
    sys.exit(main())
