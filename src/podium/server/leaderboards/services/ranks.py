"""Columns that come from ranks: marked as behind when a row changes, and made again for all rows soon after."""

from __future__ import annotations

from django.db import transaction

from podium.rules.errors import NotFound
from podium.server import clock
from podium.server.leaderboards.entry_rows import row_without_ranks, rows_with_ranks
from podium.server.leaderboards.models import Entry, Leaderboard, StaleBoard
from podium.server.leaderboards.queries.plan import BoardPlan, plan_of_phase
from podium.server.leaderboards.services.writing import write_entries


def mark_stale(plan: BoardPlan) -> None:
    """Note, in the transaction that changes a row, that the ranks of the board have to be made again."""
    if plan.over_ranks:
        mark = StaleBoard(leaderboard_id=plan.leaderboard_id, phase_id=plan.phase_id, since=clock.now())
        StaleBoard.objects.bulk_create([mark], ignore_conflicts=True)


def rebuild_stale_boards() -> int:
    """Make the ranks of all boards again that are behind, however many rows changed. Returns the number of boards.

    Each board is one transaction that also takes the mark away: a process that is killed leaves the mark, and of two
    that do it at once the second finds nothing to do.
    """
    done = 0
    marks = StaleBoard.objects.order_by("since", "pk").values_list("leaderboard_id", "phase_id")
    for leaderboard_id, phase_id in list(marks):
        done += _rebuild(leaderboard_id, phase_id)
    return done


def make_ranks(plan: BoardPlan) -> None:
    """Make what comes from ranks again for every ranked row of a board that the caller holds, and take it from those
    that are marked."""
    StaleBoard.objects.filter(leaderboard_id=plan.leaderboard_id, phase_id=plan.phase_id).delete()
    if not plan.over_ranks:
        return
    everyone = Entry.objects.filter(leaderboard_id=plan.leaderboard_id, phase_id=plan.phase_id).order_by("pk")
    entries, marked = list(everyone.filter(ranked=True)), list(everyone.filter(ranked=False))
    rows = [*rows_with_ranks(plan, entries), *(row_without_ranks(plan, entry) for entry in marked)]
    changed = []
    for entry, row in zip([*entries, *marked], rows, strict=True):
        if not row.is_stored_in(entry):
            row.write_to(entry)
            changed.append(entry)
    write_entries(plan.leaderboard_id, plan.phase_id, changed=changed)


@transaction.atomic
def _rebuild(leaderboard_id: int, phase_id: int) -> bool:
    list(Leaderboard.objects.select_for_update().filter(pk=leaderboard_id).values_list("pk"))
    if not StaleBoard.objects.filter(leaderboard_id=leaderboard_id, phase_id=phase_id).exists():
        return False
    try:
        plan = plan_of_phase(phase_id, leaderboard_id)
    except NotFound:
        return False
    make_ranks(plan)
    return True
