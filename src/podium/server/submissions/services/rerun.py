"""Running submissions again, as new ones, for those who run the competition. Limits and the dates of phases do not
count; it is the turn of whoever asks that the runs take up, not that of the participants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from podium.rules.access import Action
from podium.rules.errors import Conflict, NotFound, UserError
from podium.rules.runs import TERMINAL, SubmissionStatus
from podium.server import clock
from podium.server.accounts.people import Person
from podium.server.competitions.models import Phase, Task
from podium.server.competitions.queries.standing import standing_of
from podium.server.submissions.models import Submission
from podium.server.submissions.services import end
from podium.server.submissions.services.runs import locked_with_board, standing_before
from podium.server.submissions.services.submit import Again, metadata_of, start, tasks_of, write_submission

MOST_AT_ONCE = 1000

# Others write between two portions, so that a large phase does not hold up the site.
_PORTION = 50


@dataclass(frozen=True)
class Rerun:
    """The new submissions, and those that were left alone because they have not ended."""

    made: tuple[int, ...]
    left: tuple[int, ...]


def rerun(by: Person, submission_id: int, *, task_key: UUID | None = None) -> int:
    """Run a submission again that has ended, on one task only where one is named. Returns the new submission's id.

    What runs on one task alone is for a look at its scores, and never stands on a board.

    Raises:
        NotFound, NotAllowed: the person may not, or the phase has no such task any more.
        Conflict: it has not ended.
        UserError: its file cannot be used any more.
    """
    with transaction.atomic():
        original = _allowed(by, submission_id)
        if SubmissionStatus(original.status) not in TERMINAL:
            raise Conflict(
                "still-running", "The submission is still being worked on.", "Wait for its end, or cancel it."
            )
        metadata_of(original.data)
        return _again(by, original, task_key)


def rerun_many(by: Person, submission_ids: Sequence[int]) -> Rerun:
    """Run several submissions again, those that have ended. Either the person may do so with all, or nothing happens.

    Raises:
        NotFound, NotAllowed: the person may not.
        UserError: they are too many at once.
    """
    ids = list(dict.fromkeys(submission_ids))
    if len(ids) > MOST_AT_ONCE:
        raise UserError("too-many", f"These are more than {MOST_AT_ONCE} submissions.", "Choose fewer at once.")
    for submission_id in ids:
        with transaction.atomic():
            _allowed(by, submission_id)
    made: list[int] = []
    left: list[int] = []
    for start_ in range(0, len(ids), _PORTION):
        with transaction.atomic():
            _portion(by, ids[start_ : start_ + _PORTION], made, left)
    return Rerun(tuple(made), tuple(left))


def rerun_phase(by: Person, phase_id: int) -> Rerun:
    """Run again what was submitted to a phase or taken over into it. What is a rerun itself is left out: it has the
    same file.

    Raises:
        NotFound, NotAllowed: the person may not.
    """
    phase = Phase.objects.filter(pk=phase_id).first()
    if phase is None:
        raise NotFound("no-such-phase", "There is no such phase.", "Look at the phases of the competition.")
    standing_of(by, phase.competition_id).require(Action.RUN_SUBMISSION)
    sent = Submission.objects.filter(phase=phase, parent=None, is_deleted=False, rerun_of=None, is_task_rerun=False)
    ids = list(sent.order_by("created_at", "pk").values_list("pk", flat=True))
    made: list[int] = []
    left: list[int] = []
    for start_ in range(0, len(ids), _PORTION):
        with transaction.atomic():
            _portion(by, ids[start_ : start_ + _PORTION], made, left)
    return Rerun(tuple(made), tuple(left))


def _portion(by: Person, ids: Sequence[int], made: list[int], left: list[int]) -> None:
    # In the order of boards and submissions, as everybody locks them.
    order = Submission.objects.filter(pk__in=ids).order_by("phase_id", "pk").values_list("pk", flat=True)
    for submission_id in order:
        try:
            original = _allowed(by, submission_id)
        except NotFound:
            continue
        if SubmissionStatus(original.status) in TERMINAL:
            made.append(_again(by, original, None))
        else:
            left.append(original.pk)


def _allowed(by: Person, submission_id: int) -> Submission:
    submission = locked_with_board(submission_id)
    if submission.parent is not None:
        submission = submission.parent
    standing_before(by, submission).require(Action.RUN_SUBMISSION)
    return submission


def _again(by: Person, original: Submission, task_key: UUID | None) -> int:
    phase = original.phase
    submission, parts = write_submission(
        by,
        phase,
        tasks_of(phase) if task_key is None else [_task_of_key(phase, task_key)],
        original.data,
        owner_id=original.owner_id,
        at=clock.now(),
        description=original.description,
        fact_sheet_answers=original.fact_sheet_answers,
        again=Again(asked_by_id=by.id, rerun_of=original, is_task_rerun=task_key is not None),
    )
    try:
        metadata = metadata_of(submission.data)
    except UserError as error:
        # One file that was lost must not keep all others from being run again.
        for part in parts:
            end.fail(part, error.code, error.message, error.hint)
        return submission.pk
    for part in parts:
        start(part, metadata)
    return submission.pk


def _task_of_key(phase: Phase, key: UUID) -> Task:
    found = Task.objects.filter(key=key, phases=phase).first()
    if found is None:
        raise NotFound("task-unknown", "The phase has no such task any more.", "Run the submission again on all tasks.")
    return found
