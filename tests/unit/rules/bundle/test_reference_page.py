"""The reference pages and the tables of keys say the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.rules.bundle.codalab import keys as codalab
from podium.rules.bundle.keys import LEVELS, Key, Level

FOLDER = Path(__file__).parents[4] / "docs" / "reference"
PAGES = {"bundle.md": LEVELS, "codalab-bundle.md": codalab.LEVELS}
ALL = [(page, level) for page, levels in PAGES.items() for level in levels]


def rows_of(page: str, level: Level) -> dict[str, list[str]]:
    """The cells of the level's table, by key."""
    heading = f"### {level.name[0].upper()}{level.name[1:]}\n"
    section = (FOLDER / page).read_text().split(heading)[1].split("\n#")[0]
    lines = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| `")]
    return {cells[0].strip("`"): [cell.strip() for cell in cells[1:]] for cells in lines}


@pytest.mark.parametrize(("page", "level"), ALL, ids=lambda part: getattr(part, "name", part))
def test_every_key_of_a_level_is_documented_and_no_other(page: str, level: Level) -> None:
    assert tuple(rows_of(page, level)) == level.names


@pytest.mark.parametrize(
    ("page", "level", "key"),
    [(page, level, key) for page, level in ALL for key in level.keys],
    ids=lambda part: getattr(part, "name", part),
)
def test_a_key_is_documented_with_its_default_its_choices_and_its_meaning(page: str, level: Level, key: Key) -> None:
    kind, default, meaning = rows_of(page, level)[key.name]
    shown = str(key.default).lower() if isinstance(key.default, bool) else str(key.default or "")

    assert meaning == key.meaning
    assert (kind == "no effect") == (key.kind == "unused")
    assert all(f"`{choice}`" in kind for choice in key.choices)
    assert (default == "required") == key.required
    if not key.required:
        assert default.strip("`") == ("0" if key.default == 0 and not isinstance(key.default, bool) else shown)
    if key.kind == "text" and key.limit:
        assert f"at most {key.limit} characters" in kind
