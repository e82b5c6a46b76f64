"""What somebody who brings a file says beside it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ImportWishes:
    """How to read a file. An empty text leaves it to the file; `parts` takes parts of groups as datasets too.

    `dataset` names the only dataset of a file, `metric` what to rank by where there are several metrics.
    """

    model: str = ""
    dataset: str = ""
    metric: str = ""
    parts: bool = False
