import re
from collections.abc import Callable

import pytest
from django.test import Client
from tests.integration.server.scene import PASSWORD, Scene

from podium.server.accounts.models import ApiToken, User
from podium.server.configuration import configuration

As = Callable[[str | None], Client]
PAGES = (
    "login/",
    "signup/",
    "logout/",
    "inactive/",
    "email/",
    "confirm-email/",
    "confirm-email/nonsense/",
    "password/change/",
    "password/reset/",
    "password/reset/done/",
    "password/reset/key/done/",
    "password/reset/key/1-nonsense/",
    "reauthenticate/",
)


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("who", [None, "user"])
def test_every_page_of_an_account_is_one_of_ours(scene: Scene, as_: As, who: str | None, path: str) -> None:
    answer = as_(who).get(f"/accounts/{path}", follow=True)
    assert answer.status_code == 200
    page = answer.content.decode()
    assert 'href="#main"' in page
    assert page.count("<h1") == 1
    assert "Menu:" not in page


@pytest.mark.parametrize("field", ["login", "username"])
@pytest.mark.parametrize("name", ["participant", "Participant", "participant@example.org"])
def test_one_signs_in_by_name_or_address_also_as_clients_of_codabench_do(
    scene: Scene, client: Client, field: str, name: str
) -> None:
    answer = client.post("/accounts/login/", {field: name, "password": PASSWORD})
    assert answer.status_code == 302
    assert client.get("/my-work/").status_code == 200


def test_a_wrong_password_is_named_and_the_name_is_kept(scene: Scene, client: Client) -> None:
    page = client.post("/accounts/login/", {"login": "participant", "password": "wrong"}).content.decode()
    assert 'role="alert"' in page
    assert 'value="participant"' in page


def test_signing_in_leads_back_to_where_one_was(scene: Scene, client: Client) -> None:
    wanted = f"/competitions/{scene.competition.pk}/join/"
    sent_on = client.get(wanted)
    assert sent_on.headers["Location"] == f"/accounts/login/?next=%2Fcompetitions%2F{scene.competition.pk}%2Fjoin%2F"
    page = client.get(sent_on.headers["Location"]).content.decode()
    assert re.search(rf'name="next"[^>]*value="{wanted}"', page)


def test_an_account_is_made_and_signed_in(scene: Scene, client: Client) -> None:
    fields = {"username": "seedlings", "email": "s@example.org", "password1": PASSWORD, "password2": PASSWORD}
    assert client.post("/accounts/signup/", fields).status_code == 302
    assert User.objects.filter(username="seedlings").exists()
    assert "seedlings" in client.get("/").content.decode()


def test_a_name_with_surprises_is_refused_at_its_field(scene: Scene, client: Client) -> None:
    fields = {"username": "a b<c", "email": "s@example.org", "password1": PASSWORD, "password2": PASSWORD}
    page = client.post("/accounts/signup/", fields).content.decode()
    assert 'id="id_username_error"' in page
    assert 'aria-invalid="true"' in page
    assert not User.objects.filter(email="s@example.org").exists()


def test_nobody_signs_up_where_the_administrator_closed_the_door(
    scene: Scene, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PODIUM_SIGN_UP", "closed")
    configuration.cache_clear()
    assert "Sign up" not in client.get("/").content.decode()
    assert "Accounts are made by the administrator" in client.get("/accounts/signup/").content.decode()


def test_without_a_mail_server_nobody_is_promised_a_mail(scene: Scene, client: Client) -> None:
    assert "/password/reset/" not in client.get("/accounts/login/").content.decode()
    page = client.get("/accounts/password/reset/").content.decode()
    assert "This site sends no mail." in page
    assert "<form" not in page.split("<main", 1)[1]


def test_a_person_signs_out_by_a_form_only(scene: Scene, as_: As) -> None:
    browser = as_("user")
    browser.get("/accounts/logout/")
    assert browser.get("/my-work/").status_code == 200
    browser.post("/accounts/logout/")
    assert browser.get("/my-work/").status_code == 302


def test_a_token_is_shown_once_works_and_is_revoked(scene: Scene, as_: As) -> None:
    browser = as_("user")
    page = browser.post("/my-work/tokens/", {"label": "laptop"}).content.decode()
    token = re.search(r"<code>([0-9a-f]{40})</code>", page)
    assert token
    assert token[1] not in browser.get("/my-work/tokens/").content.decode()
    assert "laptop" in browser.get("/my-work/tokens/").content.decode()
    browser.post(f"/my-work/tokens/{ApiToken.objects.get().pk}/revoke/")
    assert not ApiToken.objects.exists()


def test_a_label_that_exists_does_not_show_its_token_again(scene: Scene, as_: As) -> None:
    browser = as_("user")
    browser.post("/my-work/tokens/", {"label": "laptop"})
    again = browser.post("/my-work/tokens/", {"label": " laptop "})
    assert again.status_code == 409
    assert not re.search(r"[0-9a-f]{40}", again.content.decode().split("<main", 1)[1])
