"""Reading datasets and their boards."""

from podium.server.modelboards.queries.boards import BoardRow, board_rows
from podium.server.modelboards.queries.datasets import DatasetRow, all_datasets, dataset_named

__all__ = ["BoardRow", "DatasetRow", "all_datasets", "board_rows", "dataset_named"]
