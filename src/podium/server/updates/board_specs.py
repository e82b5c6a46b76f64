"""Leaderboards as they are carried from a page to the button below it, and into a job."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from podium.rules.board.columns import Column, Computation, Sorting
from podium.rules.bundle.changes import Change, Contents
from podium.rules.bundle.comparing import Version, compare
from podium.rules.bundle.spec import CompetitionSpec, FileRef, LeaderboardSpec


def plain(board: LeaderboardSpec) -> dict[str, Any]:
    """A leaderboard as JSON."""
    return {**board.model_dump(exclude={"columns"}), "columns": [asdict(column) for column in board.columns]}


def spec_of(plain: Mapping[str, Any]) -> LeaderboardSpec:
    """The leaderboard in such JSON."""
    columns = tuple(
        Column(
            **{
                **column,
                "sorting": Sorting(column["sorting"]),
                "computation": Computation(column["computation"]) if column["computation"] else None,
                "computation_indexes": tuple(column["computation_indexes"]),
            }
        )
        for column in plain["columns"]
    )
    return LeaderboardSpec.model_validate({**plain, "columns": columns})


def board_differences(old: Sequence[LeaderboardSpec], new: Sequence[LeaderboardSpec]) -> tuple[Change, ...]:
    """What changes from these leaderboards of a competition to those."""

    def contents(ref: FileRef) -> Contents:  # noqa: ARG001 - a leaderboard names no files
        return {}

    return compare(Version(_alone(old), contents), Version(_alone(new), contents))


def _alone(boards: Sequence[LeaderboardSpec]) -> CompetitionSpec:
    """A competition of nothing but leaderboards, for comparing."""
    return CompetitionSpec(version="2", title="", image="", terms="", leaderboards=tuple(boards))
