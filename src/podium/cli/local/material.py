"""The files of a bundle and of submissions as folders that programs can be run on."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from podium.blobs.archives import (
    BUNDLE_LIMITS,
    SUBMISSION_LIMITS,
    ArchiveLimits,
    MemberSource,
    pack_folder,
    pack_member,
)
from podium.rules.bundle import BundleReading
from podium.rules.bundle.spec import FileRef
from podium.rules.errors import UserError
from podium.worker.execute import UnpackedCache


class Material:
    """Unpacks what a run needs into `work`, each archive once; to be used in a `with` block.

    Everything goes through the zip that a server would store, so that programs find the same files here and there.
    """

    def __init__(self, source: MemberSource, reading: BundleReading, work: Path) -> None:
        self._source = source
        self._reading = reading
        self._packed = work / "packed"
        self._cache = UnpackedCache(work / "unpacked")
        self._held = ExitStack()
        self._known: dict[str, Path] = {}

    def __enter__(self) -> Self:
        self._packed.mkdir(parents=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._held.close()

    def of_bundle(self, reference: FileRef | None) -> Path | None:
        """The folder of a file or folder of the bundle; None where there is none.

        Raises:
            UserError: it is a data set of a server (`bundle-needs-server`).
            ArchiveError: it cannot be unpacked safely.
        """
        if reference is None:
            return None
        if reference.path is None:
            raise UserError(
                "bundle-needs-server",
                f"The bundle refers to the data set {reference.key} of a server, which is not here.",
                "Put the file into the bundle, or import the bundle on that server.",
            )
        if reference.path not in self._known:
            self._known[reference.path] = self._unpack_member(reference.path)
        return self._known[reference.path]

    def of_submission(self, path: Path) -> Path:
        """The folder of a submission, from a zip or a folder.

        Raises:
            ArchiveError: it is no zip, or cannot be unpacked safely.
        """
        if not path.is_dir():
            return self._unpack(path, SUBMISSION_LIMITS)
        packed = self._new_file()
        with packed.open("wb") as sink:
            pack_folder(path, sink, SUBMISSION_LIMITS)
        return self._unpack(packed, SUBMISSION_LIMITS)

    def _unpack_member(self, path: str) -> Path:
        packed = self._new_file()
        with packed.open("wb") as sink:
            pack_member(self._source, self._reading.member_name(path), sink, for_runs=True)
        return self._unpack(packed, BUNDLE_LIMITS)

    def _unpack(self, archive: Path, limits: ArchiveLimits) -> Path:
        return self._held.enter_context(self._cache.use(archive, limits=limits))

    def _new_file(self) -> Path:
        return self._packed / f"{len(list(self._packed.iterdir()))}.zip"
