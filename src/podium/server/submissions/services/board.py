"""Keeping the board right as submissions finish, are chosen, and go."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q

from podium.rules.board.submission_rules import Happening
from podium.rules.history import EventKind
from podium.rules.runs import SubmissionStatus
from podium.server.accounts.people import Person
from podium.server.history.services import ChainName, append
from podium.server.leaderboards.candidates import Candidate, TaskScores
from podium.server.leaderboards.services import refresh_entries, stands_on
from podium.server.submissions.models import Score, Submission
from podium.server.submissions.services.runs import locked_with_board


def add_to_board(by: Person, submission_id: int, leaderboard_id: int | None = None) -> None:
    """Put a submission on a leaderboard of its phase, the first where none is named.

    Raises:
        NotFound, NotAllowed: the person, or the leaderboard's rule, does not allow it.
        Conflict: it has no scores.
    """
    _change_by_hand(by, submission_id, Happening.ADDED, leaderboard_id)


def remove_from_board(by: Person, submission_id: int, leaderboard_id: int | None = None) -> None:
    """Take a submission off a leaderboard of its phase; raises as `add_to_board`."""
    _change_by_hand(by, submission_id, Happening.REMOVED, leaderboard_id)


def _change_by_hand(by: Person, submission_id: int, happening: Happening, leaderboard_id: int | None) -> None:
    with transaction.atomic():
        submission = locked_with_board(submission_id)
        if submission.parent is not None:
            submission = submission.parent
        refresh_board(submission, happening, by=by, leaderboard_id=leaderboard_id)


def refresh_board(
    submission: Submission, happening: Happening, *, by: Person | None = None, leaderboard_id: int | None = None
) -> None:
    """Let the boards of the phase follow from what happened to a submission that is nobody's child.

    The boards are locked by the caller before the submission is.
    """
    phase_id, owner_id = submission.phase_id, submission.owner_id
    changed = refresh_entries(
        phase_id,
        owner_id,
        candidates_of(phase_id, owner_id),
        happening,
        submission.pk,
        by=by,
        leaderboard_id=leaderboard_id,
    )
    chain = ChainName.competition(submission.phase.competition_id)
    for changes in changed:
        for ids, kind in ((changes.removed, EventKind.ENTRY_REMOVED), (changes.added, EventKind.ENTRY_ADDED)):
            for pk in ids:
                payload = {"submission": pk, "phase": phase_id, "leaderboard": changes.leaderboard_id}
                append(chain, kind, actor=by, payload=payload)
    if changed:
        standing = stands_on(phase_id, owner_id)
        sent = Submission.objects.filter(phase_id=phase_id, owner_id=owner_id, parent=None)
        sent.filter(on_board=True).exclude(pk__in=standing).update(on_board=False)
        sent.filter(on_board=False, pk__in=standing).update(on_board=True)


def candidates_of(phase_id: int, owner_id: int) -> list[Candidate]:
    """Every submission of a person in a phase that is not deleted, with its living scores."""
    tops = list(
        Submission.objects.filter(phase_id=phase_id, owner_id=owner_id, parent=None, is_deleted=False).order_by("pk")
    )
    scores: dict[int, dict[int, dict[int, list[Score]]]] = {}
    ids = [top.pk for top in tops]
    living = (
        Score.objects.filter(Q(submission_id__in=ids) | Q(submission__parent_id__in=ids), superseded_at=None)
        .select_related("submission")
        .order_by("submission_id", "position")
    )
    for score in living:
        part = score.submission
        by_task = scores.setdefault(part.parent_id or part.pk, {}).setdefault(part.task_id or 0, {})
        by_task.setdefault(part.pk, []).append(score)
    return [_candidate(top, scores.get(top.pk, {})) for top in tops]


def _candidate(top: Submission, scores: dict[int, dict[int, list[Score]]]) -> Candidate:
    return Candidate(
        submission_id=top.pk,
        owner_id=top.owner_id,
        submitted_at=top.created_at,
        finished=top.status == SubmissionStatus.FINISHED,
        tasks=tuple(
            TaskScores(
                task_id=task_id,
                submission_id=part_id,
                values={score.column_key: score.value for score in rows},
                score_ids={score.column_key: score.pk for score in rows},
            )
            for task_id, parts in scores.items()
            for part_id, rows in parts.items()
        ),
        fact_sheet_answers=top.fact_sheet_answers,
    )
