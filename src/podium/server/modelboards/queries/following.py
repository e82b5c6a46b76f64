"""What open pages of model boards show, as a stamp that is another one as soon as they would show something else."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from django.db.models import Max, Q, QuerySet, Sum

from podium.rules.errors import NotFound
from podium.rules.runs import RunState
from podium.server.accounts.people import Person
from podium.server.modelboards.models import BoardStatistics, Dataset, Predictions, PredictionsState
from podium.server.modelboards.queries.datasets import DatasetRow

_STATES: Mapping[str, int] = {str(state): number for number, state in enumerate(PredictionsState)}
_JOB_STATES: Mapping[str, int] = {str(state): number for number, state in enumerate(RunState, start=1)}
_MOST = 16
_GONE = -1
_BELOW = 2**62
_APART = 10**12
"""More microseconds than a clock may be set back by."""


@dataclass(frozen=True)
class BoardSubject:
    """What a page shows: the board of the dataset of this number, the list of all datasets, or a set of
    predictions."""

    kind: Literal["board", "list", "predictions"]
    id: int = 0


LIST = BoardSubject("list")


def stamp_of(dataset: DatasetRow) -> int:
    """The stamp of a board as it was when this row was read, which is asked for before the results are."""
    computed = BoardStatistics.objects.filter(dataset_id=dataset.id).values_list("version", flat=True).first()
    return _board_stamp(dataset.version, computed)


def stamp_of_list() -> int:
    """The stamp of the list of datasets, to be asked for before the datasets are."""
    return stamps([LIST])[LIST]


def follow_board(slug: str) -> BoardSubject:
    """The board at an address.

    Raises:
        NotFound: there is none.
    """
    pk = Dataset.objects.filter(slug=slug).values_list("pk", flat=True).first()
    if pk is None:
        raise NotFound("dataset-not-found", "There is no dataset at this address.", "Look at the list of model boards.")
    return BoardSubject("board", pk)


def follow_predictions(person: Person | None, key: UUID) -> BoardSubject:
    """The page of a set of predictions.

    Raises:
        NotFound: there is none that the person may see.
    """
    found = _seen_by(person).filter(key=key).values_list("pk", flat=True).first() if person else None
    if found is None:
        raise NotFound("predictions-not-found", "There are no such predictions.", "Check the address, and who you are.")
    return BoardSubject("predictions", found)


def may_follow(followed: Iterable[tuple[Person | None, BoardSubject]]) -> set[tuple[Person | None, BoardSubject]]:
    """Those pairs of which the person still may see the subject."""
    asked = set(followed)
    private: dict[Person, set[int]] = {}
    for person, subject in asked:
        if subject.kind == "predictions" and person is not None:
            private.setdefault(person, set()).add(subject.id)
    seen = {
        (person, BoardSubject("predictions", pk))
        for person, ids in private.items()
        for pk in _seen_by(person).filter(pk__in=ids).values_list("pk", flat=True)
    }
    return {pair for pair in asked if pair[1].kind != "predictions" or pair in seen}


def stamps(subjects: Collection[BoardSubject]) -> dict[BoardSubject, int]:
    """The stamp of each; what is gone has one of its own. A query for each kind, however many they are."""
    found = dict.fromkeys(subjects, _GONE)
    boards = {each.id for each in found if each.kind == "board"}
    predictions = {each.id for each in found if each.kind == "predictions"}
    if boards:
        found |= _of_boards(boards)
    if LIST in found:
        found[LIST] = _list_stamp()
    if predictions:
        found |= _of_predictions(predictions)
    return found


def _of_boards(ids: Collection[int]) -> dict[BoardSubject, int]:
    computed = dict(BoardStatistics.objects.filter(dataset_id__in=ids).values_list("dataset_id", "version"))
    versions = Dataset.objects.filter(pk__in=ids).values_list("pk", "version")
    return {BoardSubject("board", pk): _board_stamp(version, computed.get(pk)) for pk, version in versions}


def _board_stamp(version: int, computed: int | None) -> int:
    """Another one as well when the statistics of the version are there."""
    return 2 * version + (computed == version)


def _list_stamp() -> int:
    said = Dataset.objects.aggregate(versions=Sum("version"), at=Max("changed_at"))
    return 0 if said["at"] is None else (_APART * said["versions"] + _microseconds(said["at"])) % _BELOW


def _of_predictions(ids: Collection[int]) -> dict[BoardSubject, int]:
    rows = Predictions.objects.filter(pk__in=ids).values_list("pk", "state", "scored_at", "job__state")
    return {BoardSubject("predictions", pk): _stamp(state, at, job or "") for pk, state, at, job in rows}


def _stamp(state: str, at: datetime | None, job: str) -> int:
    return (_microseconds(at) * _MOST + _STATES[state]) * _MOST + _JOB_STATES.get(job, 0)


def _microseconds(at: datetime | None) -> int:
    return 0 if at is None else int(at.timestamp() * 1_000_000)


def _seen_by(person: Person) -> QuerySet[Predictions]:
    if person.is_admin:
        return Predictions.objects.all()
    return Predictions.objects.filter(Q(submitter_id=person.id) | Q(dataset__owner_id=person.id))
