"""Tell results from code, where a competition with an ingestion program takes both."""

from __future__ import annotations

from pathlib import Path

from podium.rules.errors import ProgramError
from podium.sandbox.interface import Ending
from podium.worker.execute.commands import find_command
from podium.worker.execute.order import ProgramRun, Role

_CODE = {".bash", ".c", ".cc", ".cpp", ".cs", ".f90", ".go", ".ipynb", ".jar", ".java", ".jl", ".js", ".kt", ".lua"}
_CODE |= {".m", ".mjs", ".php", ".pl", ".py", ".pyc", ".pyd", ".pyx", ".r", ".rb", ".rs", ".scala", ".sh", ".so", ".ts"}


def holds_only_results(submission: Path) -> bool:
    """Whether a submission has neither a metadata file nor any file that looks like code, by its name."""
    if find_command(submission).file is not None:
        return False
    return not any(path.suffix.lower() in _CODE for path in submission.rglob("*"))


def counts_as_results(submission: Path | None, failed: ProgramRun, failure: ProgramError) -> bool:
    """Whether a prediction step may go on although the ingestion program failed.

    Competitions that take code and results run their ingestion program on both, and it stumbles over results: there
    is no code in them. Only an exit code is forgiven, no limit.
    """
    return (
        submission is not None
        and failed.role is Role.INGESTION
        and failed.outcome.ending is Ending.EXITED
        and failure.exit_code is not None
        and holds_only_results(submission)
    )
