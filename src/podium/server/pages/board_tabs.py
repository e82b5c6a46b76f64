"""The links from one board to those of other phases and to the other leaderboards."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse

from podium.server.competitions.queries import PhaseWindow
from podium.server.leaderboards.queries import BoardSight, NamedBoard
from podium.server.pages.board_state import BoardState
from podium.server.pages.parts import Place


def phase_places(
    competition_id: int, phases: Sequence[PhaseWindow], current: int, leaderboard: int | None = None
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


def task_places(sight: BoardSight, state: BoardState) -> list[Place]:
    """The links to the board of each task, and to that of all together; none where tasks have no tabs."""
    if not sight.tabs:
        return []
    whole = Place("All tasks", state.of_task(None).url, current=state.task is None)
    alone = (Place(task.label, state.of_task(task.id).url, current=task.id == state.task) for task in sight.tabs)
    return [whole, *alone]


def _address(competition_id: int, phase_id: int, leaderboard: int | None) -> str:
    if leaderboard is None:
        return reverse("phase_results", args=[competition_id, phase_id])
    return reverse("board_results", args=[competition_id, phase_id, leaderboard])
