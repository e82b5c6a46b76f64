"""The access matrix of model boards: everybody reads, whoever is signed in writes."""

from __future__ import annotations

from typing import Any

from tests.integration.server.access.rows import SIGNED_IN, Row, everybody, only
from tests.integration.server.scene import Scene

_JSON = "application/json"


def _at(path: str) -> Any:
    return lambda scene: path


def _body(**fields: Any) -> Any:
    def body(scene: Scene) -> dict[str, Any]:
        return fields

    return body


ROWS = [
    Row(
        "api/leaderboard/add_dataset/",
        "POST",
        _at("/api/leaderboard/add_dataset"),
        only(SIGNED_IN),
        _body(name="A dataset", task_type="text_classification"),
        _JSON,
    ),
    Row("api/leaderboard/add_model/", "POST", _at("/api/leaderboard/add_model"), only(SIGNED_IN), _body(), _JSON),
    Row("api/leaderboard/import/", "POST", _at("/api/leaderboard/import"), only(SIGNED_IN), _body(), _JSON),
    Row("api/leaderboard/list/", "GET", _at("/api/leaderboard/list"), everybody()),
    Row("public/datasets/", "GET", _at("/public/datasets"), everybody()),
    Row("public/dataset_details/", "GET", _at("/public/dataset_details"), everybody()),
    Row("public/get_leaderboard/", "GET", _at("/public/get_leaderboard"), everybody()),
    Row("public/export/leaderboard/", "GET", _at("/public/export/leaderboard"), everybody()),
    Row("^public/", "GET", _at("/public/nothing"), everybody("hidden")),
    Row("leaderboard/", "GET", _at("/leaderboard/"), everybody()),
    Row("leaderboard/matrix/", "GET", _at("/leaderboard/matrix/"), everybody()),
    Row("leaderboard/matrix/table/<slug:ending>/", "GET", _at("/leaderboard/matrix/table/csv/"), everybody()),
    Row("leaderboard/<slug:slug>/", "GET", _at("/leaderboard/nothing/"), everybody("hidden")),
    Row(
        "leaderboard/<slug:slug>/table/<slug:ending>/",
        "GET",
        _at("/leaderboard/nothing/table/csv/"),
        everybody("hidden"),
    ),
    Row("leaderboard/<slug:slug>/log/", "GET", _at("/leaderboard/nothing/log/"), everybody("hidden")),
    Row("leaderboard/<slug:slug>/log.json", "GET", _at("/leaderboard/nothing/log.json"), everybody("hidden")),
    Row("leaderboard/<slug:slug>/log.atom", "GET", _at("/leaderboard/nothing/log.atom"), everybody("hidden")),
    Row("compare/", "GET", _at("/compare/"), everybody()),
    Row("compare/table/<slug:ending>/", "GET", _at("/compare/table/csv/?model=a&model=b"), everybody()),
    Row("model/", "GET", _at("/model/"), everybody()),
    Row(r"^model/(?P<name>.+?)/?$", "GET", _at("/model/nothing"), everybody("hidden")),
    Row("health", "GET", _at("/health"), everybody()),
    Row("openapi.json", "GET", _at("/openapi.json"), everybody()),
]
