"""Taking part: asking to, and deciding about those who asked."""

from __future__ import annotations

import hashlib
from uuid import UUID

from django.db import IntegrityError, transaction

from podium.rules.access import Action, ParticipantStatus
from podium.rules.errors import NotFound, UserError
from podium.rules.history import EventKind
from podium.server import clock
from podium.server.accounts.people import Person
from podium.server.accounts.queries import address_of, is_bot
from podium.server.competitions.models import Competition, Participant
from podium.server.competitions.queries.standing import standing_of
from podium.server.history.services import ChainName, append

_DECISIONS = {
    ParticipantStatus.APPROVED: EventKind.PARTICIPANT_APPROVED,
    ParticipantStatus.DENIED: EventKind.PARTICIPANT_DENIED,
}


def register(
    by: Person, competition_id: int, *, accepts_terms: bool, secret_key: UUID | None = None
) -> ParticipantStatus:
    """Ask to take part. Returns approved where the competition approves everybody, or this person, else pending.

    The event names the terms that were accepted by their sha256.

    Raises:
        NotFound: there is no such competition for this person.
        UserError: the terms are not accepted, or the person has asked before (`already-registered`).
        NotAllowed: the person may not ask.
    """
    standing = standing_of(by, competition_id, secret_key=secret_key)
    standing.require(Action.SEE_COMPETITION)
    if standing.participation is not None:
        raise _asked_before(standing.participation)
    standing.require(Action.REGISTER)
    if not accepts_terms:
        raise UserError(
            "terms-not-accepted", "One takes part by accepting the terms.", "Read them and tick that you accept them."
        )
    try:
        return _register(by, competition_id)
    except IntegrityError as error:
        # The same person asked a second time while the first request was under way, or the competition was deleted.
        now = standing_of(by, competition_id, secret_key=secret_key)
        raise _asked_before(now.participation or ParticipantStatus.PENDING) from error


@transaction.atomic
def _register(by: Person, competition_id: int) -> ParticipantStatus:
    competition = Competition.objects.get(pk=competition_id)
    now = clock.now()
    automatic = competition.registration_auto_approve or _is_expected(competition, by)
    status = ParticipantStatus.APPROVED if automatic else ParticipantStatus.PENDING
    Participant.objects.create(
        competition=competition,
        user_id=by.id,
        status=status.value,
        created_at=now,
        decided_at=now if automatic else None,
    )
    chain = ChainName.competition(competition_id)
    user = {"user": by.opaque_id}
    terms = hashlib.sha256(competition.terms.encode()).hexdigest()
    append(chain, EventKind.PARTICIPANT_REQUESTED, actor=by, payload={**user, "terms": terms})
    if automatic:
        append(chain, EventKind.PARTICIPANT_APPROVED, actor=None, payload=user)
    return status


def _is_expected(competition: Competition, by: Person) -> bool:
    """Whether the competition approves this person: by the address, or as an account of a program."""
    if competition.allow_robot_submissions and is_bot(by.id):
        return True
    address = address_of(by.id)
    return address is not None and competition.whitelist.filter(address=address).exists()


@transaction.atomic
def decide(by: Person, participant_id: int, status: ParticipantStatus) -> None:
    """Approve or deny somebody who asked to take part; a decision may be turned round later.

    Raises:
        NotFound: there is no such participation for this person.
        NotAllowed: the person does not decide here.
        UserError: the status is neither approved nor denied, or it is what was decided already.
    """
    found = Participant.objects.filter(pk=participant_id).values_list("competition_id", flat=True).first()
    if found is None:
        raise _no_participant()
    standing_of(by, found).require(Action.DECIDE_PARTICIPANTS)
    if status not in _DECISIONS:
        raise UserError("decision-unknown", f"{status} is no decision.", "Choose approved or denied.")
    row = Participant.objects.select_for_update().select_related("user").filter(pk=participant_id).first()
    if row is None:
        raise _no_participant()
    if row.status == status.value:
        raise UserError("decision-unchanged", f"This participant is {status} already.", "Load the page again.")
    Participant.objects.filter(pk=participant_id).update(status=status.value, decided_at=clock.now())
    banned = row.status == ParticipantStatus.APPROVED and status is ParticipantStatus.DENIED
    append(
        ChainName.competition(row.competition_id),
        EventKind.PARTICIPANT_BANNED if banned else _DECISIONS[status],
        actor=by,
        payload={"user": str(row.user.opaque_id)},
    )


def _asked_before(status: ParticipantStatus) -> UserError:
    return UserError(
        "already-registered",
        f"You have asked to take part in this competition before; you are {_WORDS[status]}.",
        _NEXT.get(status, ""),
    )


_WORDS = {
    ParticipantStatus.PENDING: "waiting for the organizer's decision",
    ParticipantStatus.APPROVED: "a participant",
    ParticipantStatus.DENIED: "not admitted",
    ParticipantStatus.UNKNOWN: "not yet a participant",
}
_NEXT = {
    ParticipantStatus.APPROVED: "You can submit as soon as a phase is open.",
    ParticipantStatus.DENIED: "Ask the organizer for the reason.",
}


def _no_participant() -> NotFound:
    return NotFound("participant-not-found", "There is no such participant.", "Load the page again.")
