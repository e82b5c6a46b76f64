"""The phases of competitions in time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from podium.rules.phases import PhaseStatus, phase_status
from podium.server.competitions.models import Phase


@dataclass(frozen=True)
class PhaseWindow:
    """A phase's place and time, [start, end), and where it stands now. Without an end it is open for ever."""

    id: int
    index: int
    name: str
    start: datetime
    end: datetime | None
    status: PhaseStatus

    @property
    def is_open(self) -> bool:
        """Whether the phase takes submissions now."""
        return self.status is PhaseStatus.CURRENT


def window_of(phase: Phase, now: datetime) -> PhaseWindow:
    """The window of a phase at a moment."""
    return window_from(phase.pk, phase.index, phase.name, phase.start, phase.end, now=now)


def window_from(pk: int, index: int, name: str, start: datetime, end: datetime | None, *, now: datetime) -> PhaseWindow:
    """The window of a phase of which only this is known, at a moment."""
    unplaced = PhaseWindow(pk, index, name, start, end, PhaseStatus.NEXT)
    return replace(unplaced, status=phase_status(unplaced, now))


def windows_of(competition_ids: Sequence[int], now: datetime) -> Mapping[int, tuple[PhaseWindow, ...]]:
    """The windows of the phases of each competition, in their order; one query."""
    rows = Phase.objects.filter(competition_id__in=competition_ids).order_by("competition_id", "index")
    windows: dict[int, tuple[PhaseWindow, ...]] = {}
    for row in rows.only("competition_id", "index", "name", "start", "end"):
        windows[row.competition_id] = (*windows.get(row.competition_id, ()), window_of(row, now))
    return windows
