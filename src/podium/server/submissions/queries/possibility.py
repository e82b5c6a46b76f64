"""Whether a person may submit to a phase now, and why not."""

from __future__ import annotations

from podium.rules.access import Action
from podium.rules.errors import NotAllowed, NotFound, UserError
from podium.rules.phases import check_submission_allowed
from podium.server import clock
from podium.server.accounts.people import Person
from podium.server.competitions.models import Phase
from podium.server.competitions.queries.standing import standing_of
from podium.server.submissions.queries.quota import used_quota


def why_not_submit(person: Person, phase_id: int) -> UserError | None:
    """What stands against a submission of the person to the phase at this moment; None where nothing does.

    Raises:
        NotFound: there is no such phase for this person.
    """
    phase = Phase.objects.filter(pk=phase_id).first()
    if phase is None:
        raise NotFound("no-such-phase", "There is no such phase.", "Look at the phases of the competition.")
    standing = standing_of(person, phase.competition_id)
    now = clock.now()
    try:
        standing.require(Action.SUBMIT)
        check_submission_allowed(phase, now, **used_quota(person.id, phase_id, now))
    except NotAllowed as error:
        return error
    except UserError as error:
        if isinstance(error, NotFound):
            raise
        return error
    return None
