"""Numbers of transcripts: edits, and what they are counted against."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

import numpy as np

from podium.metrics.bases import Basis, Sums
from podium.metrics.kept import Kept, kept_of
from podium.metrics.reading.items import Predictions, References
from podium.metrics.scored import ScoreTable
from podium.metrics.similarity.edits import edits
from podium.stats.arrays import Floats

_PER = {"wer": ("word_edits", "words"), "cer": ("character_edits", "characters")}


class _Scorer:
    def keep(self, references: References, predictions: Predictions) -> Kept:
        right = [answers[0] for answers in cast("Sequence[Sequence[str]]", references.gold.values)]
        pairs = list(zip(cast("Sequence[str]", predictions.values), right, strict=True))
        columns = {
            "word_edits": np.array([edits(ours.split(), said.split()) for ours, said in pairs], dtype=np.uint32),
            "words": np.array([len(said.split()) for said in right], dtype=np.uint32),
            "character_edits": np.array([edits(ours, said) for ours, said in pairs], dtype=np.uint32),
            "characters": np.array([len(said) for said in right], dtype=np.uint32),
        }
        return kept_of("multimodal_speech", references, columns)

    def bases(self, kept: Kept) -> Mapping[str, Basis]:
        return {
            name: Sums(np.column_stack([kept.floats(column) for column in columns]), _rate)
            for name, columns in _PER.items()
        }

    def tables(self, kept: Kept) -> Sequence[ScoreTable]:  # noqa: ARG002 - transcripts have no classes
        return ()

    def confusion(self, kept: Kept) -> None:  # noqa: ARG002 - words that were left out are in no cell
        return None

    def item_scores(self, kept: Kept) -> Mapping[str, Floats]:
        return {
            name: _rate(np.column_stack([kept.floats(column) for column in columns])) for name, columns in _PER.items()
        }


SCORER = _Scorer()


def _rate(sums: Floats) -> Floats:
    return np.asarray(sums[..., 0] / np.maximum(sums[..., 1], 1), dtype=np.float64)
