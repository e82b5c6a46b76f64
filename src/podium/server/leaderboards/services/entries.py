"""The rows of a board: put there and taken away as the submission rule wants it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from podium.rules.access import Action, Role
from podium.rules.board.submission_rules import Actor, Happening, standing
from podium.rules.errors import NotFound
from podium.server.accounts.people import Person
from podium.server.competitions.models import Phase
from podium.server.competitions.queries.standing import Standing, standing_of
from podium.server.leaderboards.candidates import Candidate, EntryChanges
from podium.server.leaderboards.entry_rows import EntryRow, entry_row, new_entry, with_ranks_of
from podium.server.leaderboards.filling import RowsOnDemand, for_rule
from podium.server.leaderboards.models import Entry, EntryMark, Leaderboard
from podium.server.leaderboards.queries.plan import (
    BoardPlan,
    leaderboard_not_found,
    plan_of_phase,
    plans_of_phase,
)
from podium.server.leaderboards.services.ranks import make_ranks, mark_stale
from podium.server.leaderboards.services.writing import write_entries
from podium.server.prepared_queries import prepared

_BY_HAND = frozenset({Happening.ADDED, Happening.REMOVED})


def hold_board(phase_id: int) -> None:
    """Lock the boards of a phase until the transaction ends.

    Whoever changes a board takes this lock before reading the candidates: else two submissions of a person that
    end at the same moment would each be judged without the other.
    """
    _locked(phase=phase_id)


@prepared
def _locked(phase: int) -> QuerySet[Leaderboard, Any]:
    # By a subquery: a join would lock the phase, too.
    competition = Phase.objects.filter(pk=phase).values("competition_id")
    boards = Leaderboard.objects.select_for_update().filter(competition_id__in=competition)
    return boards.order_by("pk").values_list("pk")


@transaction.atomic
def refresh_entries(
    phase_id: int,
    owner_id: int,
    candidates: Sequence[Candidate],
    happening: Happening,
    submission_id: int,
    *,
    by: Person | None = None,
    leaderboard_id: int | None = None,
) -> tuple[EntryChanges, ...]:
    """Let the boards of a phase follow from what happened to one submission of `owner_id`, each by its own rule.

    Adding and removing concern one board, the first where none is named; all else concerns every board. `candidates`
    are all submissions of that person in the phase that are not deleted, as they were before: with the one that is
    being removed or deleted. `by` is None where a program caused it, such as scores that arrived. The right to add or
    remove is checked here; the right to delete a submission is the caller's to check. Answers the boards that changed.

    Raises:
        NotAllowed: the person, or the rule of the board, does not allow it.
        Conflict: the submission is not among the candidates, has no scores, or is not on the board.
        NotFound: there is no such phase or board for this person.
    """
    by_hand = happening in _BY_HAND
    plans = (plan_of_phase(phase_id, leaderboard_id),) if by_hand else plans_of_phase(phase_id)
    if not plans:
        return ()
    actor = _actor(by, plans[0], owner_id, happening)
    changed = []
    for plan in plans:
        held: dict[int, int] = dict(_held(board=plan.leaderboard_id, phase=phase_id, owner=owner_id))
        rows = RowsOnDemand(plan, candidates)
        marked = frozenset(pk for (pk,) in _marked(board=plan.leaderboard_id))
        judged = [for_rule(plan, each, rows, held, marked) for each in candidates]
        stand = standing(plan.rule, judged, happening, submission_id, actor)
        # What happened to one submission changes the row of no other.
        same = stand & held.keys() - {submission_id}
        touched = [pk for pk in held if pk not in same]
        existing = Entry.objects.filter(pk__in=[held[pk] for pk in touched]) if touched else ()
        chosen = [each for each in candidates if each.submission_id in stand - same]
        changes = _store(plan, sorted(chosen, key=lambda each: each.submission_id), rows, existing)
        if changes:
            changed.append(changes)
    return tuple(changed)


@transaction.atomic
def rebuild(phase_id: int, candidates: Iterable[Candidate]) -> tuple[EntryChanges, ...]:
    """Make the rows of all boards of a phase again from everybody's submissions, ranks included; who stands on them
    stays. An entry of a submission that is not among the candidates goes. Answers the boards that changed."""
    by_id = {candidate.submission_id: candidate for candidate in candidates}
    changed = []
    for plan in plans_of_phase(phase_id):
        existing = list(Entry.objects.filter(leaderboard_id=plan.leaderboard_id, phase_id=phase_id))
        chosen = [by_id[entry.submission_id] for entry in existing if entry.submission_id in by_id]
        rows = {candidate.submission_id: entry_row(plan, candidate) for candidate in chosen}
        changes = _store(plan, sorted(chosen, key=lambda each: each.submission_id), rows, existing)
        if changes:
            changed.append(changes)
        make_ranks(plan)
    return tuple(changed)


def stands_on(phase_id: int, submission_ids: Collection[int] | None = None) -> frozenset[int]:
    """The ids of the submissions, of these or of all, that stand on at least one board of a phase."""
    # By board: the index that finds the entry of a submission begins with it, and a phase may have a million others.
    boards = list(Leaderboard.objects.filter(competition__phases=phase_id).values_list("pk", flat=True))
    entries = Entry.objects.filter(leaderboard_id__in=boards, phase_id=phase_id)
    if submission_ids is not None:
        entries = entries.filter(submission_id__in=submission_ids)
    return frozenset(entries.values_list("submission_id", flat=True))


@prepared
def _held(board: int, phase: int, owner: int) -> QuerySet[Entry, Any]:
    """The submissions of somebody that stand on a board, and the ids of their entries."""
    entries = Entry.objects.filter(leaderboard_id=board, phase_id=phase, owner_id=owner)
    return entries.values_list("submission_id", "pk")


@prepared
def _marked(board: int) -> QuerySet[EntryMark, Any]:
    """The submissions that are marked on a board; there are few."""
    return EntryMark.objects.filter(leaderboard_id=board).values_list("submission_id")


def _actor(by: Person | None, plan: BoardPlan, owner_id: int, happening: Happening) -> Actor:
    if by is None:
        return Actor.OWNER
    where = standing_of(by, plan.competition_id)
    if happening in _BY_HAND:
        _require_change(where, own=by.id == owner_id)
        if plan.hidden and plan.index and not where.may(Action.SEE_HIDDEN_BOARD):
            raise leaderboard_not_found()
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


def _store(
    plan: BoardPlan, chosen: Sequence[Candidate], rows: Mapping[int, EntryRow], existing: Iterable[Entry]
) -> EntryChanges:
    """Make the stored entries those of `chosen`; entries that are right already are left alone."""
    stored = {entry.submission_id: entry for entry in existing}
    wanted = {candidate.submission_id for candidate in chosen}
    gone = [entry for pk, entry in stored.items() if pk not in wanted]
    fresh = [candidate for candidate in chosen if candidate.submission_id not in stored]
    changed = []
    for pk in stored.keys() & wanted:
        row = with_ranks_of(plan, rows[pk], stored[pk])
        if not row.is_stored_in(stored[pk]):
            row.write_to(stored[pk])
            changed.append(stored[pk])
    write_entries(
        plan.leaderboard_id,
        plan.phase_id,
        added=[new_entry(plan, candidate, rows[candidate.submission_id]) for candidate in fresh],
        changed=changed,
        removed=[entry.pk for entry in gone],
    )
    changes = EntryChanges(
        leaderboard_id=plan.leaderboard_id,
        added=tuple(candidate.submission_id for candidate in fresh),
        removed=tuple(sorted(entry.submission_id for entry in gone)),
        updated=tuple(sorted(entry.submission_id for entry in changed)),
    )
    if changes:
        mark_stale(plan)
    return changes
