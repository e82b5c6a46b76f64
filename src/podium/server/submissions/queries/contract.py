"""Submissions as Codabench's clients read them (`GET /api/submissions/`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from podium.rules.runs import TERMINAL, SubmissionStatus
from podium.server.accounts.people import Person
from podium.server.competitions.models import Competition
from podium.server.leaderboards.models import Column
from podium.server.leaderboards.queries import OfferedBoard, offered_boards, places_of
from podium.server.submissions.models import Attempt, Score, Submission
from podium.server.submissions.queries.access import (
    Sight,
    boards_seen,
    hidden_columns,
    outputs_seen,
    submission_for,
)
from podium.server.submissions.queries.reasons import Reason, reason_of, told_reason
from podium.server.submissions.queries.waiting import WaitDetail, waits_of


@dataclass(frozen=True)
class SubmissionFilter:
    """Which submissions are asked for; None and empty texts leave a condition out."""

    phase_id: int | None = None
    competition_id: int | None = None
    status: str = ""
    search: str = ""


@dataclass(frozen=True)
class Standing:
    """The boards that concern a submission, and the ids of those it stands on, as far as the person may know."""

    boards: tuple[OfferedBoard, ...]
    on: tuple[int, ...]


def submissions_json(
    person: Person, wanted: SubmissionFilter, *, limit: int | None = None, offset: int = 0
) -> list[dict[str, Any]]:
    """A person's own submissions and those to competitions that the person runs (all for an admin), newest first.

    Children are named by their parents and are not listed themselves.
    """
    found = _visible(person, wanted).select_related("phase__competition", "owner", "data", "task")
    rows = list(found.order_by("-created_at", "-pk")[offset : None if limit is None else offset + limit])
    return _objects(person, rows)


def count_submissions(person: Person, wanted: SubmissionFilter) -> int:
    """How many submissions `submissions_json` lists without a limit."""
    return _visible(person, wanted).count()


def submission_json(person: Person | None, submission_id: int) -> dict[str, Any]:
    """One submission, which may be a child.

    Raises:
        NotAllowed, NotFound: the person does not see it.
    """
    sight = submission_for(person, submission_id)
    if person is None:
        message = "nobody sees a submission without signing in"
        raise AssertionError(message)
    found = _objects(person, [sight.row])[0]
    waits = [] if found["ended"] else waits_of(sight.row)
    if waits:
        found["status_details"] = waits[0].message
        found["hint"] = waits[0].hint
    attempts = Attempt.objects.filter(Q(run__submission=sight.row) | Q(run__submission__parent=sight.row))
    shown = attempts.filter(run__in_shadow=False).select_related("run").order_by("run_id", "number")
    return found | {
        "waits": [_wait(wait) for wait in waits],
        "attempts": [_attempt(attempt, sight) for attempt in shown],
    }


def taken_in_json(submission_id: int) -> dict[str, Any]:
    """What is told at once of a submission that was just taken in, to whoever sent it: one query, for a client that
    wants to know more asks for it."""
    row = Submission.objects.select_related("data").get(pk=submission_id)
    return {
        "id": row.pk,
        "phase": row.phase_id,
        "status": row.status,
        # No program has run: whatever is told here, nothing of it is hidden.
        "status_details": row.status_details or None,
        "filename": row.data.file_name,
        "description": row.description,
        "md5": None,
        "fact_sheet_answers": row.fact_sheet_answers,
        "created_when": row.created_at,
        "scores": [],
    }


def _wait(wait: WaitDetail) -> dict[str, Any]:
    return {
        "for": wait.waiting.value,
        "message": wait.message,
        "hint": wait.hint,
        "since": wait.since,
        "until": wait.until,
        "ahead": wait.ahead,
        "estimate_s": wait.estimate_s,
        "worker": wait.worker or None,
        "host": wait.host or None,
        "slot": wait.slot,
        "attempt": wait.attempt,
    }


def _attempt(attempt: Attempt, sight: Sight) -> dict[str, Any]:
    step = attempt.run.step
    reason = told_reason(attempt.reason, attempt.outcome, step, sees_output=sight.may_see_output(step))
    return {
        "submission": attempt.run.submission_id,
        "step": step,
        "number": attempt.number,
        "worker": attempt.worker_name,
        "host": attempt.host or None,
        "outcome": attempt.outcome or None,
        "reason": reason or None,
        "started_at": attempt.started_at,
        "ended_at": attempt.ended_at,
    }


def _visible(person: Person, wanted: SubmissionFilter) -> QuerySet[Submission]:
    found = Submission.objects.filter(parent=None, is_deleted=False)
    if not person.is_admin:
        run_by = Competition.objects.filter(_runs(person)).values("pk")
        seen = Q(owner_id=person.id, phase__competition__published=True) | Q(phase__competition__in=run_by)
        found = found.filter(seen)
    if wanted.phase_id is not None:
        found = found.filter(phase_id=wanted.phase_id)
    if wanted.competition_id is not None:
        found = found.filter(phase__competition_id=wanted.competition_id)
    if wanted.status:
        found = found.filter(status=wanted.status)
    if wanted.search:
        found = found.filter(Q(data__file_name__icontains=wanted.search) | Q(owner__username__icontains=wanted.search))
    return found


def _runs(person: Person) -> Q:
    collaborations = Competition.collaborators.through.objects.filter(user_id=person.id)
    return Q(created_by_id=person.id) | Q(pk__in=collaborations.values("competition_id"))


def _objects(person: Person, rows: Sequence[Submission]) -> list[dict[str, Any]]:
    """Twelve queries, however many rows there are."""
    competitions = {row.phase.competition_id for row in rows}
    children: dict[int, list[int]] = {}
    parents = Submission.objects.filter(parent_id__in=[row.pk for row in rows]).order_by("pk")
    for parent_id, pk in parents.values_list("parent_id", "pk"):
        children.setdefault(parent_id or 0, []).append(pk)
    columns = _columns(competitions)
    hidden = hidden_columns(person, competitions)
    open_outputs = outputs_seen(person, competitions)
    scores = _scores([*(row.pk for row in rows), *(pk for group in children.values() for pk in group)])
    seen = boards_seen(person, competitions)
    boards = offered_boards(competitions, seen)
    places = places_of([row.pk for row in rows], [board for offered in boards.values() for board in offered], seen)
    made = []
    for row in rows:
        competition_id = row.phase.competition_id
        ids = [row.pk, *children.get(row.pk, [])]
        kept_back = hidden.get(competition_id, frozenset())
        shown = {key: column for key, column in columns.get(competition_id, {}).items() if key not in kept_back}
        living = (score for pk in ids for score in scores.get(pk, []))
        own_scores = [_score(score, shown[score.column_key]) for score in living if score.column_key in shown]
        standing = Standing(boards[competition_id], places[row.pk])
        reason = reason_of(row, sees_output=competition_id in open_outputs, own=row.owner_id == person.id)
        made.append(_object(row, children.get(row.pk, []), own_scores, standing, reason))
    return made


def _columns(competition_ids: Iterable[int]) -> Mapping[int, Mapping[str, Column]]:
    """By competition and key, the column of the first board that has it."""
    rows = Column.objects.filter(leaderboard__competition_id__in=list(competition_ids))
    found: dict[int, dict[str, Column]] = {}
    for row in rows.select_related("leaderboard").order_by("leaderboard__index", "index"):
        found.setdefault(row.leaderboard.competition_id, {}).setdefault(row.key, row)
    return found


def _scores(submission_ids: Iterable[int]) -> Mapping[int, list[Score]]:
    found: dict[int, list[Score]] = {}
    living = Score.objects.filter(submission_id__in=list(submission_ids), superseded_at=None)
    for score in living.order_by("submission_id", "position"):
        found.setdefault(score.submission_id, []).append(score)
    return found


def _score(score: Score, column: Column) -> dict[str, Any]:
    return {
        "id": score.pk,
        "index": column.index,
        "score": f"{score.value:.10f}",
        "column_key": column.key,
        "precision": column.precision,
        "is_primary": column.index == column.leaderboard.primary_index,
        "value": score.value,
    }


def _object(
    row: Submission,
    children: Sequence[int],
    scores: Sequence[Mapping[str, Any]],
    standing: Standing,
    reason: Reason,
) -> dict[str, Any]:
    competition = row.phase.competition
    task = row.task
    return {
        "id": row.pk,
        "pk": row.pk,
        "phase": row.phase_id,
        "phase_name": row.phase.name,
        "name": row.data.name,
        "filename": row.data.file_name,
        "md5": row.md5 or None,
        "description": row.description,
        "created_when": row.created_at,
        "started_when": row.started_at,
        "ended_when": row.ended_at,
        "is_public": row.is_public,
        "is_specific_task_re_run": row.is_task_rerun,
        "status": row.status,
        "status_details": reason.message or None,
        "code": row.reason_code,
        "hint": reason.hint,
        "internal_failure": row.internal_failure,
        "ended": SubmissionStatus(row.status) in TERMINAL,
        "owner": row.owner.username,
        "has_children": bool(children),
        "parent": row.parent_id,
        "children": list(children),
        "scores": list(scores),
        "fact_sheet_answers": row.fact_sheet_answers,
        "leaderboard": standing.on[0] if standing.on else None,
        "leaderboards": [
            {
                "id": board.id,
                "title": board.title,
                "submission_rule": board.rule.value,
                "on_leaderboard": board.id in standing.on,
            }
            for board in standing.boards
        ],
        "on_leaderboard": bool(standing.on),
        "leaderboard_rule": standing.boards[0].rule.value if standing.boards else None,
        "task": None if task is None else {"id": task.pk, "key": task.key, "name": task.name},
        "auto_run": competition.auto_run_submissions,
        "can_make_submissions_public": competition.can_participants_make_submissions_public,
        "is_soft_deleted": row.is_deleted,
    }
