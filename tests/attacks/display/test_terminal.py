"""Text of others that wants to steer a terminal."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.attacks.display.hostile_text import ALL, HOSTILE, SCORER, TERMINALS_OBEY
from tests.attacks.display.terminal import at_a_terminal
from tests.small_bundles import small_bundle
from tests.tiny_server import Asked, Told, tiny_server

pytestmark = [pytest.mark.sandbox, pytest.mark.slow]

ENVIRONMENT = {**{name: value for name, value in os.environ.items() if not name.startswith("PODIUM")}, "TERM": "xterm"}


def obeyed(text: str) -> list[str]:
    return [part for part in TERMINALS_OBEY if part in text]


@pytest.mark.parametrize("value", ["0.5", "fail"])
def test_what_a_run_prints(tmp_path: Path, value: str) -> None:
    """Titles, phases, columns, names of solutions, and what the program printed when it failed."""
    # Control characters are refused in what a bundle says; a program prints them all the same.
    printable = "".join(letter if letter.isprintable() else " " for letter in ALL)
    bundle = small_bundle(
        tmp_path / "bundle",
        scoring_program={"metadata.yaml": "command: python3 score.py $input $output", "score.py": SCORER},
        solutions=({"value.txt": value},),
        phase={"name": printable[:200]},
        top={
            "leaderboards": [
                {
                    "title": printable[:120],
                    "key": "main",
                    "columns": [{"key": "accuracy", "title": printable[:36], "index": 0}],
                }
            ]
        },
    )
    for command in ("run", "test", "lint"):
        shown = at_a_terminal([command, str(bundle)], ENVIRONMENT)
        assert obeyed(shown) == [], command
        assert "attack" in shown or command == "lint", shown
    assert obeyed(at_a_terminal(["run", "--json", str(bundle)], ENVIRONMENT)) == []


def test_what_a_bundle_is_refused_for(tmp_path: Path) -> None:
    bundle = small_bundle(tmp_path / "bundle", top={f"unknown {ALL}": ALL, "docker_image": ALL})
    (bundle / f"file{HOSTILE['erased terminal']}").write_text("x")
    for command in ("lint", "run", "pack"):
        assert obeyed(at_a_terminal([command, str(bundle)], ENVIRONMENT)) == [], command


def test_what_a_server_answers(tmp_path: Path) -> None:
    """A server of somebody else, or one of ours that shows what its people wrote."""

    def answer(asked: Asked) -> Told:
        import json

        return Told(
            400,
            json.dumps({"detail": ALL, "message": ALL, "hint": ALL, "code": ALL}).encode(),
            {"Content-Type": "application/json"},
        )

    (tmp_path / "submission").mkdir()
    with tiny_server(answer) as server:
        for arguments in (
            ["leaderboard", "1"],
            ["submit", "1", str(tmp_path / "submission"), "--wait"],
            ["export", "1"],
        ):
            shown = at_a_terminal([*arguments, "--server", server.url, "--token", "x"], ENVIRONMENT)
            assert obeyed(shown) == [], arguments
        assert server.asked
