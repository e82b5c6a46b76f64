"""What stored files contain, so that two versions of a file can be told apart in words."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from podium.blobs.archives import ZipSource
from podium.rules.bundle.changes import Contents
from podium.rules.bundle.spec import FileRef
from podium.rules.errors import UserError
from podium.server.files.services import store


class StoredContents:
    """The contents of the files that a specification names, by the hashes of what is stored.

    Every file has its hash under the empty name, so that two versions are equal only if they are the same bytes. A
    zip has a line for each file in it besides, for people; in those that are `alike` nobody looks.
    """

    def __init__(self, paths: Mapping[str, str], keys: Mapping[UUID, str], alike: Collection[str]) -> None:
        self._paths = paths
        self._keys = keys
        self._alike = alike
        self._known: dict[str, Contents] = {}

    def __call__(self, ref: FileRef) -> Contents:
        """What a reference names contains; a data set that has not arrived is its key."""
        sha256 = self.sha256(ref)
        if sha256 is None:
            return {"key": str(ref.key)}
        if sha256 in self._alike:
            return {"": sha256}
        if sha256 not in self._known:
            self._known[sha256] = {"": sha256, **_files_in(sha256)}
        return self._known[sha256]

    def sha256(self, ref: FileRef) -> str | None:
        """The hash of a file; None where it has not arrived."""
        return self._paths[ref.path] if ref.path is not None else self._keys.get(ref.key) if ref.key else None


def _files_in(sha256: str) -> Contents:
    try:
        with ZipSource(store().path(sha256)) as archive:
            return {name: archive.checksum(name) for name in archive.names()}
    except UserError:
        return {}
