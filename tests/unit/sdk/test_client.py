"""What the SDK sends, and what it makes of a server's answers."""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.tiny_server import Asked, Told, tiny_server, told

from podium.rules.errors import BundleError, Conflict, NotAllowed, NotFound, TooLarge, UserError
from podium.sdk import connection
from podium.sdk.answers import SubmissionAnswer
from podium.sdk.client import PodiumClient


def refused(answer: Told) -> UserError:
    with (
        tiny_server(lambda asked: answer) as server,
        PodiumClient(server.url, "t") as client,
        pytest.raises(UserError) as raised,
    ):
        client.competition(1)
    return raised.value


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, UserError), (401, NotAllowed), (403, NotAllowed), (404, NotFound), (409, Conflict), (413, TooLarge)],
)
def test_a_refusal_is_the_error_that_it_was_on_the_server(status: int, kind: type[UserError]) -> None:
    error = refused(told({"code": "some-code", "message": "It is so.", "hint": "Do this."}, status))
    assert type(error) is kind
    assert (error.code, error.message, error.hint) == ("some-code", "It is so.", "Do this.")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"detail": "Not found."}, "Not found."),
        ({"username": ["Taken."], "email": ["Not one."]}, "Taken. Not one."),
        ({}, "Bad Request"),
    ],
)
def test_refusals_in_the_words_of_the_contract_are_understood(content: object, said: str) -> None:
    assert refused(told(content, 400)).message == said


def test_a_failure_of_the_server_comes_with_its_reference_once() -> None:
    named = {"detail": "A mistake.", "hint": "Tell the number.", "reference": "abc123"}
    assert refused(told(named, 500)).hint == "Tell the number. Reference: abc123."
    said = refused(told({**named, "message": "A mistake (reference abc123)."}, 500))
    assert (said.message, said.hint) == ("A mistake (reference abc123).", "Tell the number.")


@pytest.mark.parametrize("body", [b"", b"<h1>Bad gateway</h1>", b"[]"])
def test_a_refusal_in_any_other_form_still_says_its_status(body: bytes) -> None:
    assert "502" in refused(Told(502, body)).message


def test_the_problems_of_a_bundle_come_back_with_their_places() -> None:
    place = {"file": "competition.yaml", "line": 3, "column": 1}
    problems = [
        {"severity": "note", "code": "n", "message": "A note.", "hint": "", **place},
        {"severity": "error", "code": "e", "message": "An error.", "hint": "Mend it.", **place},
    ]
    error = refused(told({"code": "bundle-invalid", "message": "", "problems": problems}, 400))
    assert isinstance(error, BundleError)
    # Errors come before notes.
    assert [str(problem) for problem in error.problems] == [
        "competition.yaml:3:1: An error. Mend it.",
        "competition.yaml:3:1: A note.",
    ]


@pytest.mark.parametrize("body", [b"", b"<h1>Welcome</h1>", b"[]", b'{"id": "x", "title": "y"}', b'{"title": "y"}'])
def test_an_answer_of_something_else_than_podium_is_named(body: bytes) -> None:
    error = refused(Told(200, body))
    assert error.code == "answer-not-understood"
    assert "/api/competitions/1/" in error.message


def test_a_server_that_moved_says_where_it_is() -> None:
    error = refused(Told(301, b"", {"Location": "https://elsewhere.example/api/"}))
    assert error.code == "moved"
    assert "https://elsewhere.example/api/" in error.message


def test_a_server_that_is_not_there_is_named_with_what_to_check() -> None:
    # Bound but not listening: nobody can answer there, and nobody else can take the port.
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with PodiumClient(url, "t") as client, pytest.raises(UserError) as raised:
            client.competition(1)
    assert raised.value.code == "server-unreachable"
    assert url in raised.value.message
    assert "PODIUM_SERVER" in raised.value.hint


@pytest.mark.parametrize("url", ["localhost:8000", "", "ftp://x", "http://\x00"])
def test_an_address_that_is_none_is_named(url: str) -> None:
    with PodiumClient(url, "t") as client, pytest.raises(UserError) as raised:
        client.competition(1)
    assert raised.value.code == "server-unreachable"


@pytest.mark.parametrize("token", ["tökén", "a\nb"])
def test_a_token_that_cannot_be_one_is_refused_at_once(token: str) -> None:
    with pytest.raises(UserError, match="token"):
        PodiumClient("http://localhost", token)


COMPETITION = {"id": 1, "title": "T", "phases": []}


