"""Everybody of a model board, and scoring without another process."""

from __future__ import annotations

import pytest
from tests.integration.server.modelboards.scored_material import patched_process, person

from podium.server.accounts.people import Person


@pytest.fixture
def owner() -> Person:
    return person("owner")


@pytest.fixture
def sender() -> Person:
    return person("sender")


@pytest.fixture
def stranger() -> Person:
    return person("stranger")


@pytest.fixture
def scored_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(*patched_process())
