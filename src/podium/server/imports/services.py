"""Importing a bundle."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction

from podium.blobs.archives import ZipSource
from podium.rules.access import Action, require, roles_towards
from podium.rules.bundle.spec import CompetitionSpec
from podium.rules.errors import Problem
from podium.rules.history import EventKind
from podium.server import clock
from podium.server.accounts.people import Person
from podium.server.accounts.services import hold_account
from podium.server.competitions.services import Belongings, create_competition
from podium.server.competitions.services.recording import NO_PARTS, record_parts_of, said_of_competition
from podium.server.files.models import DataSet, DataSetType
from podium.server.files.services import check_quota, check_size, keep_blob, keep_blobs, rename_data_set, store
from podium.server.history.services import ChainName, append
from podium.server.imports.checking import called, check_for_site, refuse_errors, renamed
from podium.server.imports.members import (
    StoredMembers,
    Tell,
    place_data_sets,
    store_members,
    tell_nobody,
    total_bytes,
)
from podium.server.imports.naming import find_existing
from podium.server.imports.people import find_collaborators, record_collaborators
from podium.server.leaderboards.services import create_boards
from podium.server.leaderboards.services.recording import record_boards


@dataclass(frozen=True)
class ImportedCompetition:
    """A competition that has just been made. `notes` are worth knowing and prevented nothing."""

    id: int
    title: str
    notes: tuple[Problem, ...]


End = Callable[[ImportedCompetition], None]
"""Called last in the transaction that makes a competition; what it raises undoes all of it."""


def import_bundle(by: Person, bundle: DataSet, end: End, tell: Tell = tell_nobody) -> ImportedCompetition:
    """Make the competition that a bundle describes, which has been uploaded: all of it, unpublished, or nothing.

    Bytes go to the blob store first; what the database then does not name is swept from there. All rows are written in
    one transaction, at whose end `end` is called. `tell` hears how much of the bundle is stored.

    Raises:
        NotAllowed: the person may not.
        BundleError: with everything that is wrong with the bundle.
        TooLarge, OutOfSpace: it does not fit.
    """
    require(Action.IMPORT_COMPETITION, roles_towards(signed_in=True, admin=by.is_admin))
    check_size(DataSetType.COMPETITION_BUNDLE, bundle.size_bytes)
    path = store().path(str(bundle.blob_id))
    with called(path.name, bundle.file_name), ZipSource(path) as source:
        checked = check_for_site(by, source)
        refuse_errors(checked.problems)
        spec = checked.spec
        collaborators, notes = find_collaborators(by, spec)
        problems = renamed([*checked.problems, *checked.inside, *notes], path.name, bundle.file_name)
        members = store_members(source, checked.reading, spec, tell)
    with clock.one_moment(), transaction.atomic():
        made = ImportedCompetition(_write(by, spec, members, bundle, collaborators), spec.title, tuple(problems))
        end(made)
    return made


def _write(
    by: Person, spec: CompetitionSpec, members: StoredMembers, bundle: DataSet, collaborators: list[Person]
) -> int:
    owner = hold_account(by.id)
    existing, missing = find_existing(by, spec)
    refuse_errors(missing)
    check_quota(owner, total_bytes(member.blob for member in members.by_path.values()))
    keep_blobs([members.logo, *(member.blob for member in members.by_path.values())])
    rename_data_set(bundle, spec.title)
    belongings = Belongings(
        bundle_id=bundle.pk,
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
            "bundle": bundle.blob_id,
            "files": sorted({member.blob.sha256 for member in members.by_path.values()}),
            **said_of_competition(competition_id),
        },
    )
    record_parts_of(by, competition_id, NO_PARTS)
    record_boards(by, competition_id, {})
    record_collaborators(by, competition_id, collaborators)
    return competition_id
