"""Lists of submissions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from podium.rules.access import Action
from podium.rules.runs import SubmissionStatus
from podium.server.accounts.people import Person
from podium.server.competitions.queries.standing import standing_of
from podium.server.leaderboards.queries import columns_of_competitions, offered_boards, places_of
from podium.server.submissions.models import Score, Submission
from podium.server.submissions.queries.access import boards_seen, hidden_columns, outputs_seen
from podium.server.submissions.queries.computed import with_computed
from podium.server.submissions.queries.reasons import Reason, reason_of


@dataclass(frozen=True)
class SubmissionRow:
    """A submission in a list, always the parent. `scores` are (column key, value) of a single task, or empty."""

    id: int
    number: int
    phase_id: int
    phase_name: str
    competition_id: int
    competition_title: str
    owner_id: int
    owner: str
    file_name: str
    description: str
    status: SubmissionStatus
    status_details: str
    internal_failure: bool
    on_board: bool
    created_at: datetime
    ended_at: datetime | None
    scores: tuple[tuple[str, float], ...]


def own_submissions(person: Person, *, competition_id: int | None = None, limit: int = 200) -> list[SubmissionRow]:
    """A person's submissions, newest first, of one competition or of all."""
    found = Submission.objects.filter(owner_id=person.id)
    if competition_id is not None:
        found = found.filter(phase__competition_id=competition_id)
    return _rows(person, found, limit)


def competition_submissions(
    person: Person, competition_id: int, *, phase_id: int | None = None, limit: int = 500
) -> list[SubmissionRow]:
    """Everybody's submissions to a competition, newest first.

    Raises:
        NotFound, NotAllowed: the person may not see them.
    """
    standing_of(person, competition_id).require(Action.SEE_ANY_SUBMISSION)
    found = Submission.objects.filter(phase__competition_id=competition_id)
    if phase_id is not None:
        found = found.filter(phase_id=phase_id)
    return _rows(person, found, limit)


def _rows(person: Person, found: QuerySet[Submission], limit: int) -> list[SubmissionRow]:
    chosen = (
        found.filter(parent=None, is_deleted=False)
        .select_related("phase__competition", "owner", "data")
        .order_by("-created_at", "-pk")
    )
    rows = list(chosen[:limit])
    scores = _scores(row.pk for row in rows)
    competitions = {row.phase.competition_id for row in rows}
    hidden = hidden_columns(person, competitions)
    columns = columns_of_competitions(competitions)
    open_outputs = outputs_seen(person, competitions)
    seen = boards_seen(person, competitions)
    boards = offered_boards(competitions, seen)
    places = places_of([row.pk for row in rows], [board for offered in boards.values() for board in offered], seen)
    return [
        _row(
            row,
            _seen(
                with_computed(columns[row.phase.competition_id], scores.get(row.pk, {})),
                hidden.get(row.phase.competition_id, frozenset()),
            ),
            reason_of(row, sees_output=row.phase.competition_id in open_outputs, own=row.owner_id == person.id),
            bool(places[row.pk]),
        )
        for row in rows
    ]


def _seen(scores: Mapping[str, float], hidden: frozenset[str]) -> tuple[tuple[str, float], ...]:
    return tuple((key, value) for key, value in scores.items() if key not in hidden)


def _scores(ids: Iterable[int]) -> dict[int, dict[str, float]]:
    found: dict[int, dict[str, float]] = {}
    living = Score.objects.filter(submission_id__in=list(ids), superseded_at=None).order_by("position")
    for submission_id, key, value in living.values_list("submission_id", "column_key", "value"):
        found.setdefault(submission_id, {})[key] = value
    return found


def _row(row: Submission, scores: tuple[tuple[str, float], ...], reason: Reason, on_board: bool) -> SubmissionRow:
    return SubmissionRow(
        id=row.pk,
        number=row.number,
        phase_id=row.phase_id,
        phase_name=row.phase.name,
        competition_id=row.phase.competition_id,
        competition_title=row.phase.competition.title,
        owner_id=row.owner_id,
        owner=row.owner.shown_name,
        file_name=row.data.file_name,
        description=row.description,
        status=SubmissionStatus(row.status),
        status_details=reason.message,
        internal_failure=row.internal_failure,
        on_board=on_board,
        created_at=row.created_at,
        ended_at=row.ended_at,
        scores=scores,
    )
