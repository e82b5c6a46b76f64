"""The marks of organizers on the entries of one submission."""

from __future__ import annotations

from dataclasses import dataclass

from podium.rules.board.marks import Mark
from podium.server.leaderboards.models import Entry, EntryMark


@dataclass(frozen=True)
class PlacedEntryMark:
    """A board that a submission stands on, and the mark that it has there; None where it has none."""

    leaderboard_id: int
    board: str
    mark: Mark | None
    reason: str


def marks_of_submission(submission_id: int, *, sees_hidden: bool) -> tuple[PlacedEntryMark, ...]:
    """The boards that a submission stands on, with its marks, in the order of the boards; hidden boards only for those
    who see them. Two queries."""
    entries = Entry.objects.filter(submission_id=submission_id).select_related("leaderboard")
    if not sees_hidden:
        entries = entries.filter(leaderboard__hidden=False)
    marks = {mark.leaderboard_id: mark for mark in EntryMark.objects.filter(submission_id=submission_id)}
    return tuple(
        PlacedEntryMark(
            leaderboard_id=entry.leaderboard_id,
            board=entry.leaderboard.title,
            mark=Mark(marks[entry.leaderboard_id].kind) if entry.leaderboard_id in marks else None,
            reason=marks[entry.leaderboard_id].reason if entry.leaderboard_id in marks else "",
        )
        for entry in entries.order_by("leaderboard__index")
    )
