"""Files that are kept no longer than the site's settings say: logs, outputs, submissions. Scores and events stay."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from podium.rules.history import EventKind, moment
from podium.rules.runs import TERMINAL
from podium.server import clock
from podium.server.configuration import configuration
from podium.server.files.models import DataSet, UploadTicket
from podium.server.history.services import ChainName, append
from podium.server.jobs.internal.models import InternalJob
from podium.server.submissions.models import LiveLog, RunFile, Submission

_PORTION = 100
# The page of an import or a change of a board shows what came of it for as long.
_JOBS_KEPT = timedelta(days=30)
_LOGS = Q(kind__endswith="stdout") | Q(kind__endswith="stderr")


def remove_expired_files() -> int:
    """Forget the files of submissions that ended longer ago than the settings keep them; their bytes are swept when
    nothing else names them. Returns how many submissions lost files."""
    chosen = configuration()
    kept = {"logs": chosen.keep_logs_days, "outputs": chosen.keep_outputs_days}
    kept["submissions"] = chosen.keep_submissions_days
    now = clock.now()
    return sum(_remove_all(files, now - timedelta(days=days)) for files, days in kept.items() if days)


def remove_ended_jobs() -> int:
    """Forget jobs of the site that ended a month ago, with what they said. Returns how many it were."""
    removed, _ = InternalJob.objects.filter(ended_at__lt=clock.now() - _JOBS_KEPT).delete()
    return removed


def _remove_all(files: str, before: datetime) -> int:
    """Forget one kind of files of everything that ended before then, some competitions' submissions at a time."""
    removed = 0
    while portion := list(_expired(files, before).values_list("pk", "phase__competition_id")[:_PORTION]):
        by_competition: dict[int, list[int]] = {}
        for pk, competition_id in portion:
            by_competition.setdefault(competition_id, []).append(pk)
        for competition_id, ids in sorted(by_competition.items()):
            _remove(files, before, competition_id, sorted(ids))
        removed += len(portion)
    return removed


@transaction.atomic
def _remove(files: str, before: datetime, competition_id: int, ids: list[int]) -> None:
    _REMOVERS[files](ids, before)
    payload = {"files": files, "before": moment(before), "submissions": ids}
    append(ChainName.competition(competition_id), EventKind.FILES_REMOVED, actor=None, payload=payload)


def _expired(files: str, before: datetime) -> QuerySet[Submission]:
    """What ended before then and still has such files."""
    ended = Submission.objects.filter(status__in=TERMINAL, ended_at__lt=before)
    if files == "submissions":
        # What is run again or taken over later has the same file; it goes when the last of them is old enough.
        younger = Submission.objects.filter(data=OuterRef("data")).exclude(status__in=TERMINAL, ended_at__lt=before)
        has = ended.filter(parent=None).exclude(data__blob=None)
        return has.filter(~Exists(younger)).order_by("pk")
    some = Exists(_written(files, before).filter(attempt__run__submission=OuterRef("pk")))
    begun = Exists(LiveLog.objects.filter(attempt__run__submission=OuterRef("pk")))
    return ended.filter(some | begun if files == "logs" else some).order_by("pk")


def _written(files: str, before: datetime) -> QuerySet[RunFile]:
    """Logs or outputs that are still there, of attempts that ended before then: what is scored once more, long after
    its end, still needs what it writes."""
    kind = _LOGS if files == "logs" else ~_LOGS
    there = RunFile.objects.filter(kind, attempt__ended_at__lt=before)
    return there.exclude(ticket__blob=None, noted=None, shared=None)


def _forget_written(files: str) -> Callable[[list[int], datetime], None]:
    def forget(ids: list[int], before: datetime) -> None:
        found = _written(files, before).filter(attempt__run__submission__in=ids)
        tickets = list(found.values_list("ticket_id", flat=True))
        found.update(noted=None, shared=None)
        for start in range(0, len(tickets), _PORTION):
            UploadTicket.objects.filter(pk__in=tickets[start : start + _PORTION]).update(blob=None)

    return forget


def _forget_logs(ids: list[int], before: datetime) -> None:
    _forget_written("logs")(ids, before)
    # What came while an attempt ran whose worker was lost before it could send the log whole.
    LiveLog.objects.filter(attempt__run__submission__in=ids).delete()


def _forget_sent(ids: list[int], before: datetime) -> None:  # noqa: ARG001 - as all of them
    DataSet.objects.filter(submissions__in=ids).update(blob=None, size_bytes=0)


_REMOVERS: Mapping[str, Callable[[list[int], datetime], None]] = {
    "logs": _forget_logs,
    "outputs": _forget_written("outputs"),
    "submissions": _forget_sent,
}


def what_is_gone(ended_at: datetime | None, *, file_is_here: bool) -> list[str]:
    """Sentences for the page of a submission about files of it that are not kept any more."""
    chosen = configuration()
    kept = {"Logs": chosen.keep_logs_days, "Results of runs": chosen.keep_outputs_days}
    if not file_is_here:
        kept["Files that were sent"] = chosen.keep_submissions_days
    return [
        f"{files} are kept for {days} days on this site. Those of this submission were removed; its scores stay."
        for files, days in kept.items()
        if days and ended_at is not None and ended_at < clock.now() - timedelta(days=days)
    ]
