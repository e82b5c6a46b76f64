"""Runs that are stopped: by somebody who cancels, and by a worker that is told to end."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from tests.running_site import RunningSite, eventually
from tests.small_bundles import result, scored_by

from podium.sdk.client import PodiumClient

pytestmark = [pytest.mark.slow, pytest.mark.sandbox]

STUBBORN = """\
import signal, time
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
    signal.signal(number, signal.SIG_IGN)
print("begun", flush=True)
time.sleep(600)
"""
BRIEF = """\
import pathlib, time
time.sleep(2)
pathlib.Path("/app/output/scores.json").write_text('{"accuracy": 0.25}')
"""


def programs(site: RunningSite) -> list[psutil.Process]:
    """The sandboxed programs that run now."""
    return [child for child in site.processes("score.py") if child.name() != "bwrap"]


def ask(site: RunningSite, token: str, method: str, path: str) -> dict[str, Any]:
    answer = httpx.request(method, f"{site.url}/api/{path}", headers={"Authorization": f"Token {token}"}, timeout=30)
    found: dict[str, Any] = answer.raise_for_status().json()
    return found


def sent(site: RunningSite, client: PodiumClient, folder: Path, program: str) -> int:
    """A submission whose scoring program runs now."""
    competition = client.competition(client.import_bundle(scored_by(folder, program), publish=True).id)
    made = client.submit(competition.phases[0].id, result(folder)).id
    eventually(lambda: programs(site), "the scoring program runs")
    return made


def test_a_cancelled_program_that_ignores_signals_is_dead_within_two_seconds(
    own_site: RunningSite, tmp_path: Path
) -> None:
    token = own_site.token_of("olga", admin=True)
    with PodiumClient(own_site.url, token) as client:
        made = sent(own_site, client, tmp_path, STUBBORN)
        (program,) = programs(own_site)
        began = time.monotonic()
        assert ask(own_site, token, "POST", f"submissions/{made}/cancel_submission/") == {"canceled": True}
        psutil.wait_procs([program], timeout=20)
        took = time.monotonic() - began
        assert not program.is_running()
        assert took < 2.0
        assert ask(own_site, token, "GET", f"submissions/{made}/")["status"] == "Cancelled"
        # The slot is free for the next.
        assert sent(own_site, client, tmp_path, STUBBORN)


def test_a_worker_that_is_told_to_end_finishes_what_is_short(own_site: RunningSite, tmp_path: Path) -> None:
    token = own_site.token_of("olga", admin=True)
    with PodiumClient(own_site.url, token) as client:
        made = sent(own_site, client, tmp_path, BRIEF)
        (worker,) = own_site.processes("podium.worker")
        worker.terminate()
        ended = client.wait(made, lambda _: None)
        assert ended.status == "Finished"
    found = ask(own_site, token, "GET", f"submissions/{made}/")
    assert [attempt["outcome"] for attempt in found["attempts"]] == ["finished"]


def test_a_worker_that_is_told_to_end_gives_back_what_is_long_and_no_attempt_is_lost(
    own_site: RunningSite, tmp_path: Path
) -> None:
    token = own_site.token_of("olga", admin=True)
    with PodiumClient(own_site.url, token) as client:
        made = sent(own_site, client, tmp_path, STUBBORN)
        (worker,) = own_site.processes("podium.worker")
        began = time.monotonic()

        def told_again() -> bool:
            # Signals that arrive together count once.
            with suppress(psutil.NoSuchProcess):
                worker.terminate()
            return not worker.is_running()

        eventually(told_again, "the worker has ended")
        # Told twice, it does not wait for the five seconds that runs have.
        assert time.monotonic() - began < 5.0

        def taken_again() -> bool:
            return len(ask(own_site, token, "GET", f"submissions/{made}/")["attempts"]) == 2

        eventually(taken_again, "the next worker has taken it")
        found = ask(own_site, token, "GET", f"submissions/{made}/")
        assert [attempt["outcome"] for attempt in found["attempts"]] == ["returned", None]
        assert "of 3" not in found["status_details"]
