"""The JSON of boards as the front sends it: from memory, never older than the last commit, and never to the wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.integration.live.conftest import QuietSite
from tests.integration.live.test_workers import claim
from tests.small_bundles import result, scored_by

pytestmark = pytest.mark.slow


@pytest.fixture
def competition(quiet: QuietSite, tmp_path: Path) -> Any:
    """A published competition."""
    with quiet.client() as client:
        return client.competition(client.import_bundle(scored_by(tmp_path), publish=True).id)


def score(site: QuietSite, folder: Path, phase_id: int, accuracy: float) -> None:
    """A submission of the site's account, scored by the test as its worker."""
    with site.client() as client, site.worker() as worker:
        made = client.submit(phase_id, result(folder)).id
        order = claim(worker, 10).json()
        assert order["id"] == made
        told = {"secret": order["secret"], "scores": {"accuracy": accuracy}}
        worker.post(f"/api/upload_submission_scores/{made}/", json=told).raise_for_status()
        done = {"secret": order["secret"], "status": "Finished", "exit_code": "0"}
        httpx.patch(f"{site.near.url}/api/submissions/{made}/", data=done).raise_for_status()


def by_the_front(answer: httpx.Response) -> bool:
    """Whether the front answered itself: only what comes through Django has this field."""
    return "permissions-policy" not in answer.headers


def accuracies(answer: httpx.Response) -> list[str]:
    return [row["scores"][0]["score"] for row in answer.raise_for_status().json()["submissions"]]


def test_a_new_score_is_in_the_very_next_answer_of_every_process(
    quiet: QuietSite, tmp_path: Path, competition: Any
) -> None:
    phase_id = competition.phases[0].id
    path = f"/api/phases/{phase_id}/get_leaderboard/"
    etags = set()
    for number, accuracy in enumerate((0.25, 0.5, 0.75)):
        (tmp_path / str(number)).mkdir()
        score(quiet, tmp_path / str(number), phase_id, accuracy)
        for process in (quiet.near, quiet.far):
            answer = httpx.get(f"{process.url}{path}?page=1")
            # Force_Last: the one submitted last stands there.
            assert accuracies(answer) == [str(accuracy)]
            assert by_the_front(answer)
            assert (answer.headers["content-type"], answer.headers["vary"]) == (
                "application/json",
                "Authorization, Cookie",
            )
            etags.add(answer.headers["etag"])
            again = httpx.get(f"{process.url}{path}?page=1", headers={"If-None-Match": answer.headers["etag"]})
            assert (again.status_code, again.content) == (304, b"")
            assert by_the_front(again)
    # The processes agree on the tag, and each score made another.
    assert len(etags) == 3


def test_it_is_refused_at_once_when_access_ends(quiet: QuietSite, competition: Any) -> None:
    path = f"/api/phases/{competition.phases[0].id}/get_leaderboard"
    shown = httpx.get(f"{quiet.near.url}{path}")
    assert shown.status_code == 200
    assert by_the_front(shown)
    toggle = f"{quiet.far.url}/api/competitions/{competition.id}/toggle_publish/"
    own = {"Authorization": f"Token {quiet.token}"}
    httpx.post(toggle, headers=own).raise_for_status()
    gone = httpx.get(f"{quiet.near.url}{path}", headers={"If-None-Match": shown.headers["etag"]})
    assert (gone.status_code, gone.json()["code"]) == (404, "competition-not-found")
    assert httpx.get(f"{quiet.near.url}{path}", headers=own).status_code == 200


def test_what_needs_a_word_comes_from_the_api(quiet: QuietSite, competition: Any) -> None:
    url = f"{quiet.near.url}/api/phases/{competition.phases[0].id}/get_leaderboard/"
    for status, answer in (
        (400, httpx.get(url, params={"page": 0})),
        (400, httpx.get(url, params={"page_size": 10**6})),
        (400, httpx.get(url, params={"secret_key": "none"})),
        (404, httpx.get(url, params={"page": 2})),
        (401, httpx.get(url, headers={"Authorization": "Token " + "0" * 40})),
        (401, httpx.get(url, headers={"Authorization": "Basic b3R0bzpvdHRv"})),
        (404, httpx.get(f"{quiet.near.url}/api/phases/{10**30}/get_leaderboard/")),
        (404, httpx.get(f"{quiet.near.url}/api/leaderboards/{2**63 - 1}/")),
        (405, httpx.post(url)),
    ):
        assert answer.status_code == status, answer.content
        assert answer.json()["message"]
        assert not by_the_front(answer)
    head = httpx.head(url)
    assert (head.status_code, head.content) == (200, b"")
    # A session that is over is no reason to refuse what visitors may see.
    assert httpx.get(url, cookies={"sessionid": "gone"}).status_code == 200
