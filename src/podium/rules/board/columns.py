"""A column of a leaderboard and the values computed from other columns."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Sorting(StrEnum):
    """Which value of a column is the better one."""

    DESCENDING = "desc"
    ASCENDING = "asc"


class Computation(StrEnum):
    """How a computed column is made from the columns that it names."""

    AVERAGE = "avg"
    SUM = "sum"
    MINIMUM = "min"
    MAXIMUM = "max"
    AVERAGE_RANK = "avg_rank"
    """The mean of the row's ranks in those columns, which depends on all rows of the board."""
    RECIPROCAL_RANK = "mrr"
    """The mean of one divided by those ranks."""

    @property
    def over_ranks(self) -> bool:
        """Whether all rows of the board are needed to compute it for one of them."""
        return self in _OVER_RANKS


_OVER_RANKS = frozenset({Computation.AVERAGE_RANK, Computation.RECIPROCAL_RANK})


@dataclass(frozen=True)
class Column:
    """One column. `index` orders the columns and is what `computation_indexes` refers to; `precision` is the number
    of decimals shown and never takes part in ranking.
    """

    key: str
    title: str
    index: int
    sorting: Sorting = Sorting.DESCENDING
    precision: int = 2
    hidden: bool = False
    computation: Computation | None = None
    computation_indexes: tuple[int, ...] = ()
