"""Trees that are removed whatever was done to them."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from tests.requirements_on_machine import require

from podium.sandbox.removal import remove_tree

DEPTH = 3000
"""Deeper than Python recurses, than a path is long, and than files may be open."""


def nested(folder: Path, depth: int) -> None:
    """Folders within folders, with a file in each."""
    here = os.open(folder, os.O_RDONLY)
    for _ in range(depth):
        os.close(os.open("file", os.O_CREAT | os.O_WRONLY, dir_fd=here))
        os.mkdir("folder", dir_fd=here)
        inner = os.open("folder", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(here)


def test_folders_that_lie_deep(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    for name in ("0", "1", "2/3"):
        (tree / name).mkdir(parents=True)
    nested(tree / "1", DEPTH)
    remove_tree(tree)
    assert list(tmp_path.iterdir()) == []


def test_what_links_name_stays(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept/file").write_text("kept")
    tree = tmp_path / "tree"
    (tree / "inner").mkdir(parents=True)
    (tree / "link").symlink_to(tmp_path / "kept")
    (tree / "inner/link").symlink_to(tmp_path / "kept/file")
    (tree / "loop").symlink_to(tree)
    os.mkfifo(tree / "pipe")
    remove_tree(tree)
    assert (tmp_path / "kept/file").read_text() == "kept"
    assert not tree.exists()
    (tmp_path / "link").symlink_to(tmp_path / "kept")
    remove_tree(tmp_path / "link")
    remove_tree(tmp_path / "nothing")
    assert (tmp_path / "kept/file").read_text() == "kept"


def test_folders_that_their_owner_has_closed() -> None:
    require(os.geteuid() == 0, "only root can be another user for a while")
    with tempfile.TemporaryDirectory(prefix="podium-closed-") as folder:
        Path(folder).chmod(0o777)
        child = os.fork()
        if child == 0:
            # An ordinary user, whom closed folders stop.
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
            os._exit(_close_and_remove(Path(folder, "tree")))
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert list(Path(folder).iterdir()) == []


def _close_and_remove(tree: Path) -> int:
    (tree / "a/b/c").mkdir(parents=True)
    (tree / "a/b/file").write_text("x")
    for path in (tree / "a/b/c", tree / "a/b", tree / "a"):
        path.chmod(0)
    remove_tree(tree)
    return int(tree.exists())
