"""Leaderboards inside of a competition, changed as Codabench's editor does; scores read by themselves."""

from __future__ import annotations

from typing import Any

import pytest
from tests.integration.server.api.caller import Caller, only_explains
from tests.integration.server.board_editing import board_id, ranks
from tests.integration.server.competition_material import make_person
from tests.integration.server.flow import Flow, assert_all_chains_fit, kinds

from podium.server.competitions.services import register
from podium.server.leaderboards.models import Column, Leaderboard
from podium.server.submissions.services.board import add_to_board

pytestmark = pytest.mark.django_db


@pytest.fixture
def rows(flow: Flow) -> tuple[int, int]:
    """Bea's is the accurate one and slow, anna's the quick one."""
    bea = make_person("bea")
    register(bea, flow.competition_id, accepts_terms=True)
    slow = flow.scored({"accuracy": 0.9, "seconds": 9.0}, by=bea)
    quick = flow.scored({"accuracy": 0.5, "seconds": 1.0})
    add_to_board(bea, slow)
    add_to_board(flow.anna, quick)
    return slow, quick


def address(flow: Flow) -> str:
    return f"competitions/{flow.competition_id}/"


@pytest.mark.parametrize("method", ["put", "patch"])
def test_what_was_read_is_sent_back_with_another_leaderboard(flow: Flow, rows: tuple[int, int], method: str) -> None:
    otto = Caller(flow.otto)
    whole = otto.get(address(flow)).json()
    board = whole["leaderboards"][0]
    board["title"] = "Speed"
    board["primary_index"] = 1
    board["columns"].append(
        {"title": "Both", "key": "both", "index": 5, "computation": "avg", "computation_indexes": ["0", "1"]}
    )
    answer = otto.send(method, address(flow), whole)
    assert answer.status_code == 200
    now = answer.json()["leaderboards"][0]
    assert (now["id"], now["title"], now["primary_index"]) == (board["id"], "Speed", 1)
    assert [column["key"] for column in now["columns"]] == ["accuracy", "seconds", "both"]
    assert now["columns"][2]["computation"] == "avg"
    assert now["columns"][2]["computation_indexes"] == ["0", "1"]
    # The quick one, 1 second, comes first: fewer seconds are better. The means are (0.9 + 9) / 2 and (0.5 + 1) / 2.
    slow, quick = rows
    assert ranks(board["id"]) == {(flow.phase_id, quick): 1, (flow.phase_id, slow): 2}
    assert kinds(flow.competition_id).count("board-changed") == 1
    assert_all_chains_fit()


def test_only_what_is_sent_changes(flow: Flow, rows: tuple[int, int]) -> None:
    otto = Caller(flow.otto)
    before = otto.get(address(flow)).json()["leaderboards"][0]
    answer = otto.send("patch", address(flow), {"leaderboards": [{"submission_rule": "Force_Last"}]})
    assert answer.json()["leaderboards"][0] == before | {"submission_rule": "Force_Last"}
    assert otto.send("patch", address(flow), {}).status_code == 200
    assert otto.send("patch", address(flow), {"whitelist_emails": [], "unknown": 1}).status_code == 200
    assert kinds(flow.competition_id).count("board-changed") == 1


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"title": "Another"}, "title"),
        ({"whitelist_emails": ["a@example.org"]}, "whitelist_emails"),
        ({"docker_image": "python:3"}, "docker_image"),
        ({"phases": []}, "phases"),
        ({"leaderboards": [{"id": 10**12, "title": "x"}]}, "leaderboards"),
        ({"leaderboards": [{"title": "x"}, {"title": "y"}]}, "leaderboards"),
        ({"leaderboards": [{"key": "another"}]}, "leaderboards"),
        ({"leaderboards": [{"submission_rule": "Whatever"}]}, "leaderboards.0.submission_rule"),
        ({"leaderboards": [{"columns": [{"key": "a", "title": "A"}]}]}, "leaderboards.0.columns.0.index"),
        (
            {
                "leaderboards": [
                    {"columns": [{"key": key, "title": key, "index": 0} for key in ("accuracy", "seconds")]}
                ]
            },
            "leaderboards",
        ),
    ],
)
def test_what_cannot_be_changed_here_is_named(flow: Flow, sent: dict[str, Any], field: str) -> None:
    answer = Caller(flow.otto).send("patch", address(flow), {"leaderboards": [{"title": "New"}], **sent})
    assert field in only_explains(answer, 400, "request-invalid")
    assert Leaderboard.objects.get().title != "New"


