"""Adding datasets, and declaring results of models on them."""

from podium.server.modelboards.services.datasets import AddedDataset, DatasetWishes, add_dataset
from podium.server.modelboards.services.imports import ImportOutcome, ImportReport, import_results
from podium.server.modelboards.services.results import MetricSaid, add_result

__all__ = [
    "AddedDataset",
    "DatasetWishes",
    "ImportOutcome",
    "ImportReport",
    "MetricSaid",
    "add_dataset",
    "add_result",
    "import_results",
]
