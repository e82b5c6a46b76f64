"""The folder `input/history` of scoring programs, kept between the runs of a participant instead of being made anew.

Hundreds of small files take long to write and longer to remove. A participant's next run needs those of the run before
and one more, so that its tree only grows. While a run uses a tree nobody changes it: another run of the same
participant at the same time has a tree of its own.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from errno import EDQUOT, ENOSPC
from itertools import count
from pathlib import Path
from threading import Lock

from podium.rules.errors import OutOfSpace
from podium.rules.looking_back import PastScores

MOST_FILES = 5_000
"""How many files all trees that nobody uses hold at most."""
_MEMORY = Path("/dev/shm")  # noqa: S108
_ENOUGH_BYTES = 256 << 20


@dataclass(eq=False)
class _Tree:
    """One folder, and what lies in it: the hash of each text by phase and number."""

    folder: Path
    content: dict[tuple[int, int], bytes] = field(default_factory=dict)

    def become(self, wanted: Sequence[PastScores]) -> None:
        """Bring the folder to what is wanted, by as few changes as that takes. Where that fails, the tree is of no use
        any more."""
        texts = {each.place: each.text.encode() for each in wanted}
        hashes = {place: hashlib.sha256(text).digest() for place, text in texts.items()}
        for place in [place for place, known in self.content.items() if hashes.get(place) != known]:
            del self.content[place]
            shutil.rmtree((self.folder / PastScores(*place, text="").path).parent.parent)
        phases = {int(folder.name) for folder in self.folder.iterdir()}
        for place, text in texts.items():
            if place not in self.content:
                self._write(place, text, new_phase=place[0] not in phases)
                phases.add(place[0])
                self.content[place] = hashes[place]

    def _write(self, place: tuple[int, int], text: bytes, *, new_phase: bool) -> None:
        # Not by Path: of hundreds of files, its own work takes longer than the disk's.
        file = f"{self.folder}/{PastScores(*place, text='').path}"
        output = file[: file.rindex("/")]
        submission = output[: output.rindex("/")]
        phase = submission[: submission.rindex("/")]
        for folder in (phase, submission, output) if new_phase else (submission, output):
            os.mkdir(folder)  # noqa: PTH102
            os.chmod(folder, 0o755)  # noqa: PTH101, S103 - whatever the process takes away by itself
        opened = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
        with os.fdopen(opened, "wb", buffering=0) as content:
            os.fchmod(opened, 0o644)
            content.write(text)


class HistoryTrees:
    """All trees of a worker, in `folder`, which is its own; its slots share them."""

    def __init__(self, folder: Path, most_files: int = MOST_FILES) -> None:
        self._folder = folder
        self._most_files = most_files
        self._lock = Lock()
        self._numbers = count()
        self._unused: dict[str, list[_Tree]] = {}

    @contextmanager
    def use(self, whose: str, past: Sequence[PastScores]) -> Iterator[Path]:
        """A folder that holds just this, for reading only, while the context is open. `whose` names what grows: the
        history of one participant on one task.

        Raises:
            OutOfSpace: the disk is full.
        """
        tree = self._take(whose)
        try:
            tree.become(past)
        except BaseException as failure:
            shutil.rmtree(tree.folder, ignore_errors=True)
            if isinstance(failure, OSError) and failure.errno in {ENOSPC, EDQUOT}:
                raise OutOfSpace("disk-full", "The disk of the worker is full.", "Make room on it.") from failure
            raise
        try:
            yield tree.folder
        finally:
            self._give_back(whose, tree)

    def _take(self, whose: str) -> _Tree:
        with self._lock:
            trees = self._unused.get(whose)
            if trees:
                tree = trees.pop()
                if not trees:
                    del self._unused[whose]
                return tree
            number = next(self._numbers)
        folder = self._folder / str(number)
        folder.mkdir(parents=True)
        folder.chmod(0o755)
        return _Tree(folder)

    def _give_back(self, whose: str, tree: _Tree) -> None:
        with self._lock:
            # Made anew, the name goes to the end: in front stands what was used longest ago.
            self._unused[whose] = [*self._unused.pop(whose, []), tree]
            leaving = self._beyond_the_most()
        for each in leaving:
            shutil.rmtree(each.folder, ignore_errors=True)

    def _beyond_the_most(self) -> list[_Tree]:
        files = sum(len(tree.content) for trees in self._unused.values() for tree in trees)
        leaving: list[_Tree] = []
        while files > self._most_files and self._unused:
            for tree in self._unused.pop(next(iter(self._unused))):
                files -= len(tree.content)
                leaving.append(tree)
        return leaving


def place_of_trees(otherwise: Path) -> Path:
    """Where trees are best made: in memory where this machine has enough of it for files, because a disk takes seconds
    for what memory does in milliseconds."""
    if os.access(_MEMORY, os.W_OK | os.X_OK) and shutil.disk_usage(_MEMORY).free >= _ENOUGH_BYTES:
        return _MEMORY
    return otherwise
