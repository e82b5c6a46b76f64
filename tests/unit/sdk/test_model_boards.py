"""Model boards by the SDK: what is sent, when it is asked again, and what is made of the answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from tests.tiny_server import Asked, Told, tiny_server, told

from podium.rules.errors import NotFound, UserError
from podium.sdk import connection
from podium.sdk.client import PodiumClient
from podium.sdk.refusals import ServerAway, TooOften

DATASET = {"id": str(uuid4()), "name": "SST", "slug": "sst", "task_type": "text_classification"}
ROW = {"rank": 1, "model_name": "A", "dataset_name": "SST", "score": 0.9}


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Pauses of the client, which are not slept."""
    kept: list[float] = []
    monkeypatch.setattr(connection.time, "sleep", kept.append)
    return kept


def in_turn(*answers: Told) -> Callable[[Asked], Told]:
    left: Iterator[Told] = iter(answers)
    return lambda asked: next(left)


def test_a_board_is_read_page_by_page() -> None:
    def answer(asked: Asked) -> Told:
        if asked.path.startswith("/public/dataset_details"):
            return told({"success": True, "dataset": DATASET})
        page = int(parse_qs(urlsplit(asked.path).query)["page"][0])
        rows = [{**ROW, "model_name": f"model {page}"}]
        return told({"success": True, "leaderboard": rows, "next_cursor": page + 1 if page < 3 else None})

    with tiny_server(answer) as server, PodiumClient(server.url, "") as client:
        board = client.boards.show("SST")
    assert [each.model_name for each in board.models] == ["model 1", "model 2", "model 3"]
    assert "Authorization" not in server.asked[0].headers


def test_what_is_not_said_is_not_sent_and_no_score_is() -> None:
    with (
        tiny_server(lambda asked: told({"status": "success", "message": "Added."})) as server,
        PodiumClient(server.url, "key") as client,
    ):
        client.boards.add_model("SST", "A", None)
        client.boards.add_model("SST", "A", 0.5, ci=(0.4, 0.6), lower_is_better=True, extra={"seed": 3})
        client.boards.add_dataset("SST", "text_classification", models=[{"model": "A", "score": 1}])
    bodies: list[Any] = [each.json for each in server.asked]
    assert bodies == [
        {"dataset_name": "SST", "model": "A", "score": None},
        {"dataset_name": "SST", "model": "A", "score": 0.5, "ci": [0.4, 0.6], "metric_direction": "asc", "seed": 3},
        {"name": "SST", "task_type": "text_classification", "models": [{"model": "A", "score": 1}]},
    ]
    assert server.paths()[2] == "POST /api/leaderboard/add_dataset"


def test_a_note_beside_a_success_is_told() -> None:
    answer = Told(200, b'{"status":"success","message":"Added."}', {"X-Podium-Warning": "rank 3 was declared"})
    with tiny_server(lambda asked: answer) as server, PodiumClient(server.url, "key") as client:
        assert client.boards.add_model("SST", "A", 1.0).warnings == "rank 3 was declared"


def test_a_server_that_asks_for_patience_is_given_it(waits: list[float]) -> None:
    often = Told(429, b'{"status":"error","message":"Too many requests."}', {"Retry-After": "7"})
    done = told({"status": "success", "message": "Added."})
    with tiny_server(in_turn(often, often, done)) as server, PodiumClient(server.url, "key") as client:
        assert client.boards.add_model("SST", "A", 1.0).message == "Added."
    assert waits == [7.0, 7.0]
    assert len(server.asked) == 3


def test_patience_ends_after_a_minute(waits: list[float]) -> None:
    often = Told(429, b'{"status":"error","message":"Too many requests."}', {"Retry-After": "3600"})
    with (
        tiny_server(lambda asked: often) as server,
        PodiumClient(server.url, "key") as client,
        pytest.raises(TooOften, match="Too many requests"),
    ):
        client.boards.add_model("SST", "A", 1.0)
    assert waits == []


def test_a_server_that_is_away_for_a_moment_is_asked_again(waits: list[float]) -> None:
    away, done = Told(503, b""), told({"success": True, "datasets": [DATASET]})
    with tiny_server(in_turn(away, away, done)) as server, PodiumClient(server.url, "") as client:
        assert [each.name for each in client.boards.list_boards()] == ["SST"]
    assert waits == [0.3, 0.6]


def test_a_refusal_is_not_asked_again_and_speaks_in_the_servers_words() -> None:
    refused = told({"success": False, "error": "Dataset not found."}, 404)
    with (
        tiny_server(lambda asked: refused) as server,
        PodiumClient(server.url, "") as client,
        pytest.raises(NotFound, match="Dataset not found"),
    ):
        client.boards.show("nothing")
    assert len(server.asked) == 1


def test_no_server_is_told_by_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "_AWAY_AT_MOST_S", 0.0)
    with PodiumClient("http://127.0.0.1:9", "") as client, pytest.raises(ServerAway, match=r"127\.0\.0\.1:9"):
        client.boards.list_boards()


def test_predictions_are_sent_and_waited_for(tmp_path: Path) -> None:
    file = tmp_path / "predictions.csv"
    file.write_text("id,label\n1,a\n", encoding="utf-8")
    key = str(uuid4())
    waiting = {"status": "success", "predictions_id": key, "state": "waiting"}
    scored = {**waiting, "state": "scored", "score": 0.75}
    answers = in_turn(told(waiting), told(waiting), told(scored))
    with tiny_server(answers) as server, PodiumClient(server.url, "key") as client:
        found = client.boards.submit("SST", "A", file, source="https://example.org/a")
    assert (found.state, found.score) == ("scored", 0.75)
    assert server.paths() == [
        "POST /api/leaderboard/submit_predictions",
        f"GET /api/leaderboard/predictions/{key}",
        f"GET /api/leaderboard/predictions/{key}",
    ]
    sent = server.asked[0].body
    assert b'name="dataset_name"\r\n\r\nSST' in sent
    assert b'filename="predictions.csv"' in sent
    assert b"submitted_by" not in sent


def test_a_file_is_sent_whole_again_after_a_pause(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    file.write_bytes(b'{"results": {}}')
    report = {"message": "Results: 1 added.", "tool": "Inspect"}
    with tiny_server(in_turn(Told(502, b""), told(report))) as server, PodiumClient(server.url, "key") as client:
        assert client.boards.import_results(file, task_type="line_qa", dry_run=True).tool == "Inspect"
    assert all(b'{"results": {}}' in each.body for each in server.asked)


def test_a_comparison_is_asked_for_until_it_is_there() -> None:
    ready = {"state": "ready", "metric": "accuracy", "models": [{"model": "A", "score": 0.9}]}
    with (
        tiny_server(in_turn(told({"state": "waiting"}), told(ready))) as server,
        PodiumClient(server.url, "k") as client,
    ):
        found = client.boards.compare("SST", ["A", "B & C"])
    assert found.models[0].model == "A"
    assert parse_qs(urlsplit(server.asked[0].path).query) == {"dataset": ["SST"], "model": ["A", "B & C"]}


def test_an_answer_of_something_else_is_said_to_be_none() -> None:
    with (
        tiny_server(lambda asked: told({"hello": 1})) as server,
        PodiumClient(server.url, "") as client,
        pytest.raises(UserError, match="is not understood"),
    ):
        client.boards.list_boards()
