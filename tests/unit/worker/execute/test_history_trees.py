"""The folders of earlier scores that a worker keeps between runs."""

from __future__ import annotations

import os
from errno import ENOSPC
from pathlib import Path

import pytest

from podium.rules.errors import OutOfSpace
from podium.rules.looking_back import PastScores, past_scores
from podium.worker.execute.history_trees import HistoryTrees


def past(count: int, phase: int = 0) -> list[PastScores]:
    return [past_scores(phase, number, {"correct": number}) for number in range(1, count + 1)]


def content(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_a_tree_holds_what_is_wanted_and_grows_where_it_is(tmp_path: Path) -> None:
    trees = HistoryTrees(tmp_path / "trees")
    with trees.use("a", past(2)) as first:
        assert content(first) == {
            "000/001/output/scores.txt": "correct:1.0\n",
            "000/002/output/scores.txt": "correct:2.0\n",
        }
        old = (first / "000/001/output/scores.txt").stat()
    with trees.use("a", [*past(3), *past(1, phase=1)]) as second:
        assert second == first
        assert sorted(content(second)) == [
            "000/001/output/scores.txt",
            "000/002/output/scores.txt",
            "000/003/output/scores.txt",
            "001/001/output/scores.txt",
        ]
        new = (second / "000/001/output/scores.txt").stat()
        assert (old.st_ino, old.st_mtime_ns) == (new.st_ino, new.st_mtime_ns)


def test_what_was_corrected_or_deleted_changes_in_it(tmp_path: Path) -> None:
    trees = HistoryTrees(tmp_path / "trees")
    with trees.use("a", past(3)):
        pass
    with trees.use("a", [past_scores(0, 1, {"correct": 9}), past(3)[2]]) as folder:
        assert content(folder) == {
            "000/001/output/scores.txt": "correct:9.0\n",
            "000/003/output/scores.txt": "correct:3.0\n",
        }
        assert sorted(path.name for path in (folder / "000").iterdir()) == ["001", "003"]
    with trees.use("a", []) as folder:
        assert content(folder) == {}


def test_two_runs_at_once_have_a_tree_each_and_nobody_sees_anothers(tmp_path: Path) -> None:
    trees = HistoryTrees(tmp_path / "trees")
    with trees.use("a", past(1)) as one, trees.use("a", past(2)) as two, trees.use("b", []) as other:
        assert len({one, two, other}) == 3
        assert len(content(one)) == 1
        assert content(other) == {}
    with trees.use("b", past(1)) as again:
        assert again == other


def test_every_user_can_read_it_whatever_the_process_takes_away(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        with HistoryTrees(tmp_path / "trees").use("a", past(1)) as folder:
            modes = {path.name: path.stat().st_mode & 0o777 for path in (folder, *folder.rglob("*"))}
    finally:
        os.umask(before)
    assert modes.pop("scores.txt") == 0o644
    assert set(modes.values()) == {0o755}


def test_trees_that_were_used_longest_ago_are_removed(tmp_path: Path) -> None:
    trees = HistoryTrees(tmp_path / "trees", most_files=5)
    for whose in ("a", "b", "a", "c"):
        with trees.use(whose, past(2)):
            pass
    # Six files are one too many, and "b" was used before "a".
    assert len(list((tmp_path / "trees").iterdir())) == 2
    with trees.use("a", past(2)) as kept:
        assert (kept / "000/002/output/scores.txt").is_file()


def test_a_full_disk_is_told_and_leaves_no_half_tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trees = HistoryTrees(tmp_path / "trees")

    def full(*_: object) -> None:
        raise OSError(ENOSPC, "full")

    with monkeypatch.context() as broken:
        broken.setattr(os, "fchmod", full)
        with pytest.raises(OutOfSpace), trees.use("a", past(2)):
            pass
    with trees.use("a", past(2)) as folder:
        assert len(content(folder)) == 2
