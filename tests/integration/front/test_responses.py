"""What every answer of the front carries, and the routes that it answers itself."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route
from tests.integration.front.serving import Site, StartResponse, answer, serving

from podium.rules.errors import Conflict, NotAllowed

SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def view(environ: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
    headers = {
        "/own-policy": [("Content-Security-Policy", "default-src 'self'"), ("X-Frame-Options", "SAMEORIGIN")],
        "/split": [("Location", "/x\r\nSet-Cookie: evil=1")],
        "/bad-name": [("Evil Name: x", "y")],
        "/hop": [("Transfer-Encoding", "chunked")],
        "/own-id": [("X-Request-Id", "mine")],
    }.get(environ["PATH_INFO"], [])
    if environ["PATH_INFO"] == "/context":
        return answer(start, json.dumps(structlog.contextvars.get_contextvars()).encode())
    if environ["PATH_INFO"] == "/id":
        return answer(start, environ["podium.request_id"].encode())
    return answer(start, b"from the view", "200 OK", *headers)


async def page(request: Request) -> Response:
    return HTMLResponse("<p>async</p>")


async def fails(request: Request) -> Response:
    raise {
        "conflict": Conflict("lost-lease", "The lease is lost.", "Claim <again>."),
        "sign-in": NotAllowed("sign-in", "Sign in first.", sign_in=True),
        "denied": NotAllowed("denied", "You may not."),
        "teapot": HTTPException(418, "short and stout", {"X-Pot": "tea"}),
        "bug": ZeroDivisionError("secret detail"),
    }[request.path_params["how"]]


async def service(request: Request) -> Response:
    return PlainTextResponse(str(await request.app.state.services.call(sum, [1, 2, 3])))


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    routes = [
        Route("/live/page", page),
        Route("/live/fails/{how}", fails),
        Route("/live/sum", service, methods=["POST"]),
    ]
    with serving(view, tmp_path, routes=routes) as running:
        yield running


@pytest.mark.parametrize("path", ["/", "/live/page", "/live/fails/conflict", "/live/fails/bug", "/split", "/health"])
def test_every_answer_carries_the_security_headers_and_an_id(site: Site, path: str) -> None:
    response, _ = site.request("GET", path)
    assert {name: response.getheader(name) for name in SECURITY} == SECURITY
    assert "default-src 'none'" in str(response.getheader("Content-Security-Policy"))
    assert len(str(response.getheader("X-Request-Id"))) == 12
    assert response.getheader("Server") is None


def test_a_policy_of_the_views_own_is_kept(site: Site) -> None:
    response, _ = site.request("GET", "/own-policy")
    assert response.headers.get_all("Content-Security-Policy") == ["default-src 'self'"]
    assert response.headers.get_all("X-Frame-Options") == ["SAMEORIGIN"]


def test_a_request_has_one_id_which_neither_client_nor_view_chooses(site: Site) -> None:
    response, body = site.request("GET", "/id", headers={"X-Request-Id": "chosen"})
    assert response.getheader("X-Request-Id") == body.decode()
    assert body != b"chosen"
    assert len(site.request("GET", "/own-id")[0].headers.get_all("X-Request-Id") or []) == 1
    assert site.request("GET", "/own-id")[0].getheader("X-Request-Id") != "mine"


def test_a_view_logs_under_the_id_of_its_request_and_no_other(site: Site) -> None:
    for _ in range(5):
        response, body = site.request("GET", "/context")
        assert json.loads(body) == {"request_id": response.getheader("X-Request-Id")}


@pytest.mark.parametrize("path", ["/split", "/bad-name", "/hop"])
def test_a_header_that_would_end_another_is_a_failure_and_not_sent(site: Site, path: str) -> None:
    response, body = site.request("GET", path)
    assert response.status == 500
    assert response.getheader("Set-Cookie") is None
    assert b"evil" not in body


def test_what_has_no_asynchronous_route_is_asked_of_the_view_slash_or_not(site: Site) -> None:
    for path in ("/", "/live/page/", "/live/other", "/anything"):
        response, body = site.request("GET", path)
        assert (response.status, body) == (200, b"from the view")


def test_an_asynchronous_route_is_answered_without_the_view(site: Site) -> None:
    assert site.request("GET", "/live/page")[1] == b"<p>async</p>"


def test_a_method_that_an_asynchronous_route_does_not_know_gets_405(site: Site) -> None:
    response, _ = site.request("GET", "/live/sum")
    assert response.status == 405
    assert response.getheader("Allow") == "POST"


def test_an_asynchronous_route_calls_services(site: Site) -> None:
    assert site.request("POST", "/live/sum")[1] == b"6"


@pytest.mark.parametrize(
    ("how", "status", "code"),
    [
        ("conflict", 409, "lost-lease"),
        ("sign-in", 401, "sign-in"),
        ("denied", 403, "denied"),
        ("teapot", 418, "http-418"),
    ],
)
def test_a_refusal_of_an_asynchronous_route_is_told_to_programs_as_json(
    site: Site, how: str, status: int, code: str
) -> None:
    response, body = site.request("GET", f"/live/fails/{how}")
    assert response.status == status
    assert json.loads(body)["code"] == code
    assert (response.getheader("X-Pot") == "tea") is (how == "teapot")


def test_a_bug_of_an_asynchronous_route_is_a_500_that_tells_only_its_id(site: Site) -> None:
    response, body = site.request("GET", "/live/fails/bug")
    assert response.status == 500
    assert json.loads(body)["reference"] == response.getheader("X-Request-Id")
    assert b"secret" not in body


def test_a_browser_gets_a_page_with_escaped_text_and_others_plain_text(site: Site) -> None:
    length = {"Content-Length": "99999999999"}
    page, html = site.request("POST", "/big", headers={**length, "Accept": "text/html,*/*", "Expect": "100-continue"})
    text, plain = site.request("POST", "/big", headers={**length, "Accept": "*/*", "Expect": "100-continue"})
    assert (page.status, text.status) == (413, 413)
    assert str(page.getheader("Content-Type")).startswith("text/html")
    assert html.startswith(b"<!doctype html>")
    assert str(text.getheader("Content-Type")).startswith("text/plain")
    assert b"<" not in plain


def test_the_front_says_that_it_is_well_until_it_is_to_end(site: Site) -> None:
    response, body = site.request("GET", "/health")
    assert (response.status, json.loads(body)) == (200, {"status": "ok"})
    site.app.state.stopping.set()
    assert site.request("GET", "/health")[0].status == 503


def test_a_websocket_to_a_view_is_refused(site: Site) -> None:
    told = site.say(
        b"GET /socket HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    assert told.startswith(b"HTTP/1.1 403 ")
