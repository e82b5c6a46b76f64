"""The boards of a competition and their columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from podium.rules.board import columns as rules
from podium.rules.bundle.spec import LeaderboardSpec
from podium.server.leaderboards.models import Column, Leaderboard


@transaction.atomic
def create_boards(competition_id: int, specs: Sequence[LeaderboardSpec]) -> list[int]:
    """Write the leaderboards of a new competition, in their order; each serves all its phases. Returns ids.

    It is a part of making the competition, whose service checks the right to do that.
    """
    return [create_board(competition_id, index, spec) for index, spec in enumerate(specs)]


def create_board(competition_id: int, index: int, spec: LeaderboardSpec) -> int:
    """Write one leaderboard with its columns. Returns its id."""
    board = Leaderboard.objects.create(competition_id=competition_id, index=index, **board_fields(spec))
    Column.objects.bulk_create(Column(leaderboard=board, **column_fields(column)) for column in spec.columns)
    return board.pk


def board_fields(spec: LeaderboardSpec) -> dict[str, Any]:
    """Everything about a leaderboard but its place and its columns."""
    return {
        "title": spec.title,
        "key": spec.key,
        "submission_rule": spec.submission_rule.value,
        "hidden": spec.hidden,
        "primary_index": spec.primary_index,
        "extensions": dict(spec.extensions),
    }


def column_fields(column: rules.Column) -> dict[str, Any]:
    """Everything about a column."""
    return {
        "index": column.index,
        "key": column.key,
        "title": column.title,
        "sorting": column.sorting.value,
        "precision": column.precision,
        "hidden": column.hidden,
        "computation": column.computation.value if column.computation else "",
        "computation_indexes": list(column.computation_indexes),
    }
