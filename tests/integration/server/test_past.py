"""Boards as they were: by address, for whom, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from tests.integration.server.board_editing import board_id, change, with_column
from tests.integration.server.flow import Flow, SteppedClock

from podium.rules.board.marks import Mark
from podium.rules.errors import NotAllowed, NotFound, UserError
from podium.server import clock
from podium.server.accounts.models import User
from podium.server.history.queries import head_of
from podium.server.leaderboards.models import Leaderboard
from podium.server.leaderboards.services.marks import mark_entry
from podium.server.past import services
from podium.server.past.models import Snapshot
from podium.server.past.moments import moment_of, moments_of
from podium.server.past.queries import PastBoard, past_board
from podium.server.past.services import keep_snapshots
from podium.server.submissions.queries.shared import answers_of
from podium.server.submissions.services.board import add_to_board
from podium.server.submissions.services.lifecycle import delete
from podium.server.submissions.services.score_editing import edit_scores

pytestmark = pytest.mark.django_db


def then(flow: Flow, at: Any, person: Any = None) -> PastBoard:
    return past_board(person, flow.phase_id, None, at, limit=100, offset=0, answers_of=answers_of)


def cells(found: PastBoard) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in found.board.rows]


def test_a_score_that_was_edited_is_what_it_was_before(flow: Flow, time: SteppedClock) -> None:
    sent = flow.scored({"accuracy": 0.5, "seconds": 2.0})
    add_to_board(flow.anna, sent)
    before = clock.now()
    time.add(days=1)
    edit_scores(flow.otto, sent, {"accuracy": 0.75}, "A wrong label.")
    assert cells(then(flow, before)) == [["0.50", "2.0"]]
    assert cells(then(flow, clock.now())) == [["0.75", "2.0"]]


def test_what_was_deleted_stands_where_it_stood(flow: Flow, time: SteppedClock) -> None:
    sent = flow.scored({"accuracy": 0.5})
    add_to_board(flow.anna, sent)
    before = clock.now()
    time.add(days=1)
    delete(flow.otto, sent)
    assert [row.submission_id for row in then(flow, before).board.rows] == [sent]
    assert then(flow, clock.now()).board.rows == ()


def test_columns_have_the_names_that_they_had(flow: Flow, time: SteppedClock) -> None:
    sent = flow.scored({"accuracy": 0.5})
    add_to_board(flow.anna, sent)
    before = clock.now()
    time.add(days=1)
    change(flow.otto, board_id(flow.competition_id), with_column("accuracy", title="Share", precision=4))
    old, new = then(flow, before).board, then(flow, clock.now()).board
    assert [column.title for column in old.groups[0].columns] == ["Accuracy", "Seconds"]
    assert [column.title for column in new.groups[0].columns] == ["Share", "Seconds"]
    assert (old.rows[0].cells[0].text, new.rows[0].cells[0].text) == ("0.50", "0.5000")


def test_who_may_not_see_an_entry_today_does_not_find_it_in_the_past(flow: Flow, time: SteppedClock) -> None:
    first, second = flow.scored({"accuracy": 0.9}), flow.scored({"accuracy": 0.8})
    Leaderboard.objects.update(submission_rule="Add_And_Delete_Multiple")
    for sent in (first, second):
        add_to_board(flow.anna, sent)
    before = clock.now()
    time.add(days=1)
    mark_entry(flow.otto, board_id(flow.competition_id), first, Mark.HIDDEN, "It was copied.")
    found = then(flow, before, flow.anna)
    # Its rank stays its own: a gap is the truth.
    assert [(row.rank, row.submission_id) for row in found.board.rows] == [(2, second)]
    assert found.withheld == 1
    assert [row.rank for row in then(flow, before, flow.otto).board.rows] == [1, 2]


def test_a_board_that_was_hidden_then_stays_so_for_participants(flow: Flow, time: SteppedClock) -> None:
    sent = flow.scored({"accuracy": 0.5})
    add_to_board(flow.anna, sent)
    change(flow.otto, board_id(flow.competition_id), lambda draft: replace(draft, hidden=True))
    hidden = clock.now()
    time.add(days=1)
    change(flow.otto, board_id(flow.competition_id), lambda draft: replace(draft, hidden=False))
    with pytest.raises(NotAllowed):
        then(flow, hidden, flow.anna)
    assert len(then(flow, hidden, flow.otto).board.rows) == 1
    assert len(then(flow, clock.now(), flow.anna).board.rows) == 1


def test_before_the_competition_there_was_no_board(flow: Flow) -> None:
    with pytest.raises(NotFound, match="not there yet"):
        then(flow, clock.now() - timedelta(days=400))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("yesterday", "at-invalid"),
        ("2030-13-01T00:00Z", "at-invalid"),
        ("2030-01-10T12:00Z" + "0" * 40, "at-invalid"),
        ("0001-01-01T00:00+14:00", "at-invalid"),
        ("2031-01-01T00:00Z", "at-in-future"),
    ],
)
def test_what_is_no_moment_of_the_past_is_refused(time: SteppedClock, text: str, code: str) -> None:
    with pytest.raises(UserError) as refused:
        moment_of(text)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "text",
    ["2030-01-10T11:00Z", "2030-01-10T11:00", "2030-01-10T11:00:00+00:00", "2030-01-10T12:00 01:00", "2030-01-10T11"],
)
def test_moments_are_written_in_many_ways(time: SteppedClock, text: str) -> None:
    assert moment_of(text).isoformat() == "2030-01-10T11:00:00+00:00"


def test_snapshots_are_kept_of_what_moved_and_change_nothing(
    flow: Flow, time: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "EVERY", 5)
    moments = []
    for value in (0.1, 0.2, 0.3):
        add_to_board(flow.anna, flow.scored({"accuracy": value}))
        moments.append(clock.now())
        time.add(days=1)
        keep_snapshots()
    before = [cells(then(flow, at)) for at in moments]
    assert before == [[["0.10", "–"]], [["0.20", "–"]], [["0.30", "–"]]]
    assert keep_snapshots() == 0
    assert Snapshot.objects.filter(phase=flow.phase_id).count() == 3
    Snapshot.objects.all().delete()
    assert [cells(then(flow, at)) for at in moments] == before


def test_the_moments_of_the_slider_end_with_the_last_event(flow: Flow, time: SteppedClock) -> None:
    for value in (0.1, 0.2):
        flow.scored({"accuracy": value})
        time.add(days=1)
    found = moments_of(flow.competition_id, 5)
    assert found == sorted(set(found))
    assert 2 <= len(found) <= 6
    assert then(flow, found[-1]).seq == head_of(flow.competition_id)


def test_pages_and_both_apis_show_the_same_moment(flow: Flow, time: SteppedClock, client: Client) -> None:
    sent = flow.scored({"accuracy": 0.5, "seconds": 2.0})
    add_to_board(flow.anna, sent)
    at = (clock.now() + timedelta(seconds=1)).isoformat()
    time.add(days=1)
    delete(flow.otto, sent)
    query = urlencode({"at": at})
    page = client.get(f"/competitions/{flow.competition_id}/results/{flow.phase_id}/?{query}")
    assert page.status_code == 200
    assert "As it was on 10 Jan 2030, 12:00 UTC" in page.content.decode()
    assert "0.50" in page.content.decode()
    known = client.get(f"/api/phases/{flow.phase_id}/get_leaderboard/").json()
    old = client.get(f"/api/phases/{flow.phase_id}/get_leaderboard/?{query}").json()
    assert known["submissions"] == []
    assert known.keys() == old.keys()
    (row,) = old["submissions"]
    assert (row["id"], row["owner"], [score["score"] for score in row["scores"]]) == (sent, "anna", ["0.5", "2.0"])
    ours = client.get(f"/api/v1/phases/{flow.phase_id}/board/?{query}").json()
    assert [(row["rank"], row["submission"], row["cells"]) for row in ours["rows"]] == [(1, sent, ["0.50", "2.0"])]
    assert ours["count"] == 1
    for address in (
        f"/api/phases/{flow.phase_id}/get_leaderboard/?at=soon",
        f"/api/v1/phases/{flow.phase_id}/board/?at=soon",
    ):
        assert client.get(address).status_code == 400
    bad = client.get(f"/competitions/{flow.competition_id}/results/{flow.phase_id}/?at=soon")
    assert (bad.status_code, "is no moment" in bad.content.decode()) == (400, True)


def test_the_page_of_a_moment_leads_to_others(flow: Flow, time: SteppedClock, client: Client) -> None:
    add_to_board(flow.anna, flow.scored({"accuracy": 0.5}))
    time.add(days=1)
    client.force_login(User.objects.get(pk=flow.otto.id))
    address = f"/competitions/{flow.competition_id}/results/{flow.phase_id}/"
    assert 'href="?at="' in client.get(address).content.decode()
    text = client.get(f"{address}?at=").content.decode()
    assert 'type="datetime-local"' in text
    assert "data-moments=" in text
    part = client.get(f"{address}?at=", headers={"HX-Request": "true"}).content.decode()
    assert part.lstrip().startswith('<div id="then">')
