"""The examples under `podium run`, unzipped as they are in the repository."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.requirements_on_machine import require_program

ROOT = Path(__file__).parents[3]

pytestmark = [pytest.mark.sandbox, pytest.mark.slow]


def boards(*arguments: str) -> list[dict[str, Any]]:
    require_program("bwrap", "bubblewrap")
    command = [sys.executable, "-m", "podium.cli.main", "run", *arguments, "--json"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=280)
    assert run.returncode == 0, run.stderr
    return list(json.loads(run.stdout))


def test_hello_ranks_the_smallest_error_first() -> None:
    (board,) = boards("examples/hello")
    assert [(entry["rank"], entry["name"]) for entry in board["entries"]] == [
        (1, "Smooth curve"),
        (2, "Straight lines"),
        (3, "Twelve hours every day"),
    ]


def test_digits_ranks_its_solutions_by_the_mean_of_both_scores_in_both_phases() -> None:
    development, final = boards("examples/digits")
    assert (development["phase"], final["phase"]) == ("Development", "Final")
    for board in (development, final):
        assert [(entry["rank"], entry["name"]) for entry in board["entries"]] == [
            (1, "Support vector machine"),
            (2, "Nearest centroid"),
            (3, "Majority class"),
        ]
        for entry in board["entries"]:
            scores = entry["scores"]
            assert scores["overall"] == pytest.approx((scores["accuracy"] + scores["f1"]) / 2)
        # Whoever always says the same digit is right about as often as it occurs, a tenth of the time.
        assert board["entries"][2]["scores"]["accuracy"] == pytest.approx(0.1, abs=0.02)
