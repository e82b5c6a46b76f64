"""What several results say together: ranks that the data allow, and differences of pairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from podium.metrics.bases import Items, linear_difference
from podium.metrics.kept import Kept
from podium.metrics.registry import task_type
from podium.metrics.scored import Declared, Scored, compare, detectable, scored_of, spread
from podium.metrics.task_type import Metric
from podium.rules.errors import UserError
from podium.server.computing.files import finite
from podium.stats.declared import standard_error, unpaired
from podium.stats.proportions import LEVEL
from podium.stats.results import Difference, Spread

MOST_COMPARED = 200
"""Results of one board that are told apart; those after them have no spread."""
MOST_PAIRED = 50
_MOST_VALUES = 15_000_000
"""Item scores that are held in memory at a time: models beyond are compared by their intervals."""
_MOST_RESAMPLED_PAIRS = 60
"""Corpus metrics of so many pairs are resampled; of more, the values per item are taken, which is quicker."""


@dataclass(frozen=True)
class _Result:
    """One result of a board; `scored` where its items are known."""

    id: int
    model: str
    score: float | None
    low: float | None
    high: float | None
    count: int | None
    digest: str
    scored: Scored | None

    @cached_property
    def error(self) -> float | None:
        """The standard error that its interval stands for."""
        return None if self.low is None or self.high is None else standard_error(self.low, self.high)


def compute_statistics(order: Mapping[str, Any], _folder: Path) -> dict[str, Any]:
    """The statistics of a board's results, which come in order of rank."""
    board = _Board(order, order["results"][:MOST_COMPARED])
    found = board.spread()
    models = {
        str(each["id"]): dict.fromkeys(("best", "worst", "group", "top1", "top3", "to_best")) for each in board.rows
    }
    groups: list[list[int]] = []
    if found is not None:
        groups = board.groups(found)
        for each, place in zip(board.in_order, found.places, strict=True):
            group = next((number for number, ids in enumerate(groups, start=1) if each.id in ids), None)
            models[str(each.id)] |= {
                "best": place.best,
                "worst": place.worst,
                "group": group,
                "top1": finite(place.top_1),
                "top3": finite(place.top_3),
            }
    for pk, told in board.to_best().items():
        models[str(pk)]["to_best"] = told
    return {
        "metric": board.metric.name,
        "level": LEVEL,
        "detectable": board.detectable(),
        "declared_only": not board.scored,
        "models": models,
        "groups": groups,
        "pairs": [
            [first.id, second.id, told["estimate"], told["low"], told["high"], told["p"], told["method"]]
            for first, second, told in board.pairs(board.scored[:MOST_PAIRED])
        ],
        "seed": found.seed if found is not None else 0,
    }


def compare_models(order: Mapping[str, Any], _folder: Path) -> dict[str, Any]:
    """A few models on one metric, each pair of them."""
    board = _Board(order, order["results"])
    found = board.spread()
    places = {} if found is None else dict(zip([each.id for each in board.in_order], found.places, strict=True))
    return {
        "metric": board.metric.name,
        "level": LEVEL,
        "models": [
            {
                "result": each.id,
                "model": each.model,
                "score": each.score,
                "low": each.low,
                "high": each.high,
                "count": each.count,
                "rank_best": places[each.id].best if each.id in places else None,
                "rank_worst": places[each.id].worst if each.id in places else None,
            }
            for each in board.results
        ],
        "pairs": [[first.id, second.id, told] for first, second, told in board.pairs(board.results)],
        "detectable": board.detectable(),
    }


