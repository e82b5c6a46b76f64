"""`podium demo --once`, as the first thing that a newcomer types."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from tests.requirements_on_machine import require_program
from tests.running_site import plain_environment
from tests.small_bundles import SCORING_PROGRAM, small_bundle

ROOT = Path(__file__).parents[3]
HELLO = ROOT / "examples" / "hello"


def demo(folder: Path, *options: str, examples: Path = ROOT / "examples") -> subprocess.CompletedProcess[str]:
    """The ended demo, of which no process and no file may be left."""
    folder.mkdir()
    ended = subprocess.run(
        [sys.executable, "-m", "podium", "demo", "--once", "--port", "0", "--examples", str(examples), *options],
        env={**plain_environment(), "TMPDIR": str(folder), "COLUMNS": "100"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert [process for process in psutil.process_iter() if mentions(process, folder)] == []
    assert list(folder.iterdir()) == []
    return ended


def mentions(process: psutil.Process, folder: Path) -> bool:
    """Whether a living process has the folder in its command or its environment."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE and any(
            str(folder) in text for text in (*process.cmdline(), *process.environ().values())
        )
    except psutil.Error:
        return False


def board(printed: str, title: str) -> list[list[str]]:
    """The cells of the rows of a printed board."""
    table = printed[printed.index(title) :].split("└", 1)[0]
    return [[cell.strip() for cell in line.strip("│ ").split("│")] for line in table.splitlines() if "│" in line]


def mean_error(solution: str) -> float:
    """How far the solution's twelve numbers are from the right ones on average."""
    mine = (HELLO / "solutions" / solution / "daylight.txt").read_text().split()
    right = (HELLO / "reference_data" / "daylight.txt").read_text().split()
    return sum(abs(float(a) - float(b)) for a, b in zip(mine, right, strict=True)) / 12


@pytest.mark.slow
@pytest.mark.sandbox
def test_all_boards_are_complete_and_in_the_order_of_the_samples_quality(tmp_path: Path) -> None:
    require_program("bwrap", "bubblewrap")
    # All competitions, and of the model boards two, one of which is scored: the others take the same way.
    examples = tmp_path / "examples"
    (examples / "modelboards").mkdir(parents=True)
    for there in (ROOT / "examples").glob("*/competition.yaml"):
        (examples / there.parent.name).symlink_to(there.parent)
    for name in ("shop-mail", "financial-phrasebank"):
        (examples / "modelboards" / name).symlink_to(ROOT / "examples" / "modelboards" / name)
    ended = demo(tmp_path / "here", examples=examples)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "2 model boards are there; 3 of 3 models were scored on them." in ended.stdout
    assert re.search(r"Open http://127\.0\.0\.1:\d+ and sign in as ada .* password \S+", ended.stdout)

    # The samples are sent in the order of the bundle, by ada, emmy and katherine.
    senders = ("ada", "emmy", "katherine")
    errors = dict(zip(senders, map(mean_error, ("twelve_hours", "straight_lines", "smooth_curve")), strict=True))
    rows = board(ended.stdout, "Open: Results")
    assert [row[:2] for row in rows] == [
        [str(rank), name] for rank, name in enumerate(sorted(errors, key=errors.__getitem__), start=1)
    ]
    # Two decimals, three or four: the text is the number rounded, so half a unit of its last digit away at most.
    for _, name, shown in rows:
        assert abs(float(shown) - errors[name]) <= 0.5001 * 10 ** -len(shown.split(".")[1])

    digits = board(ended.stdout, "Development: Results")
    # The majority class alone is right for one digit of ten; centroids separate them well; a support vector machine
    # bends its borders and separates them better still.
    assert [row[:2] for row in digits] == [["1", "katherine"], ["2", "emmy"], ["3", "ada"]]
    machine, centroid, majority = (float(row[2]) for row in digits)
    assert 0.05 < majority < 0.2 < 0.8 < centroid < machine <= 1
    # In each column of scores all points stand in a line.
    for column in range(2, len(digits[0])):
        assert len({len(row[column].split(".")[1]) for row in digits}) == 1

    # One participant's three guesses, of which the last is right: one of three.
    history = ended.stdout[ended.stdout.index("Right so far") - 200 :]
    assert board(history, "Open: Results") == [["1", "ada", "1", "0.333"]]


@pytest.mark.slow
@pytest.mark.sandbox
def test_a_sample_that_fails_is_named_with_its_reason_and_the_demo_fails(tmp_path: Path) -> None:
    require_program("bwrap", "bubblewrap")
    broken = {**SCORING_PROGRAM, "score.py": "raise SystemExit(3)"}
    bundle = small_bundle(
        tmp_path / "examples" / "broken",
        scoring_program=broken,
        solutions=({"answer.txt": "a b c d"},),
        top={"registration_auto_approve": True},
    )
    ended = demo(tmp_path / "here", examples=bundle.parent)
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert "Solution 0: Failed." in ended.stderr
    assert "exit code 3" in ended.stderr
    assert "1 of 1 samples are not on this board." in ended.stderr


def test_a_folder_without_examples_is_named_before_anything_starts(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    ended = demo(tmp_path / "here", examples=tmp_path / "empty")
    assert ended.returncode == 1
    assert str(tmp_path / "empty") in ended.stderr
    assert "--examples" in ended.stderr
    assert ended.stdout == ""
