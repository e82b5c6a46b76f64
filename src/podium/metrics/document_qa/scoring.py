"""Numbers of answers to questions on documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

import numpy as np

from podium.metrics.bases import Basis, Items
from podium.metrics.kept import Array, Kept, kept_of
from podium.metrics.reading.items import Predictions, References
from podium.metrics.scored import ScoreTable
from podium.metrics.similarity.edits import anls
from podium.metrics.similarity.rouge import rouge_l
from podium.metrics.similarity.squad import best
from podium.stats.arrays import Floats


class _Scorer:
    def keep(self, references: References, predictions: Predictions) -> Kept:
        right = cast("Sequence[Sequence[str]]", references.gold.values)
        ours = cast("Sequence[str]", predictions.values)
        matched = [best(answer, answers) for answer, answers in zip(ours, right, strict=True)]
        columns: dict[str, Array] = {
            "exact_match": np.array([exact for exact, _ in matched], dtype=np.uint8),
            "f1": np.array([f1 for _, f1 in matched], dtype=np.float64),
            "rouge_l": np.array([rouge_l(*each) for each in zip(ours, right, strict=True)], dtype=np.float64),
            "anls": np.array([anls(*each) for each in zip(ours, right, strict=True)], dtype=np.float64),
            "answerable": np.array([bool(answers) for answers in right], dtype=np.uint8),
            "answered": np.array([bool(answer.strip()) for answer in ours], dtype=np.uint8),
        }
        return kept_of("document_qa", references, columns)

    def bases(self, kept: Kept) -> Mapping[str, Basis]:
        exact, f1 = kept.floats("exact_match"), kept.floats("f1")
        answerable = kept.columns["answerable"].astype(bool)
        return {
            "f1": Items(f1),
            "exact_match": Items(exact, binary=True),
            "has_answer_f1": Items(np.where(answerable, f1, np.nan)),
            "has_answer_exact_match": Items(np.where(answerable, exact, np.nan), binary=True),
            "no_answer_accuracy": Items(np.where(answerable, np.nan, exact), binary=True),
            "rouge_l": Items(kept.floats("rouge_l")),
            "anls": Items(kept.floats("anls")),
            "answer_rate": Items(kept.floats("answered"), binary=True),
        }

    def tables(self, kept: Kept) -> Sequence[ScoreTable]:
        bases = self.bases(kept)
        answerable = int(kept.columns["answerable"].sum())
        if answerable == kept.count:
            return ()
        rows = (
            ("has an answer", answerable, *(_total(bases, f"has_answer_{name}") for name in ("exact_match", "f1"))),
            ("has none", kept.count - answerable, *[_total(bases, "no_answer_accuracy")] * 2),
        )
        return (ScoreTable("answerable", ("question", "items", "exact_match", "f1"), rows),)

    def confusion(self, kept: Kept) -> None:  # noqa: ARG002 - answers are no labels
        return None

    def item_scores(self, kept: Kept) -> Mapping[str, Floats]:
        return {name: kept.floats(name) for name in ("f1", "exact_match", "rouge_l", "anls")}


SCORER = _Scorer()


def _total(bases: Mapping[str, Basis], name: str) -> float | None:
    return bases[name].estimate()
