"""Whatever stands in an address, the site answers that it does not fit; it never fails of it."""

from __future__ import annotations

import pytest
from django.test import Client
from tests.integration.server.scene import Scene, make_scene

from podium.server.accounts.people import person_of
from podium.server.accounts.services import create_api_token

_NUMBERS = [2**31, 2**63 - 1, 2**63, 10**30, 0]
_QUERIES = ["status=%00", "search=%00", "type=%00", "key=%00", "page=%00", "page=99999999999999999999", "status=%ff%fe"]
_PAGES = [
    "/competitions/{}/",
    "/competitions/{}/logo/",
    "/competitions/{}/results/",
    "/competitions/{}/submit/",
    "/competitions/{}/submissions/all/",
    "/submissions/{}/",
    "/submissions/{}/files/1/data/",
]
_API = [
    "/api/competitions/{}/",
    "/api/submissions/{}/",
    "/api/submissions/{}/get_details/",
    "/api/phases/{}/",
    "/api/phases/{}/get_leaderboard/",
    "/api/can_make_submission/{}/",
    "/api/participants/?competition={}",
    "/api/submissions/?phase={}",
]


@pytest.fixture
def scene(db: None) -> Scene:
    return make_scene()


@pytest.fixture
def organizer(scene: Scene) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(scene.people["organizer"], backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.parametrize("number", _NUMBERS)
@pytest.mark.parametrize("address", [*_PAGES, *_API])
def test_a_number_that_no_row_can_have_leads_nowhere(organizer: Client, address: str, number: int) -> None:
    assert organizer.get(address.format(number)).status_code in ({200, 400, 404} if "?" in address else {404})


@pytest.mark.parametrize("query", _QUERIES)
@pytest.mark.parametrize("address", ["/api/competitions/", "/api/submissions/", "/api/datasets/", "/api/participants/"])
def test_a_question_that_no_database_takes_is_refused_or_finds_nothing(scene: Scene, address: str, query: str) -> None:
    organizer = person_of(scene.people["organizer"])
    assert organizer is not None
    headers = {"Authorization": f"Token {create_api_token(organizer, 'test')}"}
    response = Client(raise_request_exception=False).get(f"{address}?{query}", headers=headers)
    assert response.status_code in {200, 400, 404}


@pytest.mark.parametrize("page", ["0", "-1", "x", "%00", "9" * 20, "9" * 5000])
def test_the_board_has_a_page_for_every_number(scene: Scene, organizer: Client, page: str) -> None:
    response = organizer.get(f"/competitions/{scene.competition.pk}/results/?page={page}")
    assert response.status_code == 200
