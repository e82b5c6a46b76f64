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

from podium.rules.board.columns import Column, Computation, Sorting

RIVALS = {
    "tensor-otters": (0.943, 0.941, 1.42),
    "second-seed": (0.939, 0.938, 0.88),
    "seedlings": (0.902, 0.899, 1.11),
    "late-harvest": (0.861, None, 3.3),
    "a-participant-with-a-long-name": (0.712345, 0.7, 123.4),
}
RANKS = {
    "title": "Ranks",
    "key": "ranks",
    "primary_index": 2,
    "columns": (
        Column(key="accuracy", title="Accuracy", index=0, precision=3),
        Column(key="duration", title="Duration, s", index=1, sorting=Sorting.ASCENDING),
        Column(
            key="ranks",
            title="Mean of ranks",
            index=2,
            sorting=Sorting.ASCENDING,
            computation=Computation.AVERAGE_RANK,
            computation_indexes=(0, 1),
        ),
    ),
}


def make() -> dict[str, Any]:
    """Everything the pages show, as ids by name."""
    from django.db import transaction
    from tests.browser import story
    from tests.integration.server import scene as scenes

    from podium.rules.board.submission_rules import Happening, SubmissionRule
    from podium.rules.bundle.spec import LeaderboardSpec
    from podium.rules.runs import RunState, Step, SubmissionStatus
    from podium.server import clock
    from podium.server.competitions.models import Competition
    from podium.server.jobs.models import Job
    from podium.server.leaderboards.services import rebuild_stale_boards
    from podium.server.leaderboards.services.boards import create_board
    from podium.server.submissions.models import Run
    from podium.server.submissions.services.board import refresh_board

    told = story.make()
    scene = scenes.make_scene()
    story.admit(told, organizer=scene.people["organizer"])
    story.compare_models()
    ranks = create_board(scene.competition.pk, 1, LeaderboardSpec(**RANKS, submission_rule=SubmissionRule.FORCE_BEST))
    now = clock.now()
    for days, (name, values) in enumerate(RIVALS.items(), start=1):
        rival = scenes.make_person(name)
        scenes.join(scene.competition, rival)
        scores = {key: value for key, value in zip(("accuracy", "f1", "duration"), values, strict=True) if value}
        scenes.scored(scene, rival, scores, at=now - timedelta(days=days), on_board=True)
    owner = scene.people["participant"]
    best = {"accuracy": 0.936, "f1": 0.931, "duration": 2.07}
    scenes.scored(scene, owner, best, at=now - timedelta(hours=5), on_board=True)
    with transaction.atomic():
        for row in scene.submissions:
            refresh_board(row, Happening.SCORED)
    rebuild_stale_boards()
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
        "phase": scene.phase.pk,
        "ranks": ranks,
        "unpublished": hidden.pk,
        "scored": spare.pk,
        "failed": broken.pk,
        "running": running.pk,
        "waiting": waiting.pk,
        "story": told,
    }


def main() -> None:
    from podium.launch.prepare import prepare
    from podium.server.configuration import configuration
    from podium.server.front.__main__ import main as serve

    prepare()
    made = make()
    Path(configuration().data_folder / "made.json").write_text(json.dumps(made), encoding="utf-8")
    from podium.server.duties import rounds
    from podium.server.duties.internal import InternalJobs
    from podium.server.duties.kinds import KINDS
    from podium.server.history.wakeups import CommitWatch

    # All others would tidy up what is made here to be looked at.
    rounds.URGENT, rounds.DUTIES = (), (rounds.rebuild_stale_boards,)
    threading.Thread(target=rounds.make_rounds, args=(threading.Event(),), daemon=True).start()
    from tests.browser import story

    threading.Thread(target=story.work, daemon=True).start()
    with InternalJobs(KINDS, threading.Event()) as jobs, CommitWatch(jobs.look):
        serve(["--fd", sys.argv[1]])


if __name__ == "__main__":
    main()
