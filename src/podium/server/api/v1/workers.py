"""The workers of the site, for whoever watches it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from podium.rules.access import Action, require, roles_towards
from podium.server.api.answers import answer
from podium.server.api.asking import person_asking
from podium.server.jobs.crew import WorkerRow, all_workers
from podium.server.submissions.queries.at_work import SlotAtWork, slots_at_work


def workers(request: HttpRequest) -> HttpResponse:
    """Every worker: whether it is alive, how its sandbox holds, and what its slots work on."""
    require(Action.ADMINISTER, roles_towards(signed_in=True, admin=person_asking(request).is_admin))
    busy = slots_at_work()
    return answer({"workers": [_described(row, busy) for row in all_workers()]})


def _described(row: WorkerRow, busy: list[SlotAtWork]) -> dict[str, Any]:
    return {
        "name": row.name,
        "alive": row.is_alive,
        "last_seen_at": row.last_seen_at,
        "host": row.host,
        "version": row.version,
        "sandbox": row.sandbox,
        "slots": row.slots,
        "queues": list(row.queues),
        "clock_skew_s": row.clock_skew_s,
        "refusal": row.refusal or None,
        "no_network": row.no_network or None,
        "limits": list(row.report),
        "working_on": [
            {"slot": each.slot, "submission": each.submission_id, "step": each.step, "since": each.since}
            for each in busy
            if each.worker_id == row.id
        ],
    }
