"""The people who take part in a competition, for those who decide about them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from podium.rules.access import Action, ParticipantStatus
from podium.server.accounts.people import Person
from podium.server.competitions.models import Participant
from podium.server.competitions.queries.standing import standing_of


@dataclass(frozen=True)
class ParticipantRow:
    """A person's wish to take part, as organizers see it. `id` is that of the participation, not of the person."""

    id: int
    user_id: int
    username: str
    name: str
    email: str
    is_bot: bool
    status: ParticipantStatus
    created_at: datetime
    decided_at: datetime | None


def participants(
    person: Person | None, competition_id: int, *, status: ParticipantStatus | None = None
) -> list[ParticipantRow]:
    """Everybody who asked to take part, those who wait for a decision first, then in the order they asked.

    Raises:
        NotFound: there is no such competition for this person.
        NotAllowed: the person may not see its participants.
    """
    standing_of(person, competition_id).require(Action.SEE_PARTICIPANTS)
    asked = (
        Participant.objects.filter(competition_id=competition_id).select_related("user").order_by("created_at", "id")
    )
    if status is not None:
        asked = asked.filter(status=status.value)
    rows = [
        ParticipantRow(
            id=row.pk,
            user_id=row.user_id,
            username=row.user.username,
            name=row.user.shown_name,
            email=row.user.email,
            is_bot=row.user.is_bot,
            status=ParticipantStatus(row.status),
            created_at=row.created_at,
            decided_at=row.decided_at,
        )
        for row in asked
    ]
    return sorted(rows, key=lambda row: row.status is not ParticipantStatus.PENDING)
