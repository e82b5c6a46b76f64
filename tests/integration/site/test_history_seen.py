"""Earlier submissions, private output and `podium rescore --verify` with real workers and programs."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.running_site import RunningSite
from tests.small_bundles import result, scored_by

from podium.cli.remote import as_zip
from podium.sdk.client import PodiumClient

EXAMPLE = Path(__file__).parents[3] / "examples" / "hello-history"

pytestmark = [pytest.mark.slow, pytest.mark.sandbox]


@pytest.fixture(scope="module")
def tokens(site: RunningSite) -> dict[str, str]:
    return {name: site.token_of(f"history-{name}") for name in ("organizer", "participant")}


@pytest.fixture(scope="module")
def organizer(site: RunningSite, tokens: dict[str, str]) -> Iterator[PodiumClient]:
    with PodiumClient(site.url, tokens["organizer"]) as client:
        yield client


def written(site: RunningSite, token: str, submission: int) -> dict[str, bytes]:
    """The output of scoring, as the owner of a token may download it."""
    headers = {"Authorization": f"Token {token}"}
    details = httpx.get(f"{site.url}/api/submissions/{submission}/get_details/", headers=headers).json()
    with zipfile.ZipFile(io.BytesIO(httpx.get(details["scoring_result"]).content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_third_answer_is_one_right_of_three_and_can_be_made_again(
    site: RunningSite, organizer: PodiumClient, tokens: dict[str, str]
) -> None:
    with as_zip(EXAMPLE) as bundle:
        made = organizer.import_bundle(bundle, publish=True)
    phase = organizer.competition(made.id).phases[0].id
    sent = 0
    with PodiumClient(site.url, tokens["participant"]) as participant:
        participant.join(made.id)
        for solution in ("first_guess", "second_guess", "the_answer"):
            with as_zip(EXAMPLE / "solutions" / solution) as archive:
                sent = participant.submit(phase, archive).id
            ended = participant.wait(sent, lambda _: None)
            assert ended.status == "Finished", ended
    scores = {score.column_key: float(score.score) for score in ended.scores}
    assert scores == pytest.approx({"correct": 1.0, "audit_score": 1 / 3})

    mine = written(site, tokens["participant"], sent)
    assert sorted(mine) == ["metadata", "scores.txt"]
    assert mine["scores.txt"].decode().splitlines()[0] == "correct:1.0"
    theirs = written(site, tokens["organizer"], sent)
    assert theirs["private/priv.txt"] == b"The right answer is: Hello, world!\n"

    again = site.run("rescore", "--verify", str(sent), PODIUM_TOKEN=tokens["organizer"])
    assert (again.returncode, again.stdout) == (0, f"Submission {sent}: the same scores, from the same files.\n")
    refused = site.run("rescore", "--verify", str(sent), PODIUM_TOKEN=tokens["participant"])
    assert refused.returncode == 1
    assert "may not do this" in refused.stderr


def test_a_program_of_chance_is_found_out(
    site: RunningSite, organizer: PodiumClient, tokens: dict[str, str], tmp_path: Path
) -> None:
    scorer = (
        "import json, os\njson.dump({'accuracy': int.from_bytes(os.urandom(6))}, open('/app/output/scores.json', 'w'))"
    )
    made = organizer.import_bundle(scored_by(tmp_path, scorer), publish=True)
    sent = organizer.submit(organizer.competition(made.id).phases[0].id, result(tmp_path, "0.5"))
    ended = organizer.wait(sent.id, lambda _: None)
    assert ended.status == "Finished", ended
    again = site.run("rescore", "--verify", str(sent.id), "--json", PODIUM_TOKEN=tokens["organizer"])
    assert again.returncode == 1
    (found,) = json.loads(again.stdout)
    assert (found["agrees"], found["differences"]["inputs"]) == (False, [])
    (score,) = found["differences"]["scores"]
    assert score["by"] == abs(score["now"] - score["before"]) > 0
    assert [float(each.score) for each in organizer.submission(sent.id).scores] == [score["before"]]