class _Board:
    """Results on one metric of one dataset."""

    def __init__(self, order: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> None:
        self.rows = rows
        self.dataset: str = order["dataset"]
        self.metric = _metric(order)
        self._items: str | None = None
        self._held = 0
        self.results = [self._result(order, row) for row in rows]
        self.scored = [each for each in self.results if each.scored is not None]
        self.in_order = [*self.scored, *(each for each in self.results if each.scored is None)]

    def _result(self, order: Mapping[str, Any], row: Mapping[str, Any]) -> _Result:
        scored = self._scored(order, row)
        return _Result(
            row["id"], row["model"], row["score"], row["low"], row["high"], row["count"], row["digest"], scored
        )

    def _scored(self, order: Mapping[str, Any], row: Mapping[str, Any]) -> Scored | None:
        """The items of a result, where they are those of all others and the metric is defined on them."""
        if row["kept"] is None or row["score"] is None or (row["count"] or 0) < 2:
            return None
        if self._held + row["count"] > _MOST_VALUES and self._held:
            return None
        scored = scored_of(task_type(order["task_type"]), Kept.from_bytes(Path(row["kept"]).read_bytes()))
        basis = scored.bases.get(self.metric.name)
        if basis is None or basis.estimate() is None or np.isnan(basis.values()).any():
            return None
        if self._items not in (None, scored.kept.items):
            return None
        if scored.kept.clusters is not None and len(np.unique(scored.kept.clusters)) < 2:
            return None
        self._items = scored.kept.items
        self._held += scored.count
        return scored

    def spread(self) -> Spread | None:
        """The places of `in_order`."""
        if not self.results:
            return None
        return spread(
            self._models(self.scored),
            self.metric,
            dataset=self.dataset,
            submissions=[each.digest for each in self.scored],
            declared=[Declared(each.score, each.error) for each in self.in_order[len(self.scored) :]],
        )

    def groups(self, found: Spread) -> list[list[int]]:
        """The numbers of the results of each group."""
        return [[self.in_order[place].id for place in group] for group in found.groups]

    def detectable(self) -> float | None:
        """In the metric's own unit; None where nothing was scored here."""
        return finite(detectable(self._models(self.scored), self.metric)) if self.scored else None

    def to_best(self) -> dict[int, dict[str, Any]]:
        """The difference of each result to the first of the board."""
        ranked = [each for each in self.results if each.score is not None]
        exact = len(ranked) <= _MOST_RESAMPLED_PAIRS
        told = {each.id: self._difference(each, ranked[0], exact=exact) for each in ranked[1:]}
        return {pk: difference for pk, difference in told.items() if difference is not None}

    def pairs(self, results: Sequence[_Result]) -> list[tuple[_Result, _Result, dict[str, Any]]]:
        """The differences of all pairs of which something is known."""
        exact = len(results) * (len(results) - 1) // 2 <= _MOST_RESAMPLED_PAIRS
        found = []
        for first, second in combinations(results, 2):
            told = self._difference(first, second, exact=exact)
            if told is not None:
                found.append((first, second, told))
        return found

    def _difference(self, first: _Result, second: _Result, *, exact: bool) -> dict[str, Any] | None:
        if first.scored is not None and second.scored is not None:
            return _told(self._paired(first, first.scored, second, second.scored, exact=exact))
        if first.score is None or second.score is None or first.error is None or second.error is None:
            return None
        return _told(unpaired(first.score, first.error, second.score, second.error))

    def _paired(
        self, first: _Result, ours: Scored, second: _Result, theirs: Scored, *, exact: bool
    ) -> Difference | None:
        basis, other = ours.bases[self.metric.name], theirs.bases[self.metric.name]
        if not exact and not isinstance(basis, Items):
            return linear_difference(basis, other, ours.kept.clusters, LEVEL)
        return compare(ours, theirs, self.metric.name, dataset=self.dataset, submissions=(first.digest, second.digest))

    @staticmethod
    def _models(results: Sequence[_Result]) -> list[Scored]:
        return [each.scored for each in results if each.scored is not None]


def _metric(order: Mapping[str, Any]) -> Metric:
    """The task type's, or one of that name whose numbers were only declared."""
    try:
        return task_type(order["task_type"]).metric(order["metric"])
    except UserError:
        return Metric(
            name=order["metric"],
            title=order["metric"],
            summary="",
            aggregation="mean",
            direction="asc" if order["lower_is_better"] else "desc",
            low=None,
            high=None,
        )


def _told(difference: Difference | None) -> dict[str, Any] | None:
    """A difference as it is stored; None where one of its numbers is none."""
    if difference is None:
        return None
    numbers = (difference.estimate, difference.low, difference.high, difference.p_value)
    if any(finite(each) is None for each in numbers):
        return None
    estimate, low, high, p = numbers
    return {
        "estimate": estimate,
        "low": low,
        "high": high,
        "p": p,
        "method": difference.method,
        "distinguishable": difference.distinguishable,
    }
