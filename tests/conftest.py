"""What every test can use."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

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


# Each test here is quick; all of one file are not, and `make test-fast` is to end within a minute.
SLOW_AS_A_WHOLE = (
    "tests/integration/cli/",
    "tests/integration/front/",
    "tests/integration/launch/",
    "tests/integration/site/",
    "tests/integration/server/test_access_matrix.py",
    "tests/integration/server/test_exports.py",
    "tests/integration/server/test_files_offered.py",
    "tests/integration/server/test_submissions_hidden_output.py",
    "tests/unit/rules/bundle/test_writing.py",
    "tests/unit/worker/test_process.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as slow what is slow as a whole."""
    root = Path(__file__).parents[1]
    for item in items:
        if item.path.relative_to(root).as_posix().startswith(SLOW_AS_A_WHOLE):
            item.add_marker(pytest.mark.slow)
