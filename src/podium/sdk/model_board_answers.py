"""What the server answers about model boards, as far as the client reads it; unknown keys are left alone."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from podium.sdk.answers import Answer, ProblemAnswer


class DatasetAnswer(Answer):
    """A dataset of a model board. `metric_direction` is `asc` where the lowest score is the best."""

    id: UUID
    name: str
    slug: str
    task_type: str
    url: str = ""
    description: str = ""
    evaluation_metric: str = ""
    metric_direction: str = "desc"
    model_count: int = 0
    submission_count: int = 0


class DatasetsAnswer(Answer):
    """All datasets."""

    datasets: tuple[DatasetAnswer, ...]


class DatasetDetails(Answer):
    """One dataset."""

    dataset: DatasetAnswer


class ModelAnswer(Answer):
    """A model on a dataset's board; the score is None where it has none, and so is the rank. `badge` says where the
    score comes from."""

    rank: int | None
    model_name: str
    dataset_name: str
    score: float | None
    ci_low: float | None = None
    ci_high: float | None = None
    evaluation_metric: str = ""
    updated: str = ""
    badge: str = ""
    submitted_by: str = ""
    source: str = ""
    submission_count: int = 1
    detailed_scores: dict[str, float | None] = {}


class BoardPart(Answer):
    """A page of a board; `next_cursor` is the number of the next one."""

    leaderboard: tuple[ModelAnswer, ...]
    next_cursor: int | None = None


class ModelBoard(Answer):
    """A dataset and all models on it, in order of rank."""

    dataset: DatasetAnswer
    models: tuple[ModelAnswer, ...]


class AddedAnswer(Answer):
    """What was added. `warnings` are what the sender should know besides; the id is that of a new dataset."""

    message: str
    dataset_id: UUID | None = None
    warnings: str = ""


class ReferencesAnswer(Answer):
    """References of a dataset: `state` is waiting, accepted, refused (they are wrong, and `problems` says how) or
    failed (they could not be checked here)."""

    state: str = "waiting"
    message: str = ""
    count: int = 0
    problems: tuple[ProblemAnswer, ...] = ()
    problem_count: int = 0

    @property
    def ended(self) -> bool:
        """Whether nothing more comes."""
        return self.state != "waiting"


class PredictionsAnswer(Answer):
    """Predictions of a model: `state` is waiting, scored, refused (they are wrong, and `problems` says how) or failed
    (they could not be scored here). Those that were only checked have a `check_id`, and are valid or refused."""

    predictions_id: UUID | None = None
    check_id: int | None = None
    state: str
    message: str = ""
    score: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    metrics: dict[str, Any] = {}
    problems: tuple[ProblemAnswer, ...] = ()
    problem_count: int = 0

    @property
    def ended(self) -> bool:
        """Whether nothing more comes."""
        return self.state != "waiting"


class ImportedResult(Answer):
    """What became of one result of a file: added, updated, or skipped for a reason."""

    place: str
    dataset: str
    model: str
    score: float | None
    outcome: str
    reason: str = ""


class LeftOutAnswer(Answer):
    """A part of a file that is no result of its own, and why."""

    place: str
    reason: str


class ImportReportAnswer(Answer):
    """What became of a file of another tool."""

    message: str
    tool: str
    new_datasets: tuple[str, ...] = ()
    results: tuple[ImportedResult, ...] = ()
    left_out: tuple[LeftOutAnswer, ...] = ()


class ComparedModel(Answer):
    """One of the models that are compared."""

    model: str
    score: float | None
    ci_low: float | None = None
    ci_high: float | None = None
    rank_best: int | None = None
    rank_worst: int | None = None


class ComparedPair(Answer):
    """The first model minus the second. `distinguishable` is None where nothing can be said."""

    first: str
    second: str
    estimate: float
    low: float | None = None
    high: float | None = None
    p: float | None = None
    method: str = ""
    distinguishable: bool | None = None


class ModelComparison(Answer):
    """Models compared on one metric. `state` is waiting while it is being computed."""

    state: str
    metric: str = ""
    level: float = 0.95
    detectable: float | None = None
    models: tuple[ComparedModel, ...] = ()
    pairs: tuple[ComparedPair, ...] = ()
