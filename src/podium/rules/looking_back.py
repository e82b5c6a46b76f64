"""What a scoring program may know of the same participant's earlier submissions, and how that is written down for it.

It finds the scores of each below `input/history`, and in `input/metadata` which submission it is scoring.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

from podium.rules.history import HISTORY_FOLDER, scores_path
from podium.rules.scores import scores_txt

LARGEST_BYTES = 16 << 20
"""How much a program is shown at most, of all earlier scores together."""


MOST_SUBMISSIONS = 2000
"""How many earlier submissions a program is shown at most, the newest."""


@dataclass(frozen=True)
class PastScores:
    """What a program finds of one earlier submission: the number of the phase (from 0), that of the submission among
    the participant's in this phase (from 1), and the text of its `scores.txt`."""

    phase_index: int
    number: int
    text: str

    @property
    def path(self) -> PurePosixPath:
        """Where the text lies, relative to the folder `history`."""
        return scores_path(self.phase_index, self.number).relative_to(HISTORY_FOLDER)

    @property
    def place(self) -> tuple[int, int]:
        """What its path is made of: the order of the past."""
        return (self.phase_index, self.number)


def past_scores(phase_index: int, number: int, scores: Mapping[str, float]) -> PastScores:
    """The scores of one earlier submission, in the order in which its program wrote them."""
    return PastScores(phase_index, number, scores_txt(scores))


def newest_that_fit(past: Sequence[PastScores], largest_bytes: int = LARGEST_BYTES) -> list[PastScores]:
    """As many as a program is shown, in their order: the oldest are left out where all together are too large."""
    kept: list[PastScores] = []
    room = largest_bytes
    for each in sorted(past, key=_place, reverse=True):
        room -= len(each.text.encode())
        if room < 0:
            break
        kept.append(each)
    return kept[::-1]


def past_hash(past: Iterable[PastScores]) -> str:
    """The sha256, in hex, of everything that a program finds below `input/history`, in its order: for each
    submission a line `phase number size`, and the text."""
    digest = hashlib.sha256()
    for each in sorted(past, key=_place):
        content = each.text.encode()
        digest.update(f"{each.phase_index} {each.number} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def part_to_see(task: int, place: int, parts: Sequence[int]) -> int | None:
    """Which part of an earlier submission a task's program sees the scores of, by its place in `parts`, the tasks that
    the submission ran on in their order; None for none. `place` is that of `task` in its own phase.

    It is the same task where it was run there. Else, as in phases that have tasks of their own, it is the only one, or
    the one in the same place.
    """
    if task in parts:
        return parts.index(task)
    if len(parts) == 1:
        return 0
    return place if place < len(parts) else None


def submission_facts(
    *, submitted_by: str, submitted_at: datetime, number: int, phase_index: int, automatic: bool
) -> dict[str, str]:
    """The lines of `input/metadata`, by name and in order. `automatic` is what a phase took over from the one before.

    The phase is numbered as in `input/history`, from 0.
    """
    return {
        "submitted-by": submitted_by,
        "submitted-at": submitted_at.isoformat(timespec="seconds"),
        "competition-submission": str(number),
        "competition-phase": str(phase_index),
        "automatic-submission": str(automatic),
    }


def _place(past: PastScores) -> tuple[int, int]:
    return past.place
