"""Programs that leave something behind: in the output, or alive."""

from __future__ import annotations

import os
import stat
import time
from dataclasses import replace
from pathlib import Path

import pytest
from tests.attacks.attacked import Slot
from tests.sandboxed import SMALL, Seen

from podium.sandbox.interface import Ending, Mount

pytestmark = pytest.mark.sandbox


def plain_files(seen: Seen) -> dict[str, str]:
    """What was collected, all of which must be plain files with plain rights and one name."""
    found = {}
    for path in seen.folder.rglob("*"):
        facts = path.lstat()
        if path.is_dir() and not path.is_symlink():
            assert stat.S_IMODE(facts.st_mode) == 0o700
            continue
        assert stat.S_ISREG(facts.st_mode), path
        assert (stat.S_IMODE(facts.st_mode), facts.st_nlink, os.listxattr(path)) == (0o600, 1, []), path
        found[str(path.relative_to(seen.folder))] = path.read_text(errors="replace")
    assert sorted(found) == sorted(seen.outcome.collected)
    return found


def told(seen: Seen) -> str:
    """Why the rest was left behind: one line for each, none of which steers a terminal."""
    assert all(line.isprintable() for line in seen.outcome.refused)
    return "\n".join(seen.outcome.refused)


def test_a_daemon(any_slot: Slot) -> None:
    seen = any_slot.attack("daemon")
    assert seen.lines == ["left it behind"]
    assert seen.outcome.ending is Ending.EXITED


def test_a_daemon_that_swaps_files_while_they_are_read(slot: Slot) -> None:
    begun = time.monotonic()
    seen = slot.attack("daemon_that_writes")
    assert seen.lines == ["left it behind"]
    # What `swapped` was when all was dead is chance; never is it what the link named.
    found = plain_files(seen)
    assert set(found) <= {"count", "swapped"}
    assert found.get("swapped", "a file") in {"a file", ""}
    assert time.monotonic() - begun < 15


def test_links(slot: Slot, tmp_path: Path) -> None:
    seen = slot.attack("links_in_the_output")
    assert plain_files(seen) == {"in/good": "good"}
    assert told(seen).count("it is a symbolic link") == 10


def test_second_names(slot: Slot) -> None:
    data = slot.bench.folder("data")
    (data / "truth").write_text("kept")
    slot.bench.own(data)
    seen = slot.attack("hard_links_in_the_output", mounts=[Mount(data, "/app/input")])
    assert seen.lines == []
    assert plain_files(seen) == {"good": "good"}
    assert told(seen).count("second name") == 2
    assert (data / "truth").stat().st_nlink == 1


def test_pipes_sockets_and_closed_folders(slot: Slot) -> None:
    begun = time.monotonic()
    seen = slot.attack("things_that_are_no_files")
    assert set(plain_files(seen)) <= {"good", "closed/inside"}
    assert told(seen).count("it is a pipe") == 3
    assert time.monotonic() - begun < 15


def test_names(any_slot: Slot) -> None:
    seen = any_slot.attack("deceiving_names")
    assert plain_files(seen) == {"good.txt": "good", "in/side/fine": "fine"}
    reasons = told(seen)
    for reason in (
        "dash, a dot or a space",
        "backslash or a colon",
        "control characters",
        "not valid UTF-8",
        "longer than 120",
        "deeper than 8",
    ):
        assert reason in reasons


def test_folders_that_lie_deep(slot: Slot) -> None:
    seen = slot.attack("deep_folders", replace(SMALL, output_entries=3000))
    assert seen.lines[0] == "/app/output 2499"
    assert seen.outcome.ending is Ending.EXITED
    assert plain_files(seen) == {"good": "good"}
    assert len(told(seen)) < 1000


def test_programs_with_rights(slot: Slot) -> None:
    seen = slot.attack("rights_in_the_output")
    assert set(plain_files(seen)) == {"sh", "sticky/x"}
    assert (seen.folder / "sh").stat().st_mtime > 0


def test_core_dumps(slot: Slot) -> None:
    seen = slot.attack("core_dump")
    assert seen.lines == ["no core []"]
    assert plain_files(seen) == {}


def test_a_failure_that_looks_like_ours(slot: Slot) -> None:
    seen = slot.attack("false_start")
    assert (seen.outcome.ending, seen.outcome.exit_code) == (Ending.EXITED, 1)
    assert seen.stderr == b"bwrap: execvp x: No such file\n"
