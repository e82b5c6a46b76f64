"""Adding datasets, declaring results of models on them, and having predictions scored."""

from podium.server.modelboards.services.baselines import mark_baseline
from podium.server.modelboards.services.datasets import AddedDataset, DatasetWishes, add_dataset, show_items
from podium.server.modelboards.services.imports import ImportOutcome, ImportReport, import_results
from podium.server.modelboards.services.predictions import (
    PredictionsWishes,
    SentPredictions,
    ask_check,
    score_again,
    submit_predictions,
)
from podium.server.modelboards.services.published import PublishedResult, forget_published, show_published
from podium.server.modelboards.services.references import PutReferences, add_dataset_with_references, put_references
from podium.server.modelboards.services.results import MetricSaid, add_result
from podium.server.modelboards.services.sent_files import SentFile
from podium.server.modelboards.services.statistics import ask_comparison

__all__ = [
    "AddedDataset",
    "DatasetWishes",
    "ImportOutcome",
    "ImportReport",
    "MetricSaid",
    "PredictionsWishes",
    "PublishedResult",
    "PutReferences",
    "SentFile",
    "SentPredictions",
    "add_dataset",
    "add_dataset_with_references",
    "add_result",
    "ask_check",
    "ask_comparison",
    "forget_published",
    "import_results",
    "mark_baseline",
    "put_references",
    "score_again",
    "show_items",
    "show_published",
    "submit_predictions",
]
