"""The example whose scoring program looks back: what it makes of each order of right and wrong answers."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.requirements_on_machine import require_program

EXAMPLE = Path(__file__).parents[3] / "examples" / "hello-history"

pytestmark = [pytest.mark.sandbox, pytest.mark.slow]


def answers(folder: Path, right: Sequence[bool]) -> list[str]:
    """Options for a submission of each answer, in their order; each is named by its number."""
    options = []
    for number, is_right in enumerate(right, start=1):
        solution = "the_answer" if is_right else "first_guess"
        place = folder / f"answer-{number}"
        shutil.copytree(EXAMPLE / "solutions" / solution, place)
        options += ["--submission", str(place)]
    return options


def scores(bundle: Path, *options: str) -> list[dict[str, dict[str, float]]]:
    """For each phase the scores of each submission by its name."""
    require_program("bwrap", "bubblewrap")
    command = [sys.executable, "-m", "podium.cli.main", "run", str(bundle), *options, "--json"]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert run.returncode == 0, run.stderr
    return [{entry["name"]: entry["scores"] for entry in board["entries"]} for board in json.loads(run.stdout)]


@pytest.mark.parametrize(
    ("right", "shares"),
    [
        # Each share is the number of right answers so far by the number of answers so far.
        ((False, False, True), (0, 0, 1 / 3)),
        ((True, True, False), (1, 1, 2 / 3)),
        ((True, True, True), (1, 1, 1)),
    ],
)
def test_the_share_of_right_answers_runs_along(tmp_path: Path, right: Sequence[bool], shares: Sequence[float]) -> None:
    (found,) = scores(EXAMPLE, *answers(tmp_path, right))
    assert [found[f"answer-{number}"]["correct"] for number in (1, 2, 3)] == [float(each) for each in right]
    assert [found[f"answer-{number}"]["audit_score"] for number in (1, 2, 3)] == pytest.approx(list(shares))


def test_answers_of_an_earlier_phase_count_and_organizers_alone_get_the_private_file(tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    shutil.copytree(EXAMPLE, bundle)
    text = (bundle / "competition.yaml").read_text()
    (phase,) = (part for part in text.split("\n\n") if part.startswith("phases:"))
    second = phase.removeprefix("phases:\n").replace("index: 0", "index: 1").replace("name: Open", "name: Later")
    first = phase.replace("    execution_time_limit", "    end: 2025-02-01\n    execution_time_limit")
    later = second.replace("2025-01-01", "2025-03-01")
    (bundle / "competition.yaml").write_text(text.replace(phase, f"{first}\n{later}"))
    kept = tmp_path / "kept"
    early, late = scores(bundle, *answers(tmp_path, (True, False)), "--keep", str(kept))
    assert [early[name]["audit_score"] for name in ("answer-1", "answer-2")] == [1.0, 0.5]
    # Right, wrong, right: 2 of 3; and one wrong answer more: 2 of 4.
    assert [late[name]["audit_score"] for name in ("answer-1", "answer-2")] == pytest.approx([2 / 3, 0.5])
    last = kept / "phase-1-later" / "submission-2-answer-2" / "task-0-the-line" / "scoring"
    told: dict[str, Any] = {
        str(path.relative_to(last / "input" / "history")): path.read_text()
        for path in (last / "input" / "history").rglob("scores.txt")
    }
    assert told == {
        "000/001/output/scores.txt": "correct:1.0\naudit_score:1.0\n",
        "000/002/output/scores.txt": "correct:0.0\naudit_score:0.5\n",
        "001/001/output/scores.txt": f"correct:1.0\naudit_score:{2 / 3!r}\n",
    }
    assert (last / "output" / "private" / "priv.txt").read_text() == "The right answer is: Hello, world!\n"
