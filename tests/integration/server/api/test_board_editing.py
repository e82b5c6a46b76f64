"""Editing leaderboards, entries and scores by the API."""

from __future__ import annotations

from typing import Any

import pytest
from tests.integration.server.api.caller import Caller, only_explains
from tests.integration.server.board_editing import board_id, ranks
from tests.integration.server.competition_material import make_person
from tests.integration.server.flow import Flow
from tests.integration.server.own_jobs import do_jobs

from podium.server.competitions.services import register
from podium.server.leaderboards.models import Entry, Leaderboard
from podium.server.submissions.services.board import add_to_board
from podium.server.updates import board_previews

pytestmark = pytest.mark.django_db


def prepared(flow: Flow) -> tuple[str, Caller, int, int]:
    """The address of the leaderboard, its organizer, and the two submissions on it, the best first."""
    bea = make_person("bea")
    register(bea, flow.competition_id, accepts_terms=True)
    sent = []
    for person, accuracy, seconds in ((bea, 0.9, 9.0), (flow.anna, 0.5, 1.0)):
        sent.append(flow.scored({"accuracy": accuracy, "seconds": seconds}, by=person))
        add_to_board(person, sent[-1])
    return f"v1/leaderboards/{board_id(flow.competition_id)}/", Caller(flow.otto), sent[0], sent[1]


def test_a_change_is_previewed_then_made(flow: Flow) -> None:
    address, otto, first, second = prepared(flow)
    opened = otto.get(address).json()
    assert [column["key"] for column in opened["columns"]] == ["accuracy", "seconds"]
    assert (opened["primary"], opened["multi_task_ranking"], opened["submission_rule"]) == ("accuracy", "mean", "Add")
    found = otto.post(f"{address}preview/", {"edition": opened["edition"], "primary": "seconds"}).json()
    assert [change["text"] for change in found["changes"]] == ['primary column: "accuracy" -> "seconds"']
    assert found["moved"] == 2
    move = {"phase": flow.phase_id, "submission": second, "owner": "anna", "before": 2, "after": 1}
    assert found["moves"][0] == move
    begun = otto.post(f"{address}changes/", {"proposal": found["proposal"]})
    assert begun.status_code == 202
    status = f"v1/board-changes/{begun.json()['id']}/"
    assert otto.get(status).json()["state"] == "waiting"
    do_jobs()
    assert otto.get(status).json() == {
        "id": begun.json()["id"],
        "leaderboard": board_id(flow.competition_id),
        "state": "finished",
        "error": None,
    }
    assert ranks(board_id(flow.competition_id)) == {(flow.phase_id, second): 1, (flow.phase_id, first): 2}
    again = otto.post(f"{address}changes/", {"proposal": found["proposal"]})
    assert "primary column" in only_explains(again, 409, "board-changed")["message"]


def test_a_preview_of_many_submissions_is_asked_for_until_it_is_there(
    flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, otto, _, second = prepared(flow)
    wish = {"edition": otto.get(address).json()["edition"], "primary": "seconds"}
    at_once = otto.post(f"{address}preview/", wish).json()
    monkeypatch.setattr(board_previews, "MOST_AT_ONCE", 1)
    begun = otto.post(f"{address}preview/", wish)
    assert begun.status_code == 202
    assert begun.json()["url"].endswith(f"/api/v1/board-previews/{begun.json()['id']}/")
    status = f"v1/board-previews/{begun.json()['id']}/"
    waiting = {"id": begun.json()["id"], "leaderboard": board_id(flow.competition_id), "state": "waiting"}
    assert otto.get(status).json() == waiting | {"error": None, "preview": None}
    do_jobs()
    found = otto.get(status).json()["preview"]
    assert found | {"proposal": ""} == at_once | {"proposal": ""}
    assert otto.post(f"{address}changes/", {"proposal": found["proposal"]}).status_code == 202
    do_jobs()
    assert ranks(board_id(flow.competition_id))[flow.phase_id, second] == 1
    # What it was made from is no more.
    begun = otto.post(f"{address}preview/", {"edition": otto.get(address).json()["edition"], "primary": "accuracy"})
    Leaderboard.objects.update(title="Other")
    do_jobs()
    failed = otto.get(f"v1/board-previews/{begun.json()['id']}/").json()
    assert (failed["state"], failed["preview"], failed["error"]["code"]) == ("failed", None, "board-changed")
    only_explains(Caller(flow.anna).get(status), 404, "no-such-board-preview")


def test_a_change_that_fails_later_tells_why(flow: Flow) -> None:
    address, otto, *_ = prepared(flow)
    edition = otto.get(address).json()["edition"]
    found = otto.post(f"{address}preview/", {"edition": edition, "title": "Mine"}).json()
    begun = otto.post(f"{address}changes/", {"proposal": found["proposal"]}).json()
    Leaderboard.objects.update(title="Theirs")
    do_jobs()
    status = otto.get(f"v1/board-changes/{begun['id']}/").json()
    assert (status["state"], status["error"]["code"]) == ("failed", "board-changed")


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"columns": [{"key": "accuracy"}]}, "columns"),
        ({"columns": [{"key": "a", "title": "A", "sorting": "up"}]}, "columns"),
        ({"columns": [{"key": "a", "title": "A", "precision": "many"}]}, "columns"),
        ({"columns": [{"key": "a", "title": "A", "computation": "median"}]}, "columns"),
        ({"columns": "all"}, "columns"),
        ({"submission_rule": "Whatever"}, "submission_rule"),
        ({"multi_task_ranking": "median"}, "multi_task_ranking"),
        ({"title": 7}, "title"),
        ({"edition": 7}, "edition"),
    ],
)
def test_what_makes_no_sense_is_named(flow: Flow, wish: dict[str, Any], field: str) -> None:
    address, otto, *_ = prepared(flow)
    refused = otto.post(f"{address}preview/", {"edition": otto.get(address).json()["edition"]} | wish)
    assert refused.status_code == 400
    assert any(name.startswith(field) for name in refused.json()), refused.json()


