"""Whether boards show something else than before."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import QuerySet

from podium.server.leaderboards.models import BoardVersion
from podium.server.prepared_queries import prepared

_BELOW = 2**62


def stamp_of_phase(phase_id: int) -> int:
    """A number, not negative, that is another one as soon as any board of the phase shows something else; 0 as long as
    nothing was ever written to them."""
    total: int = sum(version for (version,) in _versions(phase=phase_id))
    return total % _BELOW


@prepared
def _versions(phase: int) -> QuerySet[BoardVersion, Any]:
    return BoardVersion.objects.filter(phase_id=phase).values_list("version")


def stamps_of_phases(phase_ids: Collection[int]) -> Mapping[int, int]:
    """The same of several phases."""
    stamps = dict.fromkeys(phase_ids, 0)
    if stamps:
        for phase_id, version in BoardVersion.objects.filter(phase_id__in=phase_ids).values_list("phase_id", "version"):
            stamps[phase_id] = (stamps[phase_id] + version) % _BELOW
    return stamps
