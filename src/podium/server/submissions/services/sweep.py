"""Taking back what nobody works on any more."""

from __future__ import annotations

from podium.server import clock
from podium.server.jobs import leases
from podium.server.submissions.services.end import lose


def sweep() -> int:
    """End every lease that has run out, so that its run is tried again. Returns how many there were."""
    late = leases.run_out(clock.now())
    for lease in late:
        lose(lease, only_if_late=True)
    return len(late)
