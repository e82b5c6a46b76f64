"""What a worker makes of the server's answers."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.tiny_server import Asked, Told, tiny_server, told
from tests.unit.worker.transport.test_orders import SCORING

from podium.rules.errors import Conflict, InternalError, NotAllowed, TooLarge
from podium.worker.transport.client import ServerClient, ServerTroubled, ServerUnreachable
from podium.worker.transport.orders import read_order

ORDER = read_order(SCORING)
CALLS: dict[str, Callable[[ServerClient], object]] = {
    "greet": lambda client: client.greet({"slots": 1, "report": []}),
    "claim": lambda client: client.claim(0),
    "renew": lambda client: client.renew(ORDER),
    "give back": lambda client: client.give_back(ORDER, "stopped"),
    "status": lambda client: client.report_status(ORDER, "Finished"),
    "scores": lambda client: client.report_scores(ORDER, {"a": 1.0}),
}


def client_of(url: str) -> ServerClient:
    return ServerClient(url, "token")


def answering(answer: Told, call: Callable[[ServerClient], object]) -> object:
    with tiny_server(lambda asked: answer) as server, client_of(server.url) as client:
        return call(client)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, InternalError),
        (401, NotAllowed),
        (403, NotAllowed),
        (404, InternalError),
        (409, Conflict),
        (500, ServerTroubled),
        (503, ServerUnreachable),
    ],
)
def test_a_refusal_becomes_the_error_that_it_means(
    call: Callable[[ServerClient], object], status: int, kind: type[Exception]
) -> None:
    body = {"code": "some-code", "message": "It is so.", "hint": "Do this."}
    with pytest.raises(kind, match=r"It is so\.") as raised:
        answering(told(body, status), call)
    assert type(raised.value) is kind


def test_the_code_and_hint_of_a_refusal_are_kept() -> None:
    with pytest.raises(Conflict) as raised:
        answering(told({"code": "lease-lost", "message": "Gone.", "hint": "Stop."}, 409), CALLS["renew"])
    assert (raised.value.code, raised.value.message, raised.value.hint) == ("lease-lost", "Gone.", "Stop.")


@pytest.mark.parametrize("body", [b"", b"<h1>Bad gateway</h1>", b"[]", b'"text"'])
def test_a_refusal_in_any_other_form_still_says_its_status(body: bytes) -> None:
    with pytest.raises(InternalError, match="status 500"):
        answering(Told(500, body), CALLS["renew"])


@pytest.mark.parametrize("body", [b"", b"<h1>Welcome</h1>", b"[]"])
@pytest.mark.parametrize("name", ["greet", "claim"])
def test_what_is_no_answer_of_ours_is_our_trouble(name: str, body: bytes) -> None:
    with pytest.raises(InternalError, match="JSON"):
        answering(Told(200, body), CALLS[name])


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_server_that_is_not_there_is_unreachable(call: Callable[[ServerClient], object]) -> None:
    # Bound but not listening: nobody can answer there, and nobody else can take the port.
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with client_of(f"http://127.0.0.1:{taken.getsockname()[1]}") as client, pytest.raises(ServerUnreachable):
            call(client)


def test_no_content_is_no_run() -> None:
    assert answering(Told(204), CALLS["claim"]) is None


def test_a_claim_names_the_slot_and_carries_the_token() -> None:
    with tiny_server(lambda asked: told(SCORING)) as server, client_of(server.url) as client:
        assert client.claim(3) == ORDER
    (asked,) = server.asked
    assert (asked.method, asked.path, asked.headers["Authorization"]) == ("POST", "/live/worker/claim", "Worker token")
    assert isinstance(asked.json, dict)
    assert asked.json["slot"] == 3


def test_reports_carry_the_secret_of_the_attempt_and_no_token() -> None:
    with tiny_server(lambda asked: Told()) as server, client_of(server.url) as client:
        client.report_scores(ORDER, {"accuracy": 0.5})
        client.report_status(ORDER, "Finished", runtime="plain")
    scores, status = server.asked
    assert (scores.path, scores.json) == (
        "/api/upload_submission_scores/7/",
        {"secret": "s", "scores": {"accuracy": 0.5}},
    )
    assert (status.method, status.path, status.body) == (
        "PATCH",
        "/api/submissions/7/",
        b"secret=s&status=Finished&runtime=plain",
    )
    assert all("Authorization" not in asked.headers for asked in server.asked)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "file"


def test_a_download_is_written_to_its_place(place: Path) -> None:
    fetch(Told(200, b"content"), place, 7)
    assert place.read_bytes() == b"content"


def fetch(answer: Told, place: Path, largest: int = 100) -> None:
    with tiny_server(lambda asked: answer) as server, client_of(server.url) as client:
        client.download(f"{server.url}/data.zip?signature=x", place, largest)


def test_a_download_over_the_limit_is_refused(place: Path) -> None:
    with pytest.raises(TooLarge, match=r"data\.zip has more than 6 bytes"):
        fetch(Told(200, b"content"), place, 6)


@pytest.mark.parametrize("answer", [Told(404), Told(403), Told(500), Told(200, b"content", cut_after=3)])
def test_a_download_that_is_refused_or_cut_names_the_file(answer: Told, place: Path) -> None:
    with pytest.raises(InternalError, match=r"data\.zip"):
        fetch(answer, place)


@pytest.mark.parametrize("by_file", [True, False])
def test_an_upload_announces_its_length(place: Path, by_file: bool) -> None:
    received: list[Asked] = []

    def take(asked: Asked) -> Told:
        received.append(asked)
        return Told()

    place.write_bytes(b"content")
    with tiny_server(take) as server, client_of(server.url) as client:
        client.upload(f"{server.url}/u", place if by_file else b"content", "text/plain")
    (asked,) = received
    assert (asked.method, asked.body) == ("PUT", b"content")
    assert (asked.headers["Content-Length"], asked.headers["Content-Type"]) == ("7", "text/plain")
