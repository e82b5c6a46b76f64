"""The rows of a board: put there and taken away as the submission rule wants it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.db import transaction

from podium.rules.access import Action, Role
from podium.rules.board.submission_rules import Actor, Happening, standing
from podium.rules.board.submission_rules import Candidate as RuleCandidate
from podium.rules.errors import NotFound
from podium.server.accounts.people import Person
from podium.server.competitions.models import Phase
from podium.server.competitions.queries.standing import Standing, standing_of
from podium.server.leaderboards.candidates import Candidate, EntryChanges
from podium.server.leaderboards.entry_rows import EntryRow, entry_row, new_entry
from podium.server.leaderboards.models import Entry, Leaderboard
from podium.server.leaderboards.queries.plan import BoardPlan, plan_of_phase

_BY_HAND = frozenset({Happening.ADDED, Happening.REMOVED})
_STORED = ("rank_key", "values", "reasons", "cells", "fact_sheet_answers")


def hold_board(phase_id: int) -> None:
    """Lock the board of a phase until the transaction ends.

    Whoever changes the board takes this lock before reading the candidates: else two submissions of a person that
    end at the same moment would each be judged without the other.
    """
    competitions = list(Phase.objects.filter(pk=phase_id).values_list("competition_id", flat=True))
    boards = Leaderboard.objects.select_for_update().filter(competition_id__in=competitions, index=0)
    list(boards.values_list("pk"))


@transaction.atomic
def refresh_entries(
    phase_id: int,
    owner_id: int,
    candidates: Sequence[Candidate],
    happening: Happening,
    submission_id: int,
    *,
    by: Person | None = None,
) -> EntryChanges:
    """Let the board follow from what happened to one submission of `owner_id`.

    `candidates` are all submissions of that person in the phase that are not deleted, as they were before: with the
    one that is being removed or deleted. `by` is None where a program caused it, such as scores that arrived.
    The right to add or remove is checked here; the right to delete a submission is the caller's to check.

    Raises:
        NotAllowed: the person, or the rule of the board, does not allow it.
        Conflict: the submission is not among the candidates, has no scores, or is not on the board.
        NotFound: there is no such phase or board for this person.
    """
    plan = plan_of_phase(phase_id)
    actor = _actor(by, plan.competition_id, owner_id, happening)
    rows = {candidate.submission_id: entry_row(plan, candidate) for candidate in candidates}
    judged = [_for_rule(candidate, rows[candidate.submission_id]) for candidate in candidates]
    stand = standing(plan.rule, judged, happening, submission_id, actor)
    by_id = {candidate.submission_id: candidate for candidate in candidates}
    existing = Entry.objects.filter(leaderboard_id=plan.leaderboard_id, phase_id=phase_id, owner_id=owner_id)
    return _store(plan, [by_id[pk] for pk in sorted(stand)], rows, existing)


@transaction.atomic
def rebuild(phase_id: int, candidates: Iterable[Candidate]) -> EntryChanges:
    """Make the board of a phase again from everybody's submissions: those with `on_board` stand on it."""
    plan = plan_of_phase(phase_id)
    chosen = sorted((candidate for candidate in candidates if candidate.on_board), key=lambda each: each.submission_id)
    rows = {candidate.submission_id: entry_row(plan, candidate) for candidate in chosen}
    existing = Entry.objects.filter(leaderboard_id=plan.leaderboard_id, phase_id=phase_id)
    return _store(plan, chosen, rows, existing)


def _actor(by: Person | None, competition_id: int, owner_id: int, happening: Happening) -> Actor:
    if by is None:
        return Actor.OWNER
    where = standing_of(by, competition_id)
    if happening in _BY_HAND:
        _require_change(where, own=by.id == owner_id)
    if Role.ADMIN in where.roles:
        return Actor.ADMIN
    return Actor.ORGANIZER if where.may(Action.CHANGE_ANY_ENTRY) else Actor.OWNER


def _require_change(where: Standing, *, own: bool) -> None:
    if own:
        where.require(Action.CHANGE_OWN_ENTRY)
    elif not where.may(Action.SEE_ANY_SUBMISSION):
        # Who may not see the submission does not learn that it exists.
        raise NotFound("submission-not-found", "There is no such submission.", "Check the address.")
    else:
        where.require(Action.CHANGE_ANY_ENTRY)


def _for_rule(candidate: Candidate, row: EntryRow) -> RuleCandidate:
    return RuleCandidate(
        id=candidate.submission_id,
        submitted_at=candidate.submitted_at,
        finished=candidate.finished,
        on_board=candidate.on_board,
        rank_key=row.rank_key if row.cells else None,
    )


def _store(
    plan: BoardPlan, chosen: Sequence[Candidate], rows: Mapping[int, EntryRow], existing: Iterable[Entry]
) -> EntryChanges:
    """Make the stored entries those of `chosen`; entries that are right already are left alone."""
    stored = {entry.submission_id: entry for entry in existing}
    wanted = {candidate.submission_id for candidate in chosen}
    gone = [entry for pk, entry in stored.items() if pk not in wanted]
    fresh = [candidate for candidate in chosen if candidate.submission_id not in stored]
    changed = [entry for pk, entry in stored.items() if pk in wanted and not rows[pk].is_stored_in(entry)]
    for entry in changed:
        rows[entry.submission_id].write_to(entry)
    Entry.objects.filter(pk__in=[entry.pk for entry in gone]).delete()
    Entry.objects.bulk_create(
        [new_entry(plan, candidate, rows[candidate.submission_id]) for candidate in fresh], batch_size=500
    )
    Entry.objects.bulk_update(changed, _STORED, batch_size=100)
    return EntryChanges(
        added=tuple(candidate.submission_id for candidate in fresh),
        removed=tuple(sorted(entry.submission_id for entry in gone)),
        updated=tuple(sorted(entry.submission_id for entry in changed)),
    )
