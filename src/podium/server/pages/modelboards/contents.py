"""What the page of a board is made of: the dataset, its metrics, its results as asked for, and their statistics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from podium.metrics.registry import task_type
from podium.metrics.task_type import Metric, TaskType
from podium.rules.errors import UserError
from podium.rules.modelboards.direction import lower_is_better, metric_named
from podium.server.modelboards.queries import (
    BoardRow,
    DatasetRow,
    Difference,
    ModelStatistics,
    Statistics,
    results_shown,
    statistics_of,
)
from podium.server.pages.modelboards.state import BoardView

PER_PAGE = 200
_NEVER = "It is known only of the results that count now."
_NOT_YET = "Nothing is computed yet: it takes results that were scored here, or two with an interval."
_NEW = "Results changed, and it is being computed again."
_BASELINE = "It is a baseline, which is not ranked."
_NOT_OF_IT = "No interval of it is known."


@dataclass(frozen=True)
class MetricFacts:
    """A number that results may have: its name, its title for people, which way it goes and its unit."""

    name: str
    title: str
    lower_is_better: bool
    unit: str = ""
    summary: str = ""

    @property
    def direction(self) -> str:
        """In words."""
        return "lower is better" if self.lower_is_better else "higher is better"

    @property
    def axis(self) -> str:
        """The title of an axis."""
        return f"{self.title}{f', {self.unit}' if self.unit else ''} ({self.direction})"

    @property
    def arrow(self) -> str:
        """The way to go."""
        return "↓" if self.lower_is_better else "↑"


@dataclass(frozen=True)
class BoardContents:
    """Everything about a board that its page shows. `rows` are all results in order of rank, and `may_browse` says
    whether the reader may see single items."""

    dataset: DatasetRow
    view: BoardView
    rows: Sequence[BoardRow]
    statistics: Statistics | None
    may_browse: bool

    @cached_property
    def metric(self) -> MetricFacts:
        """What the board ranks by."""
        return self.facts(self.dataset.metric)

    @cached_property
    def others(self) -> dict[str, MetricFacts]:
        """The other numbers of results, by name: those of the task type first, then what was declared."""
        task = _task(self.dataset.task_type)
        known = [each.name for each in task.metrics] if task else []
        found = dict.fromkeys(name for row in self.rows for name in (*row.metrics, *row.detailed_scores))
        scored = {name for row in self.rows for name, each in row.metrics.items() if each.score is not None}
        declared = {name for row in self.rows for name in row.detailed_scores}
        names = [name for name in known if name in found] + [name for name in found if name not in known]
        there = scored | declared
        return {name: self.facts(name) for name in names if name != self.dataset.metric and name in there}

    def facts(self, name: str) -> MetricFacts:
        """What is known of a metric of this name."""
        metric = _metric(self.dataset.task_type, name)
        own = name == self.dataset.metric
        if metric is not None:
            down = self.dataset.lower_is_better if own else metric.direction == "asc"
            return MetricFacts(name, metric.title, down, metric.unit, metric.summary)
        title = metric_named(name, self.dataset.name) if own else name
        return MetricFacts(name, title or "Score", self.dataset.lower_is_better if own else lower_is_better(name))

    @cached_property
    def chosen(self) -> list[BoardRow]:
        """The rows that the reader looks for, in order of rank."""
        view = self.view
        words = view.words.casefold()
        return [
            row
            for row in self.rows
            if words in row.model.casefold()
            and (not view.badges or row.badge in view.badges)
            and (not view.sender or view.sender in {row.submitter, row.submitted_by})
            and (not view.interval or (row.ci_low is not None) == (view.interval == "with"))
        ]

    @cached_property
    def best(self) -> BoardRow | None:
        """The result that all others are compared with."""
        return next((row for row in self.rows if row.rank == 1), None)

    def place(self, row: BoardRow) -> ModelStatistics | None:
        """What the statistics say of a result; None where they do not know it."""
        if self.statistics is None or not self.view.as_it_stands or row.model in self.dataset.baselines:
            return None
        return self.statistics.models.get(row.id)

    def to_best(self, row: BoardRow) -> Difference | None:
        """The difference of a result to the best one; None where it is not known, or only that to a former best."""
        best = self.place(self.best) if self.best else None
        place = self.place(row)
        return None if best is None or best.to_best is not None or place is None else place.to_best

    def why_unknown(self, row: BoardRow) -> str:
        """Why nothing is known of a result beside its own numbers."""
        if row.model in self.dataset.baselines:
            return _BASELINE
        if not self.view.as_it_stands:
            return _NEVER
        if self.statistics is None:
            return _NOT_YET
        return _NOT_OF_IT if self.statistics.fresh else _NEW

    @cached_property
    def span(self) -> tuple[float, float]:
        """From the lowest to the highest of all scores and bounds; (0, 0) without any."""
        scores = [row.score for row in self.rows if row.score is not None]
        bounds = [bound for row in self.rows for bound in (row.ci_low, row.ci_high) if bound is not None]
        return (min(scores + bounds), max(scores + bounds)) if scores else (0.0, 0.0)


def contents_of(dataset: DatasetRow, view: BoardView, *, may_browse: bool) -> BoardContents:
    """Everything that the page of a board is made of."""
    rows = results_shown(dataset, show=view.show, at=view.moment)
    return BoardContents(dataset, view, rows, statistics_of(dataset), may_browse)


def score_of(row: BoardRow, metric: str) -> float | None:
    """A result's number on another metric than the board's own."""
    scored = row.metrics.get(metric)
    return row.detailed_scores.get(metric) if scored is None else scored.score


def metrics_by_name(task: str) -> Mapping[str, Metric]:
    """The metrics of a task type; none of one that is not known here any more."""
    found = _task(task)
    return {each.name: each for each in found.metrics} if found else {}


def _metric(task: str, name: str) -> Metric | None:
    return metrics_by_name(task).get(name)


def _task(name: str) -> TaskType | None:
    try:
        return task_type(name)
    except UserError:
        return None
