"""Files of items, of which a page is read without the others."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from podium.server.modelboards.items.archives import PER_PART, Items, write_items


@pytest.mark.parametrize("count", [0, 1, PER_PART, PER_PART + 1, 3 * PER_PART])
def test_everything_comes_back_in_its_order(tmp_path: Path, count: int) -> None:
    write_items(tmp_path / "items.zip", ({"id": number} for number in range(count)), worst=[3, 1])
    with (tmp_path / "items.zip").open("rb") as file:
        items = Items(file)
        assert len(items) == count
        assert [each["id"] for each in items] == list(range(count))
        assert items.about["worst"] == [3, 1]


def test_single_ones_are_found_in_any_order(tmp_path: Path) -> None:
    write_items(tmp_path / "items.zip", ({"id": number} for number in range(2 * PER_PART)))
    with (tmp_path / "items.zip").open("rb") as file:
        numbers = [PER_PART, 0, 2 * PER_PART - 1, PER_PART - 1]
        assert [each["id"] for each in Items(file).at(numbers)] == numbers


def test_the_same_items_are_the_same_file(tmp_path: Path) -> None:
    for name in ("a.zip", "b.zip"):
        write_items(tmp_path / name, [{"id": 1}])
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_what_is_no_number_is_nothing(tmp_path: Path) -> None:
    write_items(tmp_path / "items.zip", [{"score": math.nan}])
    with (tmp_path / "items.zip").open("rb") as file:
        assert Items(file).at([0]) == [{"score": None}]