@pytest.mark.parametrize(("token", "header"), [("abc", "Token abc"), ("", None)])
def test_the_token_is_sent_where_there_is_one(token: str, header: str | None) -> None:
    with tiny_server(lambda asked: told(COMPETITION)) as server, PodiumClient(f"{server.url}/", token) as client:
        assert client.competition(1).title == "T"
    assert server.asked[0].headers.get("Authorization") == header


def test_a_submission_is_announced_uploaded_completed_and_made(tmp_path: Path) -> None:
    key = "0b0c9a4e-5d0a-4f2e-9d5d-0f8a6f1c2d3e"

    def answer(asked: Asked) -> Told:
        if asked.path == "/api/datasets/":
            return told({"key": key, "sassy_url": "/blobs/upload/1?signature=x"}, 201)
        if asked.path == "/api/submissions/":
            return told({"id": 5, "phase": 2, "status": "Submitted", "scores": []}, 201)
        return Told(200, b"{}")

    archive = tmp_path / "mine.zip"
    archive.write_bytes(b"content")
    with tiny_server(answer) as server, PodiumClient(server.url, "t") as client:
        assert client.submit(2, archive, description="first").id == 5
    announced, upload, completed, made = server.asked
    assert server.paths() == [
        "POST /api/datasets/",
        "PUT /blobs/upload/1?signature=x",
        f"PUT /api/datasets/completed/{key}/",
        "POST /api/submissions/",
    ]
    assert isinstance(announced.json, dict)
    assert announced.json["file_size"] == 7
    assert (upload.body, upload.headers["Content-Length"]) == (b"content", "7")
    # The link may lead to another machine.
    assert "Authorization" not in upload.headers
    assert completed.headers["Authorization"] == "Token t"
    assert made.json == {"phase": 2, "data": key, "description": "first"}


def test_waiting_tells_each_status_once_and_outlives_a_server_that_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "LOOK_EVERY_S", 0.0)
    states = iter(["Submitted", "Submitted", "", "Scoring", "Finished"])

    def answer(asked: Asked) -> Told:
        status = next(states)
        if not status:
            return Told(200, b"unsent", cut_after=0)
        return told({"id": 5, "phase": 2, "status": status})

    seen: list[str] = []

    def tell(found: SubmissionAnswer) -> None:
        seen.append(found.status)

    with tiny_server(answer) as server, PodiumClient(server.url, "t") as client:
        assert client.wait(5, tell).status == "Finished"
    assert seen == ["Submitted", "Scoring", "Finished"]


def test_waiting_ends_when_the_server_stays_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "LOOK_EVERY_S", 0.0)
    monkeypatch.setattr(connection, "_AWAY_AT_MOST_S", 0.1)
    with (
        tiny_server(lambda asked: Told(503)) as server,
        PodiumClient(server.url, "t") as client,
        pytest.raises(UserError),
    ):
        client.wait(5, lambda found: None)
    assert len(server.asked) > 1


BUNDLE = b"PK and so on"


def exporting(sha256: str, content: Told) -> Callable[[Asked], Told]:
    """A server that exports a competition and answers the link to the bundle with `content`."""
    made = {"name": "T Dump #1", "file_name": "t.zip", "sha256": sha256, "size": len(BUNDLE), "url": "/blobs/1?s=x"}
    return lambda asked: content if asked.path.startswith("/blobs/") else told(made, 201)


def test_an_exported_bundle_is_fetched_without_the_token(tmp_path: Path) -> None:
    target = tmp_path / "t.zip"
    target.write_bytes(b"older")
    answers = exporting(hashlib.sha256(BUNDLE).hexdigest(), Told(200, BUNDLE))
    with tiny_server(answers) as server, PodiumClient(server.url, "t") as client:
        client.fetch(client.export(7, keys_instead_of_files=True), target)
    assert target.read_bytes() == BUNDLE
    assert server.paths() == ["POST /api/competitions/7/create_dump/", "GET /blobs/1?s=x"]
    assert server.asked[0].json == {"keys_instead_of_files": True}
    assert "Authorization" not in server.asked[1].headers


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (Told(200, b"PK and no more"), "download-broken"),
        (told({"code": "link-expired", "message": "M."}, 403), "link-expired"),
    ],
)
def test_a_bundle_that_does_not_arrive_replaces_nothing(tmp_path: Path, content: Told, code: str) -> None:
    target = tmp_path / "t.zip"
    target.write_bytes(b"older")
    answers = exporting(hashlib.sha256(BUNDLE).hexdigest(), content)
    with tiny_server(answers) as server, PodiumClient(server.url, "t") as client, pytest.raises(UserError) as raised:
        client.fetch(client.export(7), target)
    assert raised.value.code == code
    assert [path.name for path in tmp_path.iterdir()] == ["t.zip"]
    assert target.read_bytes() == b"older"
