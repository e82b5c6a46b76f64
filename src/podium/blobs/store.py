"""What a store of immutable files offers, whatever lies behind it. A file's name is the SHA-256 of its content."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Protocol, Self

from podium.rules.errors import NotFound

_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True)
class Blob:
    """A stored file: its SHA-256 in lower-case hexadecimal and its size."""

    sha256: str
    size_bytes: int


class BlobWriter(Protocol):
    """Receives the bytes of one new blob. Nothing exists until `commit`; leaving the `with` block without it aborts.

    The calls are short disk writes that never wait for a network, so that async code may make them directly.
    """

    size_bytes: int

    def write(self, data: bytes, /) -> int:
        """Append. Raises TooLarge beyond the limit and OutOfSpace where the disk is full; both end the writer."""

    @property
    def written(self) -> Blob:
        """What a commit would store now."""

    def commit(self, expected_sha256: str | None = None, expected_size: int | None = None) -> Blob:
        """Make the blob exist, durably. Raises UserError where hash or size differ from what is expected."""

    def abort(self) -> None:
        """Forget everything written. Harmless after a commit."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class BlobStore(Protocol):
    """A store of blobs. Storing content that exists already gives the same blob and renews its age."""

    def writer(self, max_bytes: int) -> BlobWriter:
        """A new writer that takes at most `max_bytes`. Raises OutOfSpace where the disk is nearly full."""

    def put_stream(self, chunks: Iterable[bytes], *, max_bytes: int) -> Blob:
        """Store what the chunks contain. Raises TooLarge or OutOfSpace; nothing is stored then."""

    def put_file(self, path: Path) -> Blob:
        """Store a copy of a file."""

    def open(self, sha256: str) -> BinaryIO:
        """The content, for reading. Raises NotFound."""

    def size(self, sha256: str) -> int:
        """The size in bytes. Raises NotFound."""

    def exists(self, sha256: str) -> bool:
        """Whether the blob is stored."""

    def delete_old(self, sha256: str, older_than: float) -> bool:
        """Remove the blob unless it was stored, or stored again, since `older_than` (seconds since 1970). Returns
        whether it was removed. Readers that have it open keep their content, and whoever stores the same at this moment
        finds it afterwards.
        """

    def old_blobs(self, older_than: float) -> Iterator[str]:
        """The hashes of all blobs that were last stored before `older_than` (seconds since 1970), in no order."""

    def __iter__(self) -> Iterator[Blob]:
        """All blobs, in no particular order; what comes and goes meanwhile may or may not be among them."""


def require_sha256(text: str) -> str:
    """The text, where it is a SHA-256 in lower-case hexadecimal. Raises NotFound: no blob has another name."""
    if not _SHA256.fullmatch(text):
        raise NotFound("blob-missing", "There is no stored file of that name.")
    return text
