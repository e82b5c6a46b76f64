"""Only somebody may send files; strangers hear it before they have sent them."""

from __future__ import annotations

import asyncio
import json

import pytest
from django.test import Client
from starlette.responses import Response

from podium.server.accounts.models import User
from podium.server.accounts.people import Person
from podium.server.accounts.services import create_api_token, create_user
from podium.server.configuration import configuration
from podium.server.front.admission import admission, is_somebody
from podium.server.front.pool import ServicePool

pytestmark = pytest.mark.django_db

MULTIPART = (b"content-type", b"Multipart/Form-Data; boundary=x")


@pytest.fixture
def ada() -> Person:
    return create_user("ada", "ada@example.org", "a long enough secret 1")


def test_a_visitor_is_nobody() -> None:
    assert not is_somebody("", "")
    assert not is_somebody("sessionid=made-up; csrftoken=x", "Token " + "0" * 40)
    assert not is_somebody("=;;\x00[", "Token")


def test_the_session_of_a_person_is_somebody_and_that_of_a_visitor_nobody(ada: Person) -> None:
    client = Client()
    session = client.session
    session["seen"] = True
    session.save()
    assert not is_somebody(f"sessionid={session.session_key}", "")
    client.force_login(User.objects.get(pk=ada.id))
    key = client.session.session_key
    assert is_somebody(f"theme=dark; sessionid={key}", "")
    client.logout()
    assert not is_somebody(f"theme=dark; sessionid={key}", "")


@pytest.mark.parametrize("scheme", ["Token", "token", "Bearer"])
def test_a_token_that_works_is_somebody(ada: Person, scheme: str) -> None:
    token = create_api_token(ada, "laptop")
    assert is_somebody("", f"{scheme} {token}")
    assert not is_somebody("", f"{scheme} {token[:-1]}")
    assert not is_somebody("", f"Basic {token}")


def test_the_token_of_a_banned_person_is_nobody(ada: Person) -> None:
    token = create_api_token(ada, "laptop")
    User.objects.filter(pk=ada.id).update(is_banned=True)
    assert not is_somebody("", f"Token {token}")


@pytest.mark.parametrize(("path", "status"), [("/competitions/import/", 401), ("/api/competitions/import", 403)])
def test_a_stranger_with_files_is_refused(path: str, status: int) -> None:
    response = _ask(path, [MULTIPART], somebody=False)
    assert response is not None
    assert response.status_code == status


def test_somebody_with_files_and_anybody_without_any_are_let_in() -> None:
    assert _ask("/competitions/import/", [MULTIPART], somebody=True) is None
    assert _ask("/accounts/login/", [(b"content-type", b"application/x-www-form-urlencoded")], somebody=False) is None
    assert _ask("/accounts/login/", [], somebody=False) is None


def test_a_stranger_with_files_for_a_model_board_reads_it_in_their_envelope(monkeypatch: pytest.MonkeyPatch) -> None:
    path = "/api/leaderboard/submit_predictions"
    response = _ask(path, [MULTIPART], somebody=False)
    assert response is not None
    assert response.status_code == 401
    assert json.loads(response.body)["status"] == "error"
    assert _ask(path, [MULTIPART, (b"x-api-key", b"k")], somebody=True) is None
    opened = configuration().model_copy(update={"open_modelboards": True})
    monkeypatch.setattr("podium.server.front.admission.configuration", lambda: opened)
    assert _ask(path, [MULTIPART], somebody=False) is None
    assert _ask("/competitions/import/", [MULTIPART], somebody=False) is not None


def test_the_key_of_a_model_board_counts_there_alone() -> None:
    asked: list[str] = []
    for path in ("/api/leaderboard/submit_predictions", "/competitions/import/"):
        _ask(path, [MULTIPART, (b"x-api-key", b"k")], somebody=False, asked=asked)
    assert asked == ["Token k", ""]


def _ask(
    path: str, headers: list[tuple[bytes, bytes]], *, somebody: bool, asked: list[str] | None = None
) -> Response | None:
    class Services(ServicePool):
        """A pool that answers without asking, because a test's data cannot be seen from another thread."""

        async def call(self, function: object, /, *args: object, **kwargs: object) -> bool:  # type: ignore[override]
            assert function is is_somebody
            if asked is not None:
                asked.append(str(args[1]))
            return somebody

    pool = Services(after_each=lambda: None)
    return asyncio.run(_await(admission(pool)({"type": "http", "path": path, "headers": headers})))


async def _await(question: object) -> Response | None:
    return await question  # type: ignore[misc]
