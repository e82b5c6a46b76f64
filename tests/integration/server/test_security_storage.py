"""What is refused is not kept: nobody fills the disk with files that count for nobody."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from starlette.applications import Starlette
from tests.integration.server.competition_material import make_person
from tests.integration.server.scene import Scene, make_scene
from tests.small_bundles import zipped

from podium.server.accounts.models import User
from podium.server.accounts.people import Person
from podium.server.files.links import upload_url
from podium.server.files.models import DataSetType
from podium.server.files.services import open_upload, store
from podium.server.live.blobs import routes
from podium.server.submissions.models import Submission

pytestmark = pytest.mark.django_db


class _Here:
    """Calls services in the thread of the test. Under an event loop Django gives them a connection of their own."""

    async def call(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        finally:
            connection.close()


@pytest.fixture
def put(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, bytes], int]:
    """PUT bytes to a signed link; the status of the answer."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    site = Starlette(routes=routes)
    site.state.services = _Here()

    def send(url: str, content: bytes) -> int:
        async def sending() -> int:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(site), base_url="http://site") as client:
                return (await client.put(url, content=content)).status_code

        return asyncio.run(sending())

    return send


@pytest.fixture
def anna() -> Person:
    return make_person("anna")


def _kept() -> int:
    return len(list(store()))


@pytest.mark.django_db(transaction=True)
def test_a_link_takes_one_file_and_stores_no_other(anna: Person, put: Callable[[str, bytes], int]) -> None:
    _, ticket = open_upload(anna, DataSetType.SUBMISSION, "mine.zip", 5)
    url = upload_url(ticket.key)
    assert [put(url, b"first"), put(url, b"first"), put(url, b"other")] == [200, 200, 409]
    assert _kept() == 1


@pytest.mark.django_db(transaction=True)
def test_a_file_beyond_the_quota_is_not_stored(anna: Person, put: Callable[[str, bytes], int]) -> None:
    User.objects.filter(pk=anna.id).update(quota_bytes=10)
    _, ticket = open_upload(anna, DataSetType.SUBMISSION, "mine.zip", 5)
    assert put(upload_url(ticket.key), b"eleven byte") == 507
    assert _kept() == 0


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def _send(scene: Scene) -> Any:
    client = Client()
    client.force_login(scene.people["participant"], backend="django.contrib.auth.backends.ModelBackend")
    form = {"phase": scene.phase.pk, "file": SimpleUploadedFile("mine.zip", zipped({"prediction": b"1\n"}))}
    return client.post(f"/competitions/{scene.competition.pk}/submit/", form)


def test_a_submission_beyond_the_limit_is_not_stored(scene: Scene) -> None:
    for _ in range(5):
        assert _send(scene).status_code == 302
    before = _kept()
    answer = _send(scene)
    assert answer.status_code == 400
    assert "You have made 5 of 5 submissions" in answer.content.decode()
    assert Submission.objects.count() == 5
    assert _kept() == before


def test_a_submission_beyond_the_quota_is_not_stored(scene: Scene) -> None:
    User.objects.update(quota_bytes=10)
    before = _kept()
    assert _send(scene).status_code == 507
    assert _kept() == before
