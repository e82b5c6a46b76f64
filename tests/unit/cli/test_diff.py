"""`podium diff`: what it prints, and how it ends."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from tests.small_bundles import files_of, small_bundle, write_tree, write_zip, zipped
from typer.testing import CliRunner

from podium.cli.main import app
from podium.rules.errors import BundleError


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return small_bundle(tmp_path / "old")


@pytest.fixture
def new(old: Path, tmp_path: Path) -> Path:
    """Another title, another scoring program, another terms."""
    made = shutil.copytree(old, tmp_path / "new")
    yaml = made / "competition.yaml"
    yaml.write_text(yaml.read_text().replace('"Small"', '"Large"'))
    write_tree(made, {"scoring/score.py": "print()\n", "scoring/more.py": "", "terms.md": "Be kind.\nBe fair."})
    return made


def diff(*arguments: object) -> tuple[int, str, str]:
    ended = CliRunner().invoke(app, ["diff", *map(str, arguments)])
    assert ended.exception is None or isinstance(ended.exception, SystemExit), ended.exception
    return ended.exit_code, ended.stdout, ended.stderr


def test_a_folder_and_its_zip_are_the_same(old: Path, tmp_path: Path) -> None:
    assert diff(old, write_zip(tmp_path / "old.zip", files_of(old))) == (0, "", "Nothing changes.\n")


def test_a_zip_in_the_place_of_a_folder_is_the_same(old: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(old, tmp_path / "copy")
    packed = zipped(files_of(copy / "scoring"))
    shutil.rmtree(copy / "scoring")
    (copy / "scoring").write_bytes(packed)
    assert diff(old, copy)[0] == 0


def test_changes_stand_below_what_they_change(old: Path, new: Path) -> None:
    status, shown, told = diff(old, new)
    assert (status, told) == (1, "3 changes.\n")
    assert shown.splitlines() == [
        "competition",
        '  title: "Small" -> "Large"',
        "  terms: 1 line added, 0 lines removed",
        'task "Task 0"',
        "  scoring_program: more.py added, score.py changed",
    ]


def test_json_is_one_object(old: Path, new: Path) -> None:
    status, shown, _ = diff("--json", old, new)
    content = json.loads(shown)
    assert (status, content["equal"], len(content["changes"])) == (1, False, 3)
    assert content["changes"][0] == {
        "part": "competition",
        "name": "",
        "key": "title",
        "kind": "changed",
        "old": '"Small"',
        "new": '"Large"',
        "text": 'title: "Small" -> "Large"',
    }
    assert json.loads(diff("--json", old, old)[1]) == {"equal": True, "changes": []}


def test_a_bundle_with_errors_is_refused(old: Path, new: Path) -> None:
    (new / "terms.md").unlink()
    ended = CliRunner().invoke(app, ["diff", str(old), str(new)])
    assert isinstance(ended.exception, BundleError)
