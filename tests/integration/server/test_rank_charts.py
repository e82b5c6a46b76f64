"""The chart of who led when: made of the events of a real competition, for those who see the board."""

from __future__ import annotations

import csv
from dataclasses import replace

import pytest
from django.test import Client
from tests.integration.server.board_editing import board_id, change
from tests.integration.server.competition_material import make_person
from tests.integration.server.flow import Flow, SteppedClock
from tests.integration.server.own_jobs import do_jobs

from podium.rules.board.marks import Mark
from podium.server.accounts.people import Person
from podium.server.charts import services
from podium.server.competitions.services import register
from podium.server.history.proving import head_of_competition
from podium.server.history.queries import head_of
from podium.server.leaderboards.models import Leaderboard
from podium.server.leaderboards.queries import plan_of_phase
from podium.server.leaderboards.services.marks import mark_entry
from podium.server.past import top
from podium.server.past.services import keep_snapshot
from podium.server.past.top import TopOverTime, top_over_time
from podium.server.submissions.services.board import add_to_board
from podium.server.submissions.services.score_editing import edit_scores

pytestmark = pytest.mark.django_db


@pytest.fixture
def story(flow: Flow, time: SteppedClock) -> dict[str, int]:
    """A day for each: anna comes with 0.5, bert with 0.75, carl with 0.625, and anna with 0.875. Their submissions."""
    Leaderboard.objects.update(submission_rule="Add_And_Delete_Multiple")
    people = {"anna": flow.anna, "bert": _participant(flow, "bert"), "carl": _participant(flow, "carl")}
    sent = {}
    for name, score in (("anna", 0.5), ("bert", 0.75), ("carl", 0.625), ("anna", 0.875)):
        time.add(days=1)
        sent[f"{name} {score}"] = made = flow.scored({"accuracy": score}, by=people[name])
        add_to_board(people[name], made)
    return sent


def _participant(flow: Flow, name: str) -> Person:
    person = make_person(name)
    register(person, flow.competition_id, accepts_terms=True)
    return person


def _top(flow: Flow) -> TopOverTime | None:
    return top_over_time(plan_of_phase(flow.phase_id, board_id(flow.competition_id)))


def _told(flow: Flow) -> list[str]:
    """The ranks at each moment at which somebody had another one than before, such as "anna 1, bert 2"."""
    found = _top(flow)
    assert found is not None
    names = {leader.user: leader.name for leader in found.leaders}
    told = [", ".join(sorted(f"{names[user]} {rank}" for user, rank in each.ranks.items())) for each in found.standings]
    return [text for before, text in zip(["", *told], told, strict=False) if text != before]


# Anna's better entry leaves the other one on rank 4, which counts no more.
RANKS = ["anna 1", "anna 2, bert 1", "anna 3, bert 1, carl 2", "anna 1, bert 2, carl 3"]


def test_ranks_are_those_of_each_persons_best_entry_at_each_moment(
    flow: Flow, story: dict[str, int], time: SteppedClock
) -> None:
    assert _told(flow) == RANKS
    found = _top(flow)
    assert found is not None
    assert [leader.name for leader in found.leaders] == ["anna", "bert", "carl"]
    assert (found.sampled, found.shortened) == (False, False)
    time.add(days=1)
    edit_scores(flow.otto, story["anna 0.875"], {"accuracy": 0.7}, "A wrong label.")
    assert _told(flow) == [*RANKS, "anna 2, bert 1, carl 3"]


def test_what_is_hidden_today_is_not_told_and_leaves_a_gap(
    flow: Flow, story: dict[str, int], time: SteppedClock
) -> None:
    time.add(days=1)
    mark_entry(flow.otto, board_id(flow.competition_id), story["anna 0.875"], Mark.HIDDEN, "Copied.")
    # Before the mark, the hidden entry stood on rank 1 and anna's other one on rank 4.
    assert _told(flow) == [*RANKS[:3], "anna 4, bert 2, carl 3", "anna 3, bert 1, carl 2"]


