"""What a person is to a competition, and whether that allows an action."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from podium.rules.access import Action, ParticipantStatus, Role, may, require, roles_towards
from podium.rules.errors import NotFound
from podium.server.accounts.people import Person
from podium.server.competitions.models import Competition, Participant
from podium.server.prepared_queries import prepared

_LARGEST_ID = 2**63 - 1
_NOBODY = 0


@dataclass(frozen=True)
class Standing:
    """A person's roles towards a competition, and whether the competition is open to everybody.

    `published` is also true for somebody who knows the secret key of an unpublished competition.
    """

    competition_id: int
    roles: frozenset[Role]
    published: bool
    participation: ParticipantStatus | None

    def may(self, action: Action) -> bool:
        """Whether the action is allowed."""
        return may(action, self.roles, published=self.published)

    def require(self, action: Action) -> None:
        """Raises NotFound where the competition is not visible, NotAllowed where the action is refused."""
        require(action, self.roles, published=self.published)


def competition_not_found() -> NotFound:
    """The one answer for a competition that is not there and for one that the person may not see."""
    return NotFound(
        "competition-not-found",
        "There is no such competition.",
        "It may not be published yet. Check the address, or ask its organizer.",
    )


def standing_of(person: Person | None, competition_id: int, *, secret_key: UUID | None = None) -> Standing:
    """A person's standing in one competition; one query.

    Raises:
        NotFound: there is no such competition.
    """
    row = _standing(competition=competition_id, person=_NOBODY if person is None else person.id)
    if not row:
        raise competition_not_found()
    creator, published, secret, collaborates, status = row[0]
    participation = None if status is None else ParticipantStatus(status)
    return Standing(
        competition_id=competition_id,
        roles=roles_towards(
            signed_in=person is not None,
            admin=person is not None and person.is_admin,
            organizer=person is not None and creator == person.id,
            collaborator=collaborates,
            participation=participation,
        ),
        published=published or (secret_key is not None and secret_key == secret),
        participation=participation,
    )


@prepared
def _standing(competition: int, person: int) -> QuerySet[Competition, Any]:
    through = Competition.collaborators.through.objects
    collaborations = through.filter(user_id=person, competition_id=OuterRef("pk"))
    participations = Participant.objects.filter(user_id=person, competition_id=OuterRef("pk"))
    found = Competition.objects.annotate(
        collaborates=Exists(collaborations), participation=Subquery(participations.values("status"))
    )
    names = ("created_by_id", "published", "secret_key", "collaborates", "participation")
    return found.filter(pk=competition).values_list(*names)


def standings_of(
    person: Person | None, competition_ids: Iterable[int], *, secret_key: UUID | None = None
) -> Mapping[int, Standing]:
    """A person's standing in each of the competitions that exist; three queries, however many they are."""
    # A number in an address may be larger than what SQLite takes in a list.
    ids = [pk for pk in competition_ids if 0 < pk <= _LARGEST_ID]
    rows = Competition.objects.filter(pk__in=ids).values_list("pk", "created_by_id", "published", "secret_key")
    collaborations: set[int] = set()
    participations: dict[int, ParticipantStatus] = {}
    if person is not None:
        through = Competition.collaborators.through.objects
        collaborations = set(
            through.filter(user_id=person.id, competition_id__in=ids).values_list("competition_id", flat=True)
        )
        held = Participant.objects.filter(user_id=person.id, competition_id__in=ids)
        participations = {
            competition: ParticipantStatus(status)
            for competition, status in held.values_list("competition_id", "status")
        }
    return {
        pk: Standing(
            competition_id=pk,
            roles=roles_towards(
                signed_in=person is not None,
                admin=person is not None and person.is_admin,
                organizer=person is not None and creator == person.id,
                collaborator=pk in collaborations,
                participation=participations.get(pk),
            ),
            published=published or (secret_key is not None and secret_key == secret),
            participation=participations.get(pk),
        )
        for pk, creator, published, secret in rows
    }


def standings_towards(competition_id: int, people: Iterable[Person | None]) -> Mapping[Person | None, Standing]:
    """The standing of each of these people in one competition, empty where there is none such; three queries, however
    many they are."""
    asked = set(people)
    ids = [person.id for person in asked if person is not None]
    row = Competition.objects.filter(pk=competition_id).values_list("created_by_id", "published").first()
    if row is None:
        return {}
    creator, published = row
    through = Competition.collaborators.through.objects
    collaborators = set(
        through.filter(user_id__in=ids, competition_id=competition_id).values_list("user_id", flat=True)
    )
    held = Participant.objects.filter(user_id__in=ids, competition_id=competition_id)
    statuses = {user: ParticipantStatus(status) for user, status in held.values_list("user_id", "status")}
    return {
        person: Standing(
            competition_id=competition_id,
            roles=roles_towards(
                signed_in=person is not None,
                admin=person is not None and person.is_admin,
                organizer=person is not None and creator == person.id,
                collaborator=person is not None and person.id in collaborators,
                participation=None if person is None else statuses.get(person.id),
            ),
            published=published,
            participation=None if person is None else statuses.get(person.id),
        )
        for person in asked
    }


def roles_of(person: Person | None, competition_id: int) -> frozenset[Role]:
    """The roles a person has towards a competition.

    Raises:
        NotFound: there is no such competition.
    """
    return standing_of(person, competition_id).roles
