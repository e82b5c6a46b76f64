"""A result that one web process takes reaches the open pages of another."""

from __future__ import annotations

import secrets

import httpx
import pytest
from tests.integration.live.conftest import QuietSite
from tests.integration.live.streams import listening

pytestmark = pytest.mark.slow


def send(site: QuietSite, action: str, body: dict[str, object]) -> None:
    headers = {"X-API-Key": site.token}
    httpx.post(f"{site.near.url}/api/leaderboard/{action}", json=body, headers=headers).raise_for_status()


def test_a_result_is_told_to_its_board_and_to_the_list(quiet: QuietSite) -> None:
    name = f"dataset {secrets.token_hex(4)}"
    send(quiet, "add_dataset", {"name": name, "task_type": "text_classification"})
    board = f"{quiet.far.url}/live/leaderboard/{name.replace(' ', '-')}/"
    with listening(board) as stream, listening(f"{quiet.far.url}/live/leaderboard/") as everything:
        send(quiet, "add_model", {"dataset_name": name, "model": "Llama3", "score": 0.92})
        assert stream.next("changed").data == {}
        assert everything.next("changed").data == {}


def test_nothing_is_followed_that_is_not_there(quiet: QuietSite) -> None:
    unknown = "live/predictions/00000000-0000-4000-8000-000000000000/"
    for path in ("live/leaderboard/nothing/", unknown):
        assert httpx.get(f"{quiet.far.url}/{path}").status_code == 404
