"""The task types that this site has, by the names under which packages registered them. None of them is imported."""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points

GROUP = "podium.task_types"


@cache
def known_task_types() -> frozenset[str]:
    """Their names."""
    return frozenset(each.name for each in entry_points(group=GROUP))
