"""A competition with several leaderboards: each follows its own rule, is shown, and keeps what is hidden."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from tests.integration.server.competition_material import described, make_competition, make_person, two_tasks
from tests.integration.server.flow import (
    Flow,
    SteppedClock,
    assert_all_chains_fit,
    begin,
    claimed,
    finish_scoring,
    worker,
)

from podium.rules.errors import NotAllowed, NotFound
from podium.server.accounts.models import User
from podium.server.accounts.people import Person
from podium.server.competitions.models import Phase
from podium.server.competitions.services import register, unpublish
from podium.server.leaderboards.models import Entry, Leaderboard
from podium.server.leaderboards.queries import board, contract_json, leaderboard_json, leaderboards_json
from podium.server.submissions.queries.contract import submission_json
from podium.server.submissions.queries.detail import submission_detail
from podium.server.submissions.queries.listing import own_submissions
from podium.server.submissions.services.board import add_to_board, remove_from_board
from podium.server.submissions.services.lifecycle import delete

pytestmark = pytest.mark.django_db

BOARDS: list[dict[str, Any]] = [
    {
        "title": "Quality",
        "key": "quality",
        "submission_rule": "Add_And_Delete",
        "columns": [{"title": "Accuracy", "key": "accuracy", "index": 0}],
    },
    {
        "title": "Speed",
        "key": "speed",
        "submission_rule": "Force_Best",
        "columns": [
            {"title": "Seconds", "key": "seconds", "index": 0, "sorting": "asc"},
            {"title": "Accuracy", "key": "accuracy", "index": 1, "hidden": True},
        ],
    },
    {
        "title": "Verdict",
        "key": "verdict",
        "submission_rule": "Force_Best",
        "hidden": True,
        "columns": [{"title": "Private", "key": "private", "index": 0}],
    },
]


@pytest.fixture
def three(tmp_path: Path, time: SteppedClock) -> Flow:
    return begin(tmp_path, described(leaderboards=BOARDS))


def board_id(key: str) -> int:
    return Leaderboard.objects.get(key=key).pk


def standing() -> dict[str, list[int]]:
    """The submissions on each board, the best first."""
    found: dict[str, list[int]] = {each["key"]: [] for each in BOARDS}
    for key, pk in Entry.objects.order_by("rank_key").values_list("leaderboard__key", "submission_id"):
        found[key].append(pk)
    return found


def client_of(person: Person) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=person.id))
    return client


def two_submissions(flow: Flow) -> tuple[int, int]:
    """The first is fast, the second good; the second has the better hidden score."""
    fast = flow.scored({"accuracy": 0.5, "seconds": 1.0, "private": 0.1})
    good = flow.scored({"accuracy": 0.9, "seconds": 9.0, "private": 0.8})
    return fast, good


def test_every_rule_acts_on_its_own_entries(three: Flow) -> None:
    fast, good = two_submissions(three)
    assert standing() == {"quality": [], "speed": [fast], "verdict": [good]}
    add_to_board(three.anna, good)
    assert standing() == {"quality": [good], "speed": [fast], "verdict": [good]}
    add_to_board(three.anna, fast, board_id("quality"))
    assert standing()["quality"] == [fast]
    remove_from_board(three.anna, fast, board_id("quality"))
    assert standing() == {"quality": [], "speed": [fast], "verdict": [good]}
    assert_all_chains_fit()


def test_a_board_that_fills_itself_refuses_what_another_takes(three: Flow) -> None:
    _, good = two_submissions(three)
    with pytest.raises(NotAllowed) as caught:
        add_to_board(three.anna, good, board_id("speed"))
    assert caught.value.code == "board-automatic"
    assert standing()["quality"] == []


@pytest.mark.parametrize("which", ["hidden", "foreign", "missing"])
def test_a_board_that_is_not_for_the_person_is_not_there(three: Flow, tmp_path: Path, which: str) -> None:
    _, good = two_submissions(three)
    other = make_competition(three.otto, tmp_path)
    wanted = {
        "hidden": board_id("verdict"),
        "foreign": Leaderboard.objects.get(competition_id=other).pk,
        "missing": 2**63 - 1,
    }[which]
    with pytest.raises(NotFound) as caught:
        add_to_board(three.anna, good, wanted)
    assert caught.value.code == "leaderboard-not-found"


def test_deleting_lets_every_board_choose_again(three: Flow) -> None:
    fast, good = two_submissions(three)
    delete(three.otto, fast)
    assert standing() == {"quality": [], "speed": [good], "verdict": [good]}


def test_the_panel_offers_each_board_and_does_not_tell_of_a_hidden_choice(three: Flow) -> None:
    fast, good = two_submissions(three)
    places = {place.title: place for place in submission_detail(three.anna, good).boards}
    assert {title: (place.on_board, place.may_add) for title, place in places.items()} == {
        "Quality": (False, True),
        "Speed": (False, False),
    }
    told = [(place.title, place.on_board) for place in submission_detail(three.otto, good).boards]
    assert told == [("Quality", False), ("Speed", False), ("Verdict", True)]
    # Only the hidden board has it: its owner is not told, here or in any list.
    assert not submission_json(three.anna, good)["on_leaderboard"]
    assert [row.on_board for row in own_submissions(three.anna)] == [False, True]
    assert submission_json(three.otto, good)["leaderboard"] == board_id("verdict")
    assert submission_json(three.anna, fast)["leaderboard"] == board_id("speed")
    assert [(each["title"], each["on_leaderboard"]) for each in submission_json(three.anna, fast)["leaderboards"]] == [
        ("Quality", False),
        ("Speed", True),
    ]


def test_scores_of_every_visible_board_are_shown(three: Flow) -> None:
    fast, _ = two_submissions(three)
    (part,) = submission_detail(three.anna, fast).parts
    # Accuracy is hidden on Speed and shown on Quality; the private score belongs to a hidden board.
    assert {score.key for score in part.scores} == {"accuracy", "seconds"}
    assert {score["column_key"] for score in submission_json(three.anna, fast)["scores"]} == {"accuracy", "seconds"}
    (whole,) = submission_detail(three.otto, fast).parts
    assert {score.key for score in whole.scores} == {"accuracy", "seconds", "private"}


def test_clients_get_the_first_board_by_the_phase_and_each_by_its_own_address(three: Flow) -> None:
    fast, good = two_submissions(three)
    add_to_board(three.anna, good)
    assert contract_json(three.phase_id, None)["title"] == "Quality"
    speed = leaderboard_json(None, board_id("speed"))
    assert (speed["title"], [column["key"] for column in speed["columns"]]) == ("Speed", ["seconds"])
    assert [(row["id"], row["phase"]) for row in speed["submissions"]] == [(fast, three.phase_id)]
    assert [each["title"] for each in leaderboards_json(three.anna, three.competition_id)] == ["Quality", "Speed"]
    answer = client_of(three.anna).get(f"/api/leaderboards/{board_id('speed')}/")
    assert (answer.status_code, answer.json()["submissions"][0]["owner"]) == (200, "anna")


def test_a_hidden_board_is_refused_and_one_of_an_unpublished_competition_is_not_there(three: Flow) -> None:
    two_submissions(three)
    hidden, speed = board_id("verdict"), board_id("speed")
    anna, otto = client_of(three.anna), client_of(three.otto)
    for ask in (lambda: leaderboard_json(three.anna, hidden), lambda: board(three.anna, three.phase_id, hidden)):
        with pytest.raises(NotAllowed):
            ask()
    assert anna.get(f"/api/leaderboards/{hidden}/").status_code == 403
    assert otto.get(f"/api/leaderboards/{hidden}/").status_code == 200
    assert anna.get("/api/leaderboards/999999/").status_code == 404
    unpublish(three.otto, three.competition_id)
    assert anna.get(f"/api/leaderboards/{speed}/").status_code == 404
    assert otto.get(f"/api/leaderboards/{speed}/").status_code == 200


def test_the_page_shows_each_board_under_its_own_address(three: Flow) -> None:
    two_submissions(three)
    first = f"/competitions/{three.competition_id}/results/"
    page = client_of(three.anna).get(first).content.decode()
    speed = f"{first}{three.phase_id}/{board_id('speed')}/"
    assert f'<a href="{speed}">Speed</a>' in page
    assert "Verdict" not in page
    shown = client_of(three.anna).get(speed).content.decode()
    assert f'<a href="{speed}" aria-current="page">Speed</a>' in shown
    assert ">Seconds" in shown
    # The phases keep the board.
    final = Phase.objects.get(competition_id=three.competition_id, index=1).pk
    assert f'<a href="{first}{final}/{board_id("speed")}/">Final</a>' in shown
    hidden = f"{first}{three.phase_id}/{board_id('verdict')}/"
    assert client_of(three.anna).get(hidden).status_code == 403
    assert "This board is hidden." in client_of(three.otto).get(hidden).content.decode()
    assert client_of(three.otto).get(f"{first}{three.phase_id}/99999/").status_code == 404


def test_the_first_board_is_passed_over_where_it_is_hidden(tmp_path: Path, time: SteppedClock) -> None:
    flow = begin(tmp_path, described(leaderboards=[BOARDS[2], BOARDS[1]]))
    page = client_of(flow.anna).get(f"/competitions/{flow.competition_id}/results/")
    assert page.status_code == 200
    assert page.context["board"]["order"].startswith("ranked by Seconds")


def test_buttons_of_the_panel_name_their_board(three: Flow) -> None:
    _, good = two_submissions(three)
    client, page = client_of(three.anna), f"/submissions/{good}/"
    quality = board_id("quality")
    assert f'value="add:{quality}">Add to Quality</button>' in client.get(page).content.decode()
    assert client.post(page, {"do": f"add:{quality}"}).status_code == 302
    assert standing()["quality"] == [good]
    shown = client.get(page).content.decode()
    assert "Quality: On the leaderboard." in shown
    assert f'value="remove:{quality}">Remove from Quality</button>' in shown
    for wrong in ("add:x", "cancel:1", "add:-1", "publish"):
        assert client.post(page, {"do": wrong}).status_code == 400
    assert client.post(page, {"do": "add:9999999999999999999999"}).status_code == 404


def test_the_api_takes_the_board_by_name(three: Flow) -> None:
    _, good = two_submissions(three)
    client, quality = client_of(three.anna), board_id("quality")
    address = f"/api/submissions/{good}/submission_leaderboard_connection/"
    assert client.post(f"{address}?leaderboard={quality}").status_code == 200
    assert client.delete(address).status_code == 200
    assert client.post(f"{address}?leaderboard={board_id('speed')}").status_code == 403
    assert client.post(f"{address}?leaderboard={board_id('verdict')}").status_code == 404


def test_several_boards_over_several_tasks(tmp_path: Path, time: SteppedClock) -> None:
    flow = begin(tmp_path, two_tasks(leaderboards=BOARDS))
    made = flow.take_in()
    for seconds in (1.0, 4.0):
        finish_scoring(claimed(worker()), {"accuracy": 0.5, "seconds": seconds, "private": seconds})
    # The mean over the tasks is (1 + 4) / 2.
    entry = Entry.objects.get(leaderboard__key="speed")
    assert (entry.submission_id, entry.values) == (made, {"seconds": 2.5, "accuracy": 0.5})
    shown = board(flow.anna, flow.phase_id, board_id("speed"))
    assert [[cell.text for cell in row.cells] for row in shown.rows] == [["2.50", "1.00", "4.00"]]
    assert [group.title for group in shown.groups] == ["Mean over all tasks", "Field", "Barn"]
    parts = leaderboard_json(None, board_id("speed"))["submissions"][0]["scores"]
    assert [part["score"] for part in parts] == ["1.0", "4.0"]


def test_two_people_keep_their_own_entries_on_every_board(three: Flow) -> None:
    fast, good = two_submissions(three)
    bert = make_person("bert")
    register(bert, three.competition_id, accepts_terms=True)
    theirs = three.scored({"accuracy": 0.7, "seconds": 0.5, "private": 0.9}, by=bert)
    assert standing() == {"quality": [], "speed": [theirs, fast], "verdict": [theirs, good]}
