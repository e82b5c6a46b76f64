"""The estimate of memory where the kernel keeps no count."""

from __future__ import annotations

import os
from pathlib import Path

from podium.sandbox.memory import descendants, memory_of_descendants


def process(proc: Path, pid: int, children: list[int], rollup: str = "", resident_pages: int = 0) -> None:
    thread = proc / str(pid) / "task" / str(pid)
    thread.mkdir(parents=True)
    (thread / "children").write_text("".join(f"{child} " for child in children))
    (proc / str(pid) / "statm").write_text(f"900 {resident_pages} 5 1 0 9 0\n")
    if rollup:
        (proc / str(pid) / "smaps_rollup").write_text(rollup)


def test_all_that_descends_is_counted_and_the_process_itself_is_not(tmp_path: Path) -> None:
    process(tmp_path, 1, [2, 3], "Pss: 1000 kB\n")
    process(tmp_path, 2, [4], "7ff0-7ff1 ---p 0 00:00 0 [rollup]\nRss: 99 kB\nPss: 10 kB\n")
    process(tmp_path, 3, [], "Pss: 20 kB\n")
    process(tmp_path, 4, [], "Pss: 30 kB\n")
    assert sorted(descendants(1, tmp_path)) == [2, 3, 4]
    assert memory_of_descendants(1, tmp_path) == 60 * 1024


def test_resident_pages_count_where_shares_are_not_told(tmp_path: Path) -> None:
    process(tmp_path, 1, [2])
    process(tmp_path, 2, [], resident_pages=7)
    assert memory_of_descendants(1, tmp_path) == 7 * os.sysconf("SC_PAGE_SIZE")


def test_a_process_that_ended_meanwhile_holds_nothing(tmp_path: Path) -> None:
    process(tmp_path, 1, [2])
    assert memory_of_descendants(1, tmp_path) == 0
