"""Putting what is right on a dataset: sent by its owner, checked by a job, and scored against from then on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from podium.metrics.registry import task_type
from podium.metrics.task_type import Metric
from podium.rules.errors import NotAllowed
from podium.rules.history import EventKind
from podium.server import clock
from podium.server.accounts.people import Person
from podium.server.accounts.services import hold_account
from podium.server.files.models import Blob
from podium.server.files.services import keep_blobs
from podium.server.history.services import ChainName, append
from podium.server.jobs.internal.services import ask_for
from podium.server.modelboards.metric_names import metric_meant
from podium.server.modelboards.models import Dataset, Predictions, PredictionsState, ReferenceSet, ReferencesState
from podium.server.modelboards.refusals import dataset_not_found
from podium.server.modelboards.services.datasets import DatasetWishes, add_dataset
from podium.server.modelboards.services.following import follow_metric
from podium.server.modelboards.services.results import show_changes
from podium.server.modelboards.services.scoring import ask_for_scoring
from podium.server.modelboards.services.sent_files import KeptFile, SentFile, check_space, keep_sent

CHECKING_REFERENCES = "model-references"


@dataclass(frozen=True)
class PutReferences:
    """References that were sent: their number, and that of the job that checks them, None where they are the same as
    those before."""

    number: int
    job: int | None


@dataclass(frozen=True)
class AddedWithReferences:
    """The key of a dataset, and the number of the job that checks its references, None where nothing is to be
    checked."""

    key: UUID
    job: int | None


def put_references(
    by: Person | None, dataset_name: str, references: SentFile, inputs: SentFile | None = None
) -> PutReferences:
    """Send references, and what models are asked for everybody to read. They count once a job has checked them; then
    the newest predictions of every model are scored against them. The same again changes nothing.

    Raises:
        NotFound: there is no such dataset.
        NotAllowed: it is somebody else's.
        UserError: the dataset's metric is none of its task type's, or a file is empty.
        TooLarge, OutOfSpace: a file does not fit.
    """
    _check(by, Dataset.objects.filter(name=dataset_name).first())
    files = [keep_sent(by, each) for each in (references, inputs) if each is not None]
    with transaction.atomic():
        _keep(by, files)
        dataset = Dataset.objects.select_for_update().filter(name=dataset_name).first()
        return _put(by, _check(by, dataset), *files)


def add_dataset_with_references(
    by: Person | None, wishes: DatasetWishes, references: SentFile | None, inputs: SentFile | None
) -> AddedWithReferences:
    """Add a dataset with its references, all or nothing.

    Raises:
        what `add_dataset` and `put_references` raise.
    """
    files = [keep_sent(by, each) for each in (references, inputs) if each is not None]
    with transaction.atomic():
        _keep(by, files)
        added = add_dataset(by, wishes)
        if not files:
            return AddedWithReferences(added.key, None)
        dataset = Dataset.objects.select_for_update().get(key=added.key)
        return AddedWithReferences(added.key, _put(by, _check(by, dataset), *files).job)


def accept_references(pk: int, found: Mapping[str, Any], items: Blob) -> None:
    """Have predictions scored against references that were checked, from now on. To be called in a transaction, after
    the blob of their items was kept."""
    references = ReferenceSet.objects.select_related("sender").get(pk=pk)
    dataset = Dataset.objects.select_for_update().get(pk=references.dataset_id)
    now = clock.now()
    newer = dataset.reference_sets.filter(number__gt=references.number, state=ReferencesState.ACCEPTED)
    references.state = ReferencesState.ACCEPTED
    references.items, references.count, references.digest = items, found["count"], found["digest"]
    references.languages, references.clusters = found["languages"], found["clusters"]
    if newer.exists():
        # What was sent later was checked earlier, and counts.
        references.superseded_at = now
        references.save()
        return
    dataset.reference_sets.filter(state=ReferencesState.ACCEPTED, superseded_at=None).update(superseded_at=now)
    references.save()
    metric = metric_meant(task_type(dataset.task_type), dataset.metric)
    changed = _rest_on(dataset, metric, references)
    _tell(dataset, references)
    if changed:
        follow_metric(dataset)
    _score_all(dataset, references)
    show_changes(dataset)


def refuse_references(pk: int, state: ReferencesState, problems: list[dict[str, Any]], problem_count: int) -> None:
    """Keep what is wrong with references. To be called in a transaction."""
    ReferenceSet.objects.filter(pk=pk, state=ReferencesState.WAITING).update(
        state=state, problems=problems, problem_count=problem_count
    )


def _keep(by: Person | None, files: list[KeptFile]) -> None:
    """Hold the account, then the blobs: in the order in which everybody does."""
    if by is not None:
        check_space(hold_account(by.id), sum(each.stored.size_bytes for each in files))
    keep_blobs([each.stored for each in files])


def _check(by: Person | None, dataset: Dataset | None) -> Dataset:
    if dataset is None:
        raise dataset_not_found()
    owned = by is not None and (by.is_admin or by.id == dataset.owner_id)
    # Of a dataset that nobody owns, anybody's first references count.
    if not owned and (dataset.owner_id is not None or dataset.reference_sets.exclude(state="refused").exists()):
        raise NotAllowed(
            "not-your-dataset",
            "Only the owner of a dataset puts references to it.",
            "Ask the owner, or add a dataset of your own.",
        )
    metric_meant(task_type(dataset.task_type), dataset.metric)
    return dataset


def _put(by: Person | None, dataset: Dataset, references: KeptFile, inputs: KeptFile | None = None) -> PutReferences:
    last = dataset.reference_sets.exclude(state__in=["refused", "failed"]).order_by("-number").first()
    sha256 = inputs.stored.sha256 if inputs else None
    if last is not None and (last.blob_id, last.inputs_id) == (references.stored.sha256, sha256):
        return PutReferences(last.number, last.job_id if last.state == ReferencesState.WAITING else None)
    number = 1 + (dataset.reference_sets.aggregate(last=Max("number"))["last"] or 0)
    made = ReferenceSet.objects.create(
        dataset=dataset,
        number=number,
        blob_id=references.stored.sha256,
        name=references.name,
        inputs_id=sha256,
        inputs_name=inputs.name if inputs else "",
        sender_id=by.id if by else None,
        created_at=clock.now(),
    )
    job = ask_for(CHECKING_REFERENCES, by, {"references": made.pk}, subject=f"references {made.pk}")
    ReferenceSet.objects.filter(pk=made.pk).update(job_id=job)
    return PutReferences(number, job)


def _rest_on(dataset: Dataset, metric: Metric, references: ReferenceSet) -> bool:
    """Let a dataset be ranked by a metric of its task type. Returns whether it is another, or goes another way."""
    before = (dataset.metric, dataset.lower_is_better)
    dataset.metric, dataset.lower_is_better, dataset.direction_said = metric.name, metric.direction == "asc", True
    dataset.item_count = references.count
    dataset.languages = dataset.languages or references.languages
    dataset.save(update_fields=["metric", "lower_is_better", "direction_said", "item_count", "languages"])
    return before != (dataset.metric, dataset.lower_is_better)


def _score_all(dataset: Dataset, references: ReferenceSet) -> None:
    """Have the newest predictions of each model scored against these references, and all that wait for any."""
    waiting = dataset.predictions.filter(state=PredictionsState.WAITING)
    waiting.update(references=references)
    scored = dataset.predictions.exclude(scored_at=None).exclude(state=PredictionsState.WAITING)
    newest: dict[str, Predictions] = {each.model: each for each in scored.order_by("pk")}
    for each in newest.values():
        each.references = references
        ask_for_scoring(each)


def _tell(dataset: Dataset, references: ReferenceSet) -> None:
    append(
        ChainName.model_board(dataset.pk),
        EventKind.REFERENCES_ACCEPTED,
        actor=_Sender(str(references.sender.opaque_id)) if references.sender else None,
        payload={
            "dataset": dataset.pk,
            "references": references.number,
            "sha256": references.blob_id,
            "items": references.count,
        },
    )


@dataclass(frozen=True)
class _Sender:
    opaque_id: str
