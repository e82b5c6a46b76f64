"""Finding data sets."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from podium.rules.errors import NotFound
from podium.server.accounts.people import Person
from podium.server.files.models import DataSet


@dataclass(frozen=True)
class StoredFile:
    """A file that can be fetched: its content's hash, its size and the name to give it."""

    sha256: str
    size_bytes: int
    file_name: str


def stored_file(data_set: DataSet | None) -> StoredFile | None:
    """What a data set holds; None where there is none or it has not arrived."""
    if data_set is None or data_set.blob_id is None:
        return None
    return StoredFile(data_set.blob_id, data_set.size_bytes, data_set.file_name)


def own_data_set(person: Person, key: UUID) -> DataSet:
    """A person's own data set.

    Raises:
        NotFound: the person has none of that key.
    """
    found = DataSet.objects.filter(key=key, owner_id=person.id).first()
    if found is None:
        raise NotFound("no-such-data-set", "You have no such data set.", "Check the key, or upload the file again.")
    return found
