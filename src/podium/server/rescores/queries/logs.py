"""What programs wrote while submissions were scored once more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from podium.rules.errors import NotFound
from podium.server.accounts.people import Person
from podium.server.files.queries import StoredFile
from podium.server.rescores.models import RescoreItem
from podium.server.rescores.services.deciding import rescore_for
from podium.server.submissions.models import RunFile

_TELLING = ("scoring_stderr", "scoring_ingestion_stderr", "scoring_stdout", "scoring_ingestion_stdout")
"""The logs of scoring, first those that most often say why it failed."""


@dataclass(frozen=True)
class RescoreLog:
    """A log of the last attempt at what ran on a task: `scoring` is 1, or 2 for the second time of one that is sampled;
    `kind` is its name in the contract."""

    part_id: int
    scoring: int
    kind: str
    file: StoredFile


def logs_of_rescore(rescore_id: int, part_ids: Sequence[int]) -> Mapping[int, tuple[RescoreLog, ...]]:
    """By what ran on a task, all that was written in a rescore, first of the first scoring and what says most of why it
    failed; nothing where no log was kept, or all are empty."""
    items = RescoreItem.objects.filter(rescore=rescore_id, submission__in=list(part_ids))
    runs = {
        run: (part, scoring)
        for part, *both in items.values_list("submission_id", "run_id", "twin_id")
        for scoring, run in enumerate(both, start=1)
        if run is not None
    }
    files = RunFile.objects.filter(attempt__run__in=runs, kind__in=_TELLING).exclude(ticket__blob=None, noted=None)
    last: dict[int, list[RunFile]] = {}
    for file in files.select_related("ticket__blob", "noted", "attempt").order_by("attempt__number"):
        written = last.setdefault(file.attempt.run_id, [])
        if written and written[0].attempt_id != file.attempt_id:
            written.clear()
        written.append(file)
    found: dict[int, list[RescoreLog]] = {}
    for run, (part, scoring) in runs.items():
        for file in sorted(last.get(run, ()), key=lambda each: _TELLING.index(each.kind)):
            blob = file.noted or (file.ticket.blob if file.ticket else None)
            if blob is not None and blob.size_bytes:
                stored = StoredFile(blob.sha256, blob.size_bytes, f"{file.kind}.txt")
                found.setdefault(part, []).append(RescoreLog(part, scoring, file.kind, stored))
    return {part: tuple(logs) for part, logs in found.items()}


def log_of_rescore(person: Person, rescore_id: int, part_id: int, scoring: int, kind: str) -> StoredFile:
    """One of these logs.

    Raises:
        NotFound, NotAllowed: the rescore is not for this person, or has no such log.
    """
    rescore_for(person, rescore_id)
    for log in logs_of_rescore(rescore_id, [part_id]).get(part_id, ()):
        if (log.scoring, log.kind) == (scoring, kind):
            return log.file
    raise NotFound("no-such-log", "The rescore has no such log.", "Choose one of those that it names.")
