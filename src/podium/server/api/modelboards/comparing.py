"""Below /api/leaderboard: a few models of a board, compared pair by pair."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from podium.rules.errors import NotFound, UserError
from podium.rules.modelboards.declared import missing_fields
from podium.server.api.answers import answer
from podium.server.modelboards.queries import Comparison, board_rows, comparison_of, dataset_named
from podium.server.modelboards.services import ask_comparison
from podium.server.modelboards.services.statistics import MOST_COMPARED


def compared(request: HttpRequest, dataset: str = "", metric: str = "") -> HttpResponse:
    """Two to ten models by `model`, on one metric. The state is `waiting` until that is computed; ask again then."""
    if not dataset:
        raise missing_fields(["dataset"])
    found = dataset_named(dataset)
    wanted = list(dict.fromkeys(request.GET.getlist("model")))
    if not 2 <= len(wanted) <= MOST_COMPARED:
        raise UserError("models-number", f"Name 2 to {MOST_COMPARED} models, each as model.")
    numbers = {row.model: row.id for row in board_rows([found])[found.id]}
    unknown = [each for each in wanted if each not in numbers]
    if unknown:
        raise NotFound(
            "model-not-found", f"There is no model {unknown[0][:80]!r} on this dataset.", "Look at the list."
        )
    key = metric or found.metric
    results = [numbers[name] for name in wanted]
    comparison = comparison_of(found, results, key)
    if comparison is None:
        ask_comparison(found, results, key)
        return answer({"status": "success", "state": "waiting"})
    return answer({"status": "success", "state": "ready", **_json(comparison)})


def _json(found: Comparison) -> dict[str, Any]:
    names = {each.result: each.model for each in found.models}
    return {
        "metric": found.metric,
        "level": found.level,
        "detectable": found.detectable,
        "models": [
            {
                "model": each.model,
                "score": each.score,
                "ci_low": each.low,
                "ci_high": each.high,
                "count": each.count,
                "rank_best": each.rank_best,
                "rank_worst": each.rank_worst,
            }
            for each in found.models
        ],
        "pairs": [
            {
                "first": names[pair.first],
                "second": names[pair.second],
                "estimate": pair.difference.estimate,
                "low": pair.difference.low,
                "high": pair.difference.high,
                "p": pair.difference.p,
                "method": pair.difference.method,
                "distinguishable": pair.difference.distinguishable,
            }
            for pair in found.pairs
        ],
    }
