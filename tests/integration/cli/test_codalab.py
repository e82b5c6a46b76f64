"""`podium run` on a bundle written as CodaLab's users wrote theirs, in the real sandbox."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.requirements_on_machine import require_program
from tests.small_bundles import PNG, write_tree

pytestmark = [pytest.mark.sandbox, pytest.mark.slow]

DESCRIPTION = """
title: Words
image: logo.png
competition_docker_image: podium/plain
html:
  overview: overview.html
  terms: terms.html
phases:
  1:
    phasenumber: 1
    label: Both at once
    start_date: 2015-01-01
    is_parallel_parent: true
  2:
    phasenumber: 2
    parent_phasenumber: 1
    label: Short
    start_date: 2015-01-01
    scoring_program: scoring
    input_data: short_input
    reference_data: short
  3:
    phasenumber: 3
    parent_phasenumber: 1
    label: Long
    start_date: 2015-01-01
    scoring_program: scoring
    input_data: long_input
    reference_data: long
leaderboard:
  leaderboards:
    RESULTS: &RESULTS {label: Results, rank: 1}
  columns:
    correct: {leaderboard: *RESULTS, label: Correct, rank: 1}
    wrong: {leaderboard: *RESULTS, label: Wrong, rank: 2, sort: asc}
    larger:
      leaderboard: *RESULTS
      label: Larger
      rank: 3
      computed: {operation: Max, fields: "correct, wrong"}
"""
# No space after the colons, as CodaLab read them.
SCORE = """
    import sys
    source, target = sys.argv[1:]
    truth = open(source + "/ref/truth.txt").read().split()
    answer = open(source + "/res/answer.txt").read().split()
    correct = sum(a == b for a, b in zip(truth, answer))
    open(target + "/scores.txt", "w").write(f"correct:{correct}\\nwrong:{len(truth) - correct}\\n")
"""
FILES = {
    "competition.yaml": DESCRIPTION,
    "overview.html": "<p>Words</p>",
    "terms.html": "<p>Be kind.</p>",
    "scoring/metadata": "command: python $program/score.py $input $output\ndescription: Counts: one by one",
    "scoring/score.py": SCORE,
    "short_input/words.txt": "a b",
    "short/truth.txt": "a b",
    "long_input/words.txt": "a b c d e",
    "long/truth.txt": "a b c x x",
}
# Gives back what it is given.
CODE = {
    "metadata": "command: python $program/predict.py $input $output",
    "predict.py": """
        import sys
        source, target = sys.argv[1:]
        open(target + "/answer.txt", "w").write(open(source + "/words.txt").read())
    """,
}


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    require_program("bwrap", "bubblewrap")
    folder = write_tree(tmp_path / "bundle", FILES)
    (folder / "logo.png").write_bytes(PNG)
    return folder


def only_entry(bundle: Path, submission: Path) -> dict[str, Any]:
    ended = subprocess.run(
        [sys.executable, "-m", "podium.cli.main", "run", str(bundle), "--submission", str(submission), "--json"],
        env={**os.environ, "PODIUM_RUNTIMES": str(bundle.parent / "runtimes")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    (board,) = json.loads(ended.stdout)
    assert board["phase"] == "Both at once"
    assert board["tasks"] == ["Short Task", "Long Task"]
    (entry,) = board["entries"]
    assert isinstance(entry, dict)
    return entry


def test_code_with_the_commands_of_those_days_runs_on_all_parallel_phases(bundle: Path, tmp_path: Path) -> None:
    entry = only_entry(bundle, write_tree(tmp_path / "submission", CODE))

    # Of two words both are right, of five three.
    assert [task["scores"] for task in entry["tasks"]] == [
        {"correct": 2.0, "wrong": 0.0, "larger": 2.0},
        {"correct": 3.0, "wrong": 2.0, "larger": 3.0},
    ]
    assert entry["scores"] == {"correct": 2.5, "wrong": 1.0, "larger": 2.5}


def test_results_go_to_scoring_directly(bundle: Path, tmp_path: Path) -> None:
    entry = only_entry(bundle, write_tree(tmp_path / "submission", {"answer.txt": "a x"}))

    # One of two words is right, and one of five.
    assert [task["scores"]["correct"] for task in entry["tasks"]] == [1.0, 1.0]
    assert [task["scores"]["wrong"] for task in entry["tasks"]] == [1.0, 4.0]
