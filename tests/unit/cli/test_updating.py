"""`podium import --update`: what it prints, when it asks, and what it sends."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.tiny_server import Asked, TinyServer, Told, tiny_server, told
from typer.testing import CliRunner, Result

from podium.cli import updating
from podium.cli.main import app
from podium.rules.errors import BundleError, Conflict

CHANGE = {"part": "task", "name": "Field", "key": "scoring_program", "kind": "changed", "old": "", "new": "a changed"}
NOTE = {"severity": "note", "code": "n", "message": "Mind\x1b[2J.", "hint": "Look.", "file": "c.yaml", "line": 3}
PROPOSED = {"id": 7, "title": "Sheep", "changes": [CHANGE], "notes": [NOTE], "proposal": "p", "seen": "s"}
DONE = {"id": 7, "title": "Sheep", "url": "http://site/competitions/7/", "changes": [CHANGE], "notes": []}
ASKED = ["POST /api/v1/competitions/7/updates/"]
CONFIRMED = [*ASKED, "POST /api/v1/competitions/7/updates/confirm/"]


def site(asked: Asked) -> Told:
    return told(DONE if asked.path.endswith("/confirm/") else PROPOSED)


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    path = tmp_path / "sheep.zip"
    path.write_bytes(b"PK and so on")
    return path


def run(server: TinyServer, bundle: Path, *arguments: str, typed: str | None = None) -> Result:
    common = ["import", str(bundle), "--update", "7", "--server", server.url, "--token", "t"]
    return CliRunner().invoke(app, [*common, *arguments], input=typed)


def test_yes_shows_the_changes_and_makes_them(bundle: Path) -> None:
    with tiny_server(site) as server:
        ended = run(server, bundle, "--yes")
    assert ended.exit_code == 0
    assert ended.stdout.splitlines() == [
        'task "Field"',
        "  scoring_program: a changed",
        "Updated competition 7, Sheep: http://site/competitions/7/",
    ]
    assert ended.stderr == "1 change.\nc.yaml:3: note: Mind [2J. Look.\n"
    assert server.paths() == CONFIRMED
    assert b"PK and so on" in server.asked[0].body
    assert server.asked[1].json == {"proposal": "p", "seen": "s"}


def test_without_a_terminal_it_says_what_to_type_and_changes_nothing(bundle: Path) -> None:
    with tiny_server(site) as server:
        ended = run(server, bundle)
    assert ended.exit_code == 1
    assert ended.stderr.endswith(
        f"Nothing was changed. To make these changes, type:\npodium import {bundle} --update 7 --yes\n"
    )
    assert server.paths() == ASKED


@pytest.mark.parametrize(("typed", "status", "paths"), [("y\n", 0, CONFIRMED), ("n\n", 1, ASKED), ("", 1, ASKED)])
def test_on_a_terminal_it_asks(
    bundle: Path, monkeypatch: pytest.MonkeyPatch, typed: str, status: int, paths: list[str]
) -> None:
    monkeypatch.setattr(updating, "is_terminal", lambda: True)
    with tiny_server(site) as server:
        ended = run(server, bundle, typed=typed)
    assert (ended.exit_code, server.paths()) == (status, paths)
    assert "Update competition 7, Sheep? [y/N]" in ended.stdout


def test_no_change_is_said_and_nothing_confirmed(bundle: Path) -> None:
    with tiny_server(lambda asked: told(PROPOSED | {"changes": [], "notes": []})) as server:
        ended = run(server, bundle, "--yes")
    assert (ended.exit_code, ended.stdout, ended.stderr) == (0, "", "Nothing changes.\n")
    assert server.paths() == ASKED


def test_every_reason_against_it_arrives(bundle: Path) -> None:
    problem = {"severity": "error", "code": "column-has-scores", "message": "It has.", "hint": "Keep it."}
    refused = {"code": "bundle-invalid", "problems": [problem, problem | {"line": 9}]}
    with tiny_server(lambda asked: told(refused, 400)) as server:
        ended = run(server, bundle, "--yes")
    assert isinstance(ended.exception, BundleError)
    assert len(ended.exception.problems) == 2


def test_a_competition_that_changed_in_between_is_left_alone(bundle: Path) -> None:
    def late(asked: Asked) -> Told:
        gone = {"code": "update-changed", "message": "It changed.", "hint": "Look again."}
        return told(gone, 409) if asked.path.endswith("/confirm/") else told(PROPOSED)

    with tiny_server(late) as server:
        ended = run(server, bundle, "--yes")
    assert isinstance(ended.exception, Conflict)


@pytest.mark.parametrize("arguments", [("--update", "7", "--publish"), ("--yes",)])
def test_options_that_do_not_go_together_are_refused(bundle: Path, arguments: tuple[str, ...]) -> None:
    ended = CliRunner().invoke(app, ["import", str(bundle), "--token", "t", *arguments])
    assert (ended.exit_code, "--update" in ended.stderr) == (2, True)
