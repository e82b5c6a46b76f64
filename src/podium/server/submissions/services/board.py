"""Keeping the board right as submissions finish, are chosen, and go."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from podium.rules.board.marks import Mark
from podium.rules.board.submission_rules import Happening
from podium.rules.errors import Conflict
from podium.rules.history import EventKind
from podium.rules.runs import SubmissionStatus
from podium.server import clock
from podium.server.accounts.people import Person
from podium.server.history.services import ChainName, append
from podium.server.leaderboards.candidates import Candidate, EntryChanges, TaskScores
from podium.server.leaderboards.services import refresh_entries, stands_on
from podium.server.leaderboards.services.marks import mark_entry, unmark_entry
from podium.server.prepared_queries import prepared
from podium.server.submissions.models import Score, Submission
from podium.server.submissions.services.runs import locked_with_board

_PORTION = 1000


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


@clock.one_moment()
def mark_on_board(by: Person, leaderboard_id: int, submission_id: int, mark: Mark, reason: str = "") -> None:
    """Mark an entry; on a board that fills itself another submission of its owner may come to stand beside it.

    Raises:
        NotFound, NotAllowed, UserError: as `mark_entry`.
    """
    with transaction.atomic():
        mark_entry(by, leaderboard_id, submission_id, mark, reason)
        _rule_again(by, submission_id)


@clock.one_moment()
def unmark_on_board(by: Person, leaderboard_id: int, submission_id: int) -> None:
    """Take the mark from an entry, which the rule of the board judges like all others then.

    Raises:
        NotFound, NotAllowed: as `unmark_entry`.
    """
    with transaction.atomic():
        unmark_entry(by, leaderboard_id, submission_id)
        _rule_again(by, submission_id)


def _rule_again(by: Person, submission_id: int) -> None:
    submission = Submission.objects.select_related("phase").filter(pk=submission_id, is_deleted=False).first()
    if submission is not None:
        refresh_board(submission, Happening.RESCORED, by=by)


@clock.one_moment()
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

    The boards are locked by the caller before the submission is. What was run again on one task never stands there.

    Raises:
        Conflict: it was to be added all the same.
    """
    if submission.is_task_rerun:
        if happening is Happening.ADDED:
            raise Conflict(
                "task-rerun", "This submission was run again on one task alone.", "Run it again on all tasks."
            )
        return
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
    record_changes(submission.phase.competition_id, phase_id, changed, by=by)
    for changes in changed:
        _note_changes(phase_id, changes)


def record_changes(
    competition_id: int, phase_id: int, changed: Iterable[EntryChanges], *, by: Person | None = None
) -> None:
    """Append the events of the submissions that left a board or came to it."""
    chain = ChainName.competition(competition_id)
    for changes in changed:
        for ids, kind in ((changes.removed, EventKind.ENTRY_REMOVED), (changes.added, EventKind.ENTRY_ADDED)):
            for pk in ids:
                payload = {"submission": pk, "phase": phase_id, "leaderboard": changes.leaderboard_id}
                append(chain, kind, actor=by, payload=payload)


def _note_changes(phase_id: int, changes: EntryChanges) -> None:
    """Let the submissions that came to a board or left it say whether they stand on one."""
    if changes.added:
        Submission.objects.filter(pk__in=changes.added).update(on_board=True)
    if changes.removed:
        gone = set(changes.removed) - stands_on(phase_id, changes.removed)
        Submission.objects.filter(pk__in=gone).update(on_board=False)


def note_standing(phase_id: int) -> None:
    """Let all submissions to a phase say whether they stand on a board."""
    standing = stands_on(phase_id)
    sent = Submission.objects.filter(phase_id=phase_id, parent=None)
    on_board = set(sent.filter(on_board=True).values_list("pk", flat=True))
    for ids, value in ((on_board - standing, False), (standing - on_board, True)):
        moved = sorted(ids)
        for start in range(0, len(moved), _PORTION):
            sent.filter(pk__in=moved[start : start + _PORTION]).update(on_board=value)


def candidates_of(phase_id: int, owner_id: int | None = None) -> list[Candidate]:
    """Every submission of a person, or of everybody, in a phase that is not deleted, with its living scores."""
    living: Iterable[tuple[Any, ...]]
    tops: Iterable[tuple[Any, ...]]
    if owner_id is None:
        living, tops = _living(phase_id), _sent(phase_id).order_by("pk")
    else:
        living, tops = _living_of(phase=phase_id, owner=owner_id), _sent_of(phase=phase_id, owner=owner_id)
    scores: dict[int, dict[int, dict[int, dict[str, tuple[float, int]]]]] = {}
    # Bare values: this is read for every submission that is scored, and people send hundreds.
    for part, parent, task, key, value, score in living:
        scores.setdefault(parent or part, {}).setdefault(task or 0, {}).setdefault(part, {})[key] = value, score
    return [
        Candidate(
            submission_id=pk,
            owner_id=owner,
            submitted_at=created_at,
            finished=status == SubmissionStatus.FINISHED,
            tasks=tuple(
                TaskScores(
                    task_id=task,
                    submission_id=part,
                    values={key: value for key, (value, _) in rows.items()},
                    score_ids={key: score for key, (_, score) in rows.items()},
                )
                for task, parts in scores.get(pk, {}).items()
                for part, rows in parts.items()
            ),
            fact_sheet_answers=answers,
        )
        for pk, owner, created_at, status, answers in tops
    ]


def _living(phase_id: int) -> QuerySet[Score, Any]:
    """The living scores of a phase, with the submission that ran, its parent and its task."""
    found = Score.objects.filter(submission__phase_id=phase_id, submission__is_deleted=False, superseded_at=None)
    names = ("submission_id", "submission__parent_id", "submission__task_id", "column_key", "value", "pk")
    return found.order_by("submission_id", "position").values_list(*names)


def _sent(phase_id: int) -> QuerySet[Submission, Any]:
    """The submissions to a phase that could stand on a board."""
    found = Submission.objects.filter(phase_id=phase_id, is_deleted=False, parent=None, is_task_rerun=False)
    return found.values_list("pk", "owner_id", "created_at", "status", "fact_sheet_answers")


@prepared
def _living_of(phase: int, owner: int) -> QuerySet[Score, Any]:
    return _living(phase).filter(submission__owner_id=owner)


@prepared
def _sent_of(phase: int, owner: int) -> QuerySet[Submission, Any]:
    # In the order of their numbers, SQLite would look through everybody's.
    return _sent(phase).filter(owner_id=owner).order_by("created_at")
