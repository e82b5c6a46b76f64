"""Files that somebody sends to a model board: their size, the room they take, and where they are kept."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from django.db.models import Sum

from podium.rules.errors import OutOfSpace, TooLarge, UserError
from podium.server.accounts.models import User
from podium.server.accounts.people import Person
from podium.server.configuration import configuration
from podium.server.files.models import DataSet
from podium.server.files.services import StoredBlob, safe_file_name, store
from podium.server.modelboards.models import Predictions, ReferenceSet


@dataclass(frozen=True)
class SentFile:
    """A file as it arrived: its bytes, or where they lie."""

    name: str
    content: bytes | Path


@dataclass(frozen=True)
class KeptFile:
    """A file whose bytes are stored, but which no row names yet."""

    name: str
    stored: StoredBlob


def keep_sent(by: Person | None, sent: SentFile) -> KeptFile:
    """Store the bytes of a file.

    Raises:
        UserError: it is empty.
        TooLarge: it is larger than files of model boards may be.
        OutOfSpace: the person's quota does not hold it, or the disk is full.
    """
    size = len(sent.content) if isinstance(sent.content, bytes) else sent.content.stat().st_size
    name = safe_file_name(sent.name)
    if not size:
        raise UserError("file-empty", f"The file {name} is empty.", "Choose a file that has items.")
    check_file_size(size, name)
    # Before it is stored: what is refused afterwards would lie on the disk and count for nobody.
    if by is not None:
        check_space(User.objects.get(pk=by.id), size)
    if isinstance(sent.content, bytes):
        return KeptFile(name, store().put_stream([sent.content], max_bytes=size))
    return KeptFile(name, store().put_file(sent.content))


def check_file_size(size: int, name: str) -> None:
    """Raises TooLarge where a file of a model board may not be so large."""
    limit = configuration().modelboard_file_bytes
    if size > limit:
        raise TooLarge(
            "file-too-large",
            f"The file {name} has {size / 1e6:.1f} MB; model boards of this site take up to {limit / 1e6:.1f} MB.",
            "Make it smaller, or ask the administrator to raise PODIUM_MODELBOARD_FILE_BYTES.",
        )


def check_space(user: User, more_bytes: int) -> None:
    """Raises OutOfSpace where all that a person sent and `more_bytes` would go over the person's quota."""
    files = DataSet.objects.filter(owner=user).aggregate(total=Sum("size_bytes"))["total"] or 0
    predictions = Predictions.objects.filter(submitter=user).aggregate(total=Sum("blob__size_bytes"))["total"] or 0
    references = ReferenceSet.objects.filter(sender=user).aggregate(
        gold=Sum("blob__size_bytes"), inputs=Sum("inputs__size_bytes")
    )
    used = files + predictions + (references["gold"] or 0) + (references["inputs"] or 0)
    if used + more_bytes > user.quota_bytes:
        raise OutOfSpace(
            "quota-full",
            f"Your files take {used / 1e6:.1f} MB of your {user.quota_bytes / 1e6:.1f} MB.",
            "Delete what you no longer need, or ask the administrator for more.",
        )
