"""A phase as it was after some event: from the last snapshot before it, and the events since."""

from __future__ import annotations

from podium.rules.board.replay import PhaseThen, replayed
from podium.server.past.models import Snapshot
from podium.server.past.moments import moving_events
from podium.server.past.packing import FORM, unpacked


def state_at(competition_id: int, phase_id: int, seq: int, *, from_events: bool = False) -> PhaseThen:
    """The phase after the event `seq` of its competition; `from_events` leaves all snapshots aside."""
    state, since = PhaseThen(phase_id), 0
    if not from_events:
        found = Snapshot.objects.filter(phase=phase_id, form=FORM, seq__lte=seq).order_by("-seq")
        snapshot = found.values_list("seq", "content").first()
        if snapshot is not None:
            since, state = snapshot[0], unpacked(phase_id, bytes(snapshot[1]))
    return replayed(state, moving_events(competition_id, since, seq))
