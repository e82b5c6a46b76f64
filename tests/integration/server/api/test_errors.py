"""One shape of errors, whatever went wrong."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from tests.integration.server.api.caller import Caller, only_explains
from tests.integration.server.competition_material import make_person

from podium.server.api.codabench import accounts
from podium.server.api.routes import ROUTES

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna() -> Caller:
    return Caller(make_person("anna"))


@pytest.mark.parametrize("path", ["", "nothing/", "nothing", "competitions/x/", "submissions/1/nothing/", "v1/"])
@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_an_address_that_leads_nowhere_says_so_in_json(path: str, method: str) -> None:
    only_explains(getattr(Client(), method)(f"/api/{path}"), 404, "no-such-address")


@pytest.mark.parametrize("path", ["competitions/{}/", "submissions/{}/", "phases/{}/"])
@pytest.mark.parametrize("number", ["0", "99999999999999999999999999"])
def test_a_number_that_no_row_can_have_leads_nowhere(anna: Caller, path: str, number: str) -> None:
    only_explains(anna.get(path.format(number)), 404, "no-such-address")


def test_a_method_that_is_not_taken_names_those_that_are(anna: Caller) -> None:
    response = anna.send("delete", "competitions/")
    only_explains(response, 405, "wrong-method")
    assert {name.strip() for name in response.headers["Allow"].split(",")} == {"GET", "HEAD"}


def test_head_is_answered_like_get_without_a_body(anna: Caller) -> None:
    response = anna.send("head", "my_profile/")
    assert (response.status_code, response.content) == (200, b"")


def test_an_address_without_its_slash_works_and_keeps_the_body() -> None:
    body = only_explains(Caller().post("api-token-auth", {"username": "a", "password": "b"}), 400, "credentials-wrong")
    assert "non_field_errors" in body


@pytest.mark.parametrize(
    ("content", "kind", "status", "code"),
    [
        (b"{", "application/json", 400, "json-invalid"),
        (b"[1]", "application/json", 400, "json-invalid"),
        (b"\xff\xfe", "application/json", 400, "json-invalid"),
        (b'{"a":' + b"[" * 100_000, "application/json", 400, "json-invalid"),
        (b'{"type": "a\\u0000b"}', "application/json", 400, "text-characters"),
        (b'{"type": "\\ud800"}', "application/json", 400, "text-characters"),
        (b"type=%00", "application/x-www-form-urlencoded", 400, "text-characters"),
        (b"<a/>", "application/xml", 415, "media-type"),
        (b"x", "multipart/form-data", 400, "form-invalid"),
        (b"&".join(b"a=1" for _ in range(3000)), "application/x-www-form-urlencoded", 400, "form-invalid"),
        (b" " * ((8 << 20) + 1), "application/json", 413, "body-too-large"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(anna: Caller, content: bytes, kind: str, status: int, code: str) -> None:
    response = anna.client.post("/api/datasets/", content, content_type=kind, headers=anna.headers)
    only_explains(response, status, code)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"phase": "first", "data": "00000000-0000-4000-8000-000000000000"}, "phase"),
        ({"phase": 1, "data": "mine"}, "data"),
        ({"phase": 1.5, "data": "00000000-0000-4000-8000-000000000000"}, "phase"),
        ({"phase": 2**70, "data": "00000000-0000-4000-8000-000000000000"}, "phase"),
        ({"phase": 1, "data": "00000000-0000-4000-8000-000000000000", "tasks": ["a"]}, "tasks.0"),
        ({"phase": 1, "data": "00000000-0000-4000-8000-000000000000", "fact_sheet_answers": "x"}, "fact_sheet_answers"),
        ({"phase": 1, "data": "00000000-0000-4000-8000-000000000000", "description": 5}, "description"),
        ({}, "data"),
    ],
)
def test_fields_of_the_wrong_type_are_named(anna: Caller, body: dict[str, Any], field: str) -> None:
    answered = only_explains(anna.post("submissions/", body), 400, "request-invalid")
    assert answered[field]
    assert field in answered["message"]


@pytest.mark.parametrize(
    ("path", "query", "field"),
    [
        ("competitions/", {"type": "horse race"}, "type"),
        ("submissions/", {"phase": "first"}, "phase"),
        ("submissions/", {"page_size": "many"}, "page_size"),
        ("submissions/", {"page": "0"}, "page"),
        ("datasets/", {"page_size": "1001"}, "page_size"),
        ("participants/", {"status": "king"}, "status"),
    ],
)
def test_a_query_that_makes_no_sense_is_named(anna: Caller, path: str, query: dict[str, str], field: str) -> None:
    assert only_explains(anna.get(path, **query), 400, "request-invalid")[field]


@pytest.mark.parametrize("path", ["competitions/", "submissions/", "datasets/"])
def test_a_search_for_what_no_database_takes_is_refused(anna: Caller, path: str) -> None:
    only_explains(anna.get(path, search="a\0b"), 400, "text-characters")


def test_a_failure_of_ours_has_a_reference_and_tells_nothing_else(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*given: object) -> None:
        raise RuntimeError("the secret inside")

    monkeypatch.setattr(accounts, "profile", fail)
    response = Caller(make_person("anna")).get("my_profile/")
    body = only_explains(response, 500, "internal")
    assert body["reference"] in body["message"]
    assert "secret inside" not in response.content.decode()


def test_the_site_says_that_it_works() -> None:
    response = Caller().get("v1/health/")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_nothing_of_the_api_is_documented_by_scripts_from_elsewhere() -> None:
    for path in ("docs", "openapi.json", "schema/"):
        assert Client().get(f"/api/{path}").status_code == 404


def test_every_address_is_in_the_reference() -> None:
    page = (Path(__file__).parents[4] / "docs" / "reference" / "http-api.md").read_text(encoding="utf-8")
    written = {re.sub(r"<[a-z]+>", "<>", each) for each in re.findall(r"/api(/[^ `?]*)", page)}
    assert {re.sub(r"\{[^}]*\}", "<>", route.address) for route in ROUTES} == written
