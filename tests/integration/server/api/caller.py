"""Programs that use the API, each with a token of its own or none."""

from __future__ import annotations

from typing import Any

from django.test import Client

from podium.server.accounts.people import Person
from podium.server.accounts.services import create_api_token


class Caller:
    """Sends JSON and forms as a client of the contract does. CSRF is enforced as for everybody."""

    def __init__(self, person: Person | None = None) -> None:
        self.client = Client(enforce_csrf_checks=True, raise_request_exception=False)
        self.headers = {"Authorization": f"Token {create_api_token(person, 'test')}"} if person else {}

    def get(self, path: str, **query: Any) -> Any:
        """GET /api/PATH."""
        return self.client.get(f"/api/{path}", query, headers=self.headers)

    def send(self, method: str, path: str, body: object = None) -> Any:
        """Send JSON."""
        more = {} if body is None else {"data": body, "content_type": "application/json"}
        return getattr(self.client, method)(f"/api/{path}", headers=self.headers, **more)

    def post(self, path: str, body: object = None) -> Any:
        """POST JSON."""
        return self.send("post", path, body)

    def form(self, path: str, **fields: Any) -> Any:
        """POST a form, with files where there are some."""
        return self.client.post(f"/api/{path}", fields, headers=self.headers)

    def report(self, path: str, fields: str, method: str = "patch", lease: str = "") -> Any:
        """Send fields that are form-encoded already, without credentials, as workers do."""
        send = getattr(Client(enforce_csrf_checks=True, raise_request_exception=False), method)
        headers = {"Podium-Lease": lease} if lease else {}
        return send(f"/api/{path}", fields, content_type="application/x-www-form-urlencoded", headers=headers)


def only_explains(response: Any, status: int, code: str) -> Any:
    """The body of a refusal, which has the one shape of errors."""
    assert response.status_code == status, response.content
    body = response.json()
    assert body["code"] == code
    assert body["message"]
    assert body["detail"] == body["message"]
    assert "hint" in body
    return body
