"""Which columns hold shares."""

from __future__ import annotations

import pytest

from podium.rules.board.columns import Column, Sorting
from podium.rules.board.shares import is_share

SHARE = Column(key="correct", title="Right", index=0)


@pytest.mark.parametrize(
    ("values", "expected"),
    [([0.0], True), ([1.0, 0.5], True), ([], False), ([1.0000001], False), ([-0.1, 0.5], False), ([97.5], False)],
)
def test_a_share_lies_between_nothing_and_all(values: list[float], expected: bool) -> None:
    assert is_share(SHARE, values) is expected


def test_where_less_is_better_nothing_is_right() -> None:
    assert not is_share(Column(key="error", title="Error", index=0, sorting=Sorting.ASCENDING), [0.5])
