"""Keeping blobs, data sets and upload tickets."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from functools import cache
from pathlib import PurePosixPath
from typing import Protocol
from uuid import UUID

from django.db import transaction
from django.db.models import ProtectedError, Sum

from podium.blobs import LocalBlobStore
from podium.rules.errors import Conflict, NotAllowed, NotFound, OutOfSpace, TooLarge, UserError
from podium.server import clock
from podium.server.accounts.models import User
from podium.server.accounts.people import Person
from podium.server.accounts.services import hold_account
from podium.server.configuration import configuration
from podium.server.files.models import Blob, DataSet, DataSetType, UploadTicket

TICKET_LIFETIME = timedelta(days=5)
_NAME_LIMIT = 255


class StoredBlob(Protocol):
    """What a blob store says of the bytes it keeps."""

    @property
    def sha256(self) -> str: ...
    @property
    def size_bytes(self) -> int: ...


@cache
def store() -> LocalBlobStore:
    """The blob store of this site."""
    chosen = configuration()
    return LocalBlobStore(chosen.data_folder / "blobs", min_free_bytes=chosen.disk_floor_bytes)


def keep_blobs(stored: Iterable[StoredBlob]) -> None:
    """Make or touch the rows of several stored files, for a transaction that will name them all.

    In one order for everybody: two transactions that kept the same files crosswise would wait for each other for ever.
    """
    for each in sorted(stored, key=lambda blob: blob.sha256):
        keep_blob(each)


def keep_blob(stored: StoredBlob) -> Blob:
    """The row of stored bytes: made, or touched so that a sweep of unused blobs leaves it alone.

    The row stays locked until the transaction ends, so an account is held before it, never after.
    """
    # In one statement: a sweep may take the row away between any two.
    (blob,) = Blob.objects.bulk_create(
        [Blob(sha256=stored.sha256, size_bytes=stored.size_bytes, touched_at=clock.now())],
        update_conflicts=True,
        unique_fields=["sha256"],
        update_fields=["touched_at"],
    )
    return blob


def safe_file_name(name: str) -> str:
    """The last part of a file's name, short enough to store and free of control characters; never empty."""
    last = PurePosixPath(name.replace("\\", "/")).name
    clean = "".join(letter for letter in last if letter.isprintable()).strip(" .")
    return clean[-_NAME_LIMIT:] or "file"


def create_data_set(
    owner_id: int,
    type_: DataSetType,
    file_name: str,
    blob: Blob | None,
    *,
    name: str = "",
    description: str = "",
    is_public: bool = False,
    created_by_competition: bool = False,
) -> DataSet:
    """Write the row of a data set; without a blob it still has to arrive."""
    file_name = safe_file_name(file_name)
    return DataSet.objects.create(
        owner_id=owner_id,
        type=type_,
        name=(name or file_name)[:_NAME_LIMIT],
        description=description,
        blob=blob,
        file_name=file_name,
        size_bytes=blob.size_bytes if blob else 0,
        is_public=is_public,
        was_created_by_competition=created_by_competition,
        created_at=clock.now(),
    )


def rename_data_set(data_set: DataSet, name: str) -> None:
    """Give a data set another name, cut where it is too long."""
    DataSet.objects.filter(pk=data_set.pk).update(name=name[:_NAME_LIMIT])


def describe_data_set(data_set: DataSet, description: str) -> None:
    """Say something else of a data set."""
    DataSet.objects.filter(pk=data_set.pk).update(description=description)


def delete_data_set(owner_id: int, key: UUID) -> bool:
    """Delete a data set that nothing needs; its bytes are swept later. Returns whether it is gone: one that a task, a
    competition or a submission names stays.
    """
    try:
        with transaction.atomic():
            DataSet.objects.filter(key=key, owner_id=owner_id).delete()
    except ProtectedError:
        return False
    return True


def open_upload(
    by: Person, type_: str, file_name: str, size_bytes: int, *, name: str = "", description: str = ""
) -> tuple[DataSet, UploadTicket]:
    """Announce a file: its data set, and the ticket to upload it with.

    Raises:
        UserError: the type or the size does not do.
        TooLarge: larger than the site takes.
        OutOfSpace: the person's quota does not hold it.
    """
    if type_ not in DataSetType.values:
        known = ", ".join(DataSetType.values)
        raise UserError("type-unknown", f"There is no type of data set {type_!r}.", f"Use one of: {known}.")
    if size_bytes <= 0:
        raise UserError("file-empty", "The file is empty.", "Choose a file that has content.")
    check_size(type_, size_bytes)
    with transaction.atomic():
        check_quota(hold_account(by.id), size_bytes)
        data_set = create_data_set(by.id, DataSetType(type_), file_name, None, name=name, description=description)
        ticket = UploadTicket.objects.create(
            owner_id=by.id,
            data_set=data_set,
            max_bytes=largest(type_),
            expires_at=clock.now() + TICKET_LIFETIME,
        )
    return data_set, ticket


