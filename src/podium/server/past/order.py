"""Who stood where on a board."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from podium.rules.board.replay import PhaseThen
from podium.server.leaderboards.candidates import Candidate, TaskScores
from podium.server.leaderboards.entry_rows import EntryRow, entry_row, new_entry, row_without_ranks, rows_with_ranks
from podium.server.leaderboards.models import Entry
from podium.server.leaderboards.queries import BoardPlan


@dataclass(frozen=True)
class Ordered:
    """The submissions of a board by rank: those that were ranked, and those that were marked, each best first, with
    their keys. `rows` are the whole rows where all of them had to be made."""

    ranked: Sequence[tuple[bytes, int]]
    marked: Sequence[tuple[bytes, int]]
    rows: dict[int, EntryRow] | None


def ordered(plan: BoardPlan, state: PhaseThen) -> Ordered:
    """The order of a board. Keys that were worked out before are used again, and new ones are kept in the state.

    What is made of ranks moves with every row, so that all rows of such a board are made.
    """
    entries = state.entries.get(plan.leaderboard_id, {})
    marks = state.marks.get(plan.leaderboard_id, {})
    rows = _rows_over_ranks(plan, state) if plan.over_ranks else None
    for pk, key in entries.items():
        if rows is not None:
            entries[pk] = rows[pk].rank_key
        elif key is None:
            entries[pk] = entry_row(plan, candidate_then(plan, state, pk)).rank_key
    keyed = sorted((key, pk) for pk, key in entries.items() if key is not None)
    if not marks:
        return Ordered(keyed, (), rows)
    ranked = [each for each in keyed if each[1] not in marks]
    return Ordered(ranked, [each for each in keyed if each[1] in marks], rows)


def candidate_then(plan: BoardPlan, state: PhaseThen, submission_id: int) -> Candidate:
    """A submission with the scores that it had. Whose it was is told by the opaque id in the state alone."""
    sent = state.sent[submission_id]
    return Candidate(
        submission_id=submission_id,
        owner_id=0,
        submitted_at=sent.submitted_at,
        finished=True,
        tasks=tuple(
            TaskScores(task.id, part, state.scores[part])
            for task in plan.tasks
            if (part := sent.parts.get(task.id)) is not None and state.scores.get(part)
        ),
    )


def _rows_over_ranks(plan: BoardPlan, state: PhaseThen) -> dict[int, EntryRow]:
    marks = state.marks.get(plan.leaderboard_id, {})
    rows: dict[int, EntryRow] = {}
    compared: list[Entry] = []
    for pk in state.entries.get(plan.leaderboard_id, {}):
        candidate = candidate_then(plan, state, pk)
        row = entry_row(plan, candidate)
        entry = new_entry(plan, candidate, row)
        if pk in marks:
            rows[pk] = row_without_ranks(plan, entry)
        else:
            compared.append(entry)
    for entry, row in zip(compared, rows_with_ranks(plan, compared), strict=True):
        rows[entry.submission_id] = row
    return rows
