"""The list of datasets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.safestring import SafeString

from podium.server.modelboards.queries import DatasetRow
from podium.server.pages import wording
from podium.server.pages.modelboards.figures import in_words, number


@dataclass(frozen=True)
class DatasetItem:
    """A line of the list of datasets; `first` are the first models as (rank, name, score)."""

    id: int
    url: str
    name: str
    task_type: str
    line: str
    counts: str
    first: tuple[tuple[str, str, str], ...]
    changed: SafeString


def dataset_items(rows: Sequence[DatasetRow]) -> list[DatasetItem]:
    """The lines of the list."""
    return [
        DatasetItem(
            id=row.id,
            url=reverse("model_board", args=[row.slug]),
            name=row.name,
            task_type=in_words(row.task_type),
            line=row.description.partition("\n")[0][:300],
            counts=wording.counted(row.model_count, "model"),
            first=tuple((f"{each.rank:,}", each.model, number(each.score)) for each in row.top),
            changed=wording.ago(row.changed_at),
        )
        for row in rows
    ]
