"""Processes of a running site are killed; nothing is lost."""

from __future__ import annotations

from pathlib import Path

import httpx
import psutil
import pytest
from tests.running_site import PASSWORD, RunningSite, eventually
from tests.small_bundles import result, scored_by

pytestmark = [pytest.mark.slow, pytest.mark.sandbox]

SLOW = """\
import pathlib, time
time.sleep(4)
pathlib.Path("/app/output/scores.json").write_text('{"accuracy": 0.25}')
"""


def details(site: RunningSite, submission_id: int, token: str) -> dict[str, object]:
    answer = httpx.get(
        f"{site.url}/api/submissions/{submission_id}/", headers={"Authorization": f"Token {token}"}, timeout=30
    )
    found: dict[str, object] = answer.raise_for_status().json()
    return found


def test_a_run_whose_worker_is_killed_is_done_again_and_scored_once(own_site: RunningSite, tmp_path: Path) -> None:
    with own_site.client_of("olga", admin=True) as client:
        competition = client.competition(client.import_bundle(scored_by(tmp_path, SLOW), publish=True).id)
        sent = client.submit(competition.phases[0].id, result(tmp_path))
        eventually(lambda: programs(own_site), "the scoring program runs")
        worker = own_site.processes("podium.worker")[0]

        worker.kill()

        ended = client.wait(sent.id, lambda _: None)
        assert ended.status == "Finished", ended
        assert [(score.column_key, float(score.score)) for score in ended.scores] == [("accuracy", 0.25)]
        assert own_site.processes("podium.worker")[0].pid != worker.pid
        board = client.leaderboard(competition.phases[0].id)
        assert [row.id for row in board.submissions] == [sent.id]
        page = signed_in_page(own_site, f"/submissions/{sent.id}/")
        assert "restarted while it worked on this" in page
        assert "Attempt 1" in page
        assert "Attempt 2" in page


def programs(site: RunningSite) -> list[psutil.Process]:
    """The sandboxed programs that run now."""
    return [child for child in site.processes("score.py") if child.name() != "bwrap"]


def signed_in_page(site: RunningSite, path: str) -> str:
    """A page as the organizer of this test sees it."""
    with httpx.Client(base_url=site.url, follow_redirects=True, timeout=30) as browser:
        browser.get("/accounts/login/")
        form = {
            "csrfmiddlewaretoken": browser.cookies["csrftoken"],
            "login": "olga",
            "password": PASSWORD,
        }
        browser.post("/accounts/login/", data=form, headers={"Referer": site.url}).raise_for_status()
        return browser.get(path).raise_for_status().text


def test_a_web_process_that_dies_is_replaced(own_site: RunningSite) -> None:
    before = {process.pid for process in own_site.processes("podium.server.front")}
    for process in own_site.processes("podium.server.front"):
        process.kill()

    def replaced() -> bool:
        now = {process.pid for process in own_site.processes("podium.server.front")}
        return len(now) == len(before) and not now & before

    eventually(replaced, "both web processes are new")
    eventually(lambda: _healthy(own_site), "the site answers again")


def test_nothing_is_left_of_a_site_that_was_ended(own_site: RunningSite) -> None:
    everything = psutil.Process(own_site.supervisor.pid).children(recursive=True)
    assert len(everything) >= 4
    own_site.supervisor.terminate()
    assert own_site.supervisor.wait(30) == 0
    gone, alive = psutil.wait_procs(everything, timeout=5)
    assert not alive
    assert len(gone) == len(everything)


def test_a_killed_supervisor_takes_its_processes_with_it(own_site: RunningSite) -> None:
    everything = psutil.Process(own_site.supervisor.pid).children(recursive=True)
    own_site.supervisor.kill()
    _, alive = psutil.wait_procs(everything, timeout=30)
    assert not alive


def _healthy(site: RunningSite) -> bool:
    try:
        return httpx.get(f"{site.url}/health", timeout=5).is_success
    except httpx.HTTPError:
        return False
