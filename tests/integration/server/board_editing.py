"""Editing leaderboards as an organizer does, in one step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from tests.integration.server.own_jobs import do_jobs

from podium.rules.bundle.board_draft import BoardDraft, ColumnDraft
from podium.rules.bundle.board_list import NewBoard
from podium.server.accounts.people import Person
from podium.server.leaderboards.models import Entry, Leaderboard
from podium.server.updates.board_changes import apply
from podium.server.updates.board_editions import edition_of
from podium.server.updates.board_list import ProposedList, apply_list, board_list, preview_list
from podium.server.updates.board_previews import ProposedBoard, preview

Edit = Callable[[BoardDraft], BoardDraft]


def board_id(competition_id: int, index: int = 0) -> int:
    """The leaderboard at a place."""
    return Leaderboard.objects.get(competition_id=competition_id, index=index).pk


def with_column(key: str, **changes: Any) -> Edit:
    """Changes one column."""

    def edit(draft: BoardDraft) -> BoardDraft:
        columns = [replace(each, **changes) if each.key == key else each for each in draft.columns]
        return replace(draft, columns=tuple(columns))

    return edit


def with_more(*columns: ColumnDraft) -> Edit:
    """Adds columns at the end."""
    return lambda draft: replace(draft, columns=(*draft.columns, *columns))


def without(key: str) -> Edit:
    """Takes a column away."""
    return lambda draft: replace(draft, columns=tuple(each for each in draft.columns if each.key != key))


def proposed(by: Person, leaderboard_id: int, edit: Edit) -> ProposedBoard:
    """What an edit would do."""
    opened = edition_of(by, leaderboard_id)
    found = preview(by, leaderboard_id, edit(opened.draft), opened.edition)
    assert isinstance(found, ProposedBoard)
    return found


def change(by: Person, leaderboard_id: int, edit: Edit) -> ProposedBoard:
    """Make an edit, which must do what its preview said; returns the preview."""
    before = ranks(leaderboard_id)
    found = proposed(by, leaderboard_id, edit)
    apply(by, leaderboard_id, found.proposal)
    assert do_jobs() == 1
    after = ranks(leaderboard_id)
    moved = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    assert found.moves.count == len(moved)
    said = {(move.phase_id, move.submission_id): (move.before, move.after) for move in found.moves.first}
    assert all(said[key] == (before.get(key), after.get(key)) for key in moved if len(moved) <= len(said))
    return found


def change_list(by: Person, competition_id: int, wish: Sequence[int | NewBoard]) -> ProposedList:
    """Make the leaderboards of a competition these; returns the preview."""
    found = preview_list(by, competition_id, wish, board_list(by, competition_id).edition)
    apply_list(by, competition_id, found.proposal)
    assert do_jobs() == 1
    return found


def ranks(leaderboard_id: int) -> dict[tuple[int, int], int]:
    """The rank of each ranked submission, by phase and submission."""
    entries = Entry.objects.filter(leaderboard_id=leaderboard_id, ranked=True).order_by("phase_id", "rank_key")
    found: dict[tuple[int, int], int] = {}
    places: dict[int, int] = {}
    for phase_id, submission_id in entries.values_list("phase_id", "submission_id"):
        places[phase_id] = places.get(phase_id, 0) + 1
        found[phase_id, submission_id] = places[phase_id]
    return found


def lines(found: ProposedBoard) -> list[str]:
    """The changes as the page shows them."""
    return [f"{each.part} {each.name}: {each.text}" for each in found.changes]
