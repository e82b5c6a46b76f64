"""What stands above every page of a competition, read without the rest of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet

from podium.rules.access import Action
from podium.rules.phases import phase_to_show
from podium.server import clock
from podium.server.accounts.people import Person
from podium.server.competitions.models import Competition, Participant, ParticipantStatus, Phase
from podium.server.competitions.queries.listing import submission_counts
from podium.server.competitions.queries.logos import logo_file
from podium.server.competitions.queries.standing import Standing, competition_not_found, standing_of
from podium.server.competitions.queries.timing import PhaseWindow, window_from
from podium.server.files.queries import StoredFile
from podium.server.prepared_queries import prepared


@dataclass(frozen=True)
class CompetitionHeading:
    """A competition by its name, its phases and how many take part. `phase` is the one to show first: the open one,
    else the next, else the last. `submissions` counts them only for those who see everybody's."""

    id: int
    title: str
    logo: StoredFile | None
    published: bool
    reward: str
    phases: tuple[PhaseWindow, ...]
    phase: PhaseWindow | None
    participants: int
    submissions: int
    standing: Standing


def competition_heading(person: Person | None, competition_id: int) -> CompetitionHeading:
    """The heading of a competition as the person may see it; four queries, and one more for its staff.

    Raises:
        NotFound: there is no such competition for this person.
    """
    standing = standing_of(person, competition_id)
    standing.require(Action.SEE_COMPETITION)
    found = _competition(pk=competition_id)
    if not found:
        raise competition_not_found()
    title, published, reward, logo_type, sha256, size_bytes = found[0]
    now = clock.now()
    phases = tuple(window_from(*row, now=now) for row in _phases(competition=competition_id))
    counted = _participants(competition=competition_id)
    return CompetitionHeading(
        id=competition_id,
        title=title,
        logo=None if sha256 is None else logo_file(sha256, size_bytes, logo_type),
        published=published,
        reward=reward,
        phases=phases,
        phase=phase_to_show(phases, now),
        participants=counted[0][0] if counted else 0,
        submissions=counted_submissions(standing),
        standing=standing,
    )


def counted_submissions(standing: Standing) -> int:
    """How many submissions there are for those who see them all; none for everybody else."""
    if not standing.may(Action.SEE_ANY_SUBMISSION):
        return 0
    return submission_counts([standing.competition_id]).get(standing.competition_id, 0)


@prepared
def _competition(pk: int) -> QuerySet[Competition, Any]:
    names = ("title", "published", "reward", "logo_type", "logo__sha256", "logo__size_bytes")
    return Competition.objects.filter(pk=pk).values_list(*names)


@prepared
def _phases(competition: int) -> QuerySet[Phase, Any]:
    found = Phase.objects.filter(competition_id=competition).order_by("index")
    return found.values_list("pk", "index", "name", "start", "end")


@prepared
def _participants(competition: int) -> QuerySet[Participant, Any]:
    approved = Participant.objects.filter(competition_id=competition, status=ParticipantStatus.APPROVED)
    return approved.order_by().values("competition_id").annotate(number=Count("pk")).values_list("number")
