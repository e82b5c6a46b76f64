"""Making what was sent public, and private again."""

from __future__ import annotations

from django.db import transaction

from podium.rules.access import Action
from podium.rules.errors import Conflict, NotAllowed
from podium.rules.history import EventKind
from podium.rules.runs import SubmissionStatus
from podium.server.accounts.people import Person
from podium.server.history.services import ChainName, append
from podium.server.submissions.models import Submission
from podium.server.submissions.services.runs import locked, standing_before


def set_public(by: Person, submission_id: int, public: bool | None = None) -> bool:
    """Let everybody who sees the competition download the file of a submission, or nobody any more; None turns it
    round. Returns whether it is public now.

    Nobody but its owner makes it public; whoever runs the competition may make it private.

    Raises:
        NotFound, NotAllowed: the person, or the competition, does not allow it.
        Conflict: it has not finished.
    """
    with transaction.atomic():
        submission = locked(submission_id)
        if submission.parent is not None:
            submission = submission.parent
        standing = standing_before(by, submission)
        own = submission.owner_id == by.id
        wish = not submission.is_public if public is None else public
        if wish:
            _check_own(submission, own=own)
            standing.require(Action.MAKE_OWN_SUBMISSION_PUBLIC)
        elif not own:
            standing.require(Action.MAKE_ANY_SUBMISSION_PRIVATE)
        if wish != submission.is_public:
            Submission.objects.filter(pk=submission.pk).update(is_public=wish)
            append(
                ChainName.competition(submission.phase.competition_id),
                EventKind.SUBMISSION_MADE_PUBLIC if wish else EventKind.SUBMISSION_MADE_PRIVATE,
                actor=by,
                payload={"submission": submission.pk},
            )
    return wish


def _check_own(submission: Submission, *, own: bool) -> None:
    if not own:
        raise NotAllowed("not-yours", "Only the person who sent a submission can make it public.", "Ask that person.")
    if not submission.phase.competition.can_participants_make_submissions_public:
        raise NotAllowed(
            "sharing-off",
            "This competition does not let participants make their submissions public.",
            "Ask the organizer.",
        )
    if submission.status != SubmissionStatus.FINISHED:
        raise Conflict(
            "submission-not-finished", "Only a finished submission can be made public.", "Wait until it has finished."
        )
