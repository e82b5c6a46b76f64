"""How scores were made, and making them once more to compare."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from podium.rules.provenance import Comparison, Making, StepRecord
from podium.server.api.answers import answer
from podium.server.api.asking import person_asking
from podium.server.api.codabench.numbers import Id
from podium.server.submissions.queries.provenance import provenance_of, verification_detail
from podium.server.submissions.services.making_again import verification_of, verify


def provenance(request: HttpRequest, pk: Id) -> HttpResponse:
    """How the scores of a submission were made, task by task."""
    parts = provenance_of(person_asking(request), pk)
    body = [
        {"submission": part.part_id, "task": part.task, "corrections": part.corrections, **making_json(part.making)}
        for part in parts
    ]
    return answer({"id": pk, "parts": body})


def begun(request: HttpRequest, pk: Id) -> HttpResponse:
    """Make the scores of a submission once more: 202, and where to ask how each verification stands."""
    made = verify(person_asking(request), pk)
    urls = [{"id": each, "url": request.build_absolute_uri(f"/api/v1/verifications/{each}/")} for each in made]
    return answer({"id": pk, "verifications": urls}, 202)


def verification(request: HttpRequest, pk: Id) -> HttpResponse:
    """How a verification stands, and once it has ended what differs."""
    found = verification_detail(verification_of(person_asking(request), pk))
    body: dict[str, Any] = {
        "id": pk,
        "submission": found.submission_id,
        "task": found.task,
        "ended": found.ended,
        "problem": found.problem or None,
        "agrees": found.comparison.agrees if found.comparison else None,
        "differences": differences_json(found.comparison) if found.comparison else None,
        "before": making_json(found.before),
        "now": making_json(found.now) if found.now else None,
    }
    return answer(body)


def making_json(making: Making) -> dict[str, Any]:
    """How scores were made, as JSON: the scores in their order as pairs of key and value."""
    return {
        "scores": [{"key": key, "value": value} for key, value in making.scores.items()],
        "steps": [_step_json(step) for step in making.steps],
    }


def differences_json(found: Comparison) -> dict[str, Any]:
    """What differs between two makings, as JSON."""
    return {
        "scores": [{"key": each.key, "before": each.before, "now": each.now, "by": each.by} for each in found.scores],
        **{
            name: [{"step": each.step, "what": each.what, "before": each.before, "now": each.now} for each in several]
            for name, several in (("inputs", found.inputs), ("where", found.where))
        },
    }


def _step_json(step: StepRecord) -> dict[str, Any]:
    return {
        "step": step.step,
        "attempt": step.attempt,
        "read": dict(step.read),
        "wrote": dict(step.wrote),
        "runtime": step.runtime,
        "runtime_digest": step.runtime_digest,
        "sandbox": step.sandbox,
        "worker": step.worker,
        "worker_version": step.worker_version,
        "host": step.host,
        "limits": dict(step.limits),
        "network": step.network,
        "started_at": step.started_at,
        "ended_at": step.ended_at,
        "exit_code": step.exit_code,
    }
