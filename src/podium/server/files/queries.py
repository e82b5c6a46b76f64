"""Finding data sets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

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


@dataclass(frozen=True)
class DataSetRow:
    """A data set in its owner's list. `complete` says whether its file has arrived."""

    id: int
    key: UUID
    type: str
    name: str
    description: str
    file_name: str
    size_bytes: int
    is_public: bool
    was_created_by_competition: bool
    complete: bool
    created_at: datetime


@dataclass(frozen=True)
class DataSetFilter:
    """Which of a person's data sets are asked for. `types` of None means all of them."""

    types: frozenset[str] | None = None
    search: str = ""
    key: UUID | None = None
    was_created_by_competition: bool | None = None
    is_public: bool | None = None


def own_data_sets(person: Person, wanted: DataSetFilter, *, limit: int, offset: int = 0) -> list[DataSetRow]:
    """A person's data sets, newest first."""
    rows = _own(person, wanted).order_by("-created_at", "-pk")[offset : offset + limit]
    return [
        DataSetRow(
            id=row.pk,
            key=row.key,
            type=row.type,
            name=row.name,
            description=row.description,
            file_name=row.file_name,
            size_bytes=row.size_bytes,
            is_public=row.is_public,
            was_created_by_competition=row.was_created_by_competition,
            complete=row.blob_id is not None,
            created_at=row.created_at,
        )
        for row in rows
    ]


def count_own_data_sets(person: Person, wanted: DataSetFilter) -> int:
    """How many data sets `own_data_sets` has to show."""
    return _own(person, wanted).count()


def _own(person: Person, wanted: DataSetFilter) -> QuerySet[DataSet]:
    found = DataSet.objects.filter(owner_id=person.id)
    if wanted.types is not None:
        found = found.filter(type__in=wanted.types)
    if wanted.search:
        found = found.filter(Q(name__icontains=wanted.search) | Q(description__icontains=wanted.search))
    if wanted.key is not None:
        found = found.filter(key=wanted.key)
    if wanted.was_created_by_competition is not None:
        found = found.filter(was_created_by_competition=wanted.was_created_by_competition)
    if wanted.is_public is not None:
        found = found.filter(is_public=wanted.is_public)
    return found
