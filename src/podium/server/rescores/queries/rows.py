"""The rescores of a competition, and what could be rescored."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from podium.rules.access import Action
from podium.rules.runs import SubmissionStatus
from podium.server.accounts.people import Person
from podium.server.competitions.models import Phase
from podium.server.competitions.queries.standing import standing_of
from podium.server.rescores.models import Rescore, RescoreState
from podium.server.submissions.models import Submission


@dataclass(frozen=True)
class RescoreRow:
    """A rescore: of a phase, of `chosen` submissions, or of everything; who began it, and what became of it."""

    id: int
    competition_id: int
    phase: str
    phase_id: int | None
    chosen: bool
    state: RescoreState
    reason: str
    by: str
    created_at: datetime
    decided_by: str
    decided_at: datetime | None
    submissions: int
    sampled: int


@dataclass(frozen=True)
class RescorablePhase:
    """A phase, and how many submissions to it have finished; a child counts, where there are several tasks."""

    id: int
    name: str
    finished: int


@dataclass(frozen=True)
class RescorableCompetition:
    """What of a competition could be rescored, and the rescore that is open, if there is one."""

    phases: tuple[RescorablePhase, ...]
    open_id: int | None

    @property
    def finished(self) -> int:
        """How many submissions have finished in all phases."""
        return sum(phase.finished for phase in self.phases)


def rescores_of(person: Person, competition_id: int) -> list[RescoreRow]:
    """The rescores of a competition, newest first.

    Raises:
        NotFound, NotAllowed: they are not for this person.
    """
    standing_of(person, competition_id).require(Action.EDIT_SCORES)
    return rows_of(Rescore.objects.filter(competition_id=competition_id).order_by("-pk"))


def rows_of(rescores: Iterable[Rescore]) -> list[RescoreRow]:
    """Rows of the table as they are shown."""
    ids = [rescore.pk for rescore in rescores]
    found = Rescore.objects.filter(pk__in=ids).select_related("phase", "by", "decided_by")
    counted = found.annotate(number=Count("items")).order_by("-pk")
    return [
        RescoreRow(
            id=row.pk,
            competition_id=row.competition_id,
            phase=row.phase.name if row.phase else "",
            phase_id=row.phase_id,
            chosen=row.chosen,
            state=RescoreState(row.state),
            reason=row.reason,
            by=row.by.shown_name,
            created_at=row.created_at,
            decided_by=row.decided_by.shown_name if row.decided_by else "",
            decided_at=row.decided_at,
            submissions=row.number,
            sampled=row.sampled,
        )
        for row in counted
    ]


def rescorable(person: Person, competition_id: int) -> RescorableCompetition:
    """What of a competition could be rescored now.

    Raises:
        NotFound, NotAllowed: it is not for this person.
    """
    standing_of(person, competition_id).require(Action.EDIT_SCORES)
    finished = Submission.objects.filter(
        phase__competition_id=competition_id,
        task__isnull=False,
        status=SubmissionStatus.FINISHED,
        is_deleted=False,
        is_task_rerun=False,
    )
    numbers = dict(finished.values_list("phase_id").annotate(number=Count("pk")).order_by())
    phases = Phase.objects.filter(competition_id=competition_id).order_by("index").values_list("pk", "name")
    opened = Rescore.objects.filter(competition_id=competition_id, state=RescoreState.OPEN)
    return RescorableCompetition(
        tuple(RescorablePhase(pk, name, numbers.get(pk, 0)) for pk, name in phases),
        opened.values_list("pk", flat=True).first(),
    )
