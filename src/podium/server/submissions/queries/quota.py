"""How much of a phase's limits a person has used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TypedDict

from django.db.models import Count, Q, QuerySet

from podium.rules.phases import UNCOUNTED, quota_day
from podium.server.submissions.models import Submission


class UsedQuota(TypedDict):
    """Numbers of submissions that count: in all, and in the present UTC day."""

    used_total: int
    used_today: int


def used_quota(user_id: int, phase_id: int, now: datetime) -> UsedQuota:
    """What a person has used of a phase's limits at `now`. A deleted submission still counts: it was run."""
    counted = _counted(user_id).filter(phase_id=phase_id)
    start, end = quota_day(now)
    today = counted.filter(created_at__gte=start, created_at__lt=end)
    return UsedQuota(used_total=counted.count(), used_today=today.count())


def used_quotas(user_id: int, phase_ids: Iterable[int], now: datetime) -> Mapping[int, UsedQuota]:
    """The same for several phases, in one query."""
    ids = list(phase_ids)
    start, end = quota_day(now)
    counted = (
        _counted(user_id)
        .filter(phase_id__in=ids)
        .values_list("phase_id")
        .annotate(Count("pk"), today=Count("pk", filter=Q(created_at__gte=start, created_at__lt=end)))
    )
    used = {phase_id: UsedQuota(used_total=total, used_today=today) for phase_id, total, today in counted.order_by()}
    return {pk: used.get(pk, UsedQuota(used_total=0, used_today=0)) for pk in ids}


def _counted(user_id: int) -> QuerySet[Submission]:
    """What a person sent themselves; what is taken over from another phase or run again is the organizer's doing.

    What the site failed at does not count, also where that was only one of several tasks and others were scored.
    """
    sent = Submission.objects.filter(owner_id=user_id, parent=None, asked_by=None)
    return sent.exclude(status__in=UNCOUNTED).exclude(internal_failure=True)
