"""The members of a bundle, put into the blob store before anything is written to the database."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from podium.blobs import Blob, BlobWriter
from podium.blobs.archives import MemberSource, NestedContents, pack_member
from podium.rules.bundle.checks import check_bundle
from podium.rules.bundle.files import NOT_A_ZIP_HINT, ZIP_HEAD_BYTES, is_zip, may_be_single_file
from podium.rules.bundle.logo import draw_logo
from podium.rules.bundle.reading import BundleReading
from podium.rules.bundle.spec import CompetitionSpec, FileRef
from podium.rules.errors import Problem
from podium.server.configuration import configuration
from podium.server.files.models import DataSetType
from podium.server.files.services import create_data_set, keep_blob, store
from podium.server.imports.naming import Existing, NamedPlace, named_places

# Unpacked from the bundle while a person waits: enough for programs, and little beside storing everything.
_LOOK_INSIDE_BYTES = 16 * 1024 * 1024
_IMAGE_HEADS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
)
# These are handed out as they are; everything else is unpacked for a run.
_DOWNLOADS = frozenset({DataSetType.STARTING_KIT, DataSetType.PUBLIC_DATA})


Tell = Callable[[int, int], None]
"""Hears how many bytes of the bundle are stored, and of how many; what it raises ends the storing."""


def tell_nobody(done: int, total: int) -> None:
    """Nobody wants to know."""


@dataclass(frozen=True)
class StoredMember:
    """A member in the blob store; `file_name` is what to call it when it is fetched."""

    blob: Blob
    file_name: str


@dataclass(frozen=True)
class StoredMembers:
    """All members that a specification names, by their path there, and the logo."""

    by_path: dict[str, StoredMember]
    logo: Blob
    logo_type: str


def check_members(source: MemberSource, reading: BundleReading, spec: CompetitionSpec) -> list[Problem]:
    """A problem for each program, and each file called zip, that runs unpack and that is neither a folder nor a zip."""
    problems = []
    for place in named_places(spec):
        path = place.ref.path
        if path is None or place.purpose in _DOWNLOADS or may_be_single_file(place.purpose.value, path):
            continue
        if not _is_packed(source, reading.member_name(path)):
            problems.append(_not_a_zip(place))
    return problems


def look_inside(source: MemberSource, reading: BundleReading) -> list[Problem]:
    """What runs would stumble over, as `podium lint` names it; large zips are not looked into."""
    found = check_bundle(source, reading, NestedContents(source, budget_bytes=_LOOK_INSIDE_BYTES))
    # Said by `check_members`, which speaks of all that the site does not store.
    return [problem for problem in found if problem.code != "member-not-zip"]


def store_members(
    source: MemberSource, reading: BundleReading, spec: CompetitionSpec, tell: Tell = tell_nobody
) -> StoredMembers:
    """Store every member once, however many places name it. What is stored for nothing is swept later.

    Raises:
        BundleError: a member is damaged.
        TooLarge, OutOfSpace: it does not fit.
    """
    places = [(place.ref.path, place.purpose) for place in named_places(spec) if place.ref.path is not None]
    for_runs = {path for path, purpose in places if purpose not in _DOWNLOADS}
    names = {path: reading.member_name(path) for path in sorted({path for path, _ in places})}
    logo_name = reading.member_name(spec.image) if spec.image else None
    own_logo = (logo_name,) if logo_name is not None else ()
    storing = _Storing(source, sum(_size(source, name) for name in (*own_logo, *names.values())), tell)
    by_path = {
        path: StoredMember(storing.put(name, path in for_runs), _file_name(source, name, path, path in for_runs))
        for path, name in names.items()
    }
    if logo_name is None:
        return StoredMembers(by_path, _default_logo(), media_type(draw_logo()))
    return StoredMembers(by_path, storing.put(logo_name, for_runs=False), media_type(source.head(logo_name, 16)))


def _default_logo() -> Blob:
    logo = draw_logo()
    with store().writer(len(logo)) as writer:
        writer.write(logo)
        return writer.commit()


def place_data_sets(
    owner_id: int,
    spec: CompetitionSpec,
    members: StoredMembers,
    existing: Existing,
    *,
    unchanged: Mapping[tuple[DataSetType, str], int] | None = None,
) -> dict[tuple[DataSetType, FileRef], int]:
    """One data set for each member and purpose; those named by key are the existing ones.

    `unchanged` has data sets by purpose and sha256 that are taken instead of new ones.
    """
    made: dict[tuple[DataSetType, FileRef], int] = {}
    for place in named_places(spec):
        slot = (place.purpose, place.ref)
        if slot in made:
            continue
        if place.ref.key is not None:
            made[slot] = existing.data_sets[place.ref.key]
        elif place.ref.path is not None:
            member = members.by_path[place.ref.path]
            kept = (unchanged or {}).get((place.purpose, member.blob.sha256))
            made[slot] = kept or _new_data_set(owner_id, place, member)
    return made


def media_type(head: bytes) -> str:
    """The media type of an image that starts so; that of arbitrary bytes where it is no image we show."""
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for start, kind in _IMAGE_HEADS if head.startswith(start)), "application/octet-stream")


def total_bytes(blobs: Iterable[Blob]) -> int:
    """The sum of the sizes."""
    return sum(blob.size_bytes for blob in blobs)


def _new_data_set(owner_id: int, place: NamedPlace, member: StoredMember) -> int:
    return create_data_set(
        owner_id,
        place.purpose,
        member.file_name,
        keep_blob(member.blob),
        name=place.ref.path or "",
        created_by_competition=True,
    ).pk


class _Storing:
    """Puts members into the blob store, one after the other, and tells how far it is, by their size when unpacked."""

    def __init__(self, source: MemberSource, total: int, tell: Tell) -> None:
        self._source = source
        self._total = total
        self._tell = tell
        self._done = 0

    def put(self, name: str, for_runs: bool) -> Blob:
        """Store one member."""
        size = _size(self._source, name)
        with store().writer(configuration().max_upload_bytes) as writer:
            # A folder is packed on the way, so that it may be through before as much is written.
            told = _ToldWriter(writer, lambda written: self._tell(self._done + min(written, size), self._total))
            pack_member(self._source, name, told, for_runs=for_runs)
            blob = writer.commit()
        self._done += size
        self._tell(self._done, self._total)
        return blob


class _ToldWriter:
    """A sink that tells after each write how much has been written."""

    def __init__(self, writer: BlobWriter, written: Callable[[int], None]) -> None:
        self._writer = writer
        self._written = written

    def write(self, data: bytes, /) -> int:
        count = self._writer.write(data)
        self._written(self._writer.size_bytes)
        return count

    def flush(self) -> None:
        """Nothing is buffered."""


def _size(source: MemberSource, name: str) -> int:
    if source.kind(name) != "folder":
        return source.size(name)
    return sum(source.size(each) for each in source.names() if each.startswith(f"{name}/"))


def _file_name(source: MemberSource, name: str, path: str, for_runs: bool) -> str:
    """What to call a member when it is fetched."""
    file_name = PurePosixPath(path).name
    becomes_zip = source.kind(name) == "folder" or (for_runs and not _is_packed(source, name))
    return f"{file_name}.zip" if becomes_zip else file_name


def _is_packed(source: MemberSource, name: str) -> bool:
    """Whether a member is a folder or a zip."""
    return source.kind(name) != "file" or is_zip(source.head(name, ZIP_HEAD_BYTES))


def _not_a_zip(place: NamedPlace) -> Problem:
    message = f'{place.where}: "{place.ref.path}" is neither a folder nor a zip.'
    return Problem("member-not-zip", message, NOT_A_ZIP_HINT, file=place.ref.path)
