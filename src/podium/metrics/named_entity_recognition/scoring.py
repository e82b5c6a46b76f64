"""Numbers of entities: right, predicted and there, by sentence and by type."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain
from operator import eq
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from podium.metrics.bases import Basis, Sums
from podium.metrics.kept import Array, Kept, kept_of
from podium.metrics.named_entity_recognition.entities import Mention, Span
from podium.metrics.named_entity_recognition.spans import Spans, match, spans_of_entities, spans_of_tags
from podium.metrics.reading.items import Predictions, References
from podium.metrics.scored import ScoreTable
from podium.stats.arrays import Floats
from podium.stats.bootstrap import Statistic


class _Scorer:
    def keep(self, references: References, predictions: Predictions) -> Kept:
        form = references.gold.form
        types = _types(references, predictions)
        if form == "mentions":
            columns = _mentions(references, predictions, types)
        else:
            columns = _columns(*_spans(references, predictions, types), len(references), len(types))
        if form == "tags":
            columns |= _tokens(references, predictions)
        return kept_of("named_entity_recognition", references, columns, {"types": types})

    def bases(self, kept: Kept) -> Mapping[str, Basis]:
        return {
            name: Sums(np.column_stack([kept.floats(column) for column in columns]), statistic)
            for name, (columns, statistic) in STATISTICS.items()
            if all(column in kept.columns for column in columns)
        }

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
    "token_accuracy": (("tokens_right", "tokens"), share),
}


def _types(references: References, predictions: Predictions) -> tuple[str, ...]:
    """Those of the references, and in open ones whatever models said beside."""
    if not references.gold.open_labels:
        return references.gold.labels
    rows = cast("Sequence[Sequence[Any]]", predictions.values)
    if references.gold.form == "tags":
        said = {tag.partition("-")[2] for tag in set(chain.from_iterable(rows)) if tag != "O"}
    else:
        said = {entity[-1] for row in rows for entity in row}
    return (*references.gold.labels, *sorted(said - set(references.gold.labels)))


def _spans(references: References, predictions: Predictions, types: Sequence[str]) -> tuple[Spans, Spans]:
    if references.gold.form == "tags":
        right, ours = (cast("Sequence[Sequence[str]]", each.values) for each in (references.gold, predictions))
        return spans_of_tags(right, types), spans_of_tags(ours, types)
    gold, predicted = (cast("Sequence[Sequence[Span]]", each.values) for each in (references.gold, predictions))
    ends = [max((end for _, end, _ in chain(*both)), default=0) for both in zip(gold, predicted, strict=True)]
    lengths = np.array(ends, dtype=np.int64)
    offsets = np.cumsum(lengths) - lengths
    return spans_of_entities(gold, types, offsets), spans_of_entities(predicted, types, offsets)


def _columns(gold: Spans, predicted: Spans, sentences: int, types: int) -> dict[str, Array]:
    """Entities by sentence: all, and of each type."""
    found = match(gold, predicted)

    def by_sentence(spans: Spans, which: NDArray[np.bool_] | None = None) -> Array:
        chosen = spans.sentence if which is None else spans.sentence[which]
        return np.bincount(chosen, minlength=sentences).astype(np.uint32)

    columns: dict[str, Array] = {
        "right": by_sentence(predicted, found.strict),
        "predicted": by_sentence(predicted),
        "gold": by_sentence(gold),
        "exact": by_sentence(predicted, found.exact),
        "partial": by_sentence(predicted, found.partial),
        "typed": by_sentence(predicted, found.typed),
    }
    for number in range(types):
        of_kind = predicted.kind == number
        columns[f"right:{number}"] = by_sentence(predicted, found.strict & of_kind)
        columns[f"predicted:{number}"] = by_sentence(predicted, of_kind)
        columns[f"gold:{number}"] = by_sentence(gold, gold.kind == number)
    return columns


def _mentions(references: References, predictions: Predictions, types: Sequence[str]) -> dict[str, Array]:
    """The same of names without a place: each right one counts for one predicted, whichever it is."""
    gold, predicted = (
        [Counter(row) for row in cast("Sequence[Sequence[Mention]]", each.values)]
        for each in (references.gold, predictions)
    )
    right = [ours & theirs for ours, theirs in zip(predicted, gold, strict=True)]
    exact = [(_names(ours) & _names(theirs)).total() for ours, theirs in zip(predicted, gold, strict=True)]
    columns: dict[str, Array] = {"exact": np.array(exact, dtype=np.uint32)}
    for word, rows in (("right", right), ("predicted", predicted), ("gold", gold)):
        columns[word] = np.array([row.total() for row in rows], dtype=np.uint32)
        for number, kind in enumerate(types):
            of_kind = [sum(count for (_, label), count in row.items() if label == kind) for row in rows]
            columns[f"{word}:{number}"] = np.array(of_kind, dtype=np.uint32)
    return columns


def _names(mentions: Counter[Mention]) -> Counter[str]:
    names: Counter[str] = Counter()
    for (name, _), count in mentions.items():
        names[name] += count
    return names


def _tokens(references: References, predictions: Predictions) -> dict[str, Array]:
    right, ours = (cast("Sequence[Sequence[str]]", each.values) for each in (references.gold, predictions))
    same = [sum(map(eq, *both)) for both in zip(ours, right, strict=True)]
    return {
        "tokens": np.fromiter(map(len, right), dtype=np.uint32, count=len(right)),
        "tokens_right": np.array(same, dtype=np.uint32),
    }
