"""What the SDK sends to import a bundle, and what it tells meanwhile."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from tests.tiny_server import Asked, Told, tiny_server, told

from podium.rules.errors import BundleError, UserError
from podium.sdk import competitions, connection
from podium.sdk.client import PodiumClient

KEY = str(UUID(int=7))
FINISHED = {"id": 3, "status": "Finished", "resulting_competition": 12, "title": "Sheep", "published": True}


class Site:
    """Answers as a site does that imports a bundle; `statuses` are what it says of that, one after the other."""

    def __init__(self, *statuses: dict[str, Any]) -> None:
        self.statuses = list(statuses)

    def __call__(self, asked: Asked) -> Told:
        if asked.path == "/api/datasets/":
            return told({"key": KEY, "sassy_url": "/blobs/upload/1?signature=s"}, 201)
        if asked.path.startswith("/blobs/upload/"):
            return Told(200)
        if asked.path == f"/api/datasets/completed/{KEY}/":
            return told({"status_id": 3})
        assert asked.path == "/api/competitions/3/creation_status/"
        found = self.statuses.pop(0)
        return told(found, found.get("http", 200))


@pytest.fixture(autouse=True)
def without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(competitions, "_FIRST_LOOK_S", 0.0)
    monkeypatch.setattr(connection, "LOOK_EVERY_S", 0.0)


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    path = tmp_path / "sheep.zip"
    path.write_bytes(bytes(600_000))
    return path


def test_a_bundle_is_announced_sent_and_followed(bundle: Path) -> None:
    working = {"id": 3, "status": "Starting", "progress": {"done": 4, "total": 9, "saying": "Storing its files"}}
    heard: list[tuple[str, int, int, str]] = []
    with tiny_server(Site(working, FINISHED)) as server, PodiumClient(server.url, "t") as client:
        made = client.import_bundle(bundle, publish=True, tell=lambda *said: heard.append(said))
        announced, put, completed = server.asked[:3]
    assert announced.json == {
        "type": "competition_bundle",
        "request_sassy_file_name": "sheep.zip",
        "file_name": "sheep.zip",
        "file_size": 600_000,
    }
    assert put.body == bytes(600_000)
    # The link is a permission of its own.
    assert "Authorization" not in put.headers
    assert completed.json == {"publish": True}
    assert (made.id, made.title, made.published, made.url) == (12, "Sheep", True, f"{server.url}/competitions/12/")
    # 600,000 bytes in parts of 256 KiB, that is 262,144 bytes.
    assert [said[1] for said in heard if said[0] == "upload"] == [0, 262_144, 524_288, 600_000]
    assert [said for said in heard if said[0] == "import"] == [("import", 4, 9, "Storing its files")]


def test_the_problems_of_a_bundle_are_raised_with_their_places(bundle: Path) -> None:
    problem = {"severity": "error", "code": "e", "message": "An error.", "hint": "", "file": "a.yaml", "line": 3}
    error = {"code": "bundle-invalid", "message": "", "hint": "", "problems": [problem]}
    failed = {"id": 3, "status": "Failed", "details": "a.yaml:3: An error.", "error": error}
    with (
        tiny_server(Site(failed)) as server,
        PodiumClient(server.url, "t") as client,
        pytest.raises(BundleError) as got,
    ):
        client.import_bundle(bundle)
    assert [str(each) for each in got.value.problems] == ["a.yaml:3: An error."]


def test_any_other_reason_is_raised_as_what_it_is(bundle: Path) -> None:
    error = {"code": "quota-full", "message": "Your files take too much.", "hint": "Delete some.", "problems": []}
    failed = {"id": 3, "status": "Failed", "error": error}
    with tiny_server(Site(failed)) as server, PodiumClient(server.url, "t") as client, pytest.raises(UserError) as got:
        client.import_bundle(bundle)
    assert (got.value.code, got.value.message, got.value.hint) == (
        "quota-full",
        "Your files take too much.",
        "Delete some.",
    )


def test_a_server_that_is_restarted_meanwhile_does_not_end_the_waiting(bundle: Path) -> None:
    away = {"http": 503, "detail": "Away."}
    with tiny_server(Site(away, FINISHED)) as server, PodiumClient(server.url, "t") as client:
        assert client.import_bundle(bundle).id == 12


def test_a_competition_that_is_gone_already_is_said_to_be(bundle: Path) -> None:
    gone = FINISHED | {"resulting_competition": None}
    with tiny_server(Site(gone)) as server, PodiumClient(server.url, "t") as client, pytest.raises(UserError) as got:
        client.import_bundle(bundle)
    assert got.value.code == "import-unknown"
