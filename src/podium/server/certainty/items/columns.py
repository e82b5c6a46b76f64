"""What is kept of the items of a submission: their values by column, and the interval of each mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from podium.blobs.archives import ZipSource
from podium.rules.errors import ArchiveError
from podium.server.certainty.items.columns_file import KEPT
from podium.server.certainty.items.reading import LIMITS, ItemsRead, by_name, read_output
from podium.server.computing.files import finite
from podium.stats.arrays import Floats
from podium.stats.means import mean_interval
from podium.stats.proportions import LEVEL
from podium.stats.seeds import seed_of


def keep_items(order: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Read the output of a scoring program, and leave its values in a file; or say what is wrong with it."""
    found = _read(Path(order["output"]), order["columns"])
    if found.problem_count:
        return {"problems": [asdict(each) for each in found.problems], "problem_count": found.problem_count}
    arrays: dict[str, Floats] = {}
    columns: dict[str, Any] = {}
    for place, (key, values) in enumerate(sorted(found.columns.items())):
        names = by_name(values)
        array = np.array([values[name] for name in names], dtype=np.float64)
        arrays[str(place)] = array
        told = {"place": place, "count": len(names), "mean": finite(array.mean()), "items": _digest(names)}
        columns[key] = told | interval_of(array, seed_of(order["about"], key, order["digest"]))
    with (folder / KEPT).open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)
    return {"columns": columns}


def interval_of(values: Floats, seed: int) -> dict[str, Any]:
    """The interval of the mean of these values; its ends are None where there is none to be had."""
    binary = bool(((values == 0) | (values == 1)).all())
    bounded = bool(((values >= 0) & (values <= 1)).all())
    with np.errstate(over="ignore", invalid="ignore"):
        found = mean_interval(values, seed=seed, binary=binary, unit_range=bounded)
    low, high = (None, None) if found is None else (finite(found.low), finite(found.high))
    if low is None or high is None or found is None:
        return {"low": None, "high": None, "method": "", "level": LEVEL}
    return {"low": low, "high": high, "method": found.method, "level": found.level}


def values_of(path: str, place: int) -> Floats:
    """The values of a column as they were kept."""
    with np.load(path, allow_pickle=False) as arrays:
        return np.asarray(arrays[str(place)], dtype=np.float64)


def _read(path: Path, keys: Sequence[str]) -> ItemsRead:
    try:
        with ZipSource(path, LIMITS) as source:
            return read_output(source, keys)
    except ArchiveError:
        found = ItemsRead()
        found.wrong("items-damaged", "The output of scoring cannot be unpacked.", "Run the scoring again.")
        return found


def _digest(names: Sequence[str]) -> str:
    """The same for the same items."""
    found = sha256()
    for name in names:
        content = name.encode("utf-8", "surrogatepass")
        found.update(len(content).to_bytes(4) + content)
    return found.hexdigest()
