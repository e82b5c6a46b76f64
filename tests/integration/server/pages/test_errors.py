import re
from collections.abc import Callable

import pytest
from django.test import Client
from tests.integration.server.scene import Scene

from podium.rules.errors import BundleError, Conflict, InternalError, OutOfSpace, Problem, TooLarge
from podium.server.pages.views import home

As = Callable[[str | None], Client]


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch, db: None) -> Callable[[Exception], None]:
    """Make the home page fail with an error."""

    def fail(error: Exception) -> None:
        def broken(*_: object, **__: object) -> None:
            raise error

        monkeypatch.setattr(home, "competitions_visible_to", broken)

    return fail


@pytest.mark.parametrize("path", ["/", "/competitions/99/", "/nowhere/", "/accounts/login/", "/static/podium/no.css"])
def test_every_answer_forbids_what_our_pages_do_not_need(client: Client, db: None, path: str) -> None:
    answer = client.get(path)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors 'none'" in policy


def test_pages_have_no_inline_script_or_style(scene: Scene, as_: As) -> None:
    for path in ("", "phases/", "results/", "submit/", "submissions/"):
        page = as_("participant").get(f"/competitions/{scene.competition.pk}/{path}").content.decode()
        assert not re.search(r"<script(?![^>]*\bsrc=)", page)
        assert not re.search(r"<style|\sstyle=|\son\w+=", page)


def test_an_address_that_leads_nowhere_has_a_page(client: Client, db: None) -> None:
    answer = client.get("/nowhere/")
    assert answer.status_code == 404
    assert "There is no page at this address." in answer.content.decode()


def test_below_the_api_errors_are_json(client: Client, db: None) -> None:
    answer = client.get("/api/nowhere/")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"].startswith("application/json")
    assert answer.json()


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Conflict("gone", "It changed.", "Load the page again."), 409),
        (TooLarge("large", "It is too large.", "Make it smaller."), 413),
        (OutOfSpace("full", "The disk is full.", "Ask the administrator."), 507),
        (BundleError([Problem("x", "No title.", "Add one.", "competition.yaml", 3, 7)]), 400),
    ],
)
def test_errors_people_can_act_on_say_what_and_what_to_do(
    client: Client, failing: Callable[[Exception], None], error: Exception, status: int
) -> None:
    failing(error)
    answer = client.get("/")
    assert answer.status_code == status
    page = answer.content.decode()
    assert error.message in page  # type: ignore[attr-defined]
    assert error.hint in page  # type: ignore[attr-defined]
    if isinstance(error, BundleError):
        assert "competition.yaml:3:7" in page


def test_messages_of_errors_are_escaped(client: Client, failing: Callable[[Exception], None]) -> None:
    failing(Conflict("x", "<script>alert(1)</script>", "<b>"))
    assert "<script>alert" not in client.get("/").content.decode()


def test_a_failure_of_ours_shows_the_reference_that_stands_in_the_log(
    client: Client, failing: Callable[[Exception], None], capsys: pytest.CaptureFixture[str], caplog
) -> None:
    failing(ZeroDivisionError("division by zero"))
    answer = client.get("/")
    assert answer.status_code == 500
    page = answer.content.decode()
    reference = re.search(r"<code>([0-9a-f]{12})</code>", page)
    assert reference
    assert "division" not in page
    assert "not your fault" in page
    assert any(reference[1] in str(record.msg) for record in caplog.records)


def test_an_internal_error_keeps_its_own_reference(client: Client, failing: Callable[[Exception], None]) -> None:
    error = InternalError("the sandbox is gone")
    failing(error)
    page = client.get("/").content.decode()
    assert error.reference in page
    assert "the sandbox is gone" not in page


def test_a_script_gets_a_fragment_of_the_same_error(client: Client, failing: Callable[[Exception], None]) -> None:
    failing(ZeroDivisionError())
    answer = client.get("/", headers={"HX-Request": "true"})
    assert answer.status_code == 500
    assert answer.content.decode().startswith('<div class="note bad" role="alert">')


def test_a_form_sent_without_its_secret_is_refused_with_words(scene: Scene) -> None:
    client = Client(enforce_csrf_checks=True)
    answer = client.post("/accounts/logout/")
    assert answer.status_code == 403
    assert "This form is too old" in answer.content.decode()


def test_an_address_that_takes_forms_only_says_so(scene: Scene, as_: As) -> None:
    answer = as_("organizer").get(f"/competitions/{scene.competition.pk}/publish/")
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "POST"
    assert "This address only takes a form." in answer.content.decode()


def test_somebody_who_must_sign_in_to_send_a_form_comes_back_to_the_page_it_was_on(scene: Scene, as_: As) -> None:
    answer = as_(None).post(
        f"/competitions/{scene.competition.pk}/publish/",
        headers={"Referer": f"http://testserver/competitions/{scene.competition.pk}/phases/"},
    )
    assert answer.headers["Location"].endswith(f"?next=%2Fcompetitions%2F{scene.competition.pk}%2Fphases%2F")


def test_a_referer_elsewhere_leads_nowhere(scene: Scene, as_: As) -> None:
    answer = as_(None).post(
        f"/competitions/{scene.competition.pk}/publish/", headers={"Referer": "https://example.org/evil/"}
    )
    assert answer.headers["Location"].endswith("?next=%2F")
