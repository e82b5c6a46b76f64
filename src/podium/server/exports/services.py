"""Exporting a competition."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from podium.blobs import Blob
from podium.blobs.archives.writing import writing_zip
from podium.rules.access import Action
from podium.rules.bundle.writing import write_competition
from podium.server import clock
from podium.server.accounts.people import Person
from podium.server.accounts.services import hold_account
from podium.server.competitions.models import Competition
from podium.server.competitions.queries import competition_not_found, standing_of
from podium.server.exports.description import Described, describe
from podium.server.exports.models import Dump
from podium.server.exports.naming import slug
from podium.server.files.models import DataSetType
from podium.server.files.services import check_quota, create_data_set, describe_data_set, keep_blob, store
from podium.server.history.proving import head_of_competition

_YAML = "competition.yaml"
_ZIP_HEAD = b"PK"
# What names, headers and the directory of the zip take besides the content of its members.
_ROOM_PER_MEMBER = 4096
_ROOM = 1024 * 1024
_TITLE_LENGTH = 200


@dataclass(frozen=True)
class ExportedCompetition:
    """The bundle of a competition, stored as a data set of whoever asked for it."""

    key: UUID
    name: str
    file_name: str
    sha256: str
    size_bytes: int


def export_competition(by: Person, competition_id: int, *, keys_instead_of_files: bool = False) -> ExportedCompetition:
    """Make a bundle, version 2, of the whole competition. Importing it makes an equal one.

    The same competition always gives the same bytes. They are written to the blob store before anything is written to
    the database, in constant memory; a bundle that the person has had made before is not stored again.

    Raises:
        NotFound, NotAllowed: the competition is not the person's to export.
        Conflict: it lacks something that a bundle needs.
        OutOfSpace: the person's quota or the disk does not hold the bundle.
    """
    standing_of(by, competition_id).require(Action.EXPORT_COMPETITION)
    row = Competition.objects.select_related("logo", "queue").get(pk=competition_id)
    described = describe(row, keys_instead_of_files=keys_instead_of_files)
    return _keep(by, row, _write(described))


def _write(described: Described) -> Blob:
    texts = _texts(described)
    content = sum(len(text) for text in texts.values()) + sum(blob.size_bytes for blob in described.blobs.values())
    members = len(texts) + len(described.blobs)
    with store().writer(content + members * _ROOM_PER_MEMBER + _ROOM) as writer:
        with writing_zip(writer) as archive:
            for name, text in texts.items():
                archive.add_bytes(name, text)
            for name, blob in sorted(described.blobs.items()):
                with store().open(blob.sha256) as file:
                    packed = file.read(len(_ZIP_HEAD)) == _ZIP_HEAD
                    file.seek(0)
                    archive.add(name, file, blob.size_bytes, packed=packed)
        return writer.commit()


def _texts(described: Described) -> dict[str, bytes]:
    """What the bundle has besides stored files, the description first."""
    spec = described.spec
    pages = {spec.terms_file: spec.terms} | {page.file: page.content for page in spec.pages}
    return {_YAML: write_competition(spec).encode()} | {name: _encoded(text) for name, text in pages.items()}


def _encoded(text: str) -> bytes:
    """A byte order mark that is content needs one before it, which readers drop."""
    return text.encode("utf-8-sig" if text.startswith("\ufeff") else "utf-8")


@transaction.atomic
def _keep(by: Person, competition: Competition, bundle: Blob) -> ExportedCompetition:
    owner = hold_account(by.id)
    if not Competition.objects.select_for_update(no_key=True).filter(pk=competition.pk).exists():
        raise competition_not_found()
    dumps = Dump.objects.filter(competition=competition)
    same = dumps.filter(data_set__owner_id=by.id, data_set__blob=bundle.sha256).select_related("data_set").first()
    if same is not None:
        data_set = same.data_set
    else:
        check_quota(owner, bundle.size_bytes)
        number = dumps.count() + 1
        data_set = create_data_set(
            by.id,
            DataSetType.COMPETITION_BUNDLE,
            f"{slug(competition.title, 'competition')}.zip",
            keep_blob(bundle),
            name=f"{competition.title[:_TITLE_LENGTH]} Dump #{number} Created {clock.now():%m-%d-%Y}",
        )
        Dump.objects.create(competition=competition, data_set=data_set)
    # Beside the bundle, not in it: the same competition makes the same bytes wherever it is.
    describe_data_set(data_set, f"Its history ended with {head_of_competition(competition.pk)} then.")
    return ExportedCompetition(data_set.key, data_set.name, data_set.file_name, bundle.sha256, bundle.size_bytes)
