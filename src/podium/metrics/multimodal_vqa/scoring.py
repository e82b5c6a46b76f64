"""Numbers of answers about pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

import numpy as np

from podium.metrics.bases import Basis, Items
from podium.metrics.kept import Kept, kept_of
from podium.metrics.reading.items import Predictions, References
from podium.metrics.scored import ScoreTable
from podium.metrics.similarity.edits import anls
from podium.metrics.similarity.vqa import soft_accuracy
from podium.stats.arrays import Floats


class _Scorer:
    def keep(self, references: References, predictions: Predictions) -> Kept:
        right = cast("Sequence[Sequence[str]]", references.gold.values)
        pairs = list(zip(cast("Sequence[str]", predictions.values), right, strict=True))
        columns = {
            "vqa_accuracy": np.array([soft_accuracy(*pair) for pair in pairs], dtype=np.float64),
            "anls": np.array([anls(*pair) for pair in pairs], dtype=np.float64),
        }
        return kept_of("multimodal_vqa", references, columns)

    def bases(self, kept: Kept) -> Mapping[str, Basis]:
        return {name: Items(kept.floats(name)) for name in ("vqa_accuracy", "anls")}

    def tables(self, kept: Kept) -> Sequence[ScoreTable]:  # noqa: ARG002 - answers have no classes
        return ()

    def confusion(self, kept: Kept) -> None:  # noqa: ARG002 - answers are no labels
        return None

    def item_scores(self, kept: Kept) -> Mapping[str, Floats]:
        return {name: kept.floats(name) for name in ("vqa_accuracy", "anls")}


SCORER = _Scorer()
