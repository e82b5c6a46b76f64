"""`podium import`, `submit`, `leaderboard`, `user` and `token` with a running site, as people type them."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.running_site import RunningSite
from tests.small_bundles import result, scored_by, small_bundle, write_tree

pytestmark = [pytest.mark.slow, pytest.mark.sandbox]


@pytest.fixture(scope="module")
def token(site: RunningSite) -> str:
    return site.token_of("carla")


@pytest.fixture(scope="module")
def competitions(site: RunningSite, token: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The numbers of two published competitions, one whose board fills itself and one whose board does not."""
    made = {}
    for rule in ("Force_Best", "Add"):
        bundle = scored_by(tmp_path_factory.mktemp("bundle"), title=f"By {rule}", rule=rule)
        done = site.run("import", str(bundle), "--publish", PODIUM_TOKEN=token)
        assert done.returncode == 0, done.stderr
        assert f"By {rule} (published): {site.url}/competitions/" in done.stdout
        made[rule] = done.stdout.rstrip().rsplit("/", 2)[1]
    return made


def refused(site: RunningSite, *arguments: str, **more: str) -> str:
    """What a command says that must fail."""
    done = site.run(*arguments, **more)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def test_a_submission_is_followed_to_its_scores_and_ranked(
    site: RunningSite, token: str, competitions: dict[str, str], tmp_path: Path
) -> None:
    number = competitions["Force_Best"]
    done = site.run("submit", number, str(result(tmp_path, "0.1")), "--wait", "--join", PODIUM_TOKEN=token)
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines()[0] == "Joining: approved"
    assert done.stderr.splitlines()[-1] == "Finished"
    # Two decimals are the default precision of a column.
    assert done.stdout.splitlines()[1:] == ["accuracy: 0.10", "It is on the leaderboard."]
    board = site.podium("leaderboard", number)
    assert [cell.strip() for cell in board.splitlines()[-2].strip("│").split("│")] == ["1", "carla", "0.10"]
    (entry,) = json.loads(site.podium("leaderboard", number, "--json"))["submissions"]
    assert entry["scores"][0]["score"] == "0.1"

    # A worse one takes its place behind it: the board says why, and does not advise what its rule forbids.
    worse = site.run("submit", number, str(result(tmp_path, "0.05")), "--wait", PODIUM_TOKEN=token)
    assert worse.returncode == 0, worse.stderr
    last = worse.stdout.splitlines()[-1]
    assert last == "It is not on the leaderboard. It always shows your best submission."
    added = refused(site, "submit", number, str(result(tmp_path, "0.04")), "--wait", "--add", PODIUM_TOKEN=token)
    assert "Force_Best" in added


def test_where_participants_choose_the_submission_is_added_by_add(
    site: RunningSite, token: str, competitions: dict[str, str], tmp_path: Path
) -> None:
    # A folder is sent as a zip.
    folder = write_tree(tmp_path / "mine", {"value.txt": "0.5"})
    done = site.run("submit", competitions["Add"], str(folder), "--wait", "--join", PODIUM_TOKEN=token)
    assert done.stdout.splitlines()[-1] == "It is not on the leaderboard. Add it with --add, or on its page.", (
        done.stderr
    )
    assert json.loads(site.podium("leaderboard", competitions["Add"], "--json"))["submissions"] == []
    done = site.run("submit", competitions["Add"], str(folder), "--wait", "--add", PODIUM_TOKEN=token)
    assert done.stdout.splitlines()[-1] == "It is on the leaderboard.", done.stderr
    assert len(json.loads(site.podium("leaderboard", competitions["Add"], "--json"))["submissions"]) == 1


def test_a_submission_that_fails_says_why_and_ends_with_1(
    site: RunningSite, token: str, competitions: dict[str, str], tmp_path: Path
) -> None:
    number = competitions["Force_Best"]
    said = refused(site, "submit", number, str(result(tmp_path, "much")), "--wait", "--join", PODIUM_TOKEN=token)
    assert "Failed: " in said
    assert "scores.json" in said


@contextmanager
def nobody_there() -> Iterator[str]:
    """An address where nobody answers and nobody else can."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


def test_without_a_token_one_is_told_where_to_get_it(site: RunningSite, tmp_path: Path) -> None:
    for command in (("import", str(scored_by(tmp_path))), ("submit", "1", str(result(tmp_path)))):
        said = refused(site, *command)
        assert "An API token is needed." in said
        assert "podium token create" in said


def test_a_wrong_token_is_named(site: RunningSite, tmp_path: Path) -> None:
    for command in (("import", str(scored_by(tmp_path))), ("submit", "1", str(result(tmp_path)))):
        said = refused(site, *command, "--token", "wrong")
        assert "Invalid token." in said
        assert "make a new one on the page My work" in said


def test_a_server_that_is_down_is_named(site: RunningSite) -> None:
    with nobody_there() as url:
        said = refused(site, "leaderboard", "1", "--server", url)
    assert f"{url} does not answer" in said
    assert "--server" in said


def test_an_unknown_competition_or_phase_is_named(site: RunningSite, token: str, competitions: dict[str, str]) -> None:
    assert "There is no such competition" in refused(site, "leaderboard", "999999")
    said = refused(site, "leaderboard", competitions["Add"], "--phase", "Finals")
    assert "There is no phase 'Finals'." in said
    assert "0 (Only)" in said


def test_a_submission_without_joining_is_refused(
    site: RunningSite, competitions: dict[str, str], tmp_path: Path
) -> None:
    stranger = site.token_of("stranger")
    said = refused(site, "submit", competitions["Add"], str(result(tmp_path)), PODIUM_TOKEN=stranger)
    assert "join" in said.lower() or "take part" in said.lower()


def test_the_problems_of_a_bundle_are_named_with_their_places(site: RunningSite, token: str, tmp_path: Path) -> None:
    bundle = small_bundle(tmp_path / "b", top={"title": "", "pages": [{"title": "Page", "file": "gone.md"}]})
    said = refused(site, "import", str(bundle), PODIUM_TOKEN=token)
    assert "gone.md" in said
    assert sum(line.startswith("competition.yaml:") for line in said.splitlines()) == 2


def test_an_account_or_token_that_cannot_be_made_is_explained(site: RunningSite, token: str) -> None:
    assert "carla" in refused(site, "user", "create", "carla", "other@example.org")
    assert "nobody" in refused(site, "token", "create", "nobody")
    both = site.run("token", "create", "carla", "--worker", "lab")
    assert both.returncode == 2
    assert "--worker" in both.stderr


def test_a_folder_without_a_site_is_named(site: RunningSite, tmp_path: Path) -> None:
    for command in (("user", "create", "a", "a@example.org"), ("token", "create", "a")):
        said = refused(site, *command, "--data", str(tmp_path / "empty"))
        assert str(tmp_path / "empty") in said
        assert "podium up" in said


def test_a_database_that_does_not_answer_is_named(site: RunningSite) -> None:
    with nobody_there() as url:
        address = f"postgresql://x:secret@{url.removeprefix('http://')}/podium"
        said = refused(site, "token", "create", "carla", PODIUM_DATABASE_URL=address)
    assert "database" in said
    assert "secret" not in said


def test_a_worker_with_a_wrong_token_ends_and_says_what_to_do(site: RunningSite, tmp_path: Path) -> None:
    said = refused(site, "worker", "--server", site.url, "--token", "wrong", "--folder", str(tmp_path / "w"))
    assert "podium token create --worker" in said
