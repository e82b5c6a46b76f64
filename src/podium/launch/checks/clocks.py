"""The clocks: of this machine against what it wrote before, and of the workers against this machine."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Max

from podium.launch.checks.check import Check
from podium.server import clock
from podium.server.history.models import Event
from podium.server.jobs.crew import all_workers

_GRACE = timedelta(seconds=5)
_LARGEST_SKEW_S = 30.0


def check_clocks() -> Iterator[Check]:
    """Whether time goes forward, and everywhere at the same hour."""
    newest: datetime | None = Event.objects.aggregate(newest=Max("at"))["newest"]
    now = clock.now()
    if newest is not None and newest > now + _GRACE:
        yield Check(
            "clock",
            "failed",
            f"The newest event of the site is from {newest:%Y-%m-%d %H:%M:%S} UTC, and the clock shows "
            f"{now:%Y-%m-%d %H:%M:%S} UTC: it was set back.",
            "Set the clock of this machine, and keep it by NTP (`timedatectl set-ntp true`).",
        )
    else:
        yield Check("clock", "in order", f"It shows {now:%Y-%m-%d %H:%M:%S} UTC, later than all that happened.")
    for worker in all_workers():
        skew = worker.clock_skew_s
        if skew is not None and abs(skew) > _LARGEST_SKEW_S:
            way = "ahead" if skew > 0 else "behind"
            yield Check(
                "clock of a worker",
                "attention",
                f"The clock of {worker.name} is {abs(skew):.0f} s {way}. Its logs tell other times than the site's.",
                "Keep the clocks of both machines by NTP (`timedatectl set-ntp true`).",
            )
