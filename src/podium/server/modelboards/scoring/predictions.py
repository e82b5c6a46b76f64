"""Scoring one model's predictions, or only seeing whether they could be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from hashlib import sha256
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from podium.metrics.reading.items import Predictions
from podium.metrics.registry import task_type
from podium.server.computing.files import finite
from podium.server.modelboards.items.archives import MOST_WORST, write_items
from podium.server.modelboards.scoring.files import ITEMS, KEPT, content_of, refused, shortened

if TYPE_CHECKING:
    from podium.metrics.scored import Scored
    from podium.stats.arrays import Floats
    from podium.stats.results import Interval

_HASHED_AT_ONCE = 10_000


def score_predictions(order: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Every metric with its interval, tables, the confusion matrix, and two files: what is kept, and the items. Of an
    order of kind `check` only what is wrong, and how many items there are."""
    task = task_type(order["task_type"])
    gold = task.read_references(*content_of(order["references"])).value
    if gold is None:
        # They were read before: only another version of the task type can see them otherwise.
        raise ValueError("references that were accepted cannot be read")
    references = gold.opened() if order["open_labels"] else gold
    found = task.read_predictions(*content_of(order["predictions"]), references)
    if found.value is None:
        return refused(found.problems, found.total)
    if order["kind"] == "check":
        return {"count": len(references)}
    scored = task.score(references, found.value)
    (folder / KEPT).write_bytes(scored.to_bytes())
    _write_items(folder / ITEMS, scored, found.value, order["metric"])
    intervals = scored.intervals(dataset=order["dataset"], submission=order["digest"])
    return {
        "count": scored.count,
        "answers_digest": _digest(found.value),
        "metrics": {name: _metric(total, intervals[name]) for name, total in scored.totals.items()},
        "tables": [_table(each.name, each.columns, each.rows) for each in scored.tables],
        "confusion": asdict(scored.confusion) if scored.confusion is not None else None,
    }


def _metric(total: float | None, interval: Interval | None) -> dict[str, Any]:
    score = finite(total)
    if interval is None or score is None or finite(interval.low) is None or finite(interval.high) is None:
        return {"score": score}
    return {
        "score": score,
        "low": interval.low,
        "high": interval.high,
        "method": interval.method,
        "level": interval.level,
        "seed": interval.seed,
        "resamples": interval.resamples,
    }


def _table(name: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> dict[str, Any]:
    cells = [[finite(cell) if isinstance(cell, float) else cell for cell in row] for row in rows]
    return {"name": name, "columns": list(columns), "rows": cells}


def _write_items(path: Path, scored: Scored, predictions: Predictions, metric: str) -> None:
    scores = scored.per_item
    lower = next((each.direction == "asc" for each in scored.task.metrics if each.name == metric), False)
    first = scores.get(metric, next(iter(scores.values()), None))
    worst = [] if first is None else _worst(first, lower_is_better=lower)
    write_items(path, _items(scores, predictions), worst=worst)


def _worst(scores: Floats, *, lower_is_better: bool) -> list[int]:
    """The places of the items with the lowest scores, those without one left out."""
    import numpy as np

    known = np.flatnonzero(~np.isnan(scores))
    order = np.argsort(-scores[known] if lower_is_better else scores[known], kind="stable")
    return [int(each) for each in known[order[:MOST_WORST]]]


def _items(scores: Mapping[str, Floats], predictions: Predictions) -> Iterator[dict[str, Any]]:
    """NaN, where an item has no score, is written as null."""
    names = tuple(scores)
    rows = zip(*(column.tolist() for column in scores.values()), strict=True) if names else repeat(())
    for answer, row in zip(predictions.values, rows, strict=False):
        yield {"answer": shortened(answer), "scores": dict(zip(names, row, strict=True))}


def _digest(predictions: Predictions) -> str:
    """The same for the same answers, in whatever form and order they were sent."""
    made = sha256()
    for start in range(0, len(predictions.values), _HASHED_AT_ONCE):
        some = list(predictions.values[start : start + _HASHED_AT_ONCE])
        made.update(orjson.dumps(some, default=str, option=orjson.OPT_NON_STR_KEYS))
    return made.hexdigest()
