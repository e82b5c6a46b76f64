"""What the result of a prediction step says of how its programs ended."""

from __future__ import annotations

from podium.blobs.archives import PREDICTION_LIMITS, SUBMISSION_LIMITS, ZipSource
from podium.rules.errors import ArchiveError, NotFound, ProgramError
from podium.rules.flat_yaml import plain_values
from podium.rules.result_files import WHY_FORGIVEN, are_results
from podium.server.competitions.queries.running import scores_failed_predictions
from podium.server.files.services import store
from podium.server.submissions.models import Attempt, RunFile
from podium.server.submissions.services.notes import add_notes
from podium.server.submissions.services.runs import task_of

_METADATA = "metadata"
_LARGEST_METADATA_BYTES = 64 << 10
_INGESTION = "ingestionExitCode"
_PROGRAMS = (("exitCode", "The submission"), (_INGESTION, "The ingestion program"))


def failure_in_metadata(attempt: Attempt) -> ProgramError | None:
    """The failure of a program that a worker wrote into the file `metadata` of the predictions, which have arrived.

    Codabench's workers tell it nowhere else. None where there was none, or where the task is scored all the same; and,
    with a note, where an ingestion program stumbled over results, which our own workers forgive as well.
    """
    if scores_failed_predictions(task_of(attempt.run.submission)):
        return None
    content = _metadata(attempt)
    for key, who in _PROGRAMS:
        code = content.get(key)
        if not isinstance(code, int) or code == 0:
            continue
        message = f"{who} ended with exit code {code}."
        if key == _INGESTION and _are_results(attempt):
            add_notes(attempt, [f"{message} {WHY_FORGIVEN}"])
            continue
        return ProgramError("exit-code", message, "Its log shows more.", exit_code=code)
    return None


def _are_results(attempt: Attempt) -> bool:
    blob_id = attempt.run.submission.data.blob_id
    if blob_id is None:
        return False
    try:
        with ZipSource(store().path(str(blob_id)), SUBMISSION_LIMITS) as source:
            return are_results(source.names())
    except (ArchiveError, NotFound, OSError):
        return False


def _metadata(attempt: Attempt) -> dict[str, str | int | None]:
    file = RunFile.objects.select_related("ticket").get(attempt=attempt, kind="prediction_result")
    try:
        with ZipSource(store().path(str(file.ticket.blob_id)), PREDICTION_LIMITS) as source:
            if _METADATA not in source.names():
                return {}
            text = source.head(_METADATA, _LARGEST_METADATA_BYTES)
            return plain_values(text)
    except (ArchiveError, NotFound, OSError):
        # What scoring makes of it will be told there.
        return {}
