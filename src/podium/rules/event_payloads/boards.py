"""What events say of leaderboards and of the entries on them."""

from __future__ import annotations

from podium.rules.event_payloads.fields import Key, Number, Payload, TextRef, Word


class ColumnState(Payload):
    """A column, as `podium.rules.board.columns.Column` has it; `computation` is empty where it is not computed."""

    column: Number
    index: int
    key: Key
    title: TextRef
    sorting: Word
    precision: int
    hidden: bool
    computation: Word
    computation_indexes: list[int]


class BoardState(Payload):
    """All of a leaderboard that decides what it shows, with its columns in order."""

    index: int
    key: Key
    title: TextRef
    submission_rule: Key
    hidden: bool
    primary_index: int
    multi_task: Word
    board_per_task: bool
    columns: list[ColumnState]


class EntryMoved(Payload):
    """A submission came to a leaderboard, or left it."""

    submission: Number
    phase: Number
    leaderboard: Number


class EntryMarked(Payload):
    """An organizer's decision about an entry, which is not ranked while it holds; `reason` is null where none was
    given."""

    submission: Number
    leaderboard: Number
    reason: TextRef | None


class EntryUnmarked(Payload):
    """The decision was taken back: the entry is shown and ranked like all others."""

    submission: Number
    leaderboard: Number


class BoardAdded(Payload):
    """A leaderboard was added."""

    leaderboard: Number
    after: BoardState


class BoardChanged(Payload):
    """A leaderboard, its rule or its columns changed."""

    leaderboard: Number
    before: BoardState
    after: BoardState


class BoardRemoved(Payload):
    """A leaderboard was removed with its entries."""

    leaderboard: Number
    before: BoardState


class BoardPublished(Payload):
    """A column of a leaderboard in a phase that is published to a dataset of a model board, or is no longer."""

    leaderboard: Number
    phase: Number
    column: Key
    dataset: Number
