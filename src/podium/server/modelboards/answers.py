"""What programs are told of predictions, for the API and for the page that shows it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from podium.rules.errors import Problem
from podium.server.modelboards.models import PredictionsState
from podium.server.modelboards.queries import PredictionsRow

_MESSAGES = {
    PredictionsState.WAITING: "Predictions wait to be scored.",
    PredictionsState.SCORED: "Predictions were scored.",
}


def predictions_answer(row: PredictionsRow) -> dict[str, Any]:
    """The answer to whoever asks how predictions stand."""
    message = _MESSAGES.get(row.state) or first_problem(row.problems, row.problem_count)
    result = row.result
    return {
        "status": "success",
        "message": message,
        "predictions_id": row.key,
        "state": row.state,
        "dataset_name": row.dataset,
        "model": row.model,
        "evaluation_metric": row.metric,
        "score": result.score if result else None,
        "ci_low": result.ci_low if result else None,
        "ci_high": result.ci_high if result else None,
        "rank": result.rank if result else None,
        "count": result.count if result else None,
        "metrics": {
            name: {"score": each.score, "low": each.low, "high": each.high, "method": each.method}
            for name, each in (result.metrics if result else {}).items()
        },
        "problems": [problem_json(each) for each in row.problems],
        "problem_count": row.problem_count,
        "created_at": row.created_at,
        "scored_at": row.scored_at,
    }


def first_problem(problems: Sequence[Problem], count: int) -> str:
    """One problem in a sentence, the first that has a line if any has, and how many more there are."""
    if not problems:
        return "Something is wrong with the file."
    first = next((problem for problem in problems if problem.line is not None), problems[0])
    return f"{first} (And {count - 1:,} more.)" if count > 1 else str(first)


def problem_json(problem: Problem) -> dict[str, Any]:
    """A problem as programs read it."""
    return {
        "code": problem.code,
        "message": problem.message,
        "hint": problem.hint,
        "file": problem.file,
        "line": problem.line,
    }
