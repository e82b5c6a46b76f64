"""`podium test` on the examples and on bundles of others, with their own programs and submissions."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.requirements_on_machine import require_program
from tests.shared_material import shared_bundle

ROOT = Path(__file__).parents[3]

pytestmark = [pytest.mark.sandbox, pytest.mark.slow]


def runs_of(*arguments: object) -> list[dict[str, Any]]:
    """What `podium test` ran; it must have passed."""
    require_program("bwrap", "bubblewrap")
    command = [sys.executable, "-m", "podium.cli.main", "test", *map(str, arguments), "--json"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=280)
    assert ended.returncode == 0, ended.stderr
    return list(json.loads(ended.stdout)["runs"])


def test_hello_passes_and_one_solution_is_compared() -> None:
    runs = runs_of("examples/hello")
    assert [run["passed"] for run in runs] == [True] * 3
    # The distances from twelve hours add up to 46.25, in twelve months.
    assert runs[0]["scores"]["mean_error"] == pytest.approx(46.25 / 12)
    assert [run["compared"] for run in runs] == [1, 0, 0]


def test_digits_passes_in_both_phases() -> None:
    assert [(run["phase"], run["passed"]) for run in runs_of("examples/digits")] == [
        ("Development", True),
        ("Development", True),
        ("Development", True),
        ("Final", True),
        ("Final", True),
        ("Final", True),
    ]


def test_hello_history_is_scored_as_expected_in_the_order_of_its_solutions() -> None:
    runs = runs_of("examples/hello-history")
    assert [(run["passed"], run["compared"]) for run in runs] == [(True, 2)] * 3


def test_a_codalab_bundle_scores_its_submission_as_it_does_by_hand() -> None:
    bundle, submission = shared_bundle("competition_15_iris.zip"), shared_bundle("submission_15_iris_code.zip")
    runs = runs_of(bundle, "--submission", submission)
    assert runs
    # Found by running both programs of the bundle by hand.
    assert [run["scores"]["set1_score"] for run in runs] == [pytest.approx(0.333333333333)] * len(runs)


def test_a_bundle_with_four_tasks_runs_its_solution_on_each() -> None:
    runs = runs_of(shared_bundle("competition_v2_multi_task.zip"))
    assert len({run["task"] for run in runs}) == 4
    assert all(0 <= run["scores"]["accuracy"] <= 1 for run in runs)
