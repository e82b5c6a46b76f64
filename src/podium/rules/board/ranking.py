"""The order of a board, as one byte string per row that sorts like it.

The primary column comes first, the other visible ones follow from left to right, each in its own direction; rows that
agree in all of them are ordered by the time of submission and then by id. A missing value comes last in either
direction. Raw values count, never what is shown of them.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from podium.rules.board.columns import Column, Sorting

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_SIGN = 1 << 63
_ALL = (1 << 64) - 1
VALUE_BYTES = 9
"""How long `value_key` is: a byte that says whether there is a value, and eight that sort like it."""
_PRESENT = b"\x00"
_MISSING = b"\x01" + bytes(8)


def column_order(columns: Sequence[Column], primary_index: int) -> tuple[Column, ...]:
    """The columns that take part in the ranking, first the one that counts most.

    That is the primary column, even if it is hidden, then the other visible ones by index. Where no column has the
    index `primary_index`, the first one is primary.
    """
    return _column_order(tuple(columns), primary_index)


def rank_key(
    columns: Sequence[Column],
    primary_index: int,
    values: Mapping[str, float | None],
    submitted_at: datetime,
    submission_id: int,
) -> bytes:
    """The bytes by which a row sorts: smaller is better, and no two submissions have the same.

    Nine bytes for each column of `column_order`, eight for the time in microseconds, eight for the id (0 to 2^63-1).
    A column that `values` lacks is missing.

    Raises:
        ValueError: a value is not finite, or `submitted_at` has no time zone.
    """
    parts = [value_key(values.get(column.key), column.sorting) for column in column_order(columns, primary_index)]
    if submitted_at.tzinfo is None:
        raise ValueError("submitted_at needs a time zone")
    microseconds = (submitted_at - _EPOCH) // _MICROSECOND
    parts.append(struct.pack(">QQ", microseconds + _SIGN, submission_id))
    return b"".join(parts)


@dataclass(frozen=True)
class Row:
    """What ranking needs to know of one submission."""

    submission_id: int
    submitted_at: datetime
    values: Mapping[str, float | None]


def rank(columns: Sequence[Column], primary_index: int, rows: Iterable[Row]) -> list[Row]:
    """The rows in rank order, the best first."""
    return sorted(
        rows, key=lambda row: rank_key(columns, primary_index, row.values, row.submitted_at, row.submission_id)
    )


def value_key(value: float | None, sorting: Sorting) -> bytes:
    """VALUE_BYTES that sort like the values: present before missing, then by the bits of the double.

    Raises:
        ValueError: the value is not finite.
    """
    if value is None:
        return _MISSING
    if not math.isfinite(value):
        raise ValueError(f"{value} cannot be ranked")
    # Read as integers, the bits of non-negative doubles sort like them and those of negative doubles in reverse;
    # turning all bits of the negative and the sign bit of the others makes one unsigned order of both.
    (bits,) = struct.unpack(">Q", struct.pack(">d", value + 0.0))
    ordered = bits ^ _ALL if bits & _SIGN else bits | _SIGN
    if sorting is Sorting.DESCENDING:
        ordered ^= _ALL
    return _PRESENT + struct.pack(">Q", ordered)


@lru_cache(maxsize=256)
def _column_order(columns: tuple[Column, ...], primary_index: int) -> tuple[Column, ...]:
    by_index = sorted(columns, key=lambda column: column.index)
    if not by_index:
        return ()
    primary = next((column for column in by_index if column.index == primary_index), by_index[0])
    return (primary, *(column for column in by_index if column is not primary and not column.hidden))
