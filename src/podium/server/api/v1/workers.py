"""The workers of the site, for whoever watches it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from podium.rules.access import Action, require, roles_towards
from podium.server.api.answers import answer
from podium.server.api.asking import person_asking
from podium.server.api.v1.provenance import differences_json
from podium.server.jobs.crew import WorkerRow, all_workers
from podium.server.submissions.queries.at_work import SlotAtWork, slots_at_work
from podium.server.submissions.queries.worker_checks import WorkerChecks, checks_of_workers


def workers(request: HttpRequest) -> HttpResponse:
    """Every worker: whether it is alive, how its sandbox holds, and what its slots work on."""
    require(Action.ADMINISTER, roles_towards(signed_in=True, admin=person_asking(request).is_admin))
    busy, checks = slots_at_work(), checks_of_workers()
    return answer({"workers": [_described(row, busy, checks.get(row.id)) for row in all_workers()]})


def _described(row: WorkerRow, busy: list[SlotAtWork], checks: WorkerChecks | None) -> dict[str, Any]:
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
        "check": _check(checks),
        "working_on": [
            {"slot": each.slot, "submission": each.submission_id, "step": each.step, "since": each.since}
            for each in busy
            if each.worker_id == row.id
        ],
    }


def _check(checks: WorkerChecks | None) -> dict[str, Any] | None:
    if checks is None or checks.last is None:
        return None
    found = checks.last.comparison
    return {
        "verification": checks.last.id,
        "begun_at": checks.begun_at,
        "agrees": found.agrees if found else None,
        "problem": checks.last.problem or None,
        "differences": differences_json(found) if found else None,
    }
