"""Reading datasets, their boards, and what stands behind the results."""

from podium.server.modelboards.queries.boards import (
    BoardRow,
    MetricScore,
    ResultTables,
    Show,
    board_rows,
    results_shown,
    tables_of,
)
from podium.server.modelboards.queries.checks import CheckRow, check_of
from podium.server.modelboards.queries.comparisons import Compared, Comparison, comparison_of
from podium.server.modelboards.queries.datasets import (
    DatasetRow,
    First,
    all_datasets,
    dataset_at,
    dataset_named,
    datasets_like,
    may_manage,
    task_types_used,
)
from podium.server.modelboards.queries.items import (
    Item,
    ItemsPage,
    SourceItem,
    answer_field,
    items_of,
    may_browse,
    source_items,
)
from podium.server.modelboards.queries.predictions import (
    PredictionsRow,
    ScoredResult,
    flagged,
    my_predictions,
    predictions_of,
    predictions_on,
)
from podium.server.modelboards.queries.references import ReferencesRow, has_inputs, references_of
from podium.server.modelboards.queries.statistics import (
    Difference,
    ModelStatistics,
    Pair,
    Statistics,
    statistics_of,
)

__all__ = [
    "BoardRow",
    "CheckRow",
    "Compared",
    "Comparison",
    "DatasetRow",
    "Difference",
    "First",
    "Item",
    "ItemsPage",
    "MetricScore",
    "ModelStatistics",
    "Pair",
    "PredictionsRow",
    "ReferencesRow",
    "ResultTables",
    "ScoredResult",
    "Show",
    "SourceItem",
    "Statistics",
    "all_datasets",
    "answer_field",
    "board_rows",
    "check_of",
    "comparison_of",
    "dataset_at",
    "dataset_named",
    "datasets_like",
    "flagged",
    "has_inputs",
    "items_of",
    "may_browse",
    "may_manage",
    "my_predictions",
    "predictions_of",
    "predictions_on",
    "references_of",
    "results_shown",
    "source_items",
    "statistics_of",
    "tables_of",
    "task_types_used",
]
