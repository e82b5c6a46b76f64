"""Whether boards show something else than before."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from podium.server.leaderboards.models import BoardVersion

_BELOW = 2**62


def stamps_of_phases(phase_ids: Collection[int]) -> Mapping[int, int]:
    """For each phase a number, not negative, that is another one as soon as any of its boards shows something else."""
    stamps = dict.fromkeys(phase_ids, 0)
    if stamps:
        for phase_id, version in BoardVersion.objects.filter(phase_id__in=phase_ids).values_list("phase_id", "version"):
            stamps[phase_id] = (stamps[phase_id] + version) % _BELOW
    return stamps
