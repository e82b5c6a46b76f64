"""What every test can use."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings
from tests.postgres_server import MISSING, binaries, postgres_server
from tests.requirements_on_machine import require

# Examples take as long as the machine is busy; on CI a failure must come again with the same examples.
settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The address in PODIUM_TEST_POSTGRES_URL, or of a PostgreSQL server that lives as long as the session."""
    given = os.environ.get("PODIUM_TEST_POSTGRES_URL")
    if given:
        yield given
        return
    require(binaries() is not None, MISSING)
    with postgres_server() as url:
        yield url
