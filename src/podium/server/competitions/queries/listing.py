"""Lists of competitions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import Count, Q, QuerySet, Sum

from podium.rules.access import Action, Role, may
from podium.rules.phases import phase_to_show
from podium.server import clock
from podium.server.accounts.people import Person
from podium.server.competitions.models import Competition, Participant, ParticipantStatus, Phase
from podium.server.competitions.queries.logos import logo_of
from podium.server.competitions.queries.timing import PhaseWindow, windows_of
from podium.server.files.queries import StoredFile


class Involvement(StrEnum):
    """Which competitions are meant, seen from one person."""

    ANY = "any"
    TAKES_PART = "takes-part"
    RUNS = "runs"


@dataclass(frozen=True)
class CompetitionRow:
    """A competition in a list. `phase` is the one that is open, else the next one, else the last; `start` is that of
    the first phase and `end` that of the last, None where it never ends."""

    id: int
    title: str
    description: str
    logo: StoredFile | None
    organizer: str
    organizer_username: str
    competition_type: str
    reward: str
    contact_email: str
    created_at: datetime
    published: bool
    participants: int
    submissions: int
    phase: PhaseWindow | None
    start: datetime | None
    end: datetime | None


def competitions_visible_to(
    person: Person | None,
    *,
    competition_type: str | None = "competition",
    search: str = "",
    involvement: Involvement = Involvement.ANY,
    limit: int | None = None,
    offset: int = 0,
) -> list[CompetitionRow]:
    """The competitions that a person sees, newest first; four queries, however many they are.

    `competition_type` is competition, benchmark, or None for both; `search` looks in title and description.
    """
    chosen = _visible(person)
    if involvement is not Involvement.ANY:
        chosen = chosen.filter(_involves(person, involvement))
    if competition_type is not None:
        chosen = chosen.filter(competition_type=competition_type)
    if search.strip():
        chosen = chosen.filter(Q(title__icontains=search.strip()) | Q(description__icontains=search.strip()))
    chosen = chosen.select_related("created_by", "logo").order_by("-created_at", "-id")
    rows = list(chosen[offset : None if limit is None else offset + limit])
    return _described(rows)


def count_visible_to(
    person: Person | None, *, competition_type: str | None = "competition", involvement: Involvement = Involvement.ANY
) -> int:
    """How many competitions a person sees."""
    chosen = _visible(person)
    if involvement is not Involvement.ANY:
        chosen = chosen.filter(_involves(person, involvement))
    if competition_type is not None:
        chosen = chosen.filter(competition_type=competition_type)
    return chosen.count()


def _visible(person: Person | None) -> QuerySet[Competition]:
    if person is not None and person.is_admin and may(Action.SEE_UNPUBLISHED_COMPETITION, {Role.ADMIN}):
        return Competition.objects.all()
    seen = Q(published=True)
    if person is not None:
        seen |= _involves(person, Involvement.RUNS)
    return Competition.objects.filter(seen)


def _involves(person: Person | None, involvement: Involvement) -> Q:
    """By subqueries: joins would give a competition once for each of its people."""
    if person is None:
        return Q(pk__in=[])
    if involvement is Involvement.RUNS:
        collaborations = Competition.collaborators.through.objects.filter(user_id=person.id)
        return Q(created_by_id=person.id) | Q(pk__in=collaborations.values("competition_id"))
    parts = Participant.objects.filter(user_id=person.id).exclude(status=ParticipantStatus.DENIED)
    return Q(pk__in=parts.values("competition_id"))


def _described(rows: Sequence[Competition]) -> list[CompetitionRow]:
    ids = [row.pk for row in rows]
    now = clock.now()
    windows = windows_of(ids, now)
    taking_part = participant_counts(ids)
    sent = submission_counts(ids)
    described = []
    for row in rows:
        phases = windows.get(row.pk, ())
        described.append(
            CompetitionRow(
                id=row.pk,
                title=row.title,
                description=row.description,
                logo=logo_of(row),
                organizer=row.created_by.shown_name,
                organizer_username=row.created_by.username,
                competition_type=row.competition_type,
                reward=row.reward,
                contact_email=row.contact_email,
                created_at=row.created_at,
                published=row.published,
                participants=taking_part.get(row.pk, 0),
                submissions=sent.get(row.pk, 0),
                phase=phase_to_show(phases, now),
                start=phases[0].start if phases else None,
                end=phases[-1].end if phases else None,
            )
        )
    return described


def participant_counts(competition_ids: Sequence[int]) -> Mapping[int, int]:
    """How many approved participants each competition has; those without any are left out."""
    approved = Participant.objects.filter(competition_id__in=competition_ids, status=ParticipantStatus.APPROVED)
    return dict(approved.order_by().values_list("competition_id").annotate(Count("id")))


def submission_counts(competition_ids: Sequence[int]) -> Mapping[int, int]:
    """How many submissions each competition has, not counting deleted ones and the children of others; those without
    any may be left out. Nothing is counted for that: a number is kept for each phase.

    Submissions lie above this app, so they are reached through the relation that they declare, not imported.
    """
    counted = Phase.objects.filter(competition_id__in=competition_ids, submission_count__number__gt=0)
    return dict(counted.order_by().values_list("competition_id").annotate(Sum("submission_count__number")))


def titles_in_queue(queue_id: int) -> list[str]:
    """The titles of the competitions whose submissions go to a queue, for whoever keeps the site."""
    return list(Competition.objects.filter(queue=queue_id).order_by("pk").values_list("title", flat=True))


def has_submissions(competition_id: int) -> bool:
    """Whether anybody ever submitted to the competition, deleted submissions included."""
    return Phase.objects.filter(competition_id=competition_id, submissions__isnull=False).exists()
