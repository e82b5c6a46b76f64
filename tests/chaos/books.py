"""What a site's database says in the end, as JSON: `python tests/chaos/books.py` with the site's environment."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from typing import Any


def read_books() -> dict[str, Any]:
    """Submissions with their living scores and attempts, boards, jobs, and what does not fit in the chains."""
    from podium.server.jobs.models import Job, Worker
    from podium.server.leaderboards.models import Entry
    from podium.server.submissions.models import Attempt, Submission

    return {
        "submissions": [_submission(row) for row in Submission.objects.select_related("owner").order_by("pk")],
        "jobs": dict(Counter(Job.objects.values_list("state", flat=True))),
        "boards": [list(row) for row in Entry.objects.values_list("phase_id", "owner__username", "submission_id")],
        "skews": dict(Worker.objects.values_list("name", "clock_skew_s")),
        "attempts": dict(Counter(Attempt.objects.values_list("worker_name", flat=True))),
        "misfits": _misfits(),
        "accepted": _accepted(),
    }


def _submission(row: Any) -> dict[str, Any]:
    runs = row.runs.prefetch_related("attempts").order_by("pk")
    return {
        "id": row.pk,
        "description": row.description,
        "owner": row.owner.username,
        "phase": row.phase_id,
        "parent": row.parent_id,
        "is_run": row.task_id is not None,
        "status": row.status,
        "code": row.reason_code,
        "details": row.status_details,
        "internal": row.internal_failure,
        "scores": [score.value for score in row.scores.filter(superseded_at=None).order_by("position")],
        "old_scores": row.scores.exclude(superseded_at=None).count(),
        "attempts": [[attempt.outcome for attempt in run.attempts.order_by("number")] for run in runs],
    }


def _misfits() -> list[str]:
    from podium.rules.history import Event, EventKind, verify
    from podium.server.history.models import Chain

    found = []
    for chain in Chain.objects.all():
        name = f"{chain.kind}:{chain.subject}"
        events = [
            Event(
                name, row.seq, EventKind(row.kind), row.at, row.actor, json.loads(row.payload), row.prev_hash, row.hash
            )
            for row in chain.events.order_by("seq")
        ]
        misfit = verify(events)
        if misfit is not None or len(events) != chain.head_seq:
            found.append(f"{name}: {misfit}")
    return found


def _accepted() -> dict[str, int]:
    """How often scores of each submission were accepted, by the events."""
    from podium.server.history.models import Event

    events = Event.objects.filter(kind="scores-accepted").values_list("payload", flat=True)
    return dict(Counter(str(json.loads(payload)["submission"]) for payload in events))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "podium.server.settings")
    import django

    django.setup()
    json.dump(read_books(), sys.stdout)
