"""Every route, called as every role, does what the tables in `access/` say; a route without a row fails."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

import pytest
from django.core.signals import request_finished
from django.db import close_old_connections, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from tests.integration.server import access
from tests.integration.server.access.rows import ROLES, STAFF, Row, outcome_of
from tests.integration.server.scene import Scene, make_scene, scored

from podium.server.accounts.people import person_of
from podium.server.accounts.services import create_api_token

ROWS: list[Row] = [
    row
    for module in pkgutil.iter_modules(access.__path__)
    for row in getattr(importlib.import_module(f"{access.__name__}.{module.name}"), "ROWS", [])
]


def routes(resolver: URLResolver, before: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, before + str(pattern.pattern))
        elif isinstance(pattern, URLPattern):
            yield before + str(pattern.pattern)


def test_every_route_of_the_site_has_a_row() -> None:
    known = {row.route for row in ROWS}
    assert sorted(set(routes(get_resolver())) - known) == []


def test_no_row_is_about_a_route_that_is_gone() -> None:
    there = set(routes(get_resolver()))
    assert sorted({row.route for row in ROWS} - there) == []


@pytest.mark.django_db
@pytest.mark.parametrize("role", ROLES)
def test_a_published_competition_is_open_as_the_table_says(role: str) -> None:
    scene = prepared(published=True)
    assert differences(scene, role, {str(row): row.expected[role] for row in ROWS}) == []


@pytest.mark.django_db
@pytest.mark.parametrize("role", ROLES)
def test_an_unpublished_competition_is_there_for_its_staff_only(role: str) -> None:
    scene = prepared(published=False)
    rows = [row for row in ROWS if row.hides]
    expected = {str(row): row.expected[role] if role in STAFF else "hidden" for row in rows}
    assert differences(scene, role, expected, rows=rows) == []


def prepared(*, published: bool) -> Scene:
    scene = make_scene(published=published)
    owner = scene.people["participant"]
    scored(scene, owner, {"accuracy": 0.9, "f1": 0.9, "duration": 1.0}, on_board=True)
    person = person_of(owner)
    assert person is not None
    create_api_token(person, "laptop")
    return scene


def differences(
    scene: Scene, role: str, expected: dict[str, str], rows: list[Row] = ROWS
) -> list[tuple[str, str, str]]:
    """The rows that went otherwise: (row, expected, found). Nothing that they do outlives them."""
    wrong = []
    for row in rows:
        with transaction.atomic():
            client = Client(raise_request_exception=False)
            if role != "visitor":
                client.force_login(scene.people[role], backend="django.contrib.auth.backends.ModelBackend")
            more = {"content_type": row.content_type} if row.content_type else {}
            response = getattr(client, row.method.lower())(row.path(scene), row.data(scene), **more)
            found = outcome_of(response)
            _closed(response)
            if not _fits(found, expected[str(row)], role):
                wrong.append((str(row), expected[str(row)], found))
            transaction.set_rollback(True)
    return wrong


def _closed(response: HttpResponse) -> None:
    """Close what a response reads from, but not the connection whose transaction is still open."""
    request_finished.disconnect(close_old_connections)
    response.close()
    request_finished.connect(close_old_connections)


def _fits(found: str, expected: str, role: str) -> bool:
    """A visitor may be asked to sign in before it is said that there is nothing."""
    return found == expected or (role == "visitor" and expected == "hidden" and found == "sign in")


@pytest.mark.django_db
@pytest.mark.parametrize(("role", "wrong"), [("visitor", "open"), ("organizer", "refused"), ("denied", "sign in")])
def test_a_row_that_says_something_else_is_noticed(role: str, wrong: str) -> None:
    row = next(row for row in ROWS if row.route == "competitions/<int:pk>/submit/" and row.method == "GET")
    scene = prepared(published=True)
    assert differences(scene, role, {str(row): wrong}, rows=[row]) == [(str(row), wrong, row.expected[role])]
