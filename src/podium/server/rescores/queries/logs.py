"""What the programs wrote that failed in a rescore."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from podium.server.files.queries import StoredFile
from podium.server.rescores.models import RescoreItem
from podium.server.submissions.models import RunFile

_TELLING = ("scoring_stderr", "scoring_ingestion_stderr", "scoring_stdout", "scoring_ingestion_stdout")
"""The logs of scoring, first those that most often say why it failed."""


@dataclass(frozen=True)
class FailedLog:
    """The log that says most of why a submission could not be scored; `kind` is its name in the contract."""

    kind: str
    file: StoredFile


def failed_logs(rescore_id: int, part_ids: Sequence[int]) -> Mapping[int, FailedLog]:
    """By what ran on a task, a log of its last attempt in a rescore; nothing where none was kept, or all are empty."""
    runs = RescoreItem.objects.filter(rescore=rescore_id, submission__in=list(part_ids)).values("run")
    files = RunFile.objects.filter(attempt__run__in=runs, kind__in=_TELLING).exclude(ticket__blob=None, noted=None)
    newest: dict[int, list[RunFile]] = {}
    for file in files.select_related("ticket__blob", "noted", "attempt__run").order_by("attempt__number"):
        written = newest.setdefault(file.attempt.run.submission_id, [])
        if written and written[0].attempt_id != file.attempt_id:
            written.clear()
        written.append(file)
    found: dict[int, FailedLog] = {}
    for part, written in newest.items():
        for file in sorted(written, key=lambda each: _TELLING.index(each.kind)):
            blob = file.noted or file.ticket.blob
            if part not in found and blob is not None and blob.size_bytes:
                found[part] = FailedLog(file.kind, StoredFile(blob.sha256, blob.size_bytes, f"{file.kind}.txt"))
    return found
