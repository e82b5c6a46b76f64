"""Numbers of entities: right, predicted and there, by sentence and by type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import cast

import numpy as np

from podium.metrics.bases import Basis, Sums
from podium.metrics.kept import Array, Kept, kept_of
from podium.metrics.named_entity_recognition.reading import Span
from podium.metrics.named_entity_recognition.spans import Spans, match, spans_of_entities, spans_of_tags
from podium.metrics.reading.items import Predictions, References
from podium.metrics.scored import ScoreTable
from podium.stats.arrays import Floats
from podium.stats.bootstrap import Statistic

_COUNTED = ("right", "predicted", "gold", "exact", "partial", "typed")


class _Scorer:
    def keep(self, references: References, predictions: Predictions) -> Kept:
        gold, predicted = _spans(references, predictions)
        found = match(gold, predicted)
        count = len(references)

        def by_sentence(spans: Spans, which: Array | None = None) -> Array:
            chosen = spans.sentence if which is None else spans.sentence[which.astype(bool)]
            return np.bincount(chosen, minlength=count).astype(np.uint32)

        columns: dict[str, Array] = {
            "right": by_sentence(predicted, found.strict),
            "predicted": by_sentence(predicted),
            "gold": by_sentence(gold),
            "exact": by_sentence(predicted, found.exact),
            "partial": by_sentence(predicted, found.partial),
            "typed": by_sentence(predicted, found.typed),
        }
        for number in range(len(references.gold.labels)):
            of_kind = predicted.kind == number
            columns[f"right:{number}"] = by_sentence(predicted, found.strict & of_kind)
            columns[f"predicted:{number}"] = by_sentence(predicted, of_kind)
            columns[f"gold:{number}"] = by_sentence(gold, gold.kind == number)
        if references.gold.form == "tags":
            columns |= _tokens(references, predictions)
        return kept_of("named_entity_recognition", references, columns, {"types": references.gold.labels})

    def bases(self, kept: Kept) -> Mapping[str, Basis]:
        units = np.column_stack([kept.floats(name) for name in _COUNTED])
        bases: dict[str, Basis] = {}
        for name, (columns, statistic) in STATISTICS.items():
            bases[name] = Sums(units[:, [_COUNTED.index(column) for column in columns]], statistic)
        if "tokens" in kept.columns:
            tokens = np.column_stack([kept.floats("tokens_right"), kept.floats("tokens")])
            bases["token_accuracy"] = Sums(tokens, share)
        return bases

    def tables(self, kept: Kept) -> Sequence[ScoreTable]:
        rows = []
        for number, name in enumerate(kept.names["types"]):
            right, predicted, gold = (
                float(kept.columns[f"{word}:{number}"].sum()) for word in ("right", "predicted", "gold")
            )
            sums = np.array([right, predicted, gold])
            rows.append(
                (name, int(gold), int(predicted), float(share(sums[:2])), float(share(sums[::2])), float(f1(sums)))
            )
        return (ScoreTable("entity", ("type", "items", "predicted", "precision", "recall", "f1"), tuple(rows)),)

    def confusion(self, kept: Kept) -> None:  # noqa: ARG002 - entities that nobody predicted are in no cell
        return None

    def item_scores(self, kept: Kept) -> Mapping[str, Floats]:
        return {name: kept.floats(name) for name in ("right", "predicted", "gold")}


SCORER = _Scorer()


def f1(sums: Floats) -> Floats:
    """Twice what is right over what was predicted and what is there; 0 where nothing was and is."""
    return _over(2 * sums[..., 0], sums[..., 1] + sums[..., 2])


def partial_f1(sums: Floats) -> Floats:
    """The same where what overlaps counts half: exact, partial, predicted, gold."""
    return _over(2 * sums[..., 0] + sums[..., 1], sums[..., 2] + sums[..., 3])


def share(sums: Floats) -> Floats:
    """The first over the second; 0 where that is 0."""
    return _over(sums[..., 0], sums[..., 1])


def _over(above: Floats, below: Floats) -> Floats:
    return np.divide(above, below, out=np.zeros_like(np.asarray(above)), where=np.asarray(below) > 0)


STATISTICS: dict[str, tuple[tuple[str, ...], Statistic]] = {
    "entity_f1": (("right", "predicted", "gold"), f1),
    "precision": (("right", "predicted"), share),
    "recall": (("right", "gold"), share),
    "exact_f1": (("exact", "predicted", "gold"), f1),
    "partial_f1": (("exact", "partial", "predicted", "gold"), partial_f1),
    "type_f1": (("typed", "predicted", "gold"), f1),
}


def _spans(references: References, predictions: Predictions) -> tuple[Spans, Spans]:
    types = references.gold.labels
    if references.gold.form == "tags":
        gold_tags = cast("Sequence[Sequence[str]]", references.gold.values)
        return spans_of_tags(gold_tags, types), spans_of_tags(
            cast("Sequence[Sequence[str]]", predictions.values), types
        )
    gold, predicted = (cast("Sequence[Sequence[Span]]", each.values) for each in (references.gold, predictions))
    ends = [max((end for _, end, _ in chain(*both)), default=0) for both in zip(gold, predicted, strict=True)]
    lengths = np.array(ends, dtype=np.int64)
    offsets = np.cumsum(lengths) - lengths
    return spans_of_entities(gold, types, offsets), spans_of_entities(predicted, types, offsets)


def _tokens(references: References, predictions: Predictions) -> dict[str, Array]:
    pairs = zip(references.gold.values, predictions.values, strict=True)
    rows = cast("Sequence[Sequence[str]]", references.gold.values)
    right = [sum(map(str.__eq__, ours, theirs)) for ours, theirs in pairs]  # type: ignore[call-overload]
    return {
        "tokens": np.fromiter(map(len, rows), dtype=np.uint32, count=len(rows)),
        "tokens_right": np.array(right, dtype=np.uint32),
    }
