"""Finding the bundles that were made of a competition."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from podium.rules.access import Action
from podium.server.accounts.people import Person
from podium.server.competitions.queries import standing_of
from podium.server.exports.models import Dump
from podium.server.files.queries import StoredFile, stored_file


@dataclass(frozen=True)
class DumpRow:
    """A bundle that was made of a competition."""

    key: UUID
    name: str
    file: StoredFile


def dumps_of(person: Person | None, competition_id: int) -> list[DumpRow]:
    """The bundles that were made of a competition, oldest first.

    Raises:
        NotFound, NotAllowed: the competition is not the person's to export.
    """
    standing_of(person, competition_id).require(Action.EXPORT_COMPETITION)
    rows = Dump.objects.filter(competition_id=competition_id).select_related("data_set").order_by("pk")
    files = [(row.data_set, stored_file(row.data_set)) for row in rows]
    return [DumpRow(data_set.key, data_set.name, file) for data_set, file in files if file is not None]
