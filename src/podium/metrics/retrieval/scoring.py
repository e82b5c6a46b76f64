"""Numbers of rankings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

import numpy as np

from podium.metrics.bases import Basis, Items
from podium.metrics.kept import Kept, kept_of
from podium.metrics.reading.items import Predictions, References
from podium.metrics.retrieval.ranking import average_precision, ndcg, recall, reciprocal_rank
from podium.metrics.scored import ScoreTable
from podium.stats.arrays import Floats

_FIGURES = {
    "ndcg_10": lambda ranking, grades: ndcg(ranking, grades, 10),
    "mrr_10": lambda ranking, grades: reciprocal_rank(ranking, grades, 10),
    "recall_10": lambda ranking, grades: recall(ranking, grades, 10),
    "recall_100": lambda ranking, grades: recall(ranking, grades, 100),
    "map": average_precision,
}


class _Scorer:
    def keep(self, references: References, predictions: Predictions) -> Kept:
        grades = cast("Sequence[Mapping[str, int]]", references.gold.values)
        rankings = cast("Sequence[Sequence[str]]", predictions.values)
        columns = {
            name: np.array([figure(*each) for each in zip(rankings, grades, strict=True)], dtype=np.float64)
            for name, figure in _FIGURES.items()
        }
        return kept_of("retrieval", references, columns)

    def bases(self, kept: Kept) -> Mapping[str, Basis]:
        return {name: Items(kept.floats(name)) for name in _FIGURES}

    def tables(self, kept: Kept) -> Sequence[ScoreTable]:  # noqa: ARG002 - queries have no classes
        return ()

    def confusion(self, kept: Kept) -> None:  # noqa: ARG002 - documents are no labels
        return None

    def item_scores(self, kept: Kept) -> Mapping[str, Floats]:
        return {name: kept.floats(name) for name in _FIGURES}


SCORER = _Scorer()
