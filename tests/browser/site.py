"""A site to look at, with people, boards and submissions, but without a worker: `python -m tests.browser.site FD`.

PODIUM_DATA names an empty folder. What was made is written there as `made.json` before the site answers.
"""

from __future__ import annotations

import json
import sys
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

RIVALS = {
    "tensor-otters": (0.943, 0.941, 1.42),
    "second-seed": (0.939, 0.938, 0.88),
    "seedlings": (0.902, 0.899, 1.11),
    "late-harvest": (0.861, None, 3.3),
    "a-participant-with-a-long-name": (0.712345, 0.7, 123.4),
}


def make() -> dict[str, Any]:
    """Everything the pages show, as ids by name."""
    from tests.integration.server import scene as scenes

    from podium.rules.runs import RunState, Step, SubmissionStatus
    from podium.server import clock
    from podium.server.competitions.models import Competition
    from podium.server.jobs.models import Job
    from podium.server.submissions.models import Run

    scene = scenes.make_scene()
    now = clock.now()
    for days, (name, values) in enumerate(RIVALS.items(), start=1):
        rival = scenes.make_person(name)
        scenes.join(scene.competition, rival)
        scores = {key: value for key, value in zip(("accuracy", "f1", "duration"), values, strict=True) if value}
        scenes.scored(scene, rival, scores, at=now - timedelta(days=days), on_board=True)
    owner = scene.people["participant"]
    best = {"accuracy": 0.936, "f1": 0.931, "duration": 2.07}
    scenes.scored(scene, owner, best, at=now - timedelta(hours=5), on_board=True)
    spare = scenes.scored(scene, owner, best | {"accuracy": 0.92}, at=now - timedelta(hours=2))
    broken = scenes.failed(scene, owner)
    running = scenes.sent(scene, owner, status=SubmissionStatus.SCORING)
    scenes.ran(running, Step.SCORING, RunState.LEASED, None, out="Reading prediction\n")
    waiting = scenes.sent(scene, owner, status=SubmissionStatus.SUBMITTED)
    Run.objects.create(
        submission=waiting,
        step="prediction",
        job=Job.objects.create(kind="prediction", owner=owner, state="waiting", created_at=now),
    )
    hidden = Competition.objects.create(
        title="An unpublished benchmark of translation systems with a rather long title",
        terms="",
        created_by=scene.people["organizer"],
        created_at=now,
        docker_image="podium/science",
    )
    return {
        "competition": scene.competition.pk,
        "unpublished": hidden.pk,
        "scored": spare.pk,
        "failed": broken.pk,
        "running": running.pk,
        "waiting": waiting.pk,
    }


def main() -> None:
    from podium.launch.prepare import prepare
    from podium.server.configuration import configuration
    from podium.server.front.__main__ import main as serve

    prepare()
    made = make()
    Path(configuration().data_folder / "made.json").write_text(json.dumps(made), encoding="utf-8")
    from podium.server.duties.internal import InternalJobs
    from podium.server.duties.kinds import KINDS
    from podium.server.history.wakeups import CommitWatch

    with InternalJobs(KINDS, threading.Event()) as jobs, CommitWatch(jobs.look):
        serve(["--fd", sys.argv[1]])


if __name__ == "__main__":
    main()
