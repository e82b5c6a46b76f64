"""How much of a phase's limits a person has used."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict

from podium.rules.phases import UNCOUNTED, quota_day
from podium.server.submissions.models import Submission


class UsedQuota(TypedDict):
    """Numbers of submissions that count: in all, and in the present UTC day."""

    used_total: int
    used_today: int


def used_quota(user_id: int, phase_id: int, now: datetime) -> UsedQuota:
    """What a person has used of a phase's limits at `now`. A deleted submission still counts: it was run."""
    counted = Submission.objects.filter(owner_id=user_id, phase_id=phase_id, parent=None).exclude(status__in=UNCOUNTED)
    start, end = quota_day(now)
    today = counted.filter(created_at__gte=start, created_at__lt=end)
    return UsedQuota(used_total=counted.count(), used_today=today.count())
