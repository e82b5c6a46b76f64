"""Which submissions a person may see, and how much of them."""

from __future__ import annotations

from dataclasses import dataclass

from podium.rules.access import Action
from podium.rules.errors import NotAllowed, NotFound
from podium.server.accounts.people import Person
from podium.server.competitions.queries.standing import Standing, standing_of
from podium.server.submissions.models import Submission

_OUTPUTS_HIDDEN_BY = {"prediction": "hide_prediction_output", "scoring": "hide_score_output"}


@dataclass(frozen=True)
class Sight:
    """A submission's row, the person's standing in its competition, and whether it is the person's own."""

    row: Submission
    standing: Standing
    own: bool

    @property
    def staff(self) -> bool:
        """Whether the person sees it as one who runs the competition."""
        return self.standing.may(Action.SEE_ANY_SUBMISSION)

    def may_see_output(self, step: str) -> bool:
        """Whether logs and results of a step are open to the person."""
        if self.standing.may(Action.SEE_HIDDEN_OUTPUT):
            return True
        phase = self.row.phase
        return not phase.hide_output and not getattr(phase, _OUTPUTS_HIDDEN_BY[step])


def submission_for(person: Person | None, submission_id: int) -> Sight:
    """A submission that is not deleted, as the person may see it.

    Raises:
        NotAllowed: nobody is signed in.
        NotFound: there is none, or it is somebody else's; the two are not told apart.
    """
    if person is None:
        raise NotAllowed("sign-in-required", "Submissions are not public.", "Sign in.", sign_in=True)
    row = (
        Submission.objects.select_related("phase__competition", "owner", "data", "task", "parent")
        .filter(pk=submission_id, is_deleted=False)
        .first()
    )
    if row is None:
        raise _not_found()
    standing = standing_of(person, row.phase.competition_id)
    own = row.owner_id == person.id
    if not standing.may(Action.SEE_ANY_SUBMISSION) and not (own and standing.may(Action.SEE_OWN_SUBMISSION)):
        raise _not_found()
    return Sight(row, standing, own)


def _not_found() -> NotFound:
    return NotFound("submission-not-found", "There is no such submission.", "Check the address; it may be deleted.")