def test_a_hidden_board_has_none_and_nothing_of_the_time_when_it_was(
    flow: Flow, story: dict[str, int], time: SteppedClock
) -> None:
    board = board_id(flow.competition_id)
    time.add(days=1)
    change(flow.otto, board, lambda draft: replace(draft, hidden=True))
    assert _top(flow) is None
    for accuracy in (0.1, 0.7):
        time.add(days=1)
        edit_scores(flow.otto, story["anna 0.875"], {"accuracy": accuracy}, "A wrong label.")
    time.add(days=1)
    change(flow.otto, board, lambda draft: replace(draft, hidden=False))
    assert _told(flow) == [*RANKS, "anna 2, bert 1, carl 3"]


def test_of_many_moments_some_are_looked_at_the_last_one_among_them(
    flow: Flow, story: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(top, "MOST_MOMENTS", 10)
    monkeypatch.setattr(top, "_FEWEST_MOMENTS", 2)
    monkeypatch.setattr(top, "_ROWS", 8)
    # Four entries: twice they are put in order.
    found = _top(flow)
    assert found is not None
    assert found.sampled
    assert len(found.standings) <= 2
    assert _told(flow)[-1] == RANKS[-1]
    monkeypatch.setattr(top, "_ROWS", 7)
    assert _top(flow) is None


def test_a_long_history_is_read_from_a_snapshot_on(
    flow: Flow, story: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    head = head_of(flow.competition_id)
    assert keep_snapshot(flow.competition_id, flow.phase_id, head - 2, 0)
    monkeypatch.setattr(top, "MOST_EVENTS", 2)
    found = _top(flow)
    assert found is not None
    assert found.shortened
    assert _told(flow)[-1] == RANKS[-1]


def test_one_person_alone_has_no_chart(flow: Flow) -> None:
    add_to_board(flow.anna, flow.scored({"accuracy": 0.5}))
    assert _top(flow) is None


@pytest.mark.slow
def test_the_page_shows_it_with_its_facts_and_its_data(flow: Flow, story: dict[str, int]) -> None:
    client, board = Client(), board_id(flow.competition_id)
    address = f"/competitions/{flow.competition_id}/results/{flow.phase_id}/"
    assert client.get(f"{address}{board}/ranks.csv").status_code == 404
    client.get(address)
    try:
        assert do_jobs() == 1
    finally:
        services._renderer.close()
    page = client.get(address).text
    assert 'data-key="chart-ranks"' in page
    assert "The ranks of the 3 who lead now changed at 4 moments" in page
    assert '<th scope="row">bert</th><td>2</td><td>1</td><td>2030-01-14 12:00 UTC</td>' in page
    assert f'href="{address}{board}/ranks.csv"' in page
    light, dark = (client.get(f"{address}{board}/charts/ranks/{theme}") for theme in ("", "?theme=dark"))
    assert b"Who led when?" in light.content
    assert b">bert<" in light.content
    assert light.content != dark.content
    file = client.get(f"{address}{board}/ranks.csv")
    assert file.headers["Podium-History"] == str(head_of_competition(flow.competition_id))
    head, *rows = csv.reader(file.text.splitlines())
    assert head == ["From", "Participant", "Rank"]
    # Nine numbers stand in RANKS; bert's 1 twice running is one row: 1 + 2 + 2 + 3.
    assert [row[1:] for row in rows] == [
        ["anna", "1"],
        ["anna", "2"],
        ["bert", "1"],
        ["anna", "3"],
        ["carl", "2"],
        ["anna", "1"],
        ["bert", "2"],
        ["carl", "3"],
    ]
    Leaderboard.objects.update(hidden=True)
    # Who is not signed in may do so: organizers see it.
    assert client.get(f"{address}{board}/ranks.csv").status_code == 302
