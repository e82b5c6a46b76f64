"""Having predictions scored: the job that does it, and what it found put on the board."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from podium.rules.history import EventKind
from podium.server import clock
from podium.server.files.models import Blob
from podium.server.history.services import ChainName, append, keep_text
from podium.server.jobs.internal.services import ask_for
from podium.server.modelboards.models import Badge, Dataset, Predictions, PredictionsState, Result
from podium.server.modelboards.services.results import next_revision, show_changes

SCORING = "model-scoring"
_MOST_PROBLEMS = 100


@dataclass(frozen=True)
class Scoring:
    """What the process that scores found: its outcome, and the blobs of what is kept and of the items."""

    outcome: Mapping[str, Any]
    kept: Blob
    items: Blob


def ask_for_scoring(predictions: Predictions) -> int:
    """Have predictions scored against their references. To be called in a transaction that holds the dataset. Returns
    the number of the job."""
    job = ask_for(SCORING, None, {"predictions": predictions.pk}, subject=f"predictions {predictions.pk}")
    predictions.state, predictions.job_id = PredictionsState.WAITING, job
    predictions.problems, predictions.problem_count = [], 0
    predictions.save(update_fields=["references", "state", "job", "problems", "problem_count"])
    return job


def taken_meanwhile(dataset: Dataset, predictions: Predictions) -> bool:
    """Whether the model's last result on a dataset, which is held, is of somebody in whose place the sender of these
    predictions may not put another."""
    last = dataset.results.filter(model=predictions.model).order_by("-revision").first()
    if last is None or last.submitter_id == predictions.submitter_id:
        return False
    sender = predictions.submitter
    return sender is None or not (sender.is_superuser or sender.pk == dataset.owner_id)


def record_scores(dataset: Dataset, predictions: Predictions, scoring: Scoring) -> Result:
    """Put what predictions scored on the board of a dataset that is held: a new revision of the model's result."""
    outcome = scoring.outcome
    now = clock.now()
    predictions.state, predictions.scored_at = PredictionsState.SCORED, now
    predictions.answers_digest = outcome["answers_digest"]
    predictions.same_as = _same_answers(dataset, predictions)
    predictions.problems, predictions.problem_count = [], 0
    predictions.save(update_fields=["state", "scored_at", "answers_digest", "same_as", "problems", "problem_count"])
    current = dataset.results.filter(model=predictions.model, superseded_at=None).first()
    counts = current is None or current.predictions_id is None or current.predictions_id <= predictions.pk
    if counts and current is not None:
        Result.objects.filter(pk=current.pk).update(superseded_at=now)
    result = _result(dataset, predictions, scoring, again=_same_outcome(current, predictions, outcome))
    result.created_at, result.superseded_at = now, None if counts else now
    result.save(force_insert=True)
    tell_scored(dataset, predictions, result)
    if counts:
        show_changes(dataset)
    return result


def refuse_predictions(
    dataset: Dataset, predictions: Predictions, problems: list[dict[str, Any]], problem_count: int
) -> None:
    """Keep what is wrong with predictions, on a dataset that is held. What they scored before is withdrawn: it is of
    other references."""
    predictions.state = PredictionsState.REFUSED
    predictions.problems, predictions.problem_count = problems[:_MOST_PROBLEMS], problem_count
    predictions.save(update_fields=["state", "problems", "problem_count"])
    append(
        ChainName.model_board(dataset.pk),
        EventKind.PREDICTIONS_REFUSED,
        actor=None,
        payload={"dataset": dataset.pk, "predictions": predictions.pk, "problems": max(1, problem_count)},
    )
    for result in dataset.results.filter(predictions=predictions, superseded_at=None):
        result.superseded_at = clock.now()
        result.save(update_fields=["superseded_at"])
        chain = ChainName.model_board(dataset.pk)
        append(
            chain,
            EventKind.RESULT_WITHDRAWN,
            actor=None,
            payload={
                "dataset": dataset.pk,
                "result": result.pk,
                "model": keep_text(chain, result.model),
                "revision": result.revision,
            },
        )
        show_changes(dataset)


def _same_answers(dataset: Dataset, predictions: Predictions) -> Predictions | None:
    """The first predictions of another model with the same answers."""
    alike = dataset.predictions.filter(answers_digest=predictions.answers_digest, pk__lt=predictions.pk)
    return alike.exclude(model=predictions.model).order_by("pk").first()


def _same_outcome(current: Result | None, predictions: Predictions, outcome: Mapping[str, Any]) -> bool:
    """Whether these predictions were scored before, with the same numbers."""
    return (
        current is not None
        and current.predictions_id == predictions.pk
        and current.references_id == predictions.references_id
        and current.metrics == outcome["metrics"]
    )


def _result(dataset: Dataset, predictions: Predictions, scoring: Scoring, *, again: bool) -> Result:
    metrics: Mapping[str, Mapping[str, Any]] = scoring.outcome["metrics"]
    today = clock.now().date()
    result = Result(
        dataset=dataset,
        model=predictions.model,
        revision=next_revision(dataset, predictions.model),
        updated=today.isoformat(),
        updated_on=today,
        detailed_scores={name: each["score"] for name, each in metrics.items() if each["score"] is not None},
        submitted_by=predictions.submitted_by,
        source=predictions.source,
        extra=predictions.extra,
        badge=Badge.RERUN if again else Badge.SCORED,
        submitter_id=predictions.submitter_id,
        predictions=predictions,
        references_id=predictions.references_id,
        count=scoring.outcome["count"],
        metrics=metrics,
        kept=scoring.kept,
        items=scoring.items,
        tables=scoring.outcome["tables"],
        confusion=scoring.outcome["confusion"],
    )
    rank_by(result, dataset.metric)
    return result


def rank_by(result: Result, metric: str) -> None:
    """Make one of a scored result's metrics its score."""
    found = result.metrics.get(metric, {"score": None})
    result.score = found["score"]
    result.ci_low, result.ci_high = found.get("low"), found.get("high")
    result.ci = "" if result.ci_low is None else f"{result.ci_low:.4g} - {result.ci_high:.4g}"


def tell_scored(dataset: Dataset, predictions: Predictions, result: Result) -> None:
    """Append the event of a result that was scored here."""
    chain = ChainName.model_board(dataset.pk)
    append(
        chain,
        EventKind.RESULT_SCORED,
        actor=None,
        payload={
            "dataset": dataset.pk,
            "result": result.pk,
            "model": keep_text(chain, result.model),
            "revision": result.revision,
            "predictions": predictions.pk,
            "references": predictions.references.number,
            "metric": keep_text(chain, dataset.metric),
            "score": result.score,
            "ci": None if result.ci_low is None else [result.ci_low, result.ci_high],
            "items": result.count,
            "badge": str(result.badge),
            "counts": result.superseded_at is None,
        },
    )
