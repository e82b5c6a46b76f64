"""Cancelling and deleting submissions."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from podium.rules.access import Action
from podium.rules.board.submission_rules import Happening
from podium.rules.errors import Conflict, NotAllowed
from podium.rules.history import EventKind
from podium.rules.runs import RUN_ENDED, TERMINAL, SubmissionStatus
from podium.server import clock
from podium.server.accounts.people import Person
from podium.server.history.services import ChainName, append
from podium.server.submissions.models import Submission
from podium.server.submissions.services.board import refresh_board
from podium.server.submissions.services.counting import count_submission
from podium.server.submissions.services.end import cancel_run, cancel_runs
from podium.server.submissions.services.runs import children_of, locked_with_board, standing_before


def cancel(by: Person, submission_id: int) -> bool:
    """Stop a submission. Returns False where it had ended already.

    Raises:
        NotFound, NotAllowed: the person may not.
    """
    with transaction.atomic():
        submission = _allowed(by, submission_id, Action.CANCEL_OWN_SUBMISSION, Action.CANCEL_ANY_SUBMISSION)
        if submission.status in TERMINAL:
            return False
        for part in children_of(submission):
            if part.status not in TERMINAL:
                cancel_runs(part, "The submission was cancelled.")
        append(
            ChainName.competition(submission.phase.competition_id),
            EventKind.SUBMISSION_CANCELLED,
            actor=by,
            payload={"submission": submission.pk},
        )
    return True


@clock.one_moment()
def delete(by: Person, submission_id: int) -> None:
    """Take a submission from lists and boards; its scores stay in the history.

    Raises:
        NotFound, NotAllowed: the person may not.
        Conflict: it is still being worked on.
    """
    with transaction.atomic():
        submission = _allowed(by, submission_id, Action.DELETE_OWN_SUBMISSION, Action.DELETE_ANY_SUBMISSION)
        if SubmissionStatus(submission.status) not in TERMINAL:
            raise Conflict("still-running", "The submission is still being worked on.", "Cancel it first.")
        if not submission.is_deleted:
            count_submission(submission.phase_id, -1)
        for part in children_of(submission):
            # Somebody may be looking at what it would be scored now.
            for run in part.runs.exclude(job__state__in=RUN_ENDED):
                cancel_run(run, "The submission was deleted.")
        refresh_board(submission, Happening.DELETED, by=by)
        Submission.objects.filter(pk=submission.pk).update(is_deleted=True)
        Submission.objects.filter(parent=submission).update(is_deleted=True)
        append(
            ChainName.competition(submission.phase.competition_id),
            EventKind.SUBMISSION_DELETED,
            actor=by,
            payload={"submission": submission.pk},
        )


def delete_many(by: Person, submission_ids: Sequence[int]) -> None:
    """Delete several submissions: all of them, or none; raises as `delete`."""
    phases = dict(Submission.objects.filter(pk__in=submission_ids).values_list("pk", "phase_id"))
    with transaction.atomic():
        # In the order of boards and submissions, as everybody locks them.
        for submission_id in sorted(set(submission_ids), key=lambda pk: (phases.get(pk, 0), pk)):
            delete(by, submission_id)


def delete_own(by: Person, submission_id: int) -> None:
    """Delete a submission as its owner, who may not while it stands on the board.

    Raises:
        NotFound: the person does not see it.
        NotAllowed: it is somebody else's, on the board, or still being worked on.
    """
    with transaction.atomic():
        submission = _allowed(by, submission_id, Action.DELETE_OWN_SUBMISSION, Action.SEE_ANY_SUBMISSION)
        if submission.owner_id != by.id:
            raise NotAllowed("not-yours", "This submission is not yours.", "Delete it as an organizer does.")
        if SubmissionStatus(submission.status) not in TERMINAL:
            raise NotAllowed("still-running", "The submission is still being worked on.", "Cancel it first.")
        if submission.on_board:
            raise NotAllowed("on-board", "The submission is on the leaderboard.", "Take it off the leaderboard first.")
        delete(by, submission.pk)


def _allowed(by: Person, submission_id: int, own: Action, any_: Action) -> Submission:
    submission = locked_with_board(submission_id)
    if submission.parent is not None:
        submission = submission.parent
    action = own if submission.owner_id == by.id else any_
    standing_before(by, submission).require(action)
    return submission
