"""What uses space: bytes by competition and kind of file."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import F, Q, QuerySet, Sum

from podium.rules.access import Action, require, roles_towards
from podium.server.accounts.people import Person
from podium.server.competitions.models import Competition
from podium.server.configuration import configuration
from podium.server.files.models import Blob, DataSet
from podium.server.submissions.models import RunFile, Submission, TaskFile

_LOGS = Q(kind__endswith="stdout") | Q(kind__endswith="stderr")


@dataclass(frozen=True)
class CompetitionSpace:
    """How many bytes the files of a competition have. Bytes that two files share count for both."""

    competition_id: int
    title: str
    submissions: int
    outputs: int
    logs: int
    materials: int

    @property
    def total(self) -> int:
        return self.submissions + self.outputs + self.logs + self.materials


@dataclass(frozen=True)
class Space:
    """What uses space: the competitions that the person runs, the largest first; for administrators, all bytes that
    the site keeps, each counted once. `kept_days` says how long files are kept, 0 for ever."""

    competitions: tuple[CompetitionSpace, ...]
    whole: int | None
    kept_days: dict[str, int]


def space_for(by: Person) -> Space:
    """What uses space, for those who run competitions and for administrators.

    Raises:
        NotAllowed: the person is nobody who may ask.
    """
    require(Action.MANAGE_OWN_ACCOUNT, roles_towards(signed_in=True, admin=by.is_admin))
    rows = Competition.objects.all()
    if not by.is_admin:
        rows = rows.filter(Q(created_by_id=by.id) | Q(collaborators=by.id)).distinct()
    found = [_of(pk, title) for pk, title in rows.order_by("pk").values_list("pk", "title")]
    chosen = configuration()
    return Space(
        competitions=tuple(sorted(found, key=lambda each: -each.total)),
        whole=_sum(Blob.objects.all(), "size_bytes") if by.is_admin else None,
        kept_days={
            "submissions": chosen.keep_submissions_days,
            "outputs": chosen.keep_outputs_days,
            "logs": chosen.keep_logs_days,
        },
    )


def _of(competition_id: int, title: str) -> CompetitionSpace:
    sent = Submission.objects.filter(phase__competition_id=competition_id, parent=None)
    files = RunFile.objects.filter(attempt__run__submission__phase__competition_id=competition_id)
    material = Q()
    for slot in ("scoring_program", "ingestion_program", "input_data", "reference_data"):
        material |= Q(pk__in=_slot(competition_id, f"tasks__{slot}"))
    for slot in ("starting_kit", "public_data"):
        material |= Q(pk__in=_slot(competition_id, slot))
    material |= Q(pk__in=Competition.objects.filter(pk=competition_id).values("bundle"))
    used = DataSet.objects.filter(material)
    apart = files.exclude(shared=F("ticket__blob"))
    return CompetitionSpace(
        competition_id,
        title,
        submissions=_sum(DataSet.objects.filter(pk__in=sent.values("data")), "size_bytes"),
        outputs=_sum(files.filter(~_LOGS), "ticket__blob__size_bytes") + _sum(apart, "shared__size_bytes"),
        logs=_sum(files.filter(_LOGS), "ticket__blob__size_bytes") + _sum(files, "noted__size_bytes"),
        materials=_sum(used, "size_bytes") + _sum(_replaced(competition_id, used), "size_bytes"),
    )


def _replaced(competition_id: int, used: QuerySet[DataSet]) -> QuerySet[Blob]:
    """What the tasks once had and runs have read: it is kept, so that their scores can be made again."""
    tasks = Submission.objects.filter(phase__competition_id=competition_id, task__isnull=False).values("task")
    read = TaskFile.objects.filter(task__in=tasks).values("blob")
    now = used.exclude(blob=None).values("blob")
    return Blob.objects.filter(pk__in=read).exclude(pk__in=now)


def _slot(competition_id: int, slot: str) -> set[int]:
    """The data sets that the phases of a competition, or their tasks, name for a purpose."""
    named = Competition.objects.filter(pk=competition_id).values_list(f"phases__{slot}", flat=True)
    return {pk for pk in named if pk is not None}


def _sum(rows: QuerySet[Blob] | QuerySet[DataSet] | QuerySet[RunFile], field: str) -> int:
    return int(rows.aggregate(total=Sum(field))["total"] or 0)
