"""Telling the server how an attempt went."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TypeGuard

from podium.blobs.archives import pack_folder
from podium.rules.errors import OutOfSpace, PodiumError, ProgramError, UserError
from podium.rules.runs import Outcome, Step, SubmissionStatus
from podium.runtimes import AnyRuntime
from podium.worker.execute.order import Role, StepResult
from podium.worker.transport.client import ServerClient
from podium.worker.transport.orders import RunOrder

_OUTCOMES = {outcome.value: outcome for outcome in Outcome if outcome.value.endswith("-limit")}


def report_result(
    client: ServerClient, order: RunOrder, result: StepResult, runtime: AnyRuntime, work: Path, md5: str = ""
) -> None:
    """Upload logs and results, then say that the step is done, or why it failed. `md5` is that of what was submitted,
    where it is known.

    Everything that the end implies is there before the end is told; telling it again changes nothing.
    """
    for kind, text in _logs(order, result):
        if text and kind in order.uploads:
            client.upload(order.uploads[kind], text.encode(), "text/plain; charset=utf-8")
    program = result.run_of(Role.PROGRAM) or result.run_of(Role.INGESTION)
    exit_code = program.outcome.exit_code if program else None
    ran_in = f"{runtime.name} {runtime.digest.removeprefix('sha256:')[:12]}"
    told = {"runtime_digest": runtime.digest, **({"md5": md5} if md5 else {})}
    if result.failure is not None:
        _report_failure(client, order, result.failure, exit_code, {"runtime": ran_in, **told})
        return
    kind = "prediction_result" if order.step is Step.PREDICTION else "scoring_result"
    _upload_folder(client, order.uploads[kind], result.output, work)
    details = _detailed_results(result.output)
    if details is not None and "detailed_results_url" in order.uploads:
        client.upload(order.uploads["detailed_results_url"], details, "text/html")
    fields = {"runtime": ran_in, **told, **({"exit_code": str(exit_code)} if exit_code is not None else {})}
    if order.step is Step.PREDICTION:
        client.report_status(order, SubmissionStatus.SCORING, **fields)
    elif order.scores_with_status:
        client.report_end(order, result.scores, **fields)
    else:
        client.report_scores(order, result.scores)
        client.report_status(order, SubmissionStatus.FINISHED, **fields)


def is_fault_of_programs(error: PodiumError) -> TypeGuard[ProgramError | UserError]:
    """Whether a run failed because of what was sent, and not because of this worker."""
    return isinstance(error, ProgramError | UserError) and not isinstance(error, OutOfSpace)


def report_trouble(client: ServerClient, order: RunOrder, error: PodiumError) -> None:
    """Say that the step could not be run at all: because of what was sent, or because of this worker."""
    if is_fault_of_programs(error):
        fields = {"outcome": Outcome.FAILED.value, "code": error.code, "hint": error.hint}
        client.report_status(order, SubmissionStatus.FAILED, status_details=error.message, **fields)
        return
    fields = {"outcome": Outcome.INFRASTRUCTURE.value, "code": "internal"}
    client.report_status(order, SubmissionStatus.FAILED, status_details=str(error), **fields)


def _report_failure(
    client: ServerClient, order: RunOrder, failure: ProgramError, exit_code: int | None, more: dict[str, str]
) -> None:
    fields = {
        "outcome": _OUTCOMES.get(failure.code, Outcome.FAILED).value,
        "code": failure.code,
        "hint": failure.hint,
        "program": failure.program,
        **more,
    }
    if exit_code is not None:
        fields["exit_code"] = str(exit_code)
    client.report_status(order, SubmissionStatus.FAILED, status_details=failure.message, **fields)


def _logs(order: RunOrder, result: StepResult) -> Iterator[tuple[str, str]]:
    """(name in the contract, text) of each log; what Podium itself has to say goes to the end of stderr."""
    for role, part in ((Role.PROGRAM, ""), (Role.INGESTION, "_ingestion")):
        run = result.run_of(role)
        notes = "".join(f"[podium] {note}\n" for note in result.notes) if role is Role.PROGRAM else ""
        yield f"{order.step}{part}_stdout", run.stdout if run else ""
        yield f"{order.step}{part}_stderr", (run.stderr if run else "") + notes


def _upload_folder(client: ServerClient, link: str, folder: Path, work: Path) -> None:
    with tempfile.NamedTemporaryFile(dir=work, suffix=".zip") as file:
        pack_folder(folder, file)
        file.flush()
        client.upload(link, Path(file.name))


def _detailed_results(output: Path) -> Path | None:
    named = output / "detailed_results.html"
    if named.is_file():
        return named
    return next((path for path in sorted(output.glob("*.html")) if path.is_file()), None)
