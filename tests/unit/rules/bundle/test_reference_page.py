"""The reference page and the table of keys say the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.rules.bundle.keys import LEVELS, Key, Level

PAGE = Path(__file__).parents[4] / "docs" / "reference" / "bundle.md"


def rows_of(level: Level) -> dict[str, list[str]]:
    """The cells of the level's table, by key."""
    heading = f"### {level.name[0].upper()}{level.name[1:]}\n"
    section = PAGE.read_text().split(heading)[1].split("\n#")[0]
    lines = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| `")]
    return {cells[0].strip("`"): [cell.strip() for cell in cells[1:]] for cells in lines}


@pytest.mark.parametrize("level", LEVELS, ids=lambda level: level.name)
def test_every_key_of_a_level_is_documented_and_no_other(level: Level) -> None:
    assert tuple(rows_of(level)) == level.names


@pytest.mark.parametrize(
    ("level", "key"), [(level, key) for level in LEVELS for key in level.keys], ids=lambda part: part.name
)
def test_a_key_is_documented_with_its_default_its_choices_and_its_meaning(level: Level, key: Key) -> None:
    kind, default, meaning = rows_of(level)[key.name]
    shown = str(key.default).lower() if isinstance(key.default, bool) else str(key.default or "")

    assert meaning == key.meaning
    assert all(f"`{choice}`" in kind for choice in key.choices)
    assert (default == "required") == key.required
    if not key.required:
        assert default.strip("`") == (str(key.default) if key.default == 0 and key.kind == "whole" else shown)
    if key.kind == "text" and key.limit:
        assert f"at most {key.limit} characters" in kind
