"""Whole sites in processes of their own: one for all tests that do it no harm, and one for each that does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.requirements_on_machine import require_program
from tests.running_site import RunningSite, running_site


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSite]:
    """A site shared by all tests of one test process."""
    require_program("bwrap", "bubblewrap")
    with running_site(tmp_path_factory.mktemp("site") / "data") as running:
        yield running


@pytest.fixture
def own_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSite]:
    """A site for one test, which may break what it likes."""
    require_program("bwrap", "bubblewrap")
    with running_site(tmp_path_factory.mktemp("own-site") / "data") as running:
        yield running
