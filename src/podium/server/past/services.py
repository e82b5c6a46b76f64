"""Keeping snapshots, so that no board has to be rebuilt from all of its events."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Max

from podium.rules.board.replay import PhaseThen
from podium.server import clock
from podium.server.competitions.models import Phase
from podium.server.history.queries import heads
from podium.server.past.models import Snapshot
from podium.server.past.order import ordered
from podium.server.past.packing import FORM, packed
from podium.server.past.plans import plan_then
from podium.server.past.states import state_at

EVERY = 1000
"""After how many events of a competition at least its phases are worked out again for the next snapshot."""
_SHARE = 10


def keep_snapshots() -> int:
    """Write a snapshot of each phase of which much has happened since the last one. Returns how many were written.

    A duty: whoever reads boards as they were finds them without it too, only later.
    """
    Snapshot.objects.exclude(form=FORM).delete()
    written = 0
    competitions = Phase.objects.order_by("competition_id").values_list("competition_id", flat=True).distinct()
    seqs = heads(list(competitions))
    last = dict(Snapshot.objects.values_list("phase_id").annotate(last=Max("seq")).order_by())
    for phase_id, competition_id in Phase.objects.order_by("pk").values_list("pk", "competition_id"):
        if seqs[competition_id] - last.get(phase_id, 0) >= EVERY:
            written += keep_snapshot(competition_id, phase_id, seqs[competition_id], last.get(phase_id, 0))
    return written


def keep_snapshot(competition_id: int, phase_id: int, seq: int, last: int) -> bool:
    """Write the snapshot of a phase after an event, unless its last one is near enough: one of a phase with many
    submissions is large, and there are fewer of them."""
    state = state_at(competition_id, phase_id, seq)
    if phase_id not in state.phases or seq - last < len(state.sent) // _SHARE:
        return False
    _work_out(competition_id, state)
    with transaction.atomic():
        Snapshot.objects.update_or_create(
            phase_id=phase_id, seq=seq, defaults={"form": FORM, "content": packed(state), "made_at": clock.now()}
        )
    return True


def _work_out(competition_id: int, state: PhaseThen) -> None:
    """Let the state have the keys of all its entries."""
    for leaderboard_id in state.boards:
        ordered(plan_then(competition_id, state, leaderboard_id), state)
