"""Tell results from code, where a competition with an ingestion program takes both."""

from __future__ import annotations

from pathlib import Path

from podium.rules.errors import ProgramError
from podium.rules.result_files import are_results
from podium.sandbox.interface import Ending
from podium.worker.execute.order import ProgramRun, Role


def counts_as_results(submission: Path | None, failed: ProgramRun, failure: ProgramError) -> bool:
    """Whether a prediction step may go on although the ingestion program failed: over results, in which it found no
    code. Only an exit code is forgiven, no limit."""
    return (
        submission is not None
        and failed.role is Role.INGESTION
        and failed.outcome.ending is Ending.EXITED
        and failure.exit_code is not None
        and are_results(path.relative_to(submission).as_posix() for path in submission.rglob("*") if path.is_file())
    )
