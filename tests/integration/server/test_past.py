"""Boards as they were: by address, for whom, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from tests.integration.server.board_editing import board_id, change, change_list, with_column
from tests.integration.server.competition_material import make_person
from tests.integration.server.flow import Flow, SteppedClock

from podium.rules.board.marks import Mark
from podium.rules.board.submission_rules import SubmissionRule
from podium.rules.bundle.board_list import NewBoard
from podium.rules.errors import NotAllowed, NotFound, UserError
from podium.server import clock
from podium.server.accounts.models import User
from podium.server.competitions.services import register
from podium.server.history.queries import head_of
from podium.server.leaderboards.models import Leaderboard
from podium.server.leaderboards.services.marks import mark_entry
from podium.server.past import services
from podium.server.past.models import Snapshot
from podium.server.past.moments import moment_of, moments_of
from podium.server.past.queries import PastBoard, past_board, past_contract
from podium.server.past.services import keep_snapshots
from podium.server.past.sight import past_phase
from podium.server.submissions.queries.shared import answers_of
from podium.server.submissions.services.board import add_to_board
from podium.server.submissions.services.lifecycle import delete
from podium.server.submissions.services.score_editing import edit_scores

pytestmark = pytest.mark.django_db


def then(flow: Flow, at: Any, person: Any = None) -> PastBoard:
    return named(flow, at, None, person)


def named(flow: Flow, at: Any, board: int | None, person: Any = None) -> PastBoard:
    phase = past_phase(person, flow.phase_id, at)
    return past_board(phase, board, limit=100, offset=0, answers_of=answers_of)


def self_filling(flow: Flow) -> int:
    """The first board, from now on one that may be removed with its rows: it says nothing that scores do not say."""
    pk = board_id(flow.competition_id)
    change(flow.otto, pk, lambda draft: replace(draft, submission_rule=SubmissionRule.FORCE_BEST))
    return pk


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


def test_a_board_that_was_removed_is_shown_as_it_was_by_its_name_and_by_none(flow: Flow, time: SteppedClock) -> None:
    old = self_filling(flow)
    flow.scored({"accuracy": 0.5, "seconds": 2.0})
    change_list(flow.otto, flow.competition_id, [old, NewBoard("Second", like=old, hidden=False)])
    second = board_id(flow.competition_id, 1)
    both = clock.now()
    time.add(days=1)
    change_list(flow.otto, flow.competition_id, [second])
    time.add(days=1)
    for person in (flow.otto, flow.anna, None):
        # Who names none gets the first of that time.
        assert then(flow, both, person).board.leaderboard_id == old
        found = named(flow, both, old, person)
        assert (found.board.title, cells(found)) == ("Results", [["0.50", "2.0"]])
        assert [(each.id, each.removed) for each in past_phase(person, flow.phase_id, both).boards] == [
            (old, True),
            (second, False),
        ]
        assert then(flow, clock.now(), person).board.leaderboard_id == second
        with pytest.raises(NotFound, match="had been removed before that moment"):
            named(flow, clock.now(), old, person)
    with pytest.raises(NotFound, match="no such leaderboard"):
        named(flow, both, second + 1000)
    contract = past_contract(past_phase(None, flow.phase_id, both), answers_of=answers_of)
    assert (contract["title"], len(contract["submissions"])) == ("Results", 1)


def test_a_removed_board_hides_what_was_hidden_when_it_went_and_what_is_hidden_today(
    flow: Flow, time: SteppedClock
) -> None:
    old = self_filling(flow)
    people = [flow.anna, make_person("bea"), make_person("cleo")]
    for person in people[1:]:
        register(person, flow.competition_id, accepts_terms=True)
    sent = [
        flow.scored({"accuracy": value, "seconds": 1.0}, by=person)
        for person, value in zip(people, (0.9, 0.8, 0.7), strict=True)
    ]
    change_list(flow.otto, flow.competition_id, [old, NewBoard("Second", like=old, hidden=False)])
    second = board_id(flow.competition_id, 1)
    before = clock.now()
    time.add(days=1)
    mark_entry(flow.otto, old, sent[0], Mark.HIDDEN, "It was copied.")
    change(flow.otto, old, with_column("seconds", hidden=True))
    change_list(flow.otto, flow.competition_id, [second])
    mark_entry(flow.otto, second, sent[1], Mark.HIDDEN, "So was this.")
    time.add(days=1)
    found = named(flow, before, old, flow.anna)
    assert [(row.rank, row.submission_id) for row in found.board.rows] == [(3, sent[2])]
    assert (cells(found), found.withheld) == ([["0.70"]], 2)
    assert [row.rank for row in named(flow, before, old, flow.otto).board.rows] == [1, 2, 3]


def test_a_board_that_was_hidden_when_it_was_removed_stays_so(flow: Flow, time: SteppedClock, client: Client) -> None:
    old = self_filling(flow)
    before = clock.now()
    time.add(days=1)
    change_list(flow.otto, flow.competition_id, [old, NewBoard("Second", like=old, hidden=False)])
    both = clock.now()
    time.add(days=1)
    change(flow.otto, old, lambda draft: replace(draft, hidden=True))
    change_list(flow.otto, flow.competition_id, [board_id(flow.competition_id, 1)])
    for moment in (before, both):
        with pytest.raises(NotAllowed):
            named(flow, moment, old, flow.anna)
        assert named(flow, moment, old, flow.otto).board.title == "Results"
    # Whoever names none is shown one that they may see.
    assert then(flow, both, flow.anna).board.title == "Second"
    with pytest.raises(NotAllowed):
        past_contract(past_phase(flow.anna, flow.phase_id, both), answers_of=answers_of)
    query = urlencode({"at": both.isoformat()})
    text = client.get(f"/competitions/{flow.competition_id}/results/{flow.phase_id}/?{query}").content.decode()
    assert "removed since" not in text


def test_page_and_api_lead_to_a_removed_board(flow: Flow, time: SteppedClock, client: Client) -> None:
    old = self_filling(flow)
    flow.scored({"accuracy": 0.5})
    change_list(flow.otto, flow.competition_id, [old, NewBoard("Second", like=old, hidden=False)])
    second = board_id(flow.competition_id, 1)
    query = urlencode({"at": clock.now().isoformat()})
    time.add(days=1)
    change_list(flow.otto, flow.competition_id, [second])
    time.add(days=1)
    pages = f"/competitions/{flow.competition_id}/results/{flow.phase_id}/"
    text = client.get(f"{pages}?{query}").content.decode()
    assert "Results (removed since)" in text
    assert f"{pages}{second}/?at=" in text
    removed = client.get(f"{pages}{old}/?{query}")
    assert (removed.status_code, "0.50" in removed.content.decode()) == (200, True)
    assert f'href="{pages}">Today' in removed.content.decode()
    # Today it is gone, and its page of the past says so and leads to the others.
    gone = client.get(f"{pages}{old}/?at=")
    assert gone.status_code == 404
    assert "had been removed before that moment" in gone.content.decode()
    assert f"{pages}{second}/?at=" in gone.content.decode()
    known = client.get(f"/api/v1/phases/{flow.phase_id}/board/?{query}").json()
    assert [(each["id"], each["removed"]) for each in known["leaderboards"]] == [(old, True), (second, False)]
    other = client.get(f"/api/v1/phases/{flow.phase_id}/board/?{query}&leaderboard={second}").json()
    assert (known["leaderboard"], other["leaderboard"]) == (old, second)


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
