"""Beginning and ending publications."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from podium.metrics.registry import task_type
from podium.rules.access import Action
from podium.rules.board.columns import Column, Sorting
from podium.rules.errors import Conflict, NotAllowed, NotFound
from podium.rules.history import EventKind
from podium.rules.modelboards.declared import read_name, read_text
from podium.server import clock
from podium.server.accounts.people import Person
from podium.server.competitions.queries.standing import standing_of
from podium.server.history.services import ChainName, append
from podium.server.leaderboards.queries import BoardSight, board_for
from podium.server.modelboards.models import Dataset
from podium.server.modelboards.services import DatasetWishes, add_dataset
from podium.server.publishing.models import Publication
from podium.server.publishing.services.following import competition_address, withdraw_all

_MOST_DESCRIPTION = 20_000


@dataclass(frozen=True)
class PublicationWishes:
    """What to publish, and where: a column of a leaderboard in a phase to the dataset of that name, which is made where
    there is none."""

    phase_id: int
    leaderboard_id: int
    column_key: str
    dataset: str
    task_type: str
    description: str = ""


def publish(by: Person, competition_id: int, wishes: PublicationWishes) -> int:
    """Let the ranked entries of a leaderboard be results on a dataset from now on. Returns the publication's number.

    Raises:
        NotFound, NotAllowed: the competition is not the person's to edit, or the dataset is somebody else's.
        Conflict: not everybody sees the leaderboard or the column, or either is published already.
        UserError: the name or the task type does not do.
    """
    standing_of(by, competition_id).require(Action.EDIT_BOARD)
    kind = task_type(wishes.task_type).slug
    name = read_name(wishes.dataset, "The name of the dataset")
    description = read_text(wishes.description, "The description", most=_MOST_DESCRIPTION)
    sight = _seen_by_everybody(competition_id, wishes.phase_id, wishes.leaderboard_id)
    column = _column(sight, wishes.column_key)
    with transaction.atomic():
        there = Dataset.objects.select_for_update().filter(name=name).first()
        _check_free(there, wishes)
        added = add_dataset(
            by,
            DatasetWishes(
                name=name,
                task_type=kind,
                url="" if there is not None and there.url else competition_address(competition_id),
                description=description,
                metric=column.title[:100],
                lower_is_better=column.sorting is Sorting.ASCENDING,
            ),
        )
        made = Publication.objects.create(
            phase_id=wishes.phase_id,
            leaderboard_id=wishes.leaderboard_id,
            column_key=wishes.column_key,
            dataset=Dataset.objects.get(key=added.key),
            publisher_id=by.id,
            created_at=clock.now(),
        )
        _tell(by, competition_id, made, EventKind.BOARD_PUBLISHED)
    return made.pk


def unpublish(by: Person, competition_id: int, publication_id: int) -> None:
    """End a publication: its results are withdrawn. Their revisions stay in the log of the dataset.

    Raises:
        NotFound, NotAllowed: there is no such publication that the person may end.
    """
    standing_of(by, competition_id).require(Action.EDIT_BOARD)
    with transaction.atomic():
        found = Publication.objects.select_for_update().filter(pk=publication_id).first()
        if found is None or found.phase is None or found.phase.competition_id != competition_id:
            raise NotFound("publication-not-found", "There is no such publication.", "It may have been ended before.")
        withdraw_all(found)
        _tell(by, competition_id, found, EventKind.BOARD_UNPUBLISHED)
        found.delete()


def _seen_by_everybody(competition_id: int, phase_id: int, leaderboard_id: int) -> BoardSight:
    try:
        sight = board_for(None, phase_id, leaderboard_id)
    except (NotFound, NotAllowed) as error:
        raise Conflict(
            "board-not-public",
            "Only a leaderboard that everybody sees can be published.",
            "Publish the competition first, and show the leaderboard.",
        ) from error
    if sight.plan.competition_id != competition_id:
        raise NotFound("leaderboard-not-found", "This competition has no such leaderboard.", "Choose one of the list.")
    return sight


def _column(sight: BoardSight, key: str) -> Column:
    found = next((column for column in sight.ranking_columns if column.key == key), None)
    if found is None:
        raise Conflict(
            "column-not-public", "Everybody must see the column that is published.", "Choose another one, or show it."
        )
    return found


def _check_free(dataset: Dataset | None, wishes: PublicationWishes) -> None:
    there = Publication.objects.filter(
        phase_id=wishes.phase_id, leaderboard_id=wishes.leaderboard_id, column_key=wishes.column_key
    ).select_related("dataset")
    first = there.first()
    if first is not None:
        raise Conflict("published-already", f"This column is published to {first.dataset.name}.", "End that first.")
    if dataset is not None and Publication.objects.filter(dataset=dataset).exists():
        raise Conflict("dataset-taken", f"Another leaderboard is published to {dataset.name}.", "Name another dataset.")


def _tell(by: Person, competition_id: int, publication: Publication, kind: EventKind) -> None:
    payload = {
        "leaderboard": publication.leaderboard_id,
        "phase": publication.phase_id,
        "column": publication.column_key,
        "dataset": publication.dataset_id,
    }
    append(ChainName.competition(competition_id), kind, actor=by, payload=payload)
