"""What the items of a board's first entries say together: who cannot be told from the first, and what could be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from podium.server.certainty.items.columns import interval_of, values_of
from podium.server.computing.files import finite
from podium.stats.arrays import Floats
from podium.stats.detectable import detectable_by_error, detectable_difference
from podium.stats.proportions import LEVEL
from podium.stats.ranks import estimates_of_items, pair_errors, rank_spread
from podium.stats.seeds import seed_of

_MOST_VALUES = 15_000_000
"""Values that are held in memory at a time; entries beyond are not compared."""


def compare_entries(order: Mapping[str, Any], _folder: Path) -> dict[str, Any]:
    """Compare the entries of an order, which come by rank, with the first; each has the values of all tasks one after
    the other. Only entries on the same items as the first's are compared."""
    entries = order["entries"]
    intervals = {}
    if order["several_tasks"]:
        for each in entries:
            seed = seed_of(order["about"], order["column"], each["digest"])
            values = _values(each)
            told = interval_of(values, seed)
            if told["low"] is not None:
                intervals[str(each["submission"])] = [told["low"], float(values.mean()), told["high"]]
    compared = _comparable(entries) if order["first"] else []
    return {
        "column": order["column"],
        "level": LEVEL,
        "items": compared[0]["count"] if compared else 0,
        "compared": len(compared),
        **_together(order, compared),
        "intervals": intervals,
    }


def _comparable(entries: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    first = entries[0]
    if first["count"] < 2:
        return []
    same = [each for each in entries if each["items"] == first["items"]]
    return same[: max(1, _MOST_VALUES // first["count"])]


def _together(order: Mapping[str, Any], compared: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    if not compared:
        return {"tied": [], "detectable": None}
    sign = -1.0 if order["lower_is_better"] else 1.0
    rows = np.stack([sign * _values(each) for each in compared])
    if len(compared) == 1:
        binary = bool(((rows == 0) | (rows == sign)).all())
        return {"tied": [], "detectable": detectable_difference(rows.shape[1]) if binary else None}
    # Values near the end of what a float holds have no variance that one could hold.
    with np.errstate(over="ignore", invalid="ignore"):
        estimates = estimates_of_items(rows)
        if not np.isfinite(estimates.covariance).all():
            return {"tied": [], "detectable": None}
        spread = rank_spread(estimates, seed=seed_of(order["about"], order["column"]))
        errors = pair_errors(estimates)
    told = errors[errors > 0]
    return {
        "tied": [compared[place]["submission"] for place in spread.tied_for_first],
        "detectable": finite(detectable_by_error(float(np.median(told)))) if len(told) else None,
    }


def _values(entry: Mapping[str, Any]) -> Floats:
    return np.concatenate([values_of(part["path"], part["place"]) for part in entry["parts"]])
