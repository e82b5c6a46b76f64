"""`podium rescore start`, `show`, `apply`, `cancel` and `--verify`: what they send and print."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

import pytest
from tests.tiny_server import Asked, TinyServer, Told, tiny_server, told
from typer.testing import CliRunner, Result

from podium.cli import rescores
from podium.cli.main import app

ITEMS = [
    {"submission": 4, "part": 4, "task": 1, "owner": "anna", "state": "failed", "reason": "Exit\x1b[2J code 3."},
    {
        "submission": 5,
        "part": 5,
        "task": 1,
        "owner": "bob",
        "state": "scored",
        "scores": [
            {"column_key": "accuracy", "before": 0.5, "after": 0.75},
            {"column_key": "seconds", "before": 2.0, "after": 2.0},
        ],
        "ranks": [{"leaderboard": 1, "before": None, "after": 1}],
    },
]
FOUND = {
    "id": 3,
    "competition": 7,
    "state": "open",
    "reason": "Why.",
    "submissions": 2,
    "counts": {"waiting": 0, "running": 0, "scored": 1, "failed": 1, "left": 0},
    "changed": 1,
    "moved": 1,
    "outdated": False,
    "scored_twice": {"sampled": 1, "compared": 1, "differing": 0},
    "items": ITEMS,
}


def run(server: TinyServer, *words: str) -> Result:
    return CliRunner().invoke(app, ["rescore", *words, "--server", server.url, "--token", "t"])


def site(asked: Asked) -> Told:
    return told({"id": 3}, 201) if asked.path.endswith("/rescores/") else told(FOUND)


def test_a_rescore_is_started_and_told_of() -> None:
    with tiny_server(site) as server:
        ended = run(server, "start", "7", "--reason", "Why.", "--phase", "2", "--submission", "5", "--submission", "4")
    assert ended.exit_code == 0, ended.output
    assert server.asked[0].json == {"reason": "Why.", "phase": 2, "submissions": [5, 4], "sample": 5}
    assert server.paths() == ["POST /api/v1/competitions/7/rescores/", "GET /api/v1/rescores/3/"]
    assert ended.stdout.splitlines() == [
        "Rescore 3 of competition 7, open: 1 scored, 1 failed.",
        "1 of 2 have other scores.",
        "1 would have other ranks.",
        "Scored twice: 1; 1 the same both times, 0 not.",
        "  submission 4: failed. Exit [2J code 3.",
        "  submission 5: accuracy 0.5 to 0.75; rank none to 1",
    ]


def test_waiting_ends_when_everything_has_been_scored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rescores, "_LOOK_EVERY_S", 0.0)
    looks = count()

    def answer(asked: Asked) -> Told:
        return told(FOUND | {"counts": {"waiting": 2}} if next(looks) < 2 else FOUND)

    with tiny_server(answer) as server:
        ended = run(server, "show", "3", "--wait")
    assert "1 scored, 1 failed" in ended.stdout
    assert len(server.asked) == 3


@pytest.mark.parametrize("what", ["apply", "cancel"])
def test_it_is_decided_about(what: str) -> None:
    with tiny_server(lambda asked: told(FOUND | {"state": "applied", "moved": None})) as server:
        ended = run(server, what, "3", "--json")
    assert server.paths() == [f"POST /api/v1/rescores/3/{what}/"]
    assert '"state": "applied"' in ended.stdout


def test_without_anything_to_do_it_says_what_there_is() -> None:
    ended = CliRunner().invoke(app, ["rescore"])
    assert (ended.exit_code, "start, show, apply, cancel" in ended.output.replace("\n", " ")) == (2, True)


def verified(**found: object) -> Callable[[Asked], Told]:
    """A site whose verification 9 of submission 4 came to this."""
    nothing = {"scores": [], "inputs": [], "where": []}
    known = {"id": 9, "submission": 4, "task": "Field", "ended": True, "problem": None, "agrees": True}
    body = known | found | {"differences": nothing | found["differences"] if found["differences"] else None}  # type: ignore[operator]
    return lambda asked: told({"verifications": [{"id": 9}]} if asked.method == "POST" else body)


def test_what_differs_is_said_of_a_score_that_was_made_again() -> None:
    score = {"key": "accuracy", "before": 0.5, "now": 0.75, "by": 0.25}
    gone = {"key": "seconds", "before": 2.0, "now": None, "by": None}
    runtime = {"step": "scoring", "what": "runtime", "before": "5c5c", "now": "7777"}
    place = {"step": "scoring", "what": "worker", "before": "lab-1", "now": ""}
    differences = {"scores": [score, gone], "inputs": [runtime], "where": [place]}
    with tiny_server(verified(agrees=False, differences=differences)) as server:
        ended = run(server, "--verify", "4")
    assert server.paths() == ["POST /api/v1/submissions/4/verifications/", "GET /api/v1/verifications/9/"]
    assert (ended.exit_code, ended.stdout.splitlines()) == (
        1,
        [
            "Submission 4: the scores differ.",
            "  accuracy: 0.5 then, 0.75 now (by 0.25)",
            "  seconds: 2.0 then, none now",
            "  scoring, runtime: 5c5c then, 7777 now",
            "  scoring, worker: lab-1 then, none now",
        ],
    )


@pytest.mark.parametrize(
    ("found", "said", "status"),
    [
        ({"differences": {"where": []}}, "Submission 4: the same scores, from the same files.", 0),
        (
            {"agrees": False, "differences": {"inputs": [{"step": "scoring", "what": "x", "before": "", "now": "1"}]}},
            "Submission 4: the same scores, but not from the same.\n  scoring, x: none then, 1 now",
            1,
        ),
        (
            {"agrees": None, "problem": "No memory left.", "differences": None},
            "Submission 4: its scores could not be made again. No memory left.",
            1,
        ),
    ],
)
def test_each_end_of_a_verification_has_its_words(found: dict[str, object], said: str, status: int) -> None:
    with tiny_server(verified(**found)) as server:
        ended = run(server, "--verify", "4")
    assert (ended.exit_code, ended.stdout) == (status, f"{said}\n")
