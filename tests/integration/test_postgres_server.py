"""The PostgreSQL that the suite starts for itself."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from tests.postgres_server import MISSING, binaries, main, postgres_server
from tests.requirements_on_machine import require

pytestmark = pytest.mark.postgres


def test_the_server_answers_at_the_address_it_gives(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        answer = connection.execute("select 6 * 7").fetchone()
    assert answer == (42,)


@pytest.mark.slow
def test_nothing_is_left_of_a_server_that_ended() -> None:
    require(binaries() is not None, MISSING)
    with postgres_server() as url:
        with psycopg.connect(url) as connection:
            row = connection.execute("show data_directory").fetchone()
        assert row is not None
        folder = Path(row[0]).parent
        process = int((folder / "data" / "postmaster.pid").read_text().splitlines()[0])
    assert not folder.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


@pytest.mark.slow
def test_a_command_that_fails_on_the_server_fails_the_run() -> None:
    require(binaries() is not None, MISSING)
    assert main([sys.executable, "-c", "import os, sys; sys.exit('PODIUM_DATABASE_URL' not in os.environ)"]) == 0
    assert main([sys.executable, "-c", "raise SystemExit(3)"]) == 3


@pytest.mark.parametrize(("required", "code"), [("", 0), ("all", 1)])
def test_a_missing_postgresql_is_said_and_fails_only_where_everything_is_required(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], required: str, code: int
) -> None:
    monkeypatch.setattr("tests.postgres_server.binaries", lambda: None)
    monkeypatch.setenv("PODIUM_TEST_REQUIRE", required)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("the command was run all the same"))
    assert main(["true"]) == code
    assert "apt install postgresql" in capfd.readouterr().err
