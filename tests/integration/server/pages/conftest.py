"""A site with a competition, and browsers of the people on it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from tests.integration.server.scene import Scene, make_scene


@pytest.fixture
def scene(db: None) -> Scene:
    return make_scene()


@pytest.fixture
def as_(scene: Scene) -> Callable[[str | None], Client]:
    """A browser in which somebody of the scene is signed in; None is a visitor."""

    def browser(name: str | None) -> Client:
        client = Client()
        if name is not None:
            client.force_login(scene.people[name], backend="django.contrib.auth.backends.ModelBackend")
        return client

    return browser
