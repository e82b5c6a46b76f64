"""What the files of a bundle contain, so that a folder and the zip of it count as the same."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from pathlib import Path, PurePosixPath

from podium.blobs.archives import MemberSource, ZipSource
from podium.rules.bundle import BundleReading
from podium.rules.bundle.changes import Contents
from podium.rules.bundle.logo import draw_logo
from podium.rules.bundle.spec import FileRef
from podium.rules.errors import ArchiveError

_CHUNK_BYTES = 256 * 1024
# What a competition without a logo of its own is given.
_LOGO = "logo.png"


class BundleContents:
    """The hashes of a bundle's files; each member is looked into once."""

    def __init__(self, source: MemberSource, reading: BundleReading) -> None:
        self._source = source
        self._reading = reading
        self._known: dict[str, Contents] = {}

    def __call__(self, reference: FileRef) -> Contents:
        """What the reference names contains."""
        if reference.path is None:
            return {"key": str(reference.key)}
        if not reference.path:
            return {_LOGO: hashlib.sha256(draw_logo()).hexdigest()}
        name = self._reading.member_name(reference.path)
        if name not in self._known:
            self._known[name] = self._look(name)
        return self._known[name]

    def _look(self, name: str) -> Contents:
        if self._source.kind(name) == "folder":
            return _hashes(self._source, f"{name}/")
        with tempfile.TemporaryDirectory(prefix="podium-diff-") as folder:
            copy = Path(folder, "member")
            with self._source.open(name) as member, copy.open("wb") as target:
                shutil.copyfileobj(member, target, _CHUNK_BYTES)
            try:
                with ZipSource(copy) as archive:
                    return _hashes(archive, "")
            except ArchiveError:
                with copy.open("rb") as file:
                    return {PurePosixPath(name).name: hashlib.file_digest(file, "sha256").hexdigest()}


def _hashes(source: MemberSource, prefix: str) -> Contents:
    found = {}
    for name in source.names():
        if name.startswith(prefix):
            with source.open(name) as file:
                digest = hashlib.sha256()
                while chunk := file.read(_CHUNK_BYTES):
                    digest.update(chunk)
            found[name.removeprefix(prefix)] = digest.hexdigest()
    return found