def test_scores_are_not_lost_by_it(flow: Flow, rows: tuple[int, int]) -> None:
    otto = Caller(flow.otto)
    columns = otto.get(address(flow)).json()["leaderboards"][0]["columns"]
    for wrong, code in (
        (columns[:1], "column-has-scores"),
        ([columns[0] | {"computation": "avg", "computation_indexes": [1]}, columns[1]], "column-has-scores"),
        ([columns[0] | {"key": "exactness"}, columns[1]], "column-has-scores"),
        ([*columns, columns[0] | {"index": 2}], "key-repeated"),
        ([*columns, {"key": "x", "title": "X", "index": 2, "computation": "sum"}], "computation-without-columns"),
        (
            [*columns, {"key": "x", "title": "X", "index": 2, "computation": "sum", "computation_indexes": "0,7"}],
            "computation-of-unknown",
        ),
        ([], "board-without-columns"),
    ):
        answer = otto.send("put", address(flow), {"leaderboards": [{"columns": wrong}]})
        assert code in {problem["code"] for problem in answer.json()["problems"]}, code
        assert answer.status_code == 400
    gone = otto.send("patch", address(flow), {"leaderboards": [{"primary_index": 7}]})
    only_explains(gone, 400, "primary-unknown")
    assert Column.objects.count() == 2


def test_of_two_leaderboards_both_change_or_none(flow: Flow) -> None:
    first = board_id(flow.competition_id)
    second = Leaderboard.objects.create(
        competition_id=flow.competition_id, index=1, title="Second", key="second", submission_rule="Add"
    ).pk
    Column.objects.create(leaderboard_id=second, index=0, key="accuracy", title="Accuracy", sorting="desc")
    wish = [{"id": first, "title": "One"}, {"id": second, "title": " "}]
    only_explains(Caller(flow.otto).send("patch", address(flow), {"leaderboards": wish}), 400, "text-missing")
    wish[1]["title"] = "Two"
    assert Caller(flow.otto).send("patch", address(flow), {"leaderboards": wish}).status_code == 200
    assert list(Leaderboard.objects.order_by("index").values_list("title", flat=True)) == ["One", "Two"]


def test_scores_are_read_by_those_who_see_their_submission(flow: Flow, rows: tuple[int, int]) -> None:
    slow, quick = rows
    Column.objects.filter(key="seconds").update(hidden=True)
    otto, anna = Caller(flow.otto), Caller(flow.anna)
    all_of_them = otto.get("submission_scores/").json()
    assert [(each["column_key"], each["score"]) for each in all_of_them] == [
        ("accuracy", "0.5000000000"),
        ("seconds", "1.0000000000"),
        ("accuracy", "0.9000000000"),
        ("seconds", "9.0000000000"),
    ]
    (own,) = anna.get("submission_scores/").json()
    assert (own["column_key"], own["index"], own["value"]) == ("accuracy", 0, 0.5)
    assert anna.get("submission_scores/", submission=quick).json() == [own]
    assert otto.get("submission_scores/", phase=flow.phase_id).json() == all_of_them
    assert anna.get(f"submission_scores/{own['id']}/").json() == own
    only_explains(anna.get(f"submission_scores/{all_of_them[1]['id']}/"), 404, "score-not-found")
    only_explains(anna.get(f"submission_scores/{all_of_them[2]['id']}/"), 404, "submission-not-found")
    only_explains(anna.get("submission_scores/", submission=slow), 404, "submission-not-found")
    only_explains(otto.get("submission_scores/999999/"), 404, "score-not-found")
    otto.send("put", f"submission_scores/{own['id']}/", {"score": 0.25})
    only_explains(anna.get(f"submission_scores/{own['id']}/"), 404, "score-not-found")
