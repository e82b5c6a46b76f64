"""A site whose programs run without a sandbox says so everywhere, and keeps strangers out."""

from __future__ import annotations

import pytest
from django.test import Client
from pydantic import ValidationError
from tests.integration.server.scene import Scene

from podium.rules.errors import NotAllowed
from podium.rules.unsandboxed import PERMISSION
from podium.server.configuration import Configuration, configuration
from podium.server.jobs.models import Worker
from podium.server.jobs.services import greet_worker, register_worker, worker_of_token
from podium.server.submissions.services.claim import claim

pytestmark = pytest.mark.django_db
WORDS = "Programs run without a sandbox here."
PAGES = ("/", "/no/such/page/")


@pytest.fixture
def closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(configuration(), "sign_up", "closed")


def worker(sandbox: str, slots: int = 1) -> Worker:
    register_worker(None, "lab", "token")
    made = worker_of_token("token")
    greet_worker(made, slots=slots, report=(), sandbox=sandbox)
    return worker_of_token("token")


def told(client: Client) -> set[bool]:
    return {WORDS in client.get(page).content.decode() for page in PAGES}


def test_every_page_says_so_while_such_a_worker_is_registered(client: Client, scene: Scene, closed: None) -> None:
    assert told(client) == {False}
    lab = worker("none")
    assert told(client) == {True}
    client.force_login(scene.people["participant"], backend="django.contrib.auth.backends.ModelBackend")
    assert told(client) == {True}
    greet_worker(lab, slots=1, report=(), sandbox="bubblewrap")
    assert told(client) == {False}


def test_every_page_says_so_where_the_site_is_set_up_like_that(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(configuration(), "sandbox", "none")
    assert told(client) == {True}


def test_a_worker_without_a_sandbox_is_turned_away_while_anybody_can_sign_up() -> None:
    with pytest.raises(NotAllowed) as raised:
        worker("none")
    assert raised.value.code == "worker-unsandboxed"
    assert Worker.objects.get().sandbox == ""


def test_one_that_was_let_in_gets_no_runs_once_sign_up_opens(closed: None, monkeypatch: pytest.MonkeyPatch) -> None:
    lab = worker("none")
    assert claim(lab, 0) is None
    monkeypatch.setattr(configuration(), "sign_up", "open")
    with pytest.raises(NotAllowed, match="gets no runs while anybody can sign up"):
        claim(lab, 0)


@pytest.mark.parametrize(
    ("chosen", "complaint"),
    [
        ({"sandbox": "none", "sign_up": "closed"}, "PODIUM_ALLOW_UNSANDBOXED=yes-i-trust-every-submission"),
        ({"sandbox": "none", "sign_up": "closed", "allow_unsandboxed": "yes"}, "PODIUM_ALLOW_UNSANDBOXED="),
        ({"sandbox": "none", "allow_unsandboxed": PERMISSION, "sign_up": "open"}, "PODIUM_SIGN_UP=closed"),
        ({"sandbox": "chroot"}, "Input should be"),
    ],
)
def test_a_site_does_not_start_so_unless_it_was_asked_for_in_words(chosen: dict[str, str], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        Configuration(**chosen)  # type: ignore[arg-type]


def test_a_site_starts_so_where_it_was_asked_for_in_words() -> None:
    assert Configuration(sandbox="none", allow_unsandboxed=PERMISSION, sign_up="closed").sandbox == "none"
