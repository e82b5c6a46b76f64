"""The table of attacks in docs/explanation/security.md and the attacks that there are are the same."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from tests.attacks.archives.hostile_zips import HOSTILE as ARCHIVES
from tests.attacks.attacked import BENIGN, PROGRAMS
from tests.attacks.display.hostile_text import HOSTILE as TEXTS
from tests.attacks.scores.hostile_scores import HOSTILE as SCORES

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "explanation" / "security.md"
# What is named by these tests is a set of cases, each of them named in the row.
OF_CASES = {
    "archives/test_archives.py::test_archives_that_are_refused": ARCHIVES,
    "scores/test_scores.py::test_scores_that_are_refused": SCORES,
    "display/test_site.py::test_pages": TEXTS,
}


def rows() -> list[tuple[str, str, str]]:
    """Attack, promise and test of each row."""
    table = PAGE.read_text(encoding="utf-8").split("\n## How each promise is tested\n")[1]
    return [(cells[0], cells[1], cells[2].strip("`")) for cells in _cells(table)]


def _cells(table: str) -> list[list[str]]:
    lines = [line for line in table.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def attack_tests() -> dict[str, str]:
    """Every test of an attack, and its text."""
    found = {}
    for path in HERE.glob("*/test_*.py"):
        text = path.read_text(encoding="utf-8")
        for node in ast.parse(text).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                decorators = [ast.get_source_segment(text, each) or "" for each in node.decorator_list]
                whole = "\n".join([*decorators, ast.get_source_segment(text, node) or ""])
                found[f"{path.relative_to(HERE)}::{node.name}"] = whole
    return found


def test_every_test_has_a_row_and_every_row_a_test() -> None:
    named = {test for _, _, test in rows()}
    assert named == set(attack_tests())


def test_every_program_is_in_a_row_of_a_test_that_runs_it() -> None:
    programs = {path.stem for path in PROGRAMS.glob("*.py")} - {BENIGN}
    texts, shown = attack_tests(), set()
    for attack, _, test in rows():
        for name in re.findall(r"`([^`]+)`", attack):
            if name in programs:
                shown.add(name)
                assert f'"{name}"' in texts[test], f"{test} does not run {name}"
    assert shown == programs


@pytest.mark.parametrize("test", OF_CASES)
def test_every_case_is_named(test: str) -> None:
    named = {name for attack, _, found in rows() if found == test for name in re.findall(r"`([^`]+)`", attack)}
    assert named == set(OF_CASES[test])


def test_every_promise_of_the_table_is_made_and_tested() -> None:
    page = PAGE.read_text(encoding="utf-8")
    made = set(re.findall(r"^- \*\*(.+?)\*\*", page.split("## What is promised")[1].split("\n## ")[0], re.MULTILINE))
    assert {promise for _, promise, _ in rows()} == made


def test_there_are_at_least_sixty_attacks() -> None:
    assert len({path.stem for path in PROGRAMS.glob("*.py")} - {BENIGN}) + len(ARCHIVES) + len(SCORES) >= 60
