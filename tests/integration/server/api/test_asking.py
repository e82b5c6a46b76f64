"""Who may ask: by a token, by a session with its proof, or not at all."""

from __future__ import annotations

import pytest
from django.test import Client
from tests.integration.server.api.caller import Caller, only_explains
from tests.integration.server.competition_material import make_person

from podium.server.accounts.models import User
from podium.server.accounts.services import create_api_token, create_user

pytestmark = pytest.mark.django_db
PASSWORD = "a flock of 40 sheep"


@pytest.fixture
def anna() -> User:
    create_user("anna", "anna@example.org", PASSWORD)
    return User.objects.get()


@pytest.mark.parametrize("name", ["anna", "ANNA", "anna@example.org", " anna "])
@pytest.mark.parametrize("form", [True, False])
def test_name_or_address_and_password_are_worth_a_token(anna: User, name: str, *, form: bool) -> None:
    fields = {"username": name, "password": PASSWORD}
    caller = Caller()
    response = caller.form("api-token-auth/", **fields) if form else caller.post("api-token-auth/", fields)
    assert response.status_code == 200
    token = response.json()["token"]
    assert len(token) == 40
    assert int(token, 16) >= 0
    profile = Client().get("/api/my_profile/", headers={"Authorization": f"Token {token}"})
    assert profile.json() == {"username": "anna", "name": "anna", "email": "anna@example.org", "github_info": None}


def test_one_gets_the_same_token_again(anna: User) -> None:
    fields = {"username": "anna", "password": PASSWORD}
    tokens = {Caller().post("api-token-auth/", fields).json()["token"] for _ in range(2)}
    assert len(tokens) == 1


@pytest.mark.parametrize(
    "fields", [{"username": "anna", "password": "wrong"}, {"username": "bert", "password": PASSWORD}]
)
def test_wrong_credentials_get_the_contracts_answer(anna: User, fields: dict[str, str]) -> None:
    body = only_explains(Caller().post("api-token-auth/", fields), 400, "credentials-wrong")
    assert body["non_field_errors"] == ["Unable to log in with provided credentials."]


def test_missing_fields_are_named(anna: User) -> None:
    body = only_explains(Caller().post("api-token-auth/", {"username": "anna"}), 400, "request-invalid")
    assert body["password"] == ["This field is required."]


def test_guessing_a_password_becomes_slow(anna: User) -> None:
    wrong = {"username": "guessed", "password": "wrong"}
    statuses = [Caller().post("api-token-auth/", wrong).status_code for _ in range(25)]
    assert statuses[:20] == [400] * 20
    assert statuses[20:] == [429] * 5
    assert Caller().post("api-token-auth/", {"username": "anna", "password": PASSWORD}).status_code == 200


@pytest.mark.parametrize("scheme", ["Token", "token", "Bearer"])
def test_a_token_is_taken_under_both_names(scheme: str) -> None:
    token = create_api_token(make_person("anna"), "test")
    response = Client().get("/api/my_profile/", headers={"Authorization": f"{scheme} {token}"})
    assert response.json()["username"] == "anna"


@pytest.mark.parametrize("value", ["Token", "Token 123", "Token " + "0" * 40, "Basic YTpi", "Bearer \u00e9"])
def test_a_wrong_token_is_refused_even_where_visitors_may_ask(value: str) -> None:
    for path in ("my_profile", "competitions"):
        response = Client().get(f"/api/{path}/", headers={"Authorization": value})
        only_explains(response, 401, "token-invalid")
        assert response.headers["WWW-Authenticate"] == "Token"


def test_a_visitor_is_asked_to_sign_in() -> None:
    body = only_explains(Caller().get("my_profile/"), 401, "sign-in-required")
    assert body["detail"] == "Authentication credentials were not provided."


def test_who_is_banned_gets_nothing_by_token_or_session(anna: User) -> None:
    person = make_person("bert")
    caller = Caller(person)
    browser = Client()
    browser.force_login(User.objects.get(pk=person.id), backend="django.contrib.auth.backends.ModelBackend")
    User.objects.filter(pk=person.id).update(is_banned=True)
    for response in (caller.get("competitions/"), caller.get("my_profile/"), browser.get("/api/my_profile/")):
        only_explains(response, 403, "account-closed")


class TestSession:
    @pytest.fixture
    def browser(self, anna: User) -> Client:
        client = Client(enforce_csrf_checks=True, raise_request_exception=False)
        client.force_login(anna, backend="django.contrib.auth.backends.ModelBackend")
        return client

    def test_it_may_read(self, browser: Client) -> None:
        assert browser.get("/api/my_profile/").json()["username"] == "anna"

    def test_it_may_not_write_without_the_proof_of_its_page(self, browser: Client) -> None:
        response = browser.post("/api/datasets/", {"type": "submission"}, content_type="application/json")
        only_explains(response, 403, "csrf-failed")

    def test_it_may_write_with_it(self, browser: Client) -> None:
        secret = "a" * 32
        browser.cookies["csrftoken"] = secret
        response = browser.post(
            "/api/datasets/",
            {"type": "submission", "request_sassy_file_name": "a.zip", "file_size": 10},
            content_type="application/json",
            headers={"X-CSRFToken": secret},
        )
        assert response.status_code == 201

    def test_a_token_needs_no_such_proof(self) -> None:
        assert Caller(make_person("bert")).post("datasets/", {}).status_code == 400
