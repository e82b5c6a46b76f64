"""What became of the runs of a rescore so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from podium.rules.runs import Outcome
from podium.server.jobs.models import JobState
from podium.server.leaderboards.queries import CompetitionColumns
from podium.server.rescores.models import RescoreItem
from podium.server.submissions.models import Attempt

_STOPPED = "It was not scored: it was cancelled."


class ItemState(StrEnum):
    """Where the scoring of one submission stands."""

    WAITING = "waiting"
    RUNNING = "running"
    SCORED = "scored"
    FAILED = "failed"
    LEFT = "left"
    """It could not even be tried, or was deleted since."""


@dataclass(frozen=True)
class Shadow:
    """What a run in the shadow came to: `scores` are those that some board has a column for, None where there are none
    yet; `attempt_id` is the attempt that they come from, `made_from` what it read, and `reason` why there are none."""

    state: ItemState
    scores: Mapping[str, float] | None = None
    attempt_id: int | None = None
    made_from: Mapping[str, str] | None = None
    reason: str = ""

    @property
    def ended(self) -> bool:
        """Whether nothing more comes of it."""
        return self.state not in {ItemState.WAITING, ItemState.RUNNING}


@dataclass(frozen=True)
class ItemResult:
    """A submission of a rescore: `part_id` ran on the task, and `submission_id` is its parent, or the same. `twin` is
    the second scoring of one that is sampled."""

    item_id: int
    part_id: int
    submission_id: int
    phase_id: int
    task_id: int
    owner_id: int
    shadow: Shadow
    run_id: int | None = None
    twin: Shadow | None = None
    applied: bool = False
    before: Mapping[str, float] | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing more comes of it."""
        return self.shadow.ended and (self.twin is None or self.twin.ended)

    @property
    def compared(self) -> bool:
        """Whether it was scored twice."""
        return self.twin is not None and None not in (self.twin.scores, self.shadow.scores)

    @property
    def differs(self) -> bool:
        """Whether the two scorings came to different scores."""
        return self.compared and self.twin is not None and self.twin.scores != self.shadow.scores


def results_of(rescore_id: int, columns: CompetitionColumns) -> list[ItemResult]:
    """The submissions of a rescore in the order of their numbers, in three queries. `columns` are those of its
    competition."""
    shown = {column.key for column in columns.scored if column.computation is None}
    items = RescoreItem.objects.filter(rescore=rescore_id)
    attempts = _attempts(items.values("run_id"), shown) | _attempts(items.values("twin_id"), shown)
    names = (
        "pk", "submission_id", "submission__parent_id", "submission__phase_id", "submission__task_id",
        "submission__owner_id", "submission__is_deleted", "problem", "applied", "before",
        "run_id", "run__job__state", "run__job__reason", "twin_id", "twin__job__state", "twin__job__reason",
    )  # fmt: skip
    found = []
    for row in items.order_by("submission_id").values_list(*names):
        pk, part, parent, phase, task, owner, deleted, problem, applied, before, *runs = row
        run, state, reason, twin, twin_state, twin_reason = runs
        shadow = _shadow(run, state, reason or problem, attempts)
        if deleted and not applied:
            shadow = Shadow(ItemState.LEFT, reason="The submission was deleted.")
        found.append(
            ItemResult(
                item_id=pk,
                part_id=part,
                submission_id=parent or part,
                phase_id=phase,
                task_id=task or 0,
                owner_id=owner,
                shadow=shadow,
                run_id=run,
                twin=None if twin is None else _shadow(twin, twin_state, twin_reason, attempts),
                applied=applied,
                before=before,
            )
        )
    return found


def _shadow(run_id: int | None, state: str | None, reason: str, attempts: Mapping[int, Shadow]) -> Shadow:
    if run_id is None:
        return Shadow(ItemState.LEFT, reason=reason)
    if state == JobState.WAITING:
        return Shadow(ItemState.WAITING, reason=reason)
    if state == JobState.LEASED:
        return Shadow(ItemState.RUNNING)
    if state == JobState.CANCELLED:
        return Shadow(ItemState.LEFT, reason=reason or _STOPPED)
    return attempts.get(run_id, Shadow(ItemState.FAILED, reason=reason))


def _attempts(run_ids: Any, shown: set[str]) -> dict[int, Shadow]:
    """By run, what its last attempt came to."""
    found: dict[int, Shadow] = {}
    rows = Attempt.objects.filter(run_id__in=run_ids).order_by("number")
    for pk, run, outcome, reason, pairs, made_from in rows.values_list(
        "pk", "run_id", "outcome", "reason", "reported_scores", "made_from"
    ):
        if outcome == Outcome.FINISHED:
            scores = {key: float(value) for key, value in pairs or [] if key in shown}
            found[run] = Shadow(ItemState.SCORED, scores, pk, made_from)
        else:
            found[run] = Shadow(ItemState.FAILED, None, pk, made_from, reason)
    return found