def largest(type_: str) -> int:
    """The most bytes a data set of that type may have."""
    chosen = configuration()
    return chosen.max_submission_bytes if type_ == DataSetType.SUBMISSION else chosen.max_upload_bytes


def check_size(type_: str, size_bytes: int) -> None:
    """Raises TooLarge where a data set of that type may not be so large."""
    limit = largest(type_)
    if size_bytes > limit:
        raise TooLarge(
            "file-too-large",
            f"The file has {size_bytes / 1e6:.1f} MB; this site takes up to {limit / 1e6:.1f} MB.",
            "Make it smaller, or ask the administrator to raise the limit.",
        )


def check_room(by: Person, more_bytes: int) -> None:
    """Raises OutOfSpace where a person's quota does not hold `more_bytes` now: asked before they are stored."""
    check_quota(User.objects.get(pk=by.id), more_bytes)


def check_quota(owner: User, more_bytes: int) -> None:
    """Raises OutOfSpace where the person's files and `more_bytes` would go over the person's quota."""
    used = DataSet.objects.filter(owner=owner).aggregate(total=Sum("size_bytes"))["total"] or 0
    if used + more_bytes > owner.quota_bytes:
        raise OutOfSpace(
            "quota-full",
            f"Your files take {used / 1e6:.1f} MB of your {owner.quota_bytes / 1e6:.1f} MB.",
            "Delete what you no longer need, or ask the administrator for more.",
        )


def open_ticket(max_bytes: int, *, repeatable: bool = False) -> UploadTicket:
    """One of `open_tickets`."""
    (ticket,) = open_tickets([(max_bytes, repeatable)])
    return ticket


def open_tickets(wanted: Iterable[tuple[int, bool]]) -> list[UploadTicket]:
    """Tickets for files that no data set waits for: what a run writes. For each its largest size in bytes, and whether
    it is repeatable: while it is, what arrives takes the place of what arrived before."""
    expires_at = clock.now() + TICKET_LIFETIME
    return UploadTicket.objects.bulk_create(
        UploadTicket(max_bytes=max_bytes, repeatable=repeatable, expires_at=expires_at)
        for max_bytes, repeatable in wanted
    )


def close_tickets(keys: Iterable[UUID]) -> None:
    """What arrived for these tickets stays as it is from now on."""
    UploadTicket.objects.filter(pk__in=keys, repeatable=True).update(repeatable=False)


def ticket_limit(key: UUID) -> int:
    """How many bytes may be sent for a ticket now.

    Raises:
        NotFound: there is no such ticket.
        NotAllowed: it has expired.
    """
    ticket = UploadTicket.objects.filter(pk=key).values_list("max_bytes", "expires_at").first()
    if ticket is None:
        raise NotFound("no-such-upload", "Nothing waits for this upload.", "Start it again.")
    max_bytes, expires_at = ticket
    if clock.now() >= expires_at:
        raise NotAllowed("upload-expired", "This upload has expired.", "Start it again.")
    return max_bytes


def check_upload(key: UUID, arrived: StoredBlob) -> None:
    """See whether `complete_upload` would take what arrived, which is not stored yet; raises what that would."""
    ticket = UploadTicket.objects.get(pk=key)
    if ticket.owner_id is None:
        # Nobody's account is looked at, which would be locked: `complete_upload` looks at the rest again.
        _check_upload(ticket, arrived)
        return
    with transaction.atomic():
        _check_upload(UploadTicket.objects.select_for_update().get(pk=key), arrived)


def _check_upload(ticket: UploadTicket, arrived: StoredBlob) -> None:
    if ticket.blob_id is not None and ticket.blob_id != arrived.sha256 and not ticket.repeatable:
        raise Conflict("upload-complete", "This upload is complete already.", "Start a new one.")
    if ticket.blob_id is None and ticket.data_set_id is not None and ticket.owner_id is not None:
        check_quota(hold_account(ticket.owner_id), arrived.size_bytes)


def complete_upload(key: UUID, stored: StoredBlob) -> UploadTicket:
    """Tie what arrived to its ticket. The same bytes again change nothing.

    Raises:
        Conflict: other bytes arrived for the ticket before, and it is not repeatable.
        OutOfSpace: the owner's quota does not hold it: what was announced may have been less.
    """
    with transaction.atomic():
        ticket = UploadTicket.objects.select_for_update().get(pk=key)
        _check_upload(ticket, stored)
        blob = keep_blob(stored)
        if ticket.blob_id is None or ticket.repeatable:
            ticket.blob, ticket.completed_at = blob, clock.now()
            ticket.save(update_fields=["blob", "completed_at"])
            if ticket.data_set_id is not None:
                DataSet.objects.filter(pk=ticket.data_set_id).update(blob=blob, size_bytes=blob.size_bytes)
    return ticket
