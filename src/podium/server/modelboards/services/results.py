"""Declaring what a model reached on a dataset. What was declared before stays, as an earlier revision."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Count, F, QuerySet

from podium.rules.errors import Conflict, NotAllowed
from podium.rules.history import EventKind
from podium.rules.modelboards.declared import Declared
from podium.rules.modelboards.direction import lower_is_better
from podium.rules.modelboards.standing import ranks
from podium.server import clock
from podium.server.accounts.people import Person
from podium.server.history.services import ChainName, append, keep_text
from podium.server.modelboards.models import Badge, Dataset, Result
from podium.server.modelboards.refusals import dataset_not_found
from podium.server.modelboards.services.statistics import want_statistics
from podium.server.prepared_queries import prepared

_TOP = 3


@dataclass(frozen=True)
class MetricSaid:
    """What a result's sender says of the dataset's metric; of a dataset whose metric or direction is not known yet
    its owner's word counts, or anybody's where nobody owns it."""

    name: str = ""
    lower_is_better: bool | None = None


def add_result(by: Person | None, dataset_name: str, declared: Declared, said: MetricSaid | None = None) -> list[str]:
    """Declare a model's result. The same again changes nothing. Returns what the sender should know.

    Raises:
        NotFound: there is no such dataset.
        NotAllowed: somebody else declared this model's result.
    """
    with transaction.atomic():
        dataset = Dataset.objects.select_for_update().filter(name=dataset_name).first()
        if dataset is None:
            raise dataset_not_found()
        warnings, learnt = _learn(dataset, by, said or MetricSaid())
        if declare(dataset, by, declared) or learnt:
            show_changes(dataset)
        return warnings + rank_warnings(dataset, [declared])


def _learn(dataset: Dataset, by: Person | None, said: MetricSaid) -> tuple[list[str], bool]:
    """What the sender should know, and whether the dataset is another now."""
    before = (dataset.metric, dataset.lower_is_better, dataset.direction_said)
    may = dataset.owner_id is None or (by is not None and (by.is_admin or by.id == dataset.owner_id))
    if may and not dataset.metric and said.name:
        dataset.metric = said.name
        if not dataset.direction_said:
            dataset.lower_is_better = lower_is_better(dataset.metric, dataset.name)
    if may and not dataset.direction_said and said.lower_is_better is not None:
        dataset.lower_is_better, dataset.direction_said = said.lower_is_better, True
    changed = (dataset.metric, dataset.lower_is_better, dataset.direction_said) != before
    if changed:
        dataset.save(update_fields=["metric", "lower_is_better", "direction_said"])
    if said.lower_is_better in (None, dataset.lower_is_better):
        return [], changed
    return [f"On this dataset the {'lowest' if dataset.lower_is_better else 'highest'} score is the best."], changed


def declare(dataset: Dataset, by: Person | None, declared: Declared) -> bool:
    """Put a result on the board of a dataset whose row is locked. False where the same stands there already.

    Raises:
        NotAllowed: somebody else declared this model's result.
        Conflict: it was scored here.
    """
    last = _last_of(dataset, declared.model)
    if last is not None and last.counts and last.said == (declared.score, declared.ci, declared.updated):
        return False
    _check_submitter(by, dataset, last)
    now = clock.now()
    if last is not None and last.counts:
        if last.scored_here:
            raise Conflict(
                "result-scored-here",
                f"The result of {declared.model} was scored here from its predictions.",
                "Send other predictions, or declare the score under another name of the model.",
            )
        Result.objects.filter(pk=last.pk).update(superseded_at=now)
    result = _row(dataset, by, declared, revision=1 if last is None else last.newest + 1)
    result.created_at = now
    result.save(force_insert=True)
    tell_declared(dataset, by, result)
    return True


def show_changes(dataset: Dataset) -> None:
    """Make of a dataset whose row is locked what its board shows now: a new version, its first models, their number."""
    best = _lowest if dataset.lower_is_better else _highest
    found = best(dataset=dataset.pk, most=_TOP + len(dataset.baselines))
    first = [(model, score) for model, score in found if model not in dataset.baselines][:_TOP]
    places = ranks([score for _, score in first], lower_is_better=dataset.lower_is_better)
    Dataset.objects.filter(pk=dataset.pk).update(
        version=F("version") + 1,
        changed_at=clock.now(),
        top=[[place, model, score] for place, (model, score) in zip(places, first, strict=True)],
        model_count=next((count for (count,) in _counted(dataset=dataset.pk)), 0),
    )
    want_statistics(dataset.pk)


@prepared
def _highest(dataset: int, most: int) -> QuerySet[Result, Any]:
    return _with_score(dataset).order_by("-score", "pk").values_list("model", "score")[:most]


@prepared
def _lowest(dataset: int, most: int) -> QuerySet[Result, Any]:
    return _with_score(dataset).order_by("score", "pk").values_list("model", "score")[:most]


def _with_score(dataset: int) -> QuerySet[Result]:
    return Result.objects.filter(dataset_id=dataset, superseded_at=None, score__isnull=False)


@prepared
def _counted(dataset: int) -> QuerySet[Result, Any]:
    current = Result.objects.filter(dataset_id=dataset, superseded_at=None).order_by()
    return current.values("dataset_id").annotate(models=Count("pk")).values_list("models")


def rank_warnings(dataset: Dataset, declared: Iterable[Declared]) -> list[str]:
    """Where the ranks that clients claimed are not those that the scores give, and days that are not yet."""
    found = []
    today = clock.now().date()
    for each in declared:
        if each.rank is not None:
            rank = None if each.model in dataset.baselines else _rank(dataset, each.score)
            if each.rank != rank:
                place = _why_none(dataset, each) if rank is None else str(rank)
                found.append(f"{each.model}: rank {each.rank} was declared, the scores give {place}.")
        if each.updated and each.updated_on is None:
            found.append(f"{each.model}: {each.updated!r} names no day.")
        elif each.updated_on is not None and each.updated_on > today:
            found.append(f"{each.model}: {each.updated} has not come yet.")
    return found


def _why_none(dataset: Dataset, declared: Declared) -> str:
    return "none, as it is a baseline" if declared.model in dataset.baselines else "none, for want of a score"


def _rank(dataset: Dataset, score: float | None) -> int | None:
    if score is None:
        return None
    better = {"score__lt": score} if dataset.lower_is_better else {"score__gt": score}
    ranked = dataset.results.filter(superseded_at=None).exclude(model__in=list(dataset.baselines))
    return 1 + ranked.filter(**better).count()


def next_revision(dataset: Dataset, model: str) -> int:
    """The number of a model's next result on a dataset whose row is locked."""
    last = _last_of(dataset, model)
    return 1 if last is None else last.newest + 1


