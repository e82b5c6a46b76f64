"""Which rows of a leaderboard would stand elsewhere if its columns or its rule were others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from podium.rules.board.aggregate import multi_task_ranking
from podium.rules.bundle.spec import LeaderboardSpec
from podium.server.accounts.models import User
from podium.server.competitions.models import Phase
from podium.server.leaderboards.filling import order_if_filled
from podium.server.leaderboards.models import Entry, EntryMark, Leaderboard
from podium.server.leaderboards.queries.plan import plan_of_phase
from podium.server.submissions.models import Submission
from podium.server.submissions.services.board import candidates_of

MOST_NAMED = 20


@dataclass(frozen=True)
class Move:
    """A row and its ranks before and after; None where it is not on the board, or not ranked there."""

    phase_id: int
    phase: str
    submission_id: int
    owner: str
    before: int | None
    after: int | None


@dataclass(frozen=True)
class Moves:
    """How many rows move, and the first of them, in the order of the phases and of their new ranks."""

    count: int
    first: tuple[Move, ...]


def moves_of(
    board: Leaderboard,
    new: LeaderboardSpec,
    *,
    another_rule: bool,
    advance: Callable[[int, int, str], None] | None = None,
) -> Moves:
    """The rows that move in all phases if the leaderboard becomes what `new` says. `advance` is told before each phase
    how many are done, of how many, and what is done now; what it raises ends the work."""
    phases = _phases(board)
    count, first = 0, list[Move]()
    for done, phase in enumerate(phases):
        if advance is not None:
            advance(done, len(phases), f"Ranking the phase {phase.name}")
        for move in _moves_in(board, phase, new, another_rule=another_rule):
            count += 1
            if len(first) < MOST_NAMED:
                first.append(move)
    return Moves(count, tuple(_named(first)))


def plain_moves(moves: Moves) -> dict[str, Any]:
    """The moves as JSON, without what phases and people are called."""
    first = [[move.phase_id, move.submission_id, move.before, move.after] for move in moves.first]
    return {"count": moves.count, "first": first}


def moves_from(content: Mapping[str, Any]) -> Moves:
    """The same back, with the names of today; of the first, those whose phase and submission are still there."""
    rows = content["first"]
    phases = dict(Phase.objects.filter(pk__in={row[0] for row in rows}).values_list("pk", "name"))
    there = set(Submission.objects.filter(pk__in={row[1] for row in rows}).values_list("pk", flat=True))
    moves = [
        Move(phase, phases[phase], submission, "", before, after)
        for phase, submission, before, after in rows
        if phase in phases and submission in there
    ]
    return Moves(content["count"], tuple(_named(moves)))


def _phases(board: Leaderboard) -> list[Phase]:
    return list(Phase.objects.filter(competition_id=board.competition_id).order_by("index"))


def _moves_in(board: Leaderboard, phase: Phase, new: LeaderboardSpec, *, another_rule: bool) -> Iterator[Move]:
    plan = replace(
        plan_of_phase(phase.pk, board.pk),
        rule=new.submission_rule,
        primary_index=new.primary_index,
        columns=new.columns,
        multi_task=multi_task_ranking(new.extensions),
    )
    entries = Entry.objects.filter(leaderboard_id=board.pk, phase_id=phase.pk)
    ranked = list(entries.filter(ranked=True).order_by("rank_key").values_list("submission_id", flat=True))
    after = order_if_filled(
        plan,
        candidates_of(phase.pk),
        set(entries.values_list("submission_id", flat=True)),
        set(EntryMark.objects.filter(leaderboard_id=board.pk).values_list("submission_id", flat=True)),
        another_rule=another_rule,
    )
    old_ranks = {pk: rank for rank, pk in enumerate(ranked, start=1)}
    new_ranks = {pk: rank for rank, pk in enumerate(after, start=1)}
    for pk in (*after, *(pk for pk in ranked if pk not in new_ranks)):
        if old_ranks.get(pk) != new_ranks.get(pk):
            yield Move(phase.pk, phase.name, pk, "", old_ranks.get(pk), new_ranks.get(pk))


def _named(moves: list[Move]) -> Iterator[Move]:
    owners = dict(
        Submission.objects.filter(pk__in=[move.submission_id for move in moves]).values_list("pk", "owner_id")
    )
    people = User.objects.in_bulk(list(set(owners.values())))
    for move in moves:
        person = people[owners[move.submission_id]]
        yield replace(move, owner=person.display_name or person.username)
