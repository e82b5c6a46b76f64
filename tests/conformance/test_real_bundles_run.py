"""Real bundles, made by others, run unchanged from the command line (issue 2, "Shown by")."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from typing import Any

import pytest
from tests.requirements_on_machine import require_program
from tests.shared_material import shared_bundle

pytestmark = [pytest.mark.sandbox, pytest.mark.slow]


@pytest.fixture(scope="module", autouse=True)
def _tools() -> None:
    require_program("bwrap", "bubblewrap")


def run(*arguments: object) -> list[dict[str, Any]]:
    """The boards that `podium run` prints. Runtimes are those of the machine: building takes seconds each."""
    ended = subprocess.run(
        [sys.executable, "-m", "podium.cli.main", "run", *map(str, arguments), "--json"],
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    boards = json.loads(ended.stdout)
    assert isinstance(boards, list)
    return boards


def test_the_wheat_competition_scores_its_submission() -> None:
    boards = run(shared_bundle("competition.zip"), "--submission", shared_bundle("submission.zip"))
    assert [board["phase"] for board in boards] == ["Development Phase", "Testing Phase"]
    for board in boards:
        (entry,) = board["entries"]
        assert (entry["rank"], entry["status"], set(entry["scores"])) == (1, "Finished", {"accuracy", "duration"})
        # An accuracy is a share; k-means on a few hundred seeds takes moments, but some time.
        assert 0 <= entry["scores"]["accuracy"] <= 1
        assert 0 < entry["scores"]["duration"] < 60


def test_the_wheat_competition_runs_its_own_solution_in_both_phases() -> None:
    boards = run(shared_bundle("competition.zip"))
    assert [board["phase"] for board in boards] == ["Development Phase", "Testing Phase"]
    for board in boards:
        assert [entry["status"] for entry in board["entries"]] == ["Finished"]


def test_four_tasks_make_one_row_of_means() -> None:
    (board,) = run(shared_bundle("competition_v2_multi_task.zip"), "--submission", shared_bundle("submission.zip"))
    (entry,) = board["entries"]
    assert len(entry["tasks"]) == 4
    by_task = [task["scores"]["accuracy"] for task in entry["tasks"]]
    assert entry["scores"]["accuracy"] == pytest.approx(sum(by_task) / 4)


def test_the_codalab_competition_scores_code_and_results_in_all_phases() -> None:
    submissions = [shared_bundle(f"submission_15_iris_{kind}.zip") for kind in ("code", "result")]
    boards = run(
        shared_bundle("competition_15_iris.zip"),
        *(word for path in submissions for word in ("--submission", path)),
    )
    assert [board["phase"] for board in boards] == ["Development", "Final"]
    for board in boards:
        assert [entry["status"] for entry in board["entries"]] == ["Finished", "Finished"]
        for entry in board["entries"]:
            # The scoring program writes -0.999999 where it could not compare prediction and solution.
            assert 0 <= entry["scores"]["set1_score"] <= 1
            assert math.isfinite(entry["scores"]["Duration"])
    scores = {entry["name"]: entry["scores"]["set1_score"] for entry in boards[0]["entries"]}
    # The code predicts one class of three, and is given with twelve decimals; tried by hand with its own programs.
    assert scores["submission_15_iris_code"] == pytest.approx(0.333333333333, abs=1e-12)
