"""What participants are told of rescores that were applied."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from podium.rules.board.columns import Column
from podium.rules.board.display import shown
from podium.server.accounts.people import Person
from podium.server.leaderboards.queries import columns_of_competition
from podium.server.prepared_queries import prepared
from podium.server.rescores.models import Rescore, RescoreItem, RescoreState
from podium.server.submissions.models import Score
from podium.server.submissions.queries.access import submission_for

_NEWEST = 3


@dataclass(frozen=True)
class Notice:
    """That submissions of a competition were rescored, and why."""

    at: datetime
    reason: str
    phase: str


@dataclass(frozen=True)
class OldScore:
    """A score that counts no more, and what took its place; empty where there is none."""

    title: str
    before: str
    after: str


@dataclass(frozen=True)
class Superseded:
    """The scores of one part of a submission that a rescore took the place of."""

    at: datetime
    reason: str
    part_id: int
    task: str
    scores: tuple[OldScore, ...]


def notices_of(competition_id: int, phase_id: int) -> list[Notice]:
    """The newest rescores that changed a phase; for whoever sees its board. One query."""
    return [
        Notice(decided_at, reason, phase or "")
        for decided_at, reason, phase in _applied(competition=competition_id, phase=phase_id)
        if decided_at is not None
    ]


@prepared
def _applied(competition: int, phase: int) -> QuerySet[Rescore, Any]:
    applied = Rescore.objects.filter(competition_id=competition, state=RescoreState.APPLIED)
    touched = RescoreItem.objects.filter(rescore=OuterRef("pk"), applied=True, submission__phase_id=phase)
    return (
        applied.filter(Exists(touched))
        .order_by("-decided_at")
        .values_list("decided_at", "reason", "phase__name")[:_NEWEST]
    )


def superseded_of(person: Person | None, submission_id: int) -> list[Superseded]:
    """What rescores replaced of the scores of a submission that is nobody's child, in the columns that the person sees,
    newest first; one query where there is nothing.

    Raises:
        NotAllowed, NotFound: the person does not see the submission.
    """
    parts = Q(submission_id=submission_id) | Q(submission__parent_id=submission_id)
    items = RescoreItem.objects.filter(parts, applied=True).select_related("rescore", "submission__task")
    found = list(items.order_by("-rescore__decided_at", "submission_id"))
    if not found:
        return []
    sight = submission_for(person, submission_id)
    row = sight.row
    hidden = sight.hidden_keys
    columns = [
        column
        for column in columns_of_competition(row.phase.competition_id).scored
        if column.key not in hidden and column.computation is None
    ]
    several = row.task_id is None
    return [
        Superseded(
            at=item.rescore.decided_at or item.rescore.created_at,
            reason=item.rescore.reason,
            part_id=item.submission_id,
            task=item.submission.task.name if several and item.submission.task else "",
            scores=_changes(columns, item.before or {}, _after(item)),
        )
        for item in found
    ]


def _after(item: RescoreItem) -> dict[str, float]:
    """What the rescore gave, whether or not it counts still."""
    if item.run_id is None:
        return {}
    made = Score.objects.filter(submission_id=item.submission_id, attempt__run_id=item.run_id)
    return dict(made.values_list("column_key", "value"))


def _changes(columns: list[Column], before: dict[str, float], after: dict[str, float]) -> tuple[OldScore, ...]:
    return tuple(
        OldScore(column.title, _text(column, before.get(column.key)), _text(column, after.get(column.key)))
        for column in columns
        if column.key in before or column.key in after
    )


def _text(column: Column, value: float | None) -> str:
    return "" if value is None else shown(value, column.precision)
