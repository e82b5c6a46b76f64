"""Numbers of a classification: its confusion matrix, and what probabilities say."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import repeat

import numpy as np

from podium.metrics.bases import Area, Basis, Classes, Items
from podium.metrics.kept import Array, Kept, kept_of
from podium.metrics.reading.items import Predictions, References
from podium.metrics.scored import Confusion, ScoreTable
from podium.stats.arrays import Floats, Ints
from podium.stats.placements import area

_OTHER = "(other)"
"""What every label is called that references do not have."""
_SMALLEST = float(np.finfo(np.float64).eps)


class _Scorer:
    def keep(self, references: References, predictions: Predictions) -> Kept:
        labels = references.gold.labels
        place: dict[object, int] = {label: number for number, label in enumerate(labels)}
        count, other = len(references), len(labels)
        kind = np.uint8 if other <= 255 else np.uint16
        gold, predicted = (
            np.fromiter(map(place.get, values, repeat(other)), dtype=kind, count=count)
            for values in (references.gold.values, predictions.values)
        )
        shown = [*labels, _OTHER] if (predicted == other).any() else labels
        columns: dict[str, Array] = {"gold": gold, "predicted": predicted}
        if predictions.parts:
            chances = np.column_stack([np.asarray(predictions.parts[label], dtype=np.float64) for label in labels])
            columns |= _of_probabilities(chances / chances.sum(axis=1, keepdims=True), gold.astype(np.int64))
        return kept_of("text_classification", references, columns, {"labels": shown})

    def bases(self, kept: Kept) -> Mapping[str, Basis]:
        gold, predicted = kept.ints("gold"), kept.ints("predicted")
        count = len(kept.names["labels"])
        bases: dict[str, Basis] = {"accuracy": Items((gold == predicted).astype(np.float64), binary=True)}
        for name, statistic in STATISTICS.items():
            bases[name] = Classes(gold, predicted, count, statistic)
        if "log_loss" in kept.columns:
            bases["log_loss"] = Items(kept.floats("log_loss"), unit_range=False)
            bases["brier"] = Items(kept.floats("brier"))
            bases["roc_auc"] = _areas(kept, gold)
        return bases

    def tables(self, kept: Kept) -> Sequence[ScoreTable]:
        right, predicted, gold = _split(_sums(kept))
        rows = []
        for number, label in enumerate(kept.names["labels"]):
            p, r = _ratio(right[number], predicted[number]), _ratio(right[number], gold[number])
            rows.append((label, int(gold[number]), int(predicted[number]), float(p), float(r), float(_f1(p, r))))
        return (ScoreTable("class", ("label", "items", "predicted", "precision", "recall", "f1"), tuple(rows)),)

    def confusion(self, kept: Kept) -> Confusion:
        labels = tuple(kept.names["labels"])
        size = len(labels)
        cells = np.bincount(kept.ints("gold") * size + kept.ints("predicted"), minlength=size * size)
        return Confusion(labels, tuple(tuple(row) for row in cells.reshape(size, size).tolist()))

    def item_scores(self, kept: Kept) -> Mapping[str, Floats]:
        scores = {"accuracy": (kept.ints("gold") == kept.ints("predicted")).astype(np.float64)}
        return scores | {name: kept.floats(name) for name in ("log_loss", "brier") if name in kept.columns}


SCORER = _Scorer()


def macro_f1(sums: Floats) -> Floats:
    """The mean F1 of the labels that occur."""
    right, predicted, gold = _split(sums)
    occurs = (predicted + gold) > 0
    return _ratio((2 * _ratio(right, predicted + gold)).sum(axis=-1), occurs.sum(axis=-1))


def weighted_f1(sums: Floats) -> Floats:
    """The F1 of labels, weighted by how often each is right."""
    right, predicted, gold = _split(sums)
    return _ratio((gold * 2 * _ratio(right, predicted + gold)).sum(axis=-1), gold.sum(axis=-1))


def balanced_accuracy(sums: Floats) -> Floats:
    """The mean recall of the labels that references have."""
    right, _, gold = _split(sums)
    return _ratio(_ratio(right, gold).sum(axis=-1), (gold > 0).sum(axis=-1))


def mcc(sums: Floats) -> Floats:
    """Matthews' correlation, for any number of labels; 0 where either side has one label alone."""
    right, predicted, gold = _split(sums)
    n = gold.sum(axis=-1)
    together = n * right.sum(axis=-1) - (predicted * gold).sum(axis=-1)
    apart = (n**2 - (predicted**2).sum(axis=-1)) * (n**2 - (gold**2).sum(axis=-1))
    return _ratio(together, np.sqrt(apart))


def kappa(sums: Floats) -> Floats:
    """Cohen's kappa; 0 where chance alone agrees everywhere."""
    right, predicted, gold = _split(sums)
    n = gold.sum(axis=-1)
    chance = (predicted * gold).sum(axis=-1)
    return _ratio(n * right.sum(axis=-1) - chance, n**2 - chance)


STATISTICS: dict[str, Callable[[Floats], Floats]] = {
    "macro_f1": macro_f1,
    "weighted_f1": weighted_f1,
    "balanced_accuracy": balanced_accuracy,
    "mcc": mcc,
    "kappa": kappa,
}


def _of_probabilities(chances: Floats, gold: Ints) -> dict[str, Array]:
    items = np.arange(len(gold))
    right = np.clip(chances[items, gold], _SMALLEST, 1)
    off = (chances**2).sum(axis=1) - 2 * chances[items, gold] + 1
    columns: dict[str, Array] = {"log_loss": -np.log(right), "brier": np.clip(off / 2, 0, 1)}
    shown = chances[:, 1:] if chances.shape[1] == 2 else chances
    for number in range(shown.shape[1]):
        columns[f"chance:{number + chances.shape[1] - shown.shape[1]}"] = shown[:, number].astype(np.float32)
    return columns


def _areas(kept: Kept, gold: Ints) -> Area:
    """Of two labels the area of either, of more the mean of each against the rest."""
    named = [name for name in kept.columns if name.startswith("chance:")]
    found = [area(kept.floats(name), (gold == int(name.partition(":")[2])).astype(np.int64)) for name in named]
    if not found or any(each is None for each in found):
        return Area(None, kept.count)
    known = [each for each in found if each is not None]
    return Area((float(np.mean([each[0] for each in known])), np.mean([each[1] for each in known], axis=0)), kept.count)


def _sums(kept: Kept) -> Floats:
    every = Classes(kept.ints("gold"), kept.ints("predicted"), len(kept.names["labels"]), macro_f1)
    total: Floats = every.by_group(np.zeros(kept.count, dtype=np.int64), 1)[0]
    return total


def _split(sums: Floats) -> tuple[Floats, Floats, Floats]:
    size = sums.shape[-1] // 3
    return sums[..., :size], sums[..., size : 2 * size], sums[..., 2 * size :]


def _ratio(above: Floats, below: Floats) -> Floats:
    return np.asarray(np.divide(above, below, out=np.zeros_like(np.asarray(above, dtype=float)), where=below > 0))


def _f1(precision: Floats, recall: Floats) -> Floats:
    return _ratio(2 * precision * recall, precision + recall)
