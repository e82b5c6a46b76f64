"""Numbers of translations: n-grams, as sums."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

import numpy as np

from podium.metrics.bases import Basis, Sums
from podium.metrics.kept import Kept, kept_of
from podium.metrics.reading.items import Predictions, References
from podium.metrics.scored import ScoreTable
from podium.metrics.translation import bleu, chrf
from podium.stats.arrays import Floats


class _Scorer:
    def keep(self, references: References, predictions: Predictions) -> Kept:
        right = cast("Sequence[Sequence[str]]", references.gold.values)
        pairs = list(zip(cast("Sequence[str]", predictions.values), right, strict=True))
        languages = references.languages or [""] * len(references)
        counters = {language: bleu.counter(language) for language in set(languages)}
        columns = {
            "chrf": np.array([chrf.counts(*pair) for pair in pairs], dtype=np.uint32),
            "bleu": np.array(
                [counters[language](*pair) for language, pair in zip(languages, pairs, strict=True)], dtype=np.uint32
            ),
        }
        return kept_of("translation", references, columns)

    def bases(self, kept: Kept) -> Mapping[str, Basis]:
        return {"chrf": Sums(kept.floats("chrf"), chrf.score), "bleu": Sums(kept.floats("bleu"), bleu.score)}

    def tables(self, kept: Kept) -> Sequence[ScoreTable]:  # noqa: ARG002 - sentences have no classes
        return ()

    def confusion(self, kept: Kept) -> None:  # noqa: ARG002 - sentences are no labels
        return None

    def item_scores(self, kept: Kept) -> Mapping[str, Floats]:
        return {"chrf": chrf.score(kept.floats("chrf"))}


SCORER = _Scorer()
