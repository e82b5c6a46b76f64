"""What the page of a model shows, ready for its template."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.safestring import SafeString

from podium.server.modelboards.models import Badge
from podium.server.modelboards.queries.models import Revision, Standing
from podium.server.pages import wording
from podium.server.pages.modelboards.figures import in_words, number

_UNSCORED = "–"


@dataclass(frozen=True)
class RevisionLine:
    """A result that the model had."""

    score: str
    interval: str
    badge: str
    source: str
    sent_by: str
    since: SafeString
    counts: bool


@dataclass(frozen=True)
class StandingLine:
    """A dataset that the model has a result on. `spread` is empty where nothing is known of it."""

    url: str
    dataset: str
    task_type: str
    metric: str
    direction: str
    rank: str
    ranked: str
    spread: str
    score: str
    interval: str
    count: str
    badge: str
    source: str
    updated: str
    history: str
    revisions: tuple[RevisionLine, ...]
    more_revisions: str


def standing_lines(standings: Sequence[Standing]) -> list[StandingLine]:
    """The lines of the page."""
    return [_line(each) for each in standings]


def _line(standing: Standing) -> StandingLine:
    left_out = standing.revision_count - len(standing.revisions)
    return StandingLine(
        url=reverse("model_board", args=[standing.slug]),
        dataset=standing.dataset,
        task_type=in_words(standing.task_type),
        metric=standing.metric,
        direction="lower is better" if standing.lower_is_better else "higher is better",
        rank=_UNSCORED if standing.rank is None else f"{standing.rank:,}",
        ranked=_of_how_many(standing),
        spread=_spread(standing),
        score=_UNSCORED if standing.score is None else number(standing.score),
        interval=interval(standing.low, standing.high),
        count="" if standing.count is None else wording.counted(standing.count, "item"),
        badge=Badge(standing.badge).label,
        source=standing.source,
        updated=standing.updated_on.isoformat() if standing.updated_on else standing.updated,
        history=wording.counted(standing.revision_count, "result"),
        revisions=tuple(_revision(each) for each in standing.revisions),
        more_revisions=wording.counted(left_out, "older result") if left_out else "",
    )


def _of_how_many(standing: Standing) -> str:
    if standing.rank is not None:
        return f"of {standing.ranked:,}"
    return "not ranked, it has no score" if standing.score is None else "not ranked, it is a baseline"


def interval(low: float | None, high: float | None) -> str:
    """Two bounds in words; empty where there are none."""
    return "" if low is None or high is None else f"{number(low)} to {number(high)}"


def _spread(standing: Standing) -> str:
    if standing.best_rank is None or standing.worst_rank is None:
        return ""
    if standing.best_rank == standing.worst_rank:
        return f"surely {standing.best_rank:,}"
    return f"{standing.best_rank:,} to {standing.worst_rank:,}"


def _revision(revision: Revision) -> RevisionLine:
    return RevisionLine(
        score=_UNSCORED if revision.score is None else number(revision.score),
        interval=revision.ci,
        badge=Badge(revision.badge).label,
        source=revision.source,
        sent_by=revision.submitted_by,
        since=wording.ago(revision.created_at),
        counts=revision.until is None,
    )
