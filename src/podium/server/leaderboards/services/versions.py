"""A new version of a board, in each transaction that changes what its readers see."""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from podium.server.competitions.models import Phase
from podium.server.history.wakeups import notify
from podium.server.leaderboards.models import BoardVersion, Leaderboard


def new_version(leaderboard_id: int, phase_id: int) -> None:
    """The board of a phase shows something else from now on: an entry, say."""
    held = BoardVersion.objects.filter(leaderboard_id=leaderboard_id, phase_id=phase_id)
    if held.update(version=_drawn()):
        notify()
    else:
        _draw([(leaderboard_id, phase_id)])


def new_versions(competition_id: int) -> None:
    """All boards of a competition do: titles, columns, phases, tasks or the fact sheet were changed.

    A task may belong to several competitions, and its name stands on the boards of all of them.
    """
    tasks = Phase.tasks.through.objects.filter(phase__competition_id=competition_id).values_list("task_id", flat=True)
    sharing = Phase.objects.filter(tasks__in=list(tasks)).values_list("competition_id", flat=True)
    competitions = {competition_id, *sharing}
    boards = Leaderboard.objects.filter(competition_id__in=competitions)
    pairs = boards.order_by("pk", "competition__phases__pk").values_list("pk", "competition__phases__pk")
    _draw((board, phase) for board, phase in pairs if phase is not None)


def _drawn() -> int:
    return secrets.randbits(63)


def _draw(boards: Iterable[tuple[int, int]]) -> None:
    BoardVersion.objects.bulk_create(
        (BoardVersion(leaderboard_id=board, phase_id=phase, version=_drawn()) for board, phase in boards),
        update_conflicts=True,
        update_fields=["version"],
        unique_fields=["leaderboard", "phase"],
    )
    # Not everything that changes a board is an event of its competition: open pages hear of it by the version.
    notify()
