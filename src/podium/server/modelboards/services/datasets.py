"""Adding a dataset with the results that are declared with it, or adding to one that is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from podium.metrics.registry import task_type
from podium.rules.errors import Conflict, NotAllowed
from podium.rules.history import EventKind
from podium.rules.modelboards.declared import Declared
from podium.rules.modelboards.direction import lower_is_better
from podium.rules.modelboards.names import free_slug, slug_of
from podium.server import clock
from podium.server.accounts.people import Person
from podium.server.history.services import ChainName, append, keep_text
from podium.server.modelboards.metric_names import metric_meant
from podium.server.modelboards.models import Dataset
from podium.server.modelboards.refusals import dataset_not_found
from podium.server.modelboards.services.following import follow_metric
from podium.server.modelboards.services.results import declare, rank_warnings, show_changes

_ALIKE_LETTERS = 60
"""How long a beginning of an address all those have in common that may be made of one name."""
_MOST_TRIES = 5


@dataclass(frozen=True)
class DatasetWishes:
    """A dataset as somebody sends it. Texts are checked and cleaned already; of an existing dataset what is None, or
    an empty text, stays as it is."""

    name: str
    task_type: str
    url: str = ""
    description: str = ""
    metric: str = ""
    lower_is_better: bool | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    languages: Sequence[str] = ()
    results: Sequence[Declared] = ()


@dataclass(frozen=True)
class AddedDataset:
    """The key of the dataset, and what whoever sent it should know."""

    key: UUID
    warnings: tuple[str, ...]


def add_dataset(by: Person | None, wishes: DatasetWishes) -> AddedDataset:
    """Add a dataset with its results, all or nothing. One of that name is changed and keeps its key and its results.

    Raises:
        NotAllowed: the dataset of that name is somebody else's, or one of its results is.
        Conflict: it has references of another task type, or one of its results was scored here.
        UserError: it has references, and its task type has no such metric.
    """
    with transaction.atomic():
        made = _made(by, wishes)
        dataset, changed = (made, True) if made else _changed(by, wishes)
        new = [declare(dataset, by, result) for result in wishes.results]
        if any(new) or changed:
            show_changes(dataset)
        warnings = rank_warnings(dataset, wishes.results)
        return AddedDataset(dataset.key, tuple(warnings))


def show_items(by: Person, key: UUID, *, public: bool) -> None:
    """Let everybody see the single items of a dataset with what is right, or only its owner and administrators.

    Raises:
        NotFound: there is no such dataset.
        NotAllowed: it is somebody else's.
    """
    with transaction.atomic():
        dataset = Dataset.objects.select_for_update().filter(key=key).first()
        if dataset is None:
            raise dataset_not_found()
        if not (by.is_admin or by.id == dataset.owner_id):
            raise _not_yours()
        if dataset.items_public != public:
            dataset.items_public = public
            dataset.save(update_fields=["items_public"])
            _tell(by, dataset, EventKind.DATASET_CHANGED)
            show_changes(dataset)


def _made(by: Person | None, wishes: DatasetWishes) -> Dataset | None:
    """A new dataset; None where there is one of that name, also where another writer was faster."""
    for tries in range(1, _MOST_TRIES + 1):
        if Dataset.objects.filter(name=wishes.name).exists():
            return None
        try:
            with transaction.atomic():
                dataset = _insert(by, wishes)
        except IntegrityError:
            # Somebody took the name, or the address, since we looked.
            if tries == _MOST_TRIES:
                raise
        else:
            _tell(by, dataset, EventKind.DATASET_ADDED)
            return dataset
    return None


def _insert(by: Person | None, wishes: DatasetWishes) -> Dataset:
    now = clock.now()
    said = wishes.lower_is_better
    return Dataset.objects.create(
        name=wishes.name,
        slug=_free_slug(wishes.name),
        url=wishes.url,
        task_type=wishes.task_type,
        description=wishes.description,
        metric=wishes.metric,
        lower_is_better=lower_is_better(wishes.metric, wishes.name) if said is None else said,
        direction_said=said is not None,
        owner_id=by.id if by else None,
        extra=dict(wishes.extra),
        languages=list(wishes.languages),
        created_at=now,
        changed_at=now,
    )


def _changed(by: Person | None, wishes: DatasetWishes) -> tuple[Dataset, bool]:
    """The dataset that is there, and whether it is another now."""
    dataset = Dataset.objects.select_for_update().get(name=wishes.name)
    _check_owner(by, dataset)
    before, ranked_by = _shown(dataset), dataset.metric
    if dataset.item_count and dataset.task_type != wishes.task_type:
        raise Conflict(
            "task-type-fixed",
            f"The references of this dataset are of the task type {dataset.task_type}.",
            "Keep the task type, or add another dataset.",
        )
    dataset.task_type = wishes.task_type
    dataset.url = wishes.url or dataset.url
    dataset.description = wishes.description or dataset.description
    dataset.metric = wishes.metric or dataset.metric
    dataset.extra = {**dataset.extra, **wishes.extra}
    dataset.languages = list(wishes.languages) or dataset.languages
    if dataset.item_count:
        metric = metric_meant(task_type(dataset.task_type), dataset.metric)
        dataset.metric, dataset.lower_is_better = metric.name, metric.direction == "asc"
    elif wishes.lower_is_better is not None:
        dataset.lower_is_better, dataset.direction_said = wishes.lower_is_better, True
    elif not dataset.direction_said:
        dataset.lower_is_better = lower_is_better(dataset.metric, dataset.name)
    changed = _shown(dataset) != before
    if changed:
        dataset.save()
        _tell(by, dataset, EventKind.DATASET_CHANGED)
        if dataset.metric != ranked_by:
            follow_metric(dataset)
    return dataset, changed


def _check_owner(by: Person | None, dataset: Dataset) -> None:
    if dataset.owner_id is None or (by is not None and (by.is_admin or by.id == dataset.owner_id)):
        return
    raise _not_yours()


def _not_yours() -> NotAllowed:
    return NotAllowed(
        "not-your-dataset",
        "The dataset of this name belongs to somebody else.",
        "Choose another name, or add results of single models to it.",
    )


def _shown(dataset: Dataset) -> tuple[object, ...]:
    return (
        dataset.task_type,
        dataset.url,
        dataset.description,
        dataset.metric,
        dataset.extra,
        dataset.languages,
        dataset.lower_is_better,
        dataset.direction_said,
    )


def _free_slug(name: str) -> str:
    alike = Dataset.objects.filter(slug__startswith=slug_of(name)[:_ALIKE_LETTERS])
    return free_slug(name, set(alike.values_list("slug", flat=True)))


def _tell(by: Person | None, dataset: Dataset, kind: EventKind) -> None:
    chain = ChainName.model_board(dataset.pk)
    append(
        chain,
        kind,
        actor=by,
        payload={
            "dataset": dataset.pk,
            "name": keep_text(chain, dataset.name),
            "description": keep_text(chain, dataset.description),
            "task_type": dataset.task_type,
            "metric": keep_text(chain, dataset.metric),
            "lower_is_better": dataset.lower_is_better,
        },
    )
