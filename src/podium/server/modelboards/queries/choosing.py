"""The datasets that somebody chooses from who sends something."""

from __future__ import annotations

from podium.server.modelboards.models import Dataset

MOST_NAMES = 500


def dataset_names(*, with_references: bool = False) -> list[str]:
    """Names of datasets, those that changed last first, perhaps only of those on which predictions are scored."""
    found = Dataset.objects.order_by("-changed_at", "-pk")
    if with_references:
        found = found.filter(item_count__gt=0)
    return list(found.values_list("name", flat=True)[:MOST_NAMES])
