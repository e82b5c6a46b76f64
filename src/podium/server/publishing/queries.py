"""Reading publications."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from podium.rules.access import Action
from podium.rules.errors import NotAllowed, NotFound
from podium.server.accounts.people import Person
from podium.server.competitions.models import Phase
from podium.server.competitions.queries.standing import standing_of
from podium.server.leaderboards.models import Leaderboard
from podium.server.leaderboards.queries import board_for
from podium.server.publishing.models import Publication


@dataclass(frozen=True)
class PublicationRow:
    """A publication. `refreshed_at` is None until its results were made for the first time; `note` says what could not
    be published."""

    id: int
    phase: str
    leaderboard: str
    column: str
    dataset: str
    slug: str
    models: int
    note: str
    created_at: datetime
    refreshed_at: datetime | None


@dataclass(frozen=True)
class PublishableColumn:
    """A column of a leaderboard in a phase that everybody sees."""

    phase_id: int
    phase: str
    leaderboard_id: int
    leaderboard: str
    key: str
    title: str

    @property
    def name(self) -> str:
        """The three numbers and keys as one word, for a form."""
        return f"{self.phase_id}:{self.leaderboard_id}:{self.key}"


def publications_of(by: Person, competition_id: int) -> list[PublicationRow]:
    """All publications of a competition.

    Raises:
        NotFound, NotAllowed: the competition is not the person's to edit.
    """
    standing_of(by, competition_id).require(Action.EDIT_BOARD)
    found = Publication.objects.filter(phase__competition_id=competition_id)
    return [_row(each) for each in found.select_related("phase", "leaderboard", "dataset").order_by("pk")]


def publishable(by: Person, competition_id: int) -> list[PublishableColumn]:
    """What of a competition can be published: the columns that everybody sees, less those that are published.

    Raises:
        NotFound, NotAllowed: the competition is not the person's to edit.
    """
    standing_of(by, competition_id).require(Action.EDIT_BOARD)
    taken = set(
        Publication.objects.filter(phase__competition_id=competition_id).values_list(
            "phase_id", "leaderboard_id", "column_key"
        )
    )
    found = []
    boards = list(Leaderboard.objects.filter(competition_id=competition_id).order_by("index"))
    for phase in Phase.objects.filter(competition_id=competition_id).order_by("index"):
        for board in boards:
            try:
                sight = board_for(None, phase.pk, board.pk)
            except (NotFound, NotAllowed):
                continue
            found += [
                PublishableColumn(phase.pk, phase.name, board.pk, board.title, column.key, column.title)
                for column in sight.ranking_columns
                if (phase.pk, board.pk, column.key) not in taken
            ]
    return found


def _row(found: Publication) -> PublicationRow:
    return PublicationRow(
        id=found.pk,
        phase=found.phase.name if found.phase else "",
        leaderboard=found.leaderboard.title if found.leaderboard else "",
        column=found.column_key,
        dataset=found.dataset.name,
        slug=found.dataset.slug,
        models=found.dataset.model_count,
        note=found.note,
        created_at=found.created_at,
        refreshed_at=found.refreshed_at,
    )
