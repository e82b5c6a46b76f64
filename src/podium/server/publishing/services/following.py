"""Letting results on model boards follow the leaderboards that they are published from.

What is published is what a visitor without an account sees, read as such a visitor.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from itertools import islice
from typing import Any

from django.db import transaction

from podium.rules.errors import NotAllowed, NotFound, UserError
from podium.rules.modelboards.declared import Declared, read_declared
from podium.rules.modelboards.names import clean_name
from podium.server import clock
from podium.server.competitions.models import Phase
from podium.server.configuration import configuration
from podium.server.exports.boards.rows import WholeRow, whole_board
from podium.server.leaderboards.models import Column
from podium.server.leaderboards.queries import BoardSight, board_for, stamps_of_phases
from podium.server.modelboards.services import PublishedResult, show_published
from podium.server.publishing.models import Publication
from podium.server.submissions.models import Score, Submission

MOST_ENTRIES = 10_000
_MOST_ROWS = 50_000
_PORTION = 500
_GONE = "gone"


def refresh_publications() -> int:
    """Make the results again of every leaderboard that is another one than its dataset shows. Returns how many were.

    However often a leaderboard changed since, its results are made once, in one transaction with the note of what they
    were made of: a process that is killed leaves both as they were.
    """
    return sum(_refresh(pk) for pk, seen, now in _states() if seen != now)


def withdraw_all(publication: Publication) -> None:
    """Take all results of a publication from its dataset, in a transaction."""
    show_published(publication.dataset_id, publication.pk, (), _owners)


def competition_address(competition_id: int) -> str:
    """Where people find a competition of this site."""
    return f"{configuration().url}/competitions/{competition_id}/"


def _states(**which: Any) -> Iterator[tuple[int, str, str]]:
    """Of each publication its number, what its dataset shows, and what it is to show."""
    found = list(
        Publication.objects.filter(**which).values_list(
            "pk",
            "seen",
            "phase_id",
            "leaderboard_id",
            "column_key",
            "leaderboard__hidden",
            "phase__competition__published",
        )
    )
    stamps = stamps_of_phases({row[2] for row in found if row[2] is not None})
    boards = {row[3] for row in found if row[3] is not None}
    columns = {
        (board, key): f"{hidden:d}{sorting}"
        for board, key, hidden, sorting in Column.objects.filter(leaderboard_id__in=boards).values_list(
            "leaderboard_id", "key", "hidden", "sorting"
        )
    }
    for pk, seen, phase, board, key, hidden, published in found:
        gone = phase is None or board is None
        yield pk, seen, _GONE if gone else f"{stamps[phase]}/{published:d}{hidden:d}/{columns.get((board, key), _GONE)}"


@transaction.atomic
def _refresh(publication_id: int) -> bool:
    publication = (
        Publication.objects.select_for_update(of=("self",))
        .select_related("phase", "dataset")
        .filter(pk=publication_id)
        .first()
    )
    if publication is None:
        return False
    # Before the rows are read: what changes between the two is looked at once more.
    ((_, _, now),) = _states(pk=publication_id)
    if publication.phase is None or publication.leaderboard_id is None:
        withdraw_all(publication)
        publication.delete()
        return True
    notes: list[str] = []
    wanted = _results(publication, publication.phase, publication.leaderboard_id, notes)
    taken = show_published(publication.dataset_id, publication.pk, wanted, _owners)
    if taken:
        notes.append(f"Somebody else's results stand there under these names: {', '.join(taken[:20])}.")
    publication.seen, publication.note, publication.refreshed_at = now, " ".join(notes), clock.now()
    publication.save(update_fields=["seen", "note", "refreshed_at"])
    return True


def _results(publication: Publication, phase: Phase, board: int, notes: list[str]) -> list[PublishedResult]:
    try:
        sight = board_for(None, phase.pk, board)
    except (NotFound, NotAllowed):
        notes.append("Not everybody sees the leaderboard now, so that nothing of it is published.")
        return []
    columns = {column.key: column for column in sight.ranking_columns}
    if publication.column_key not in columns:
        notes.append("Not everybody sees the column now, so that nothing of it is published.")
        return []
    if (columns[publication.column_key].sorting.value == "asc") != publication.dataset.lower_is_better:
        notes.append("The column goes the other way than the dataset, so that nothing of it is published.")
        return []
    rows = _best_rows(sight, publication.column_key)
    if len(rows) > MOST_ENTRIES:
        notes.append(f"Only the first {MOST_ENTRIES:,} entries are published.")
        rows = dict(islice(rows.items(), MOST_ENTRIES))
    edited = _edited(rows.values())
    found = []
    for name, row in rows.items():
        try:
            declared = _declared(phase, row, publication.column_key, columns, name)
        except UserError as error:
            notes.append(f"Submission {row.submission_id}: {error.message}")
            continue
        found.append(PublishedResult(declared, row.submission_id, by_hand=row.submission_id in edited))
    return found


def _best_rows(sight: BoardSight, key: str) -> dict[str, WholeRow]:
    """Each participant's best ranked row with a value, by what the participant is called here: where two people have
    one name, their user names tell them apart."""
    rows = [
        row
        for row in islice(whole_board(sight.plan, sees_hidden=False, with_cells=True), _MOST_ROWS)
        if row.rank is not None and row.values.get(key) is not None
    ]
    people = _people([row.submission_id for row in rows])
    first: dict[str, WholeRow] = {}
    for row in rows:
        first.setdefault(people.get(row.submission_id, ""), row)
    names = Counter(clean_name(row.owner) for row in first.values())
    return {
        row.owner if names[clean_name(row.owner)] == 1 else f"{row.owner} ({username})": row
        for username, row in first.items()
    }


def _people(submissions: Collection[int]) -> dict[int, str]:
    return dict(_of_submissions(submissions, "owner__username"))


def _declared(phase: Phase, row: WholeRow, key: str, columns: Collection[str], name: str) -> Declared:
    others = {other: row.values.get(other) for other in columns if other != key}
    numbers = {other: float(value) for other, value in others.items() if value is not None}
    value = row.values[key]
    return read_declared(
        {
            "model": name,
            "score": None if value is None else float(value),
            "updated": row.submitted_at.date().isoformat(),
            "detailed_scores": dict(islice(numbers.items(), 100)),
            "source": competition_address(phase.competition_id),
            "competition": phase.competition_id,
            "phase": phase.name,
        }
    )


def _edited(rows: Collection[WholeRow]) -> set[int]:
    """The submissions of which an organizer wrote a score by hand."""
    whose = {
        score: row.submission_id
        for row in rows
        for cells in row.cells.values()
        for score in (cells.get("scores") or {}).values()
    }
    numbers = list(whose)
    found: set[int] = set()
    for start in range(0, len(numbers), _PORTION):
        by_hand = Score.objects.filter(pk__in=numbers[start : start + _PORTION]).exclude(edit=None)
        found |= {whose[pk] for pk in by_hand.values_list("pk", flat=True)}
    return found


def _owners(submissions: Collection[int]) -> Mapping[int, str]:
    return {pk: str(owner) for pk, owner in _of_submissions(submissions, "owner__opaque_id")}


def _of_submissions(submissions: Collection[int], field: str) -> Iterator[tuple[int, Any]]:
    numbers = list(submissions)
    for start in range(0, len(numbers), _PORTION):
        yield from Submission.objects.filter(pk__in=numbers[start : start + _PORTION]).values_list("pk", field)
