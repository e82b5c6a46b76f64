"""The main job on a running site: import, submit, score, rank."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.running_site import RunningSite
from tests.shared_material import shared_bundle
from tests.small_bundles import result, scored_by

from podium.rules.errors import UserError
from podium.sdk.answers import SubmissionAnswer
from podium.sdk.client import PodiumClient

pytestmark = [pytest.mark.slow, pytest.mark.sandbox]


@pytest.fixture(scope="session")
def organizer(site: RunningSite) -> Iterator[PodiumClient]:
    with site.client_of("organizer") as client:
        yield client


def run(client: PodiumClient, folder: Path, scorer: str, value: str = "0.5", limit_s: int = 60) -> SubmissionAnswer:
    """What becomes of a submission in a competition with that scoring program."""
    made = client.import_bundle(scored_by(folder, scorer, limit_s=limit_s), publish=True)
    sent = client.submit(client.competition(made.id).phases[0].id, result(folder, value))
    return client.wait(sent.id, lambda _: None)


def test_a_real_competition_is_imported_run_scored_and_ranked(organizer: PodiumClient) -> None:
    made = organizer.import_bundle(shared_bundle("competition.zip"), publish=True)
    testing = organizer.competition(made.id).phases[1]
    sent = organizer.submit(testing.id, shared_bundle("submission.zip"))
    ended = organizer.wait(sent.id, lambda _: None)
    assert ended.status == "Finished", ended
    assert not organizer.leaderboard(testing.id).submissions
    organizer.add_to_leaderboard(sent.id)
    board = organizer.leaderboard(testing.id)
    assert [row.id for row in board.submissions] == [sent.id]
    scores = {score.column_key: float(score.score) for score in board.submissions[0].scores}
    assert set(scores) == {"accuracy", "duration"}
    assert all(math.isfinite(value) for value in scores.values())


def test_a_competition_of_codalab_scores_code_and_results_and_fills_its_board_itself(organizer: PodiumClient) -> None:
    made = organizer.import_bundle(shared_bundle("competition_15_iris.zip"), publish=True)
    final = organizer.competition(made.id).phases[1]
    for kind in ("code", "result"):
        sent = organizer.submit(final.id, shared_bundle(f"submission_15_iris_{kind}.zip"))
        ended = organizer.wait(sent.id, lambda _: None)
        assert ended.status == "Finished", ended
        # force_submission_to_leaderboard: the last one stands there, and nobody has to put it there.
        board = organizer.leaderboard(final.id)
        assert [row.id for row in board.submissions] == [sent.id]
        scores = {score.column_key: float(score.score) for score in board.submissions[0].scores}
        assert set(scores) == {"set1_score", "Duration"}
        # The scoring program writes -0.999999 where it could not compare prediction and solution.
        assert 0 <= scores["set1_score"] <= 1


def test_a_closed_phase_takes_no_submission(organizer: PodiumClient) -> None:
    made = organizer.import_bundle(shared_bundle("competition.zip"), publish=True)
    with pytest.raises(UserError, match="closed on 2019-09-30"):
        organizer.submit(organizer.competition(made.id).phases[0].id, shared_bundle("submission.zip"))


def test_a_program_that_exits_1_is_named_with_its_exit_code(organizer: PodiumClient, tmp_path: Path) -> None:
    ended = run(organizer, tmp_path, "raise SystemExit(1)")
    assert ended.status == "Failed"
    assert "exit code 1" in str(ended.status_details)


def test_a_program_that_never_ends_is_stopped_at_its_time_limit(organizer: PodiumClient, tmp_path: Path) -> None:
    ended = run(organizer, tmp_path, "while True: pass", limit_s=2)
    assert ended.status == "Failed"
    assert "2 s" in str(ended.status_details)


def test_a_program_that_fills_the_disk_fails_and_the_next_one_runs(organizer: PodiumClient, tmp_path: Path) -> None:
    filler = "file = open('/app/output/big', 'wb')\nwhile True: file.write(bytes(1 << 24))"
    assert run(organizer, tmp_path, filler).status == "Failed"
    assert run(organizer, tmp_path, ECHO_HALF).status == "Finished"


ECHO_HALF = "open('/app/output/scores.json', 'w').write('{\"accuracy\": 0.5}')"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("", "neither scores.json nor scores.txt"),
        ("open('/app/output/scores.json', 'w').write('{\"accuracy\": NaN}')", "not a finite number"),
        ("open('/app/output/scores.json', 'w').write('[1]')", "scores.json"),
        ("open('/app/output/scores.json', 'w').write('{\"accuracy\": ' + '1' * 10_000_000 + '}')", "scores.json"),
    ],
)
def test_unusable_scores_are_explained(organizer: PodiumClient, tmp_path: Path, written: str, said: str) -> None:
    ended = run(organizer, tmp_path, written or "pass")
    assert ended.status == "Failed"
    assert said in f"{ended.status_details} {ended.hint}"


def test_a_scoring_program_without_command_is_explained(organizer: PodiumClient, tmp_path: Path) -> None:
    bundle = scored_by(tmp_path, about_scorer="description: no command here")
    made = organizer.import_bundle(bundle, publish=True)
    sent = organizer.submit(organizer.competition(made.id).phases[0].id, result(tmp_path))
    ended = organizer.wait(sent.id, lambda _: None)
    assert ended.status == "Failed"
    assert "command" in str(ended.status_details)


def test_a_submission_of_no_bytes_is_refused(organizer: PodiumClient, tmp_path: Path) -> None:
    made = organizer.import_bundle(scored_by(tmp_path), publish=True)
    empty = tmp_path / "empty.zip"
    empty.touch()
    with pytest.raises(UserError, match="empty"):
        organizer.submit(organizer.competition(made.id).phases[0].id, empty)


def test_a_submission_that_is_no_zip_is_refused(organizer: PodiumClient, tmp_path: Path) -> None:
    made = organizer.import_bundle(scored_by(tmp_path), publish=True)
    text = tmp_path / "answer.zip"
    text.write_text("0.5")
    with pytest.raises(UserError, match="zip"):
        organizer.submit(organizer.competition(made.id).phases[0].id, text)
