"""What is known of how sure the scores of a board and of a submission are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet

from podium.rules.errors import Problem
from podium.rules.per_item import is_mean
from podium.rules.runs import Step
from podium.server.accounts.people import Person
from podium.server.certainty.models import BoardCertainty, ItemScores
from podium.server.jobs.internal.problems import read_problems
from podium.server.leaderboards.queries import BoardSight
from podium.server.prepared_queries import prepared
from podium.server.submissions.models import Score
from podium.server.submissions.queries.access import submission_for


class Bounds(NamedTuple):
    """A score and its interval."""

    low: float
    score: float
    high: float


@dataclass(frozen=True)
class BoardSureness:
    """What the items of scores say of a board's column: the `intervals` of some of its entries, by submission, and
    which entries stand together with the first (`tied`, the first among them, or nobody), of the `compared` first ones
    on the same `items`. `detectable` is the smallest difference that these items would show in four of five tries. Of
    `apart` entries the score is not the mean of its items, so that their interval is none of the score."""

    column: str
    precision: int
    level: float
    items: int
    compared: int
    tied: frozenset[int]
    detectable: float | None
    intervals: Mapping[int, Bounds]
    apart: int


def board_sureness(sight: BoardSight, parts: Mapping[int, Sequence[int]]) -> BoardSureness | None:
    """What is known of a board that a person sees, and of the entries whose `parts` (the submissions that ran, by that
    of the entry) are given; two queries. None where nothing is known, the person does not see the column, or one task
    of several is looked at alone."""
    found = None if sight.task is not None else _content(sight)
    column = None if found is None else next((each for each in sight.columns if each.key == found["column"]), None)
    if found is None or column is None:
        return None
    if len(sight.plan.tasks) > 1:
        intervals, apart = {int(pk): Bounds(*ends) for pk, ends in found["intervals"].items() if int(pk) in parts}, 0
    else:
        intervals, apart = _intervals(column.key, parts)
    tied = frozenset(found["tied"]) if len(found["tied"]) > 1 else frozenset()
    return BoardSureness(
        column=column.key,
        precision=column.precision,
        level=found["level"],
        items=found["items"],
        compared=found["compared"],
        tied=tied,
        detectable=found["detectable"],
        intervals=intervals,
        apart=apart,
    )


@dataclass(frozen=True)
class ItemReport:
    """What became of the per_item.csv of a submission: what is wrong with it, or the columns whose score is not the
    mean of its items, with that mean."""

    problems: tuple[Problem, ...]
    problem_count: int
    apart: tuple[tuple[str, float], ...]


def item_reports(person: Person | None, submission_id: int) -> dict[int, ItemReport]:
    """The same of a submission, by the ids of the submissions that ran: of the attempts that their scores are from.
    Those are left out of which nothing was written, and those of which nothing is to be said; all, where the output of
    scoring is kept from the person.

    Raises:
        NotAllowed, NotFound: the person does not see the submission.
    """
    sight = submission_for(person, submission_id)
    if not sight.may_see_output(Step.SCORING):
        return {}
    family = Q(submission_id=submission_id) | Q(submission__parent_id=submission_id)
    living = Score.objects.filter(family, superseded_at=None, attempt__item_scores__isnull=False)
    living = living.exclude(column_key__in=sight.hidden_keys)
    reports: dict[int, ItemReport] = {}
    told: dict[int, list[tuple[str, float, int]]] = {}
    for part, key, value, attempt in living.order_by("position").values_list(
        "submission_id", "column_key", "value", "attempt_id"
    ):
        told.setdefault(part, []).append((key, value, attempt))
    items = {row.attempt_id: row for row in ItemScores.objects.filter(attempt__scores__in=living).distinct()}
    for part, scores in told.items():
        row = items[scores[0][2]]
        apart = tuple(
            (key, mean)
            for key, value, attempt in scores
            if (mean := items[attempt].columns.get(key, {}).get("mean")) is not None and not is_mean(mean, value)
        )
        if row.problem_count or apart:
            reports[part] = ItemReport(read_problems(row.problems), row.problem_count, apart)
    return reports


def _content(sight: BoardSight) -> Mapping[str, Any] | None:
    rows = _contents(board=sight.plan.leaderboard_id, phase=sight.plan.phase_id)
    content: Mapping[str, Any] = rows[0][0] if rows else {}
    return content or None


@prepared
def _contents(board: int, phase: int) -> QuerySet[BoardCertainty, Any]:
    return BoardCertainty.objects.filter(leaderboard_id=board, phase_id=phase).values_list("content")


def _intervals(key: str, parts: Mapping[int, Sequence[int]]) -> tuple[dict[int, Bounds], int]:
    entry_of = {part: entry for entry, found in parts.items() for part in found}
    living = Score.objects.filter(submission__in=list(entry_of), column_key=key, superseded_at=None)
    known = living.filter(attempt__item_scores__kept__isnull=False)
    intervals: dict[int, Bounds] = {}
    apart = 0
    for part, value, columns in known.values_list("submission_id", "value", "attempt__item_scores__columns"):
        told = columns.get(key)
        if told is None or told["mean"] is None:
            continue
        if not is_mean(told["mean"], value):
            apart += 1
        elif told["low"] is not None:
            intervals[entry_of[part]] = Bounds(told["low"], value, told["high"])
    return intervals, apart
