"""A rescore of 1,000 result submissions on a whole site with two slots: how long until the last is scored, how long
applying takes, and what readers of the board notice of it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import Any

import httpx

from podium.runtimes import ensure
from podium.sdk.client import PodiumClient

SUBMISSIONS = 1000
PEOPLE = 50
_LOOK_S = 0.25

MAKE_SUBMISSIONS = """
import django, sys
django.setup()
from django.db import transaction
from podium.rules.runs import SubmissionStatus
from podium.server import clock
from podium.server.accounts.services import create_user
from podium.server.competitions.models import Participant, Phase
from podium.server.files.models import DataSet, DataSetType
from podium.server.leaderboards.models import Leaderboard
from podium.server.accounts.models import User
from podium.server.accounts.people import person_of
from podium.server.submissions.models import Score, Submission
from podium.server.submissions.services.changing import refill_phase
phase_id, key, count, people = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
phase = Phase.objects.get(pk=phase_id)
data, task = DataSet.objects.get(key=key), phase.tasks.get()
Leaderboard.objects.update(submission_rule="Force_Latest_Multiple")
made = [create_user(f"person{number}", f"p{number}@example.org", None).id for number in range(people)]
now = clock.now()
with transaction.atomic():
    Participant.objects.bulk_create(
        Participant(competition_id=phase.competition_id, user_id=pk, status="approved", created_at=now) for pk in made
    )
    sent = Submission.objects.bulk_create(
        Submission(phase=phase, owner_id=made[n % people], task=task, data=data, number=1 + n // people,
                   status=SubmissionStatus.FINISHED, created_at=now, started_at=now, ended_at=now)
        for n in range(count)
    )
    Score.objects.bulk_create(
        Score(submission=each, column_key="accuracy", position=0, value=(n % 100) / 100, created_at=now)
        for n, each in enumerate(sent)
    )
    admin = person_of(User.objects.filter(is_superuser=True).first())
    boards = list(Leaderboard.objects.values_list("pk", flat=True))
    refill_phase(admin, phase.competition_id, phase.pk, another_rule=boards)
"""


def a_thousand_again() -> dict[str, float]:
    """The figures of one rescore; times in seconds, but for readers."""
    from bench.end_to_end import site, write_bundle
    from bench.throughput import uploaded

    ensure("science", lambda line: print(line, file=sys.stderr))
    with tempfile.TemporaryDirectory(prefix="podium-bench-") as name:
        folder = Path(name)
        bundle, data = write_bundle(folder), folder / "data"
        with site(data, "--slots", "2") as (url, _, token):
            with PodiumClient(url, token) as client:
                competition = client.import_bundle(bundle, publish=True).id
                phase = client.competition(competition).phases[0].id
            key = uploaded(url, token, competition, folder)
            environment = {**os.environ, "PODIUM_DATA": str(data), "DJANGO_SETTINGS_MODULE": "podium.server.settings"}
            command = [sys.executable, "-c", MAKE_SUBMISSIONS, str(phase), key, str(SUBMISSIONS), str(PEOPLE)]
            subprocess.run(command, env=environment, check=True)
            with httpx.Client(base_url=url, headers={"Authorization": f"Token {token}"}, timeout=120) as http:
                return _rescored(http, competition, phase)


def _rescored(http: httpx.Client, competition: int, phase: int) -> dict[str, float]:
    stop = threading.Event()
    reads: list[tuple[float, int]] = []
    with ThreadPoolExecutor(1) as readers:
        reader = readers.submit(_read_the_board, str(http.base_url), phase, stop, reads)
        try:
            figures = _scored_and_applied(http, competition, reads)
        finally:
            stop.set()
        # One that could not be read ends the measurement.
        reader.result()
    applying = reads[int(figures.pop("reads_before_applying")) - 1 :]
    assert reads
    assert {rows for _, rows in reads} == {SUBMISSIONS}
    return figures | {
        "read_median_ms": 1000 * median(took for took, _ in reads),
        "read_longest_ms": 1000 * max(took for took, _ in reads),
        "read_while_applying_longest_ms": 1000 * max((took for took, _ in applying), default=0.0),
    }


def _scored_and_applied(http: httpx.Client, competition: int, reads: Sequence[object]) -> dict[str, float]:
    begun = time.monotonic()
    made = _json(http.post(f"/api/v1/competitions/{competition}/rescores/", json={"reason": "Bench.", "sample": 0}))
    started_s = time.monotonic() - begun
    while (counts := _json(http.get(f"/api/v1/rescores/{made['id']}/?page=1000"))["counts"])["scored"] < SUBMISSIONS:
        if counts["failed"] or counts["left"]:
            raise SystemExit(f"Not everything could be scored: {counts}")
        time.sleep(2)
    scored_s = time.monotonic() - begun
    reads_before_applying = len(reads)
    begun = time.monotonic()
    _json(http.post(f"/api/v1/rescores/{made['id']}/apply/"))
    applied_s = time.monotonic() - begun
    return {
        "started_s": started_s,
        "scored_s": scored_s,
        "applied_s": applied_s,
        "reads_before_applying": reads_before_applying,
    }


def _read_the_board(url: str, phase: int, stop: threading.Event, reads: list[tuple[float, int]]) -> None:
    with httpx.Client(base_url=url, timeout=60) as http:
        while not stop.wait(_LOOK_S):
            begun = time.monotonic()
            rows = len(_json(http.get(f"/api/phases/{phase}/get_leaderboard/"))["submissions"])
            reads.append((time.monotonic() - begun, rows))


def _json(response: httpx.Response) -> dict[str, Any]:
    found: dict[str, Any] = response.raise_for_status().json()
    return found