def check_submitter(by: Person | None, dataset: Dataset, model: str) -> None:
    """Raises NotAllowed where a person may not put another result in the place of a model's last one."""
    _check_submitter(by, dataset, _last_of(dataset, model))


@dataclass(frozen=True)
class _Last:
    """The result of a model that counts, else its newest one; `newest` is the number of the newest revision."""

    pk: int
    counts: bool
    submitter: int | None
    scored_here: bool
    said: tuple[float | None, str, str]
    newest: int


def _last_of(dataset: Dataset, model: str) -> _Last | None:
    rows = _revisions(dataset=dataset.pk, model=model)
    if not rows:
        return None
    pk, superseded_at, submitter, predictions, *said, _ = next((row for row in rows if row[1] is None), rows[0])
    return _Last(
        pk, superseded_at is None, submitter, predictions is not None, (said[0], said[1], said[2]), rows[0][-1]
    )


@prepared
def _revisions(dataset: int, model: str) -> QuerySet[Result, Any]:
    """The newest first; the one that counts is among the newest."""
    fields = ("pk", "superseded_at", "submitter_id", "predictions_id", "score", "ci", "updated", "revision")
    return Result.objects.filter(dataset_id=dataset, model=model).order_by("-revision").values_list(*fields)


def _check_submitter(by: Person | None, dataset: Dataset, last: _Last | None) -> None:
    if last is None:
        return
    submitter = last.submitter
    allowed = submitter is None if by is None else by.is_admin or by.id in {submitter, dataset.owner_id}
    if not allowed:
        raise NotAllowed(
            "not-your-result",
            "Somebody else declared this model's result here.",
            "Send it under another name of the model, or ask the owner of the dataset.",
        )


def _row(dataset: Dataset, by: Person | None, declared: Declared, revision: int) -> Result:
    badge = Badge.UNVERIFIED if by is None else Badge.ORGANIZER if by.id == dataset.owner_id else Badge.DECLARED
    interval = declared.interval
    return Result(
        dataset=dataset,
        model=declared.model,
        revision=revision,
        score=declared.score,
        ci=declared.ci,
        ci_low=interval.low if interval else None,
        ci_high=interval.high if interval else None,
        updated=declared.updated,
        updated_on=declared.updated_on,
        declared_rank=declared.rank,
        detailed_scores=dict(declared.detailed_scores),
        submitted_by=declared.submitted_by,
        source=declared.source,
        extra=dict(declared.extra),
        badge=badge,
        submitter_id=by.id if by else None,
    )


def tell_declared(dataset: Dataset, by: Person | None, result: Result, *, about: str = "") -> None:
    """Append what a result says to the history; `about` is the opaque id of the person whose name the model has."""
    chain = ChainName.model_board(dataset.pk)
    append(
        chain,
        EventKind.RESULT_DECLARED if result.revision == 1 else EventKind.RESULT_REVISED,
        actor=by,
        payload={
            "dataset": dataset.pk,
            "result": result.pk,
            "model": keep_text(chain, result.model, about=about),
            "revision": result.revision,
            "score": result.score,
            "ci": None if result.ci_low is None else [result.ci_low, result.ci_high],
            "updated": "" if result.updated_on is None else result.updated_on.isoformat(),
            "badge": str(result.badge),
        },
    )
