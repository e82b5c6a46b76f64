"""Finding datasets."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from podium.rules.errors import NotFound
from podium.server.accounts.people import Person
from podium.server.modelboards.models import Dataset
from podium.server.modelboards.refusals import dataset_not_found

DATASETS_PER_PAGE = 50


@dataclass(frozen=True)
class First:
    """One of the first models of a dataset."""

    rank: int
    model: str
    score: float


@dataclass(frozen=True)
class DatasetRow:
    """A dataset as everybody may see it; `owner` is the name of whoever added it, empty for nobody, `top` are the
    first models of `model_count`. `item_count` is 0 where nothing can be scored: it has no references.
    `baselines` are the models that are not ranked, by name, with what they are."""

    id: int
    key: UUID
    name: str
    slug: str
    url: str
    task_type: str
    description: str
    metric: str
    lower_is_better: bool
    owner: str
    owner_id: int | None
    extra: Mapping[str, Any]
    languages: tuple[str, ...]
    items_public: bool
    baselines: Mapping[str, str]
    item_count: int
    version: int
    top: tuple[First, ...]
    model_count: int
    created_at: datetime
    changed_at: datetime


def may_manage(dataset: DatasetRow, person: Person | None) -> bool:
    """Whether a person may change a dataset and read what is private of it: its owner, and administrators."""
    return person is not None and (person.is_admin or person.id == dataset.owner_id)


def all_datasets() -> list[DatasetRow]:
    """Every dataset, oldest first."""
    return [_row(each) for each in Dataset.objects.select_related("owner").order_by("pk")]


def datasets_numbered(numbers: Collection[int]) -> list[DatasetRow]:
    """The datasets of these numbers."""
    return [_row(each) for each in Dataset.objects.select_related("owner").filter(pk__in=list(numbers))]


def datasets_like(words: str = "", task_type: str = "") -> list[DatasetRow]:
    """The datasets of a task type whose name or description has the words, those that changed last first."""
    return [_row(each) for each in _like(words, [task_type] if task_type else None)]


def page_of_datasets(
    words: str, task_types: Collection[str] | None, language: str, page: int
) -> tuple[list[DatasetRow], int]:
    """A page of 50 of them, of any of these task types (None: of all) and in a language (empty: in any), and how many
    there are on all pages. Beyond the last page it is the last one."""
    found = _like(words, task_types)
    if language:
        # What a list of languages holds is asked of its text: not every database looks into it.
        said = Cast("languages", TextField())
        found = found.annotate(said=said).filter(said__contains=orjson.dumps(language).decode())
    total = found.count()
    first = DATASETS_PER_PAGE * (min(page, max(1, -(-total // DATASETS_PER_PAGE))) - 1)
    return [_row(each) for each in found[first : first + DATASETS_PER_PAGE]], total


def languages_used() -> list[str]:
    """The languages that datasets say they are in."""
    lists = Dataset.objects.exclude(languages=[]).order_by().values_list("languages", flat=True).distinct()
    return sorted({language for languages in lists for language in languages})


def _like(words: str, task_types: Collection[str] | None) -> QuerySet[Dataset]:
    found = Dataset.objects.select_related("owner")
    if task_types is not None:
        found = found.filter(task_type__in=task_types)
    if words:
        found = found.filter(Q(name__icontains=words) | Q(description__icontains=words))
    return found.order_by("-changed_at", "-pk")


def task_types_used() -> list[str]:
    """The task types of which there is a dataset, by name."""
    return sorted(Dataset.objects.order_by().values_list("task_type", flat=True).distinct())


def dataset_at(slug: str) -> DatasetRow:
    """The dataset of an address.

    Raises:
        NotFound: there is none.
    """
    found = Dataset.objects.select_related("owner").filter(slug=slug).first()
    if found is None:
        raise NotFound("dataset-not-found", "There is no dataset at this address.", "Look at the list of model boards.")
    return _row(found)


def dataset_with(pk: int) -> DatasetRow:
    """The dataset of this number.

    Raises:
        NotFound: it is gone.
    """
    found = Dataset.objects.select_related("owner").filter(pk=pk).first()
    if found is None:
        raise dataset_not_found()
    return _row(found)


def dataset_named(name: str) -> DatasetRow:
    """One dataset.

    Raises:
        NotFound: there is none of that name.
    """
    found = Dataset.objects.select_related("owner").filter(name=name).first()
    if found is None:
        raise dataset_not_found()
    return _row(found)


def _row(dataset: Dataset) -> DatasetRow:
    return DatasetRow(
        id=dataset.pk,
        key=dataset.key,
        name=dataset.name,
        slug=dataset.slug,
        url=dataset.url,
        task_type=dataset.task_type,
        description=dataset.description,
        metric=dataset.metric,
        lower_is_better=dataset.lower_is_better,
        owner=dataset.owner.shown_name if dataset.owner else "",
        owner_id=dataset.owner_id,
        extra=dataset.extra,
        languages=tuple(dataset.languages),
        items_public=dataset.items_public,
        baselines=dataset.baselines,
        item_count=dataset.item_count,
        version=dataset.version,
        top=tuple(First(rank, model, score) for rank, model, score in dataset.top),
        model_count=dataset.model_count,
        created_at=dataset.created_at,
        changed_at=dataset.changed_at,
    )
