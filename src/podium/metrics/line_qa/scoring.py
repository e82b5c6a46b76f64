"""Numbers of short answers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from math import isclose, isfinite, nan
from typing import cast

import numpy as np

from podium.metrics.bases import Basis, Items
from podium.metrics.kept import Array, Kept, kept_of
from podium.metrics.reading.items import Predictions, References
from podium.metrics.scored import ScoreTable
from podium.metrics.similarity.edits import plain, similarity
from podium.metrics.similarity.squad import best
from podium.stats.arrays import Floats

_NUMBER = re.compile(r"[-+]?(?:(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d{1,3})?")
_AROUND = "$€£% \t\n"


class _Scorer:
    def keep(self, references: References, predictions: Predictions) -> Kept:
        right = cast("Sequence[Sequence[str]]", references.gold.values)
        ours = cast("Sequence[str]", predictions.values)
        pairs = list(zip(ours, right, strict=True))
        tolerances = cast("Sequence[float | None]", references.gold.parts.get("tolerance", [None] * len(references)))
        matched = [best(answer, answers) for answer, answers in pairs]
        numeric = [numerically(*pair, tolerance or 0.0) for pair, tolerance in zip(pairs, tolerances, strict=True)]
        columns: dict[str, Array] = {
            "exact_match": np.array([exact for exact, _ in matched], dtype=np.uint8),
            "f1": np.array([f1 for _, f1 in matched], dtype=np.float64),
            "numeric": np.array(numeric, dtype=np.float64),
            "edit_similarity": np.array(
                [max(similarity(plain(answer), plain(each)) for each in answers) for answer, answers in pairs],
                dtype=np.float64,
            ),
        }
        return kept_of("line_qa", references, columns)

    def bases(self, kept: Kept) -> Mapping[str, Basis]:
        return {
            "exact_match": Items(kept.floats("exact_match"), binary=True),
            "f1": Items(kept.floats("f1")),
            "numeric_accuracy": Items(kept.floats("numeric"), binary=True),
            "edit_similarity": Items(kept.floats("edit_similarity")),
        }

    def tables(self, kept: Kept) -> Sequence[ScoreTable]:  # noqa: ARG002 - answers have no classes
        return ()

    def confusion(self, kept: Kept) -> None:  # noqa: ARG002 - answers are no labels
        return None

    def item_scores(self, kept: Kept) -> Mapping[str, Floats]:
        return {name: kept.floats(name) for name in ("exact_match", "f1", "edit_similarity")}


SCORER = _Scorer()


def number_of(text: str) -> float | None:
    """The number that a text is, with or without thousands, a currency or a percent sign; None for any other text."""
    found = text.strip(_AROUND)
    if not _NUMBER.fullmatch(found):
        return None
    value = float(found.replace(",", ""))
    return value if isfinite(value) else None


def numerically(answer: str, answers: Sequence[str], tolerance: float) -> float:
    """1 or 0 for a number within the tolerance of a right one; NaN where no right answer is a number."""
    right = [value for value in map(number_of, answers) if value is not None]
    if not right:
        return nan
    ours = number_of(answer)
    return float(
        ours is not None
        and any(abs(ours - value) <= tolerance or isclose(ours, value, rel_tol=1e-9) for value in right)
    )
