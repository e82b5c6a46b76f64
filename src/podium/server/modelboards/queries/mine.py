"""What a person has on model boards: their datasets, with how the references of each stand."""

from __future__ import annotations

from dataclasses import dataclass

from podium.server.accounts.people import Person
from podium.server.modelboards.models import Dataset, ReferenceSet
from podium.server.modelboards.queries.datasets import DatasetRow, datasets_numbered
from podium.server.modelboards.queries.references import ReferencesRow, references_rows


@dataclass(frozen=True)
class OwnDataset:
    """A dataset of the person's, and the references that were sent for it last, if any were."""

    dataset: DatasetRow
    newest: ReferencesRow | None


def own_datasets(person: Person) -> list[OwnDataset]:
    """The person's datasets, those that changed last first."""
    numbers = Dataset.objects.filter(owner_id=person.id).values_list("pk", flat=True)
    datasets = sorted(datasets_numbered(numbers), key=lambda each: each.changed_at, reverse=True)
    sets = ReferenceSet.objects.filter(dataset__owner_id=person.id).order_by("number")
    newest = {found.dataset_id: found for found in sets}
    rows = dict(zip(newest, references_rows(newest.values()), strict=True))
    return [OwnDataset(each, rows.get(each.id)) for each in datasets]
