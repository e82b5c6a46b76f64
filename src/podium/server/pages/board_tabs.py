"""The links from one board to those of other phases and to the other leaderboards."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse

from podium.server.competitions.queries import PhaseDetail
from podium.server.leaderboards.queries import NamedBoard
from podium.server.pages.parts import Place


def phase_places(
    competition_id: int, phases: Sequence[PhaseDetail], current: int, leaderboard: int | None = None
) -> list[Place]:
    """The links from one phase's board to the others', on the same leaderboard where there are several."""
    return [
        Place(phase.name, _address(competition_id, phase.id, leaderboard), current=phase.id == current)
        for phase in phases
    ]


def board_places(competition_id: int, phase_id: int, boards: Sequence[NamedBoard], current: int) -> list[Place]:
    """The links from one leaderboard to the others, in the same phase."""
    return [
        Place(
            f"{board.title} (hidden)" if board.hidden else board.title,
            _address(competition_id, phase_id, board.id),
            current=board.id == current,
        )
        for board in boards
    ]


def _address(competition_id: int, phase_id: int, leaderboard: int | None) -> str:
    if leaderboard is None:
        return reverse("phase_results", args=[competition_id, phase_id])
    return reverse("board_results", args=[competition_id, phase_id, leaderboard])