def test_scores_that_would_be_lost_are_named(flow: Flow) -> None:
    address, otto, *_ = prepared(flow)
    opened = otto.get(address).json()
    refused = otto.post(f"{address}preview/", {"edition": opened["edition"], "columns": opened["columns"][:1]})
    body = only_explains(refused, 400, "column-has-scores")
    assert [problem["code"] for problem in body["problems"]] == ["column-has-scores"]


def test_leaderboards_are_added_and_put_into_another_order(flow: Flow) -> None:
    _, otto, *_ = prepared(flow)
    address, main = f"v1/competitions/{flow.competition_id}/leaderboards/", board_id(flow.competition_id)
    opened = otto.get(address).json()
    assert opened["leaderboards"] == [{"id": main, "title": "Results", "hidden": False, "entries": 2}]
    wish = {"edition": opened["edition"], "leaderboards": [{"title": "Speed", "like": main}, {"id": main}]}
    found = otto.post(f"{address}preview/", wish).json()
    assert [change["text"] for change in found["changes"]] == ["added"]
    assert [note["code"] for note in found["notes"]] == ["board-begins", "first-board"]
    begun = otto.post(f"{address}changes/", {"proposal": found["proposal"]})
    assert begun.status_code == 202
    do_jobs()
    state = otto.get(begun.json()["url"].split("/api/")[1]).json()
    assert (state["state"], state["leaderboard"], state["error"]) == ("finished", None, None)
    assert [board["title"] for board in otto.get(address).json()["leaderboards"]] == ["Speed", "Results"]
    late = otto.post(f"{address}preview/", wish)
    assert '"Speed", "Results"' in only_explains(late, 409, "board-list-changed")["message"]
    now = {"edition": otto.get(address).json()["edition"]}
    for boards, code in (
        ([], "no-leaderboard"),
        ([{"id": main}], "first-board"),
        ([{"title": "Only a title"}], "leaderboard-not-found"),
        ([{"id": main}, {"id": main}], "leaderboard-repeated"),
    ):
        answer = otto.post(f"{address}preview/", now | {"leaderboards": boards})
        if code == "first-board":
            assert code in {note["code"] for note in answer.json()["notes"]}
        else:
            only_explains(answer, 400, code)
    for sent in ({}, now, now | {"leaderboards": [{"id": 0}]}, now | {"leaderboards": 3}, {"leaderboards": []}):
        only_explains(otto.post(f"{address}preview/", sent), 400, "request-invalid")


def test_entries_are_marked_and_shown_again(flow: Flow) -> None:
    address, otto, first, _ = prepared(flow)
    entry = f"{address}entries/{first}/"
    only_explains(otto.send("put", entry, {"mark": "hidden"}), 400, "reason-missing")
    assert otto.send("put", entry, {"mark": "loved"}).status_code == 400
    done = otto.send("put", entry, {"mark": "hidden", "reason": " Two accounts. "})
    assert done.json() == {
        "leaderboard": board_id(flow.competition_id),
        "submission": first,
        "mark": "hidden",
        "reason": "Two accounts.",
    }
    assert Entry.objects.filter(ranked=True).count() == 1
    assert otto.send("delete", entry).status_code == 204
    assert Entry.objects.filter(ranked=True).count() == 2


def test_scores_are_written_as_clients_of_codabench_do(flow: Flow) -> None:
    _, otto, first, _ = prepared(flow)
    board = otto.get(f"phases/{flow.phase_id}/get_leaderboard/").json()
    score = board["submissions"][0]["scores"][0]
    assert score["column_key"] == "accuracy"
    written = otto.send("put", f"submission_scores/{score['id']}/", {"score": 0.25}).json()
    assert (written["score"], written["column_key"], written["index"]) == ("0.25", "accuracy", 0)
    only_explains(otto.send("patch", f"submission_scores/{score['id']}/", {"score": 1}), 409, "score-superseded")
    assert otto.send("patch", f"submission_scores/{written['id']}/", {"score": "0.75"}).json()["score"] == "0.75"
    last = otto.get(f"phases/{flow.phase_id}/get_leaderboard/").json()["submissions"][0]["scores"][0]["id"]
    assert otto.send("delete", f"submission_scores/{last}/").status_code == 204
    made = otto.post("submission_scores/", {"submission": first, "column_key": "accuracy", "score": 0.5})
    assert (made.status_code, made.json()["score"]) == (201, "0.5")
    for wrong in (True, "much", None, float("nan"), float("inf"), [1]):
        refused = otto.post("submission_scores/", {"submission": first, "column_key": "accuracy", "score": wrong})
        assert refused.status_code == 400, wrong


def test_nobody_but_the_staff_writes_scores(flow: Flow) -> None:
    _, otto, first, second = prepared(flow)
    body = {"submission": second, "column_key": "accuracy", "score": 1.0}
    only_explains(Caller(flow.anna).post("submission_scores/", body), 403, "not-allowed")
    only_explains(
        Caller(flow.anna).post("submission_scores/", body | {"submission": first}), 404, "submission-not-found"
    )
    assert Caller().post("submission_scores/", body).status_code == 401
    assert otto.post("submission_scores/", body).status_code == 201
