"""`podium board`: what is printed, and which status a command ends with."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from click.testing import Result
from tests.tiny_server import Asked, Told, tiny_server, told
from typer.testing import CliRunner

from podium.cli.main import app

KEY = str(uuid4())
DATASET = {
    "id": str(uuid4()),
    "name": "SST \x1b[31m",
    "slug": "sst",
    "task_type": "text_classification",
    "model_count": 1,
}
ROW = {"rank": 1, "model_name": "A", "dataset_name": "SST", "score": 0.9, "ci_low": 0.8, "ci_high": 1.0}
PROBLEM = {
    "severity": "error",
    "message": "There is no label 'x'.",
    "hint": "Labels are a, b.",
    "file": "p.csv",
    "line": 3,
}


def board(answer: Callable[[Asked], Told] | dict[str, Any], *arguments: str, token: str = "key") -> Result:
    answers = (lambda asked: told(answer)) if isinstance(answer, dict) else answer
    with tiny_server(answers) as server:
        more = ["--server", server.url, *(["--token", token] if token else [])]
        return CliRunner().invoke(app, ["board", *arguments[:1], *more, *arguments[1:]])


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "p.csv"
    path.write_text("id,label\n1,a\n", encoding="utf-8")
    return str(path)


def test_boards_are_listed_on_a_line_each_and_steer_no_terminal() -> None:
    done = board({"success": True, "datasets": [DATASET]}, "list", token="")
    assert done.output == "SST  [31m  (text_classification, 1 model)\n"
    as_json = board({"success": True, "datasets": [DATASET]}, "list", "--json", token="")
    assert json.loads(as_json.output)[0]["model_count"] == 1


def test_a_board_is_a_table_with_its_intervals() -> None:
    def answer(asked: Asked) -> Told:
        key = "dataset" if asked.path.startswith("/public/dataset_details") else "leaderboard"
        return told({"success": True, key: DATASET if key == "dataset" else [ROW]})

    done = board(answer, "show", "SST", token="")
    assert done.exit_code == 0
    assert "0.9000" in done.output
    assert "0.8000 to 1.0000" in done.output


def test_what_is_wrong_with_predictions_is_told_by_line_and_ends_with_status_1(file: str) -> None:
    refused = {"status": "success", "state": "refused", "message": "They do not do.", "problems": [PROBLEM]}
    done = board({**refused, "problem_count": 3}, "submit", "SST", "A", file)
    assert done.exit_code == 1
    assert "p.csv:3: There is no label 'x'. Labels are a, b." in done.output
    assert "There are 2 more problems." in done.output
    assert board({**refused}, "check", "SST", file, "--json").exit_code == 1


def test_a_score_is_told(file: str) -> None:
    scored = {"status": "success", "predictions_id": KEY, "state": "scored", "message": "Scored.", "score": 0.75}
    done = board(scored, "submit", "SST", "A", file)
    assert (done.exit_code, done.output) == (0, "Scored. Score 0.7500.\n")


def test_an_import_says_what_became_of_each_result(file: str) -> None:
    result = {"place": "results.a", "dataset": "a", "model": "M", "score": 0.5, "outcome": "skipped", "reason": "Same."}
    report = {"message": "Results: 1 skipped.", "tool": "t", "results": [result], "left_out": []}
    done = board(report, "import", file)
    assert done.output == "skipped  a: M 0.5 Same.\nResults: 1 skipped.\n"


def test_an_export_is_written_as_it_came(tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    done = board(lambda asked: Told(200, b"rank,model\n1,A\n"), "export", "SST", "--format", "csv", "-o", str(target))
    assert done.exit_code == 0
    assert target.read_bytes() == b"rank,model\n1,A\n"
    assert board({}, "export", "SST", "--format", "xml").exit_code == 2


def test_a_comparison_names_what_can_be_told_apart() -> None:
    pair = {"first": "A", "second": "B", "estimate": 0.1, "low": -0.1, "high": 0.3, "p": 0.4, "distinguishable": False}
    ready = {"state": "ready", "metric": "accuracy", "models": [{"model": "A", "score": 0.9}], "pairs": [pair]}
    done = board(ready, "compare", "SST", "A", "B")
    assert done.exit_code == 0
    assert "+0.1000" in done.output
    assert "not" in done.output


def test_writing_needs_a_token(file: str) -> None:
    done = board({}, "add-model", "SST", "A", "0.5", token="")
    assert done.exit_code == 1
    assert getattr(done.exception, "code", "") == "token-missing"


def test_inputs_without_references_are_a_wrong_use(file: str) -> None:
    assert board({}, "add-dataset", "SST", "--task-type", "line_qa", "--inputs", file).exit_code == 2
