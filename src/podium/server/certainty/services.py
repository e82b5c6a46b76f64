"""Keeping what items scored, and having boards compared by it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from podium.server import clock
from podium.server.certainty.models import BoardCertainty, ItemScores
from podium.server.files.models import Blob
from podium.server.jobs.internal.queries import job_waits
from podium.server.jobs.internal.services import ask_for
from podium.server.leaderboards.models import BoardVersion, Entry, Leaderboard
from podium.server.leaderboards.services import hold_board
from podium.server.leaderboards.services.versions import new_version
from podium.server.submissions.models import Attempt

BOARD_CERTAINTY = "board-certainty"
_NOT_BEFORE = timedelta(seconds=2)
"""How long after it was computed a board is not computed again, however much happens on it."""


def keep_items(attempt: Attempt, found: Mapping[str, Any], kept: Blob | None) -> None:
    """Keep what was read of an attempt's items, or what is wrong with them; its boards show it. To be called in a
    transaction in which `hold_board` was."""
    told = {
        "kept": kept,
        "columns": found.get("columns", {}),
        "problems": found.get("problems", []),
        "problem_count": found.get("problem_count", 0),
        "read_at": clock.now(),
    }
    ItemScores.objects.update_or_create(attempt=attempt, defaults=told)
    if kept is None:
        return
    submission = attempt.run.submission
    phase_id = submission.phase_id
    boards = Leaderboard.objects.filter(competition__phases=phase_id).values_list("pk", flat=True)
    rows = (BoardCertainty(leaderboard_id=board, phase_id=phase_id) for board in boards)
    BoardCertainty.objects.bulk_create(rows, ignore_conflicts=True)
    entries = Entry.objects.filter(phase_id=phase_id, submission_id=submission.parent_id or submission.pk)
    for board in entries.filter(leaderboard__in=list(boards)).order_by("leaderboard_id").values_list("leaderboard_id"):
        new_version(*board, phase_id)


def refresh_certainty() -> int:
    """Have every board compared anew that is another one than it was when its items were compared. Returns how many."""
    asked = 0
    since = clock.now() - _NOT_BEFORE
    phases = BoardCertainty.objects.values("phase_id").distinct()
    seen = {
        (board, phase): (version, computed_at)
        for board, phase, version, computed_at in BoardCertainty.objects.values_list(
            "leaderboard_id", "phase_id", "seen", "computed_at"
        )
    }
    if not seen:
        return 0
    versions = BoardVersion.objects.filter(phase_id__in=phases).values_list("leaderboard_id", "phase_id", "version")
    for board, phase, version in versions.order_by("pk"):
        old, computed_at = seen.get((board, phase), (-1, None))
        if old != version and (computed_at is None or computed_at <= since):
            asked += _ask(board, phase)
    return asked


@transaction.atomic
def _ask(board: int, phase: int) -> int:
    subject = f"board {board} {phase}"
    if job_waits(BOARD_CERTAINTY, subject):
        return 0
    ask_for(BOARD_CERTAINTY, None, {"leaderboard": board, "phase": phase}, subject=subject)
    return 1


def put_certainty(board: int, phase: int, seen: int, digest: str, content: Mapping[str, Any]) -> None:
    """Let a board say what was computed of its version `seen`. To be called in a transaction."""
    hold_board(phase)
    if not Leaderboard.objects.filter(pk=board, competition__phases=phase).exists():
        return
    row, _ = BoardCertainty.objects.get_or_create(leaderboard_id=board, phase_id=phase)
    if row.content != content:
        current = _version(board, phase)
        new_version(board, phase)
        # What else changed meanwhile is looked at once more.
        seen = _version(board, phase) if current == seen else seen
    row.seen, row.digest, row.content, row.computed_at = seen, digest, dict(content), clock.now()
    row.save()


def forget_items_of_deleted() -> int:
    """Forget what the items of deleted submissions scored. Returns how many attempts it were."""
    gone = Q(attempt__run__submission__is_deleted=True) | Q(attempt__run__submission__parent__is_deleted=True)
    deleted, _ = ItemScores.objects.filter(gone).delete()
    return deleted


def _version(board: int, phase: int) -> int:
    return version_of(board, phase) or 0


def version_of(board: int, phase: int) -> int | None:
    """The version of the board of a phase; None where nothing was ever written to it."""
    found = BoardVersion.objects.filter(leaderboard_id=board, phase_id=phase)
    return found.values_list("version", flat=True).first()
