"""Reading datasets and their boards."""

from podium.server.modelboards.queries.boards import BoardRow, board_rows
from podium.server.modelboards.queries.datasets import (
    DatasetRow,
    First,
    all_datasets,
    dataset_at,
    dataset_named,
    datasets_like,
    task_types_used,
)

__all__ = [
    "BoardRow",
    "DatasetRow",
    "First",
    "all_datasets",
    "board_rows",
    "dataset_at",
    "dataset_named",
    "datasets_like",
    "task_types_used",
]
