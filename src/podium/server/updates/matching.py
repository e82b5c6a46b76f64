"""Which rows of a competition are which parts of the new version of its bundle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from podium.rules.board.columns import Column
from podium.rules.bundle import pairing
from podium.rules.bundle.pairing import Identity, paired, without_partner
from podium.rules.bundle.spec import LeaderboardSpec, PhaseSpec, SolutionSpec, TaskSpec

Part = TypeVar("Part")


@dataclass(frozen=True)
class Match(Generic[Part]):
    """What stays, as pairs of old and new, what goes and what comes."""

    kept: Sequence[tuple[Part, Part]]
    removed: Sequence[Part]
    added: Sequence[Part]


def match_tasks(old: Sequence[TaskSpec], new: Sequence[TaskSpec]) -> Match[TaskSpec]:
    """By their keys, else their names, else their places."""
    return _match(old, new, pairing.TASKS)


def match_solutions(old: Sequence[SolutionSpec], new: Sequence[SolutionSpec]) -> Match[SolutionSpec]:
    """By their keys, else their names, else their places."""
    return _match(old, new, pairing.SOLUTIONS)


def match_phases(old: Sequence[PhaseSpec], new: Sequence[PhaseSpec]) -> Match[PhaseSpec]:
    """By their names, else their places."""
    return _match(old, new, pairing.PHASES)


def match_boards(old: Sequence[LeaderboardSpec], new: Sequence[LeaderboardSpec]) -> Match[LeaderboardSpec]:
    """By their keys, else their titles."""
    return _match(old, new, pairing.LEADERBOARDS)


def match_columns(old: Sequence[Column], new: Sequence[Column]) -> Match[Column]:
    """By their keys, else their indexes."""
    return _match(old, new, pairing.COLUMNS)


def _match(old: Sequence[Part], new: Sequence[Part], identities: Sequence[Identity]) -> Match[Part]:
    pairs = paired(old, new, identities)
    return Match(
        kept=pairs,
        removed=without_partner(old, [pair[0] for pair in pairs]),
        added=without_partner(new, [pair[1] for pair in pairs]),
    )
