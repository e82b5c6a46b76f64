"""Filling the boards of a phase anew after their columns, their rule or their tasks were changed."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.db import transaction

from podium.server.leaderboards.candidates import Candidate, EntryChanges
from podium.server.leaderboards.entry_rows import entry_row, new_entry
from podium.server.leaderboards.filling import standing_of_all
from podium.server.leaderboards.models import Entry, EntryMark
from podium.server.leaderboards.queries.plan import plans_of_phase
from podium.server.leaderboards.services.entries import rebuild
from podium.server.leaderboards.services.writing import write_entries


@transaction.atomic
def refill(
    phase_id: int, candidates: Sequence[Candidate], *, another_rule: Collection[int]
) -> tuple[EntryChanges, ...]:
    """Let every board of a phase show what it shows of `candidates`, which are everybody's submissions to the phase.

    `another_rule` names the boards that had another rule before, or are new. Answers which rows came and went.
    """
    changed = []
    for plan in plans_of_phase(phase_id):
        rows = {each.submission_id: entry_row(plan, each) for each in candidates}
        entries = Entry.objects.filter(leaderboard_id=plan.leaderboard_id, phase_id=phase_id)
        before = dict(entries.values_list("submission_id", "pk"))
        marks = EntryMark.objects.filter(leaderboard_id=plan.leaderboard_id)
        marked = set(marks.values_list("submission_id", flat=True))
        other = plan.leaderboard_id in another_rule
        stand = standing_of_all(plan, candidates, rows, before, marked, another_rule=other)
        fresh = [each for each in candidates if each.submission_id in stand - before.keys()]
        write_entries(
            plan.leaderboard_id,
            phase_id,
            added=[new_entry(plan, each, rows[each.submission_id]) for each in fresh],
            removed=[pk for submission, pk in before.items() if submission not in stand],
        )
        changed.append(
            EntryChanges(
                leaderboard_id=plan.leaderboard_id,
                added=tuple(each.submission_id for each in fresh),
                removed=tuple(sorted(before.keys() - stand)),
            )
        )
    rebuild(phase_id, candidates)
    return tuple(changed)
