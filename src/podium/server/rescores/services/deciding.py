"""What applying and cancelling have in common."""

from __future__ import annotations

from podium.rules.access import Action
from podium.rules.errors import Conflict, NotFound
from podium.server import clock
from podium.server.accounts.people import Person
from podium.server.competitions.queries.standing import standing_of
from podium.server.rescores.models import Rescore, RescoreState

_DECIDED = {RescoreState.APPLIED: "applied", RescoreState.CANCELLED: "cancelled"}


def rescore_for(by: Person, rescore_id: int) -> Rescore:
    """A rescore, for somebody who may decide about it.

    Raises:
        NotFound: there is none for this person.
        NotAllowed: the person sees the competition, and may not rescore it.
    """
    found = Rescore.objects.filter(pk=rescore_id).first()
    if found is None:
        raise rescore_not_found()
    standing = standing_of(by, found.competition_id)
    if not standing.may(Action.SEE_COMPETITION):
        raise rescore_not_found()
    standing.require(Action.EDIT_SCORES)
    return found


def held_open(rescore_id: int) -> Rescore:
    """The same rescore, locked until the transaction ends.

    Raises:
        Conflict: it was applied or cancelled before.
    """
    found = Rescore.objects.select_for_update(of=("self",)).get(pk=rescore_id)
    if found.state != RescoreState.OPEN:
        said = _DECIDED[RescoreState(found.state)]
        raise Conflict("rescore-decided", f"This rescore was {said} already.", "Load the page again.")
    return found


def decide(by: Person, rescore: Rescore, state: RescoreState) -> None:
    """Write down who decided what, and when."""
    rescore.state = state
    rescore.decided_by_id = by.id
    rescore.decided_at = clock.now()
    rescore.save(update_fields=["state", "decided_by", "decided_at"])


def rescore_not_found() -> NotFound:
    """The one answer for a rescore that is not there, and for one of a competition that the person does not see."""
    return NotFound("rescore-not-found", "There is no such rescore.", "Look at those of the competition.")
