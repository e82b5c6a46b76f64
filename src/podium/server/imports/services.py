"""Importing a bundle."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from django.db import transaction

from podium.blobs import Blob
from podium.blobs.archives import ZipSource
from podium.rules.access import Action, require, roles_towards
from podium.rules.bundle.spec import CompetitionSpec
from podium.rules.errors import Problem
from podium.rules.history import EventKind
from podium.server.accounts.people import Person
from podium.server.accounts.services import hold_account
from podium.server.competitions.services import Belongings, create_competition
from podium.server.files.models import DataSetType
from podium.server.files.services import check_quota, check_size, create_data_set, keep_blob, keep_blobs, store
from podium.server.history.services import ChainName, append
from podium.server.imports.checking import called, check_for_site, refuse_errors, renamed
from podium.server.imports.members import StoredMembers, place_data_sets, store_members, total_bytes
from podium.server.imports.naming import find_existing
from podium.server.imports.people import find_collaborators, record_collaborators
from podium.server.leaderboards.services import create_boards


@dataclass(frozen=True)
class ImportedCompetition:
    """A competition that has just been made. `notes` are worth knowing and prevented nothing."""

    id: int
    title: str
    notes: tuple[Problem, ...]


def import_bundle(by: Person | None, bundle_path: Path, file_name: str) -> ImportedCompetition:
    """Make the competition that a zip describes: all of it, unpublished, or nothing.

    `file_name` is what its owner calls the zip. Bytes go to the blob store first; what the database then does not
    name is swept from there. All rows are written in one transaction.

    Raises:
        NotAllowed: nobody is signed in.
        BundleError: with everything that is wrong with the bundle.
        TooLarge, OutOfSpace: it does not fit.
    """
    require(Action.IMPORT_COMPETITION, roles_towards(signed_in=by is not None, admin=by is not None and by.is_admin))
    if by is None:
        message = "the access table lets nobody import who is not signed in"
        raise AssertionError(message)
    check_size(DataSetType.COMPETITION_BUNDLE, bundle_path.stat().st_size)
    with called(bundle_path.name, file_name), ZipSource(bundle_path) as source:
        checked = check_for_site(by, source)
        refuse_errors(checked.problems)
        spec = checked.spec
        collaborators, notes = find_collaborators(by, spec)
        problems = [*checked.problems, *checked.inside, *notes]
        members = store_members(source, checked.reading, spec)
    bundle = store().put_file(bundle_path)
    competition_id = _write(by, spec, members, bundle, file_name, collaborators)
    return ImportedCompetition(competition_id, spec.title, tuple(renamed(problems, bundle_path.name, file_name)))


@transaction.atomic
def _write(
    by: Person,
    spec: CompetitionSpec,
    members: StoredMembers,
    bundle: Blob,
    file_name: str,
    collaborators: list[Person],
) -> int:
    owner = hold_account(by.id)
    existing, missing = find_existing(by, spec)
    refuse_errors(missing)
    check_quota(owner, total_bytes([bundle, *(member.blob for member in members.by_path.values())]))
    keep_blobs([bundle, members.logo, *(member.blob for member in members.by_path.values())])
    stored = create_data_set(by.id, DataSetType.COMPETITION_BUNDLE, file_name, keep_blob(bundle), name=spec.title)
    belongings = Belongings(
        bundle_id=stored.pk,
        logo=keep_blob(members.logo).pk,
        logo_type=members.logo_type,
        data_sets=place_data_sets(by.id, spec, members, existing),
        tasks=existing.tasks,
        solutions=existing.solutions,
        queue_id=existing.queue_id,
        collaborators=tuple(person.id for person in collaborators),
    )
    competition_id = create_competition(by, spec, belongings)
    create_boards(competition_id, spec.leaderboards)
    append(
        ChainName.competition(competition_id),
        EventKind.COMPETITION_IMPORTED,
        actor=by,
        payload={
            "competition": competition_id,
            "bundle": bundle.sha256,
            "files": sorted({member.blob.sha256 for member in members.by_path.values()}),
        },
    )
    record_collaborators(by, competition_id, collaborators)
    return competition_id
