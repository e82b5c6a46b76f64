"""Temporary folders, of processes that live and of those that were killed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from podium.sandbox.temporary import own_folder, remove_left_behind, temporary_folder

KILLED = """
import os, signal, sys
from pathlib import Path
from podium.sandbox.temporary import temporary_folder
with temporary_folder("run-", Path(sys.argv[1])) as folder:
    (folder / "half").mkdir()
    (folder / "half/written").write_text("x")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_folder_is_gone_with_its_content_at_the_end(tmp_path: Path) -> None:
    with temporary_folder("run-", tmp_path) as folder:
        assert folder.parent == tmp_path
        assert folder.name.startswith("run-")
        assert folder.stat().st_mode & 0o777 == 0o700
        (folder / "file").write_text("x")
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_is_removed_and_nothing_else(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False)
    (other,) = tmp_path.iterdir()
    (tmp_path / "somebody-else").mkdir()
    (tmp_path / "run-file").write_text("no folder")
    outside = tmp_path / "outside"
    outside.mkdir()
    (tmp_path / "run-link").symlink_to(outside)

    with temporary_folder("run-", tmp_path) as alive:
        assert remove_left_behind("run-", tmp_path) == 1

        assert not other.exists()
        assert alive.is_dir()
        assert {path.name for path in tmp_path.iterdir()} == {
            alive.name,
            "somebody-else",
            "run-file",
            "outside",
            "run-link",
        }


def test_two_processes_never_have_the_same_lasting_folder(tmp_path: Path) -> None:
    within = tmp_path / "worker"
    with own_folder("work", within) as first:
        assert first == within / "work"
        with own_folder("work", within) as second:
            assert second == within / "work-2"
    # What was free again is taken first, with all that a killed process left in it.
    (first / "left").write_text("x")
    with own_folder("work", within) as again:
        assert again == first
        assert (again / "left").read_text() == "x"


def test_an_error_inside_is_raised_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(BlockingIOError), own_folder("work", tmp_path):
        raise BlockingIOError
