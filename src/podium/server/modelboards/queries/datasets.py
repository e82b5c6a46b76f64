"""Finding datasets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from podium.server.modelboards.models import Dataset
from podium.server.modelboards.services.results import dataset_not_found


@dataclass(frozen=True)
class DatasetRow:
    """A dataset as everybody may see it; `owner` is the name of whoever added it, empty for nobody."""

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
    extra: Mapping[str, Any]
    version: int
    created_at: datetime
    changed_at: datetime


def all_datasets() -> list[DatasetRow]:
    """Every dataset, oldest first."""
    return [_row(each) for each in Dataset.objects.select_related("owner").order_by("pk")]


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
        extra=dataset.extra,
        version=dataset.version,
        created_at=dataset.created_at,
        changed_at=dataset.changed_at,
    )
