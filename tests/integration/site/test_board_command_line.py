"""`podium board` with a running site, as people type it: one dataset from its references to its export."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.running_site import RunningSite
from typer.testing import CliRunner

from podium.cli.main import app

pytestmark = pytest.mark.slow

EXAMPLE = Path(__file__).parents[3] / "examples" / "modelboards" / "one-liners"


def test_a_dataset_from_its_references_to_its_export(site: RunningSite, tmp_path: Path) -> None:
    token = site.token_of("bonnie")
    references, inputs = str(EXAMPLE / "references.jsonl"), str(EXAMPLE / "inputs.jsonl")
    careful = str(EXAMPLE / "predictions" / "careful.jsonl")

    def board(*arguments: str, status: int = 0) -> str:
        # In this process: to start one for each command would take longer than all of them.
        done = CliRunner().invoke(app, ["board", *arguments], env={"PODIUM_SERVER": site.url, "PODIUM_TOKEN": token})
        assert done.exit_code == status, done.output
        return done.output

    told = board("add-dataset", "Lines", "--task-type", "line_qa", "--references", references, "--inputs", inputs)
    assert "accepted" in told

    wrong = tmp_path / "wrong.jsonl"
    wrong.write_text('{"id": "l01", "answer": "8"}\n{"id": "l99", "answer": "9"}\n', encoding="utf-8")
    assert "wrong.jsonl:2: There is no item 'l99'." in board("check", "Lines", str(wrong), status=1)
    assert "All 12 items have a prediction" in board("check", "Lines", careful)

    # 11 of 12 are right.
    assert "Score 0.9167." in board("submit", "Lines", "Careful", careful)
    board("add-model", "Lines", "Said so", "0.5", "--ci", "0.25", "0.75", "--updated", "2026-10")
    assert "Somebody" not in board("list")

    shown = json.loads(board("show", "Lines", "--json"))
    assert [(each["rank"], each["model_name"], each["badge"]) for each in shown["models"]] == [
        (1, "Careful", "scored"),
        (2, "Said so", "organizer"),
    ]
    pairs = json.loads(board("compare", "Lines", "Careful", "Said so", "--json"))["pairs"]
    # 11/12 - 1/2
    assert abs(pairs[0]["estimate"]) == pytest.approx(5 / 12)

    target = tmp_path / "records.json"
    board("export", "Lines", "--format", "every_eval_ever", "-o", str(target))
    again = board("import", str(target), "--task-type", "line_qa", "--dataset", "Lines, brought back")
    assert "Results: 2 added, 0 updated, 0 skipped." in again
