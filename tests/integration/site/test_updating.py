"""`podium import --update` with a running site: scores stay, and new submissions are scored by the new program."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.running_site import RunningSite
from tests.small_bundles import result, scored_by

pytestmark = [pytest.mark.slow, pytest.mark.sandbox]

DOUBLE = """
    import sys
    source, target = sys.argv[1:]
    value = 2 * float(open(source + "/res/value.txt").read())
    open(target + "/scores.json", "w").write('{"accuracy": %r}' % value)
"""


def test_a_competition_that_runs_is_updated_and_loses_nothing(site: RunningSite, tmp_path: Path) -> None:
    token = site.token_of("greta")
    old, new = tmp_path / "old", tmp_path / "new"
    for folder in (old, new):
        folder.mkdir()
    made = site.run("import", str(scored_by(old)), "--publish", PODIUM_TOKEN=token)
    assert made.returncode == 0, made.stderr
    number = made.stdout.rstrip().rsplit("/", 2)[1]
    sent = result(tmp_path, "0.25")
    before = site.run("submit", number, str(sent), "--join", "--wait", PODIUM_TOKEN=token)
    assert "accuracy: 0.25" in before.stdout, before.stderr

    bundle = scored_by(new, DOUBLE, title="Echo twice", rule="Force_Latest_Multiple")
    unasked = site.run("import", str(bundle), "--update", number, PODIUM_TOKEN=token)
    assert unasked.returncode == 1
    assert f"podium import {bundle} --update {number} --yes" in unasked.stderr
    done = site.run("import", str(bundle), "--update", number, "--yes", PODIUM_TOKEN=token)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "competition",
        '  title: "Echo" -> "Echo twice"',
        'task "Task 0"',
        "  scoring_program: score.py changed",
        'leaderboard "Results"',
        "  submission_rule: Force_Last -> Force_Latest_Multiple",
        f"Updated competition {number}, Echo twice: {site.url}/competitions/{number}/",
    ]
    assert "whose scores stay as the files until now gave them" in done.stderr

    after = site.run("submit", number, str(sent), "--wait", PODIUM_TOKEN=token)
    assert "accuracy: 0.50" in after.stdout, after.stderr
    board = site.podium("leaderboard", number)
    assert "0.25" in board
    assert "0.50" in board
    again = site.run("import", str(bundle), "--update", number, "--yes", PODIUM_TOKEN=token)
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "Nothing changes.\n")


def test_a_stranger_updates_nothing(site: RunningSite, tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    bundle = str(scored_by(tmp_path / "b"))
    made = site.run("import", bundle, "--publish", PODIUM_TOKEN=site.token_of("hanna"))
    number = made.stdout.rstrip().rsplit("/", 2)[1]
    done = site.run("import", bundle, "--update", number, "--yes", PODIUM_TOKEN=site.token_of("ivan"))
    assert done.returncode == 1
    assert "You may not do this (edit competition)." in done.stderr
