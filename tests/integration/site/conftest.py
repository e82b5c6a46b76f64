"""One site for the tests that do it no harm."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.integration.site.running_site import RunningSite, running_site
from tests.requirements_on_machine import require_program


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSite]:
    """A site shared by the tests of this folder in one test process."""
    require_program("bwrap", "bubblewrap")
    with running_site(tmp_path_factory.mktemp("site") / "data") as running:
        yield running


@pytest.fixture
def own_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSite]:
    """A site for one test, which may break what it likes."""
    require_program("bwrap", "bubblewrap")
    with running_site(tmp_path_factory.mktemp("own-site") / "data") as running:
        yield running
