"""Comparing the first entries of a board by their items."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from django.db import transaction

from podium.rules.board.aggregate import MultiTaskRanking
from podium.rules.board.columns import Column, Sorting
from podium.rules.board.ranking import column_order
from podium.rules.errors import NotFound
from podium.rules.per_item import is_mean
from podium.server.certainty.jobs.items import ROOM
from podium.server.certainty.models import BoardCertainty, ItemScores
from podium.server.certainty.services import BOARD_CERTAINTY, put_certainty, version_of
from podium.server.computing.orders import done_by
from podium.server.files.services import store
from podium.server.jobs.internal.services import forget_ended
from podium.server.jobs.internal.work import JobKind, Work
from podium.server.leaderboards.queries.plan import BoardPlan, plan_of_phase
from podium.server.leaderboards.queries.ranked import RankedEntries
from podium.server.leaderboards.queries.stored_rows import ranked_rows
from podium.server.submissions.models import Score

MOST_COMPARED = 200
"""Entries of one board, from the first, that are compared."""


def _compare(work: Work) -> None:
    board, phase = work.order.payload["leaderboard"], work.order.payload["phase"]
    # The version first: what changes after it is looked at again.
    seen = version_of(board, phase) or 0
    order = _order(board, phase)
    digest = "" if order is None else sha256(json.dumps(order, sort_keys=True).encode()).hexdigest()
    before = BoardCertainty.objects.filter(leaderboard_id=board, phase_id=phase).first()
    content: dict[str, Any] = {}
    if order is not None and before is not None and before.digest == digest:
        content = before.content
    elif order is not None:
        with done_by(ROOM, work, order) as (found, _):
            content = found
    with transaction.atomic():
        put_certainty(board, phase, seen, digest, content)
        forget_ended(BOARD_CERTAINTY, work.order.subject)
        work.finish({})


def _order(board: int, phase: int) -> dict[str, Any] | None:
    """What is to be compared; None where nothing is known of the items of these entries."""
    try:
        plan = plan_of_phase(phase, board)
    except NotFound:
        return None
    column = compared_column(plan)
    if column is None:
        return None
    rows = ranked_rows(RankedEntries(board, phase), 0, MOST_COMPARED)
    entries = _entries(plan, column.key, rows)
    if not entries:
        return None
    return {
        "kind": "board",
        "about": f"phase {phase}",
        "column": column.key,
        "lower_is_better": column.sorting is Sorting.ASCENDING,
        "several_tasks": len(plan.tasks) > 1,
        "first": entries[0]["submission"] == rows[0]["submission_id"],
        "entries": entries,
    }


def compared_column(plan: BoardPlan) -> Column | None:
    """The column that ranks first, where its values are scores as programs wrote them, or their mean over tasks."""
    column = next(iter(column_order(plan.columns, plan.primary_index)), None)
    if column is None or column.computation is not None or not plan.tasks:
        return None
    return column if len(plan.tasks) == 1 or plan.multi_task is MultiTaskRanking.MEAN else None


def _entries(plan: BoardPlan, key: str, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Those of which the items are known for all tasks, and of which the score is their mean."""
    scores = {row["pk"]: _scores(plan, key, row) for row in rows}
    items = _items({pk for found in scores.values() for pk in found})
    entries = []
    for row in rows:
        parts = [items.get(pk, {}).get(key) for pk in scores[row["pk"]]]
        known = [part for part in parts if part is not None and part["mean"] is not None]
        value = row["values"].get(key)
        if value is None or len(known) != len(plan.tasks):
            continue
        count = sum(part["count"] for part in known)
        if is_mean(sum(part["mean"] * part["count"] for part in known) / count, value):
            entries.append(
                {
                    "submission": row["submission_id"],
                    "count": count,
                    "items": [part["items"] for part in known],
                    "digest": " ".join(part["kept"] for part in known),
                    "parts": [{"path": part["path"], "place": part["place"]} for part in known],
                }
            )
    return entries


def _scores(plan: BoardPlan, key: str, row: Mapping[str, Any]) -> list[int]:
    """The living scores of an entry in a column, in the order of the tasks."""
    cells = [row["cells"].get(str(task.id)) for task in plan.tasks]
    found = [cell["scores"].get(key) for cell in cells if cell]
    return [pk for pk in found if pk is not None]


def _items(scores: set[int]) -> dict[int, dict[str, dict[str, Any]]]:
    """What is known of the items of the attempts that these scores are from, by score and column."""
    attempts = dict(Score.objects.filter(pk__in=scores).exclude(attempt=None).values_list("pk", "attempt_id"))
    kept = {
        attempt: {key: {**told, "kept": blob, "path": str(store().path(blob))} for key, told in columns.items()}
        for attempt, blob, columns in ItemScores.objects.filter(attempt__in=set(attempts.values()))
        .exclude(kept=None)
        .values_list("attempt_id", "kept_id", "columns")
    }
    return {pk: kept[attempt] for pk, attempt in attempts.items() if attempt in kept}


BOARDS = JobKind(BOARD_CERTAINTY, _compare)
