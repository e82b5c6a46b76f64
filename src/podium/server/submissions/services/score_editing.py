"""Scores that organizers enter, correct or take away by hand."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction

from podium.rules.access import Action
from podium.rules.board.columns import Column
from podium.rules.board.submission_rules import Happening
from podium.rules.errors import Conflict, NotFound, UserError
from podium.rules.history import EventKind
from podium.rules.runs import SubmissionStatus
from podium.server import clock
from podium.server.accounts.people import Person
from podium.server.history.services import ChainName, append, keep_text
from podium.server.leaderboards.queries import columns_of_competition
from podium.server.leaderboards.services.marks import checked_reason
from podium.server.submissions.models import Score, ScoreEdit, Submission
from podium.server.submissions.services.board import refresh_board
from podium.server.submissions.services.runs import locked_with_board, standing_before


@dataclass(frozen=True)
class WrittenScore:
    """A living score as it is kept; `index` is that of its column."""

    id: int
    submission_id: int
    index: int
    column_key: str
    value: float


@clock.one_moment()
@transaction.atomic
def edit_scores(by: Person, submission_id: int, scores: Mapping[str, float | None], reason: str) -> list[WrittenScore]:
    """Write scores of a submission on one task: by column key the new number, or None to take one away.

    Earlier scores stay in the history; the boards follow by their rules. Returns the scores that stand now in these
    columns.

    Raises:
        NotFound, NotAllowed: the person may not.
        UserError: a number is not finite, a column is not there or is computed, or there is no reason.
        Conflict: the submission has not finished, or runs on several tasks.
    """
    part = _held(by, submission_id)
    reason = checked_reason(reason, needed=True)
    columns = {column.key: column for column in columns_of_competition(part.phase.competition_id).scored}
    for key, value in scores.items():
        _check(key, value, columns.get(key))
    living = {score.column_key: score for score in Score.objects.filter(submission=part, superseded_at=None)}
    changed = {key: value for key, value in scores.items() if value != (living[key].value if key in living else None)}
    if changed:
        _write(by, part, changed, living, reason)
    standing = Score.objects.filter(submission=part, superseded_at=None, column_key__in=list(scores))
    return [
        WrittenScore(row.pk, part.pk, columns[row.column_key].index, row.column_key, row.value)
        for row in standing.order_by("position")
    ]


def _write(
    by: Person, part: Submission, changed: Mapping[str, float | None], living: Mapping[str, Score], reason: str
) -> None:
    now = clock.now()
    edit = ScoreEdit.objects.create(submission=part, by_id=by.id, reason=reason, scores=dict(changed), at=now)
    Score.objects.filter(pk__in=[living[key].pk for key in changed if key in living]).update(superseded_at=now)
    place = max((score.position for score in living.values()), default=-1) + 1
    fresh = [key for key in changed if key not in living]
    positions = {key: place + offset for offset, key in enumerate(fresh)}
    Score.objects.bulk_create(
        Score(
            submission=part,
            edit=edit,
            column_key=key,
            position=living[key].position if key in living else positions[key],
            value=value,
            created_at=now,
        )
        for key, value in changed.items()
        if value is not None
    )
    chain = ChainName.competition(part.phase.competition_id)
    payload = {
        "submission": part.pk,
        "task": part.task_id,
        "edit": edit.pk,
        "scores": dict(changed),
        "reason": keep_text(chain, reason, about=str(part.owner.opaque_id)),
    }
    append(chain, EventKind.SCORES_EDITED, actor=by, payload=payload)
    # One that has scores for the first time comes to the board like one that was just scored.
    refresh_board(part.parent or part, Happening.RESCORED if living else Happening.SCORED)


def edit_score(by: Person, score_id: int, value: float | None, reason: str) -> WrittenScore | None:
    """Write one score anew, or take it away (None), by the number of the row that holds it now.

    Raises:
        NotFound: there is no such score for this person.
        Conflict: it is not the living one any more.
        NotAllowed, UserError: as for `edit_scores`.
    """
    with transaction.atomic():
        submission_id = Score.objects.filter(pk=score_id).values_list("submission_id", flat=True).first()
        if submission_id is None:
            raise _no_score()
        _held(by, submission_id)
        row = Score.objects.get(pk=score_id)
        if row.superseded_at is not None:
            raise Conflict(
                "score-superseded",
                "This score has been replaced by a later one.",
                "Read the leaderboard again: it has the number of the one that counts.",
            )
        written = edit_scores(by, submission_id, {row.column_key: value}, reason)
    return written[0] if written else None


def _held(by: Person, submission_id: int) -> Submission:
    """The submission, locked with its board, for somebody who may edit its scores."""
    part = locked_with_board(submission_id)
    standing_before(by, part).require(Action.EDIT_SCORES)
    if part.task_id is None:
        raise Conflict(
            "several-tasks",
            "This submission runs on several tasks, and each has its own scores.",
            "Name the child that ran on the task.",
        )
    if part.status != SubmissionStatus.FINISHED:
        raise Conflict(
            "submission-not-finished",
            f"Only a finished submission has scores; this one is {part.status}.",
            "Wait until it has finished, or run it again.",
        )
    return part


def _check(key: str, value: float | None, column: Column | None) -> None:
    if column is None:
        raise UserError("column-unknown", f'No leaderboard has a column "{key}".', "Use the key of a column.")
    if column.computation is not None:
        message = f"{column.title} is computed from other columns and cannot be written."
        raise UserError("column-computed", message, "Write the columns that it is computed from.")
    if value is not None and not math.isfinite(value):
        raise UserError("score-invalid", f"The score of {column.title} is not a finite number.", "Write a number.")


def _no_score() -> NotFound:
    return NotFound("score-not-found", "There is no such score.", "Read the leaderboard for the numbers of its scores.")
