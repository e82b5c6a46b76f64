"""Boards as JSON: page by page, under an entity tag, and refused at once to whoever may not see them any more."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from tests.integration.server.api.caller import Caller, only_explains
from tests.integration.server.competition_material import make_person
from tests.integration.server.flow import Flow

from podium.server.accounts.models import User
from podium.server.competitions.models import Participant
from podium.server.competitions.services import publish, register, unpublish
from podium.server.leaderboards.kept_answers import BESIDE, KeptAnswers
from podium.server.leaderboards.models import Leaderboard
from podium.server.leaderboards.services.versions import new_versions
from podium.server.submissions.services.board import add_to_board

ACCURACIES = (0.5, 0.9, 0.7)


@pytest.fixture
def board(flow: Flow) -> str:
    """The address of a board of three people, whose ranks are 3, 1, 2."""
    for number, accuracy in enumerate(ACCURACIES):
        person = make_person(f"person{number}")
        register(person, flow.competition_id, accepts_terms=True)
        Participant.objects.filter(user_id=person.id).update(status="approved")
        add_to_board(person, flow.scored({"accuracy": accuracy}, by=person))
    return f"phases/{flow.phase_id}/get_leaderboard/"


@pytest.fixture
def addresses(flow: Flow, board: str) -> tuple[str, str]:
    """The two addresses that show it."""
    return board, f"leaderboards/{Leaderboard.objects.get(competition_id=flow.competition_id).pk}/"


def owners(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["owner"] for row in answer.json()["submissions"]]


def known(path: str, etag: str, **query: Any) -> Any:
    return Client().get(f"/api/{path}", query, headers={"If-None-Match": etag})


class TestPages:
    def test_pages_are_parts_of_the_whole(self, addresses: tuple[str, str]) -> None:
        for path in addresses:
            whole = Caller().get(path)
            assert owners(whole) == ["person1", "person2", "person0"]
            assert "count" not in whole.json()
            first = Caller().get(path, page_size=2)
            assert owners(first) == ["person1", "person2"]
            assert {name: first.json()[name] for name in ("count", "page", "page_size")} == {
                "count": 3,
                "page": 1,
                "page_size": 2,
            }
            second = Caller().get(path, page=2, page_size=2)
            assert owners(second) == ["person0"]
            assert first.json()["submissions"] + second.json()["submissions"] == whole.json()["submissions"]
            assert owners(Caller().get(path, page=1)) == ["person1", "person2", "person0"]

    def test_there_is_no_page_behind_the_last(self, addresses: tuple[str, str]) -> None:
        for path in addresses:
            only_explains(Caller().get(path, page=3, page_size=2), 404, "no-such-page")
            only_explains(Caller().get(path, page=10**9, page_size=1000), 404, "no-such-page")

    @pytest.mark.parametrize(
        "query", [{"page": 0}, {"page": -1}, {"page": "one"}, {"page_size": 0}, {"page_size": 1001}, {"page": 10**30}]
    )
    def test_what_is_no_page_is_refused(self, addresses: tuple[str, str], query: dict[str, Any]) -> None:
        for path in addresses:
            only_explains(Caller().get(path, **query), 400, "request-invalid")

    def test_an_empty_board_has_a_first_page(self, flow: Flow) -> None:
        answer = Caller().get(f"phases/{flow.phase_id}/get_leaderboard/", page=1)
        assert (answer.json()["count"], answer.json()["submissions"]) == (0, [])


class TestEntityTags:
    def test_every_page_and_every_right_has_its_own(self, flow: Flow, board: str) -> None:
        answers = [
            Caller().get(board),
            Caller().get(board, page=1),
            Caller().get(board, page_size=2),
            Caller().get(board, page=2, page_size=2),
            Caller(flow.otto).get(board),
        ]
        assert len({answer.headers["ETag"] for answer in answers}) == 5

    def test_a_page_is_not_sent_again_until_the_board_changes(self, flow: Flow, addresses: tuple[str, str]) -> None:
        for path in addresses:
            etag = Caller().get(path, page=1).headers["ETag"]
            for sent in (etag, f"W/{etag}", f'"other", {etag}'):
                again = known(path, sent, page=1)
                assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", etag)
            assert known(path, '"other"', page=1).status_code == 200
        etags = [Caller().get(path, page=1).headers["ETag"] for path in addresses]
        add_to_board(flow.anna, flow.scored({"accuracy": 1.0}))
        for path, etag in zip(addresses, etags, strict=True):
            assert owners(known(path, etag, page=1))[0] == "anna"

    def test_the_contents_of_hidden_columns_stay_with_the_staff(self, flow: Flow, board: str) -> None:
        # What was kept for the organizer is not what a visitor gets, in whichever order they come.
        Leaderboard.objects.get(competition_id=flow.competition_id).columns.update(hidden=True)
        new_versions(flow.competition_id)
        assert Caller(flow.otto).get(board).json()["submissions"][0]["scores"]
        assert Caller().get(board).json()["submissions"][0]["scores"] == []
        assert Caller(flow.otto).get(board).json()["submissions"][0]["scores"]


class TestAccess:
    def test_a_board_that_is_hidden_is_refused_at_once(self, flow: Flow, addresses: tuple[str, str]) -> None:
        etags = [Caller(flow.anna).get(path).headers["ETag"] for path in addresses]
        Leaderboard.objects.filter(competition_id=flow.competition_id).update(hidden=True)
        for path, etag in zip(addresses, etags, strict=True):
            only_explains(Caller(flow.anna).get(path), 403, "board-hidden")
            only_explains(known(path, etag), 403, "board-hidden")
            assert Caller(flow.otto).get(path).status_code == 200

    def test_an_unpublished_competition_is_not_found_at_once(self, flow: Flow, addresses: tuple[str, str]) -> None:
        stranger = Caller(make_person("stranger"))
        etags = [stranger.get(path).headers["ETag"] for path in addresses]
        unpublish(flow.otto, flow.competition_id)
        for path, etag in zip(addresses, etags, strict=True):
            assert stranger.get(path).status_code == 404
            assert known(path, etag).status_code == 404
        publish(flow.otto, flow.competition_id)
        for path, etag in zip(addresses, etags, strict=True):
            assert known(path, etag).status_code == 304

    def test_a_banned_person_is_refused_at_once(self, flow: Flow, addresses: tuple[str, str]) -> None:
        caller = Caller(flow.anna)
        for path in addresses:
            assert caller.get(path).status_code == 200
        User.objects.filter(pk=flow.anna.id).update(is_banned=True)
        for path in addresses:
            only_explains(caller.get(path), 403, "account-closed")


class TestKeptAnswers:
    def test_those_asked_for_longest_ago_go_first(self) -> None:
        kept = KeptAnswers(5 * (500 + BESIDE))
        for key in range(5):
            kept.put(key, bytes(500))
        assert kept.get(0) is not None
        kept.put(5, bytes(500))
        assert [key for key in range(6) if kept.get(key) is not None] == [0, 2, 3, 4, 5]
        assert kept.size_bytes == 5 * (500 + BESIDE)

    def test_a_long_one_pushes_out_nobody(self) -> None:
        kept = KeptAnswers(4 * 1000)
        kept.put("short", bytes(10))
        kept.put("long", bytes(1001))
        assert (kept.get("short"), kept.get("long")) == (bytes(10), None)

    def test_the_same_again_takes_no_more_room(self) -> None:
        kept = KeptAnswers(4 * 1000)
        for size in (20, 25, 5):
            kept.put("one", bytes(size))
        assert kept.size_bytes == 5 + BESIDE

    def test_many_that_say_nothing_take_room_too(self) -> None:
        """Whoever seeks names that nobody has, one after another, must not fill the memory."""
        kept = KeptAnswers(10 * BESIDE)
        for key in range(100):
            kept.put(key, b"")
        assert [key for key in range(100) if kept.get(key) is not None] == list(range(90, 100))
