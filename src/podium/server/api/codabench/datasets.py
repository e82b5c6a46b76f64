"""Data sets: announced, uploaded by a signed link, listed."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from pydantic import Field

from podium.rules.errors import OutOfSpace, UserError
from podium.server.api.answers import answer, offset_of, page_of
from podium.server.api.asking import person_asking
from podium.server.api.bodies import Body, check_storable, read
from podium.server.api.codabench.numbers import PageNumber
from podium.server.api.errors import FieldErrors
from podium.server.files.links import upload_url
from podium.server.files.models import DataSetType
from podium.server.files.queries import DataSetFilter, DataSetRow, count_own_data_sets, own_data_set, own_data_sets
from podium.server.files.services import open_upload
from podium.server.imports.jobs import start_import

_BUNDLES = frozenset({DataSetType.COMPETITION_BUNDLE.value})
_SUBMISSIONS = frozenset({DataSetType.SUBMISSION.value})
_KINDS = {
    "bundle": _BUNDLES,
    "submission": _SUBMISSIONS,
    "dataset": frozenset(DataSetType.values) - _BUNDLES - _SUBMISSIONS,
}


class Announcement(Body):
    """A file that will be uploaded; `file_size` in bytes."""

    type: str = Field(max_length=40)
    request_sassy_file_name: str = Field(min_length=1, max_length=255)
    file_size: Annotated[float, Field(ge=0, le=2**62, allow_inf_nan=False)]
    name: str = Field(default="", max_length=255)
    description: str = Field(default="", max_length=10_000)


class ImportWish(Body):
    """What comes with the word that a bundle is uploaded."""

    publish: bool = False


def announced(request: HttpRequest) -> HttpResponse:
    """Announce a file: the key of its data set, and the link to PUT its bytes to."""
    wanted = read(request, Announcement)
    size_bytes = -int(-wanted.file_size // 1)
    try:
        data_set, ticket = open_upload(
            person_asking(request),
            wanted.type,
            wanted.request_sassy_file_name,
            size_bytes,
            name=wanted.name,
            description=wanted.description,
        )
    except OutOfSpace as error:
        raise FieldErrors({"data_file": [f"Insufficient space. {error.message}"]}) from error
    return answer({"key": data_set.key, "sassy_url": request.build_absolute_uri(upload_url(ticket.key))}, 201)


def completed(request: HttpRequest, key: UUID) -> HttpResponse:
    """Say that the upload is done, and hear whether it is. A bundle is imported then, and the answer is the number of
    the import."""
    person = person_asking(request)
    data_set = own_data_set(person, key)
    if data_set.type == DataSetType.COMPETITION_BUNDLE:
        wish = read(request, ImportWish)
        return answer({"status_id": start_import(person, key, publish=wish.publish)})
    if data_set.blob_id is None:
        raise UserError("upload-incomplete", "The file has not arrived.", "PUT its bytes to the link of the data set.")
    return answer({"key": data_set.key})


def listed(
    request: HttpRequest,
    page: PageNumber = 1,
    page_size: Annotated[int, Field(ge=1, le=1000)] = 10,
    search: str = "",
    type: str = "",  # noqa: A002 (the contract's name)
    key: UUID | None = None,
    was_created_by_competition: bool | None = None,
    is_public: bool | None = None,
) -> HttpResponse:
    """A page of one's own data sets, newest first."""
    check_storable([search, type])
    person = person_asking(request)
    wanted = DataSetFilter(
        types=_types(request.GET.get("_type", ""), type),
        search=search,
        key=key,
        was_created_by_competition=was_created_by_competition,
        is_public=is_public,
    )
    count = count_own_data_sets(person, wanted)
    rows = own_data_sets(person, wanted, limit=page_size, offset=offset_of(page, page_size, count))
    return answer(page_of(request, [_row(row, person.name) for row in rows], count=count, page=page, size=page_size))


def _types(kind: str, type_: str) -> frozenset[str] | None:
    kinds = _KINDS.get(kind)
    if not type_:
        return kinds
    return frozenset({type_}) if kinds is None or type_ in kinds else frozenset()


def _row(row: DataSetRow, owner: str) -> dict[str, object]:
    return {
        "id": row.id,
        "key": row.key,
        "type": row.type,
        "name": row.name,
        "description": row.description,
        "created_by": owner,
        "created_when": row.created_at,
        "file_name": row.file_name,
        "file_size": row.size_bytes,
        "is_public": row.is_public,
        "was_created_by_competition": row.was_created_by_competition,
        "upload_completed_successfully": row.complete,
    }
