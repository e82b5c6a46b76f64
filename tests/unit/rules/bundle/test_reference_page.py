"""The reference pages and the tables of keys say the same; the page of version 2 is made from the table."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from podium.cli.main import app
from podium.rules.bundle.codalab import keys as codalab
from podium.rules.bundle.differences import DIFFERENCES
from podium.rules.bundle.extensions import EXTENSIONS
from podium.rules.bundle.keys import LEVELS, Key, Level

FOLDER = Path(__file__).parents[4] / "docs" / "reference"
GENERATED = "competition-yaml.md"
PAGES = {GENERATED: ("## ", LEVELS), "codalab-bundle.md": ("### ", codalab.LEVELS)}
ALL = [(page, level) for page, (_, levels) in PAGES.items() for level in levels]


def rows_of(page: str, level: Level) -> dict[str, list[str]]:
    """The cells of the level's table, by key."""
    marks, _ = PAGES[page]
    heading = f"\n{marks}{level.name[0].upper()}{level.name[1:]}\n"
    section = (FOLDER / page).read_text().split(heading)[1].split("\n#")[0].split("\nUnder `podium`")[0]
    lines = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| `")]
    return {cells[0].strip("`"): [cell.strip() for cell in cells[1:]] for cells in lines}


def test_the_page_of_version_2_is_what_the_command_prints() -> None:
    printed = CliRunner().invoke(app, ["schema", "--markdown"])
    assert printed.exit_code == 0
    assert (FOLDER / GENERATED).read_text(encoding="utf-8") == printed.stdout


def test_every_extension_is_on_the_page_with_its_level() -> None:
    page = (FOLDER / GENERATED).read_text(encoding="utf-8")
    for level, known in EXTENSIONS.items():
        section = page.split(f"\nUnder `podium` of {level}:\n")[1].split("\n## ")[0]
        for name, shape in known.items():
            assert f"| `{name}` |" in section
            assert str(shape["description"]) in section


def test_differences_are_of_keys_that_exist() -> None:
    levels = {level.name: level for level in LEVELS}
    assert all(key in levels[name] for name, differences in DIFFERENCES.items() for key in differences)


@pytest.mark.parametrize(("page", "level"), ALL, ids=lambda part: getattr(part, "name", part))
def test_every_key_of_a_level_is_documented_and_no_other(page: str, level: Level) -> None:
    assert tuple(rows_of(page, level)) == level.names


@pytest.mark.parametrize(
    ("page", "level", "key"),
    [(page, level, key) for page, level in ALL for key in level.keys],
    ids=lambda part: getattr(part, "name", part),
)
def test_a_key_is_documented_with_its_default_its_choices_and_its_meaning(page: str, level: Level, key: Key) -> None:
    kind, default, meaning = rows_of(page, level)[key.name][:3]
    shown = str(key.default).lower() if isinstance(key.default, bool) else str(key.default or "")

    assert meaning == key.meaning
    assert (kind == "no effect") == (key.kind == "unused")
    assert all(f"`{choice}`" in kind for choice in key.choices)
    assert (default == "required") == key.required
    if not key.required:
        assert default.strip("`") == ("0" if key.default == 0 and not isinstance(key.default, bool) else shown)
    if key.kind == "text" and key.limit:
        assert f"at most {key.limit} characters" in kind
