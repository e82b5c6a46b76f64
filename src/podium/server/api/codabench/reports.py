"""What workers report. The secret of the run's attempt is all they prove themselves with."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from podium.rules.errors import UserError
from podium.server.api.answers import answer, nothing
from podium.server.api.bodies import Body, read
from podium.server.api.codabench.numbers import ExitCode, Id
from podium.server.submissions.services.on_the_way import note_error, note_md5
from podium.server.submissions.services.report import StatusReport, report_scores, report_status

LEASE = "Podium-Lease"
"""The header by which a worker of ours names the lease that it holds. Other workers send none."""


class Status(Body):
    """The contract's fields, and from `outcome` on those that only our own workers send."""

    secret: str = ""
    status: str = ""
    status_details: str = ""
    md5: str = ""
    type: str = ""
    error_message: str = ""
    is_scoring: str | bool = ""
    outcome: str = ""
    code: str = ""
    hint: str = ""
    exit_code: ExitCode | None = None
    runtime: str = ""
    runtime_digest: str = ""
    program: str = ""
    scores: dict[str, Any] | None = None


class Scores(Body):
    """`scores` may be anything: what cannot be scores fails the submission, and says why."""

    secret: str = ""
    scores: Any = None


def status(request: HttpRequest, pk: Id) -> HttpResponse:
    """Take a status, or a word about a trouble before the status that follows from it."""
    told = read(request, Status, storable=False)
    lease = request.headers.get(LEASE, "")
    if told.md5 and not told.status:
        note_md5(pk, told.secret, told.md5, lease)
    elif told.error_message or told.type or not told.status:
        note_error(pk, told.secret, told.error_message, told.type, lease)
    if told.status:
        report = StatusReport(
            status=told.status,
            details=told.status_details,
            outcome=told.outcome,
            code=told.code,
            hint=told.hint,
            exit_code=told.exit_code,
            runtime=told.runtime,
            runtime_digest=told.runtime_digest,
            md5=told.md5,
            program=told.program,
            scores=told.scores,
        )
        report_status(pk, told.secret, report, lease)
    return answer({})


def scores(request: HttpRequest, pk: Id) -> HttpResponse:
    """Take the scores of a scoring step."""
    told = read(request, Scores, storable=False)
    if told.scores is None:
        raise UserError("scores-required", "'scores' required.", "Send an object of column keys and numbers.")
    report_scores(pk, told.secret, told.scores, request.headers.get(LEASE, ""))
    return nothing(200)
