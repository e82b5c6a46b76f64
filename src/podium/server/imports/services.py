"""Importing a bundle."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from django.db import transaction

from podium.blobs import Blob
from podium.blobs.archives import ZipSource
from podium.rules.access import Action, require, roles_towards
from podium.rules.bundle.reading import read_bundle
from podium.rules.bundle.spec import CompetitionSpec, FileRef
from podium.rules.errors import BundleError, Problem, UserError
from podium.rules.history import EventKind
from podium.runtimes import ImageRules
from podium.server.accounts.people import Person
from podium.server.accounts.services import hold_account
from podium.server.competitions.services import Belongings, create_competition
from podium.server.files.models import DataSetType
from podium.server.files.services import check_quota, check_size, create_data_set, keep_blob, keep_blobs, store
from podium.server.history.services import ChainName, append
from podium.server.imports.members import StoredMembers, check_members, look_inside, store_members, total_bytes
from podium.server.imports.naming import Existing, find_existing, named_places
from podium.server.imports.people import find_collaborators, record_collaborators
from podium.server.leaderboards.services import create_boards


@dataclass(frozen=True)
class ImportedCompetition:
    """A competition that has just been made. `notes` are worth knowing and prevented nothing."""

    id: int
    title: str
    notes: tuple[Problem, ...]


class _Extended(Protocol):
    """A part of a specification that keeps what stands under `podium`."""

    @property
    def extensions(self) -> Mapping[str, object]: ...


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
    with _called(bundle_path.name, file_name), ZipSource(bundle_path) as source:
        reading = read_bundle(source)
        seen_inside = look_inside(source, reading)
        if reading.spec is None:
            raise BundleError([*reading.problems, *seen_inside])
        spec = reading.spec
        problems = [*reading.problems, *_site_problems(spec), *check_members(source, reading, spec)]
        _, missing = find_existing(by, spec)
        _refuse_errors([*problems, *missing])
        # Programs that cannot run keep nobody from importing: their owner replaces them afterwards.
        problems += [replace(problem, severity="note") for problem in seen_inside]
        collaborators, notes = find_collaborators(by, spec)
        problems += notes
        members = store_members(source, reading, spec)
    bundle = store().put_file(bundle_path)
    competition_id = _write(by, spec, members, bundle, file_name, collaborators)
    return ImportedCompetition(competition_id, spec.title, tuple(_rename(problems, bundle_path.name, file_name)))


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
    _refuse_errors(missing)
    check_quota(owner, total_bytes([bundle, *(member.blob for member in members.by_path.values())]))
    keep_blobs([bundle, members.logo, *(member.blob for member in members.by_path.values())])
    stored = create_data_set(by.id, DataSetType.COMPETITION_BUNDLE, file_name, keep_blob(bundle), name=spec.title)
    belongings = Belongings(
        bundle_id=stored.pk,
        logo=keep_blob(members.logo).pk,
        logo_type=members.logo_type,
        data_sets=_data_sets(by, spec, members, existing),
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


def _data_sets(
    by: Person, spec: CompetitionSpec, members: StoredMembers, existing: Existing
) -> dict[tuple[DataSetType, FileRef], int]:
    """One data set for each member and purpose; those named by key are the existing ones."""
    made: dict[tuple[DataSetType, FileRef], int] = {}
    for place in named_places(spec):
        slot = (place.purpose, place.ref)
        if slot in made:
            continue
        if place.ref.key is not None:
            made[slot] = existing.data_sets[place.ref.key]
        elif place.ref.path is not None:
            member = members.by_path[place.ref.path]
            made[slot] = create_data_set(
                by.id,
                place.purpose,
                member.file_name,
                keep_blob(member.blob),
                name=place.ref.path,
                created_by_competition=True,
            ).pk
    return made


def _site_problems(spec: CompetitionSpec) -> Iterator[Problem]:
    """What this site in particular has to say about a competition."""
    try:
        choice = ImageRules.from_environment(os.environ).choose(spec.docker_image)
    except UserError as error:
        yield Problem(error.code, error.message, error.hint)
    else:
        if choice.note is not None:
            yield choice.note
    parts: list[_Extended] = [spec, *spec.tasks, *spec.solutions, *spec.phases, *spec.leaderboards]
    if any(_has_nul(part.extensions) for part in parts):
        yield Problem("text-characters", 'A text under "podium" holds a character of code 0.', "Remove it.")
    if any(_has_nul(question.model_dump()) for question in spec.fact_sheet):
        yield Problem("text-characters", 'A text under "fact_sheet" holds a character of code 0.', "Remove it.")


def _has_nul(value: object) -> bool:
    """Whether a text somewhere in a JSON-like value holds what PostgreSQL does not store."""
    if isinstance(value, Mapping):
        return any(_has_nul(key) or _has_nul(each) for key, each in value.items())
    if isinstance(value, (list, tuple)):
        return any(_has_nul(each) for each in value)
    return isinstance(value, str) and "\0" in value


def _refuse_errors(problems: Sequence[Problem]) -> None:
    if any(problem.severity == "error" for problem in problems):
        raise BundleError(problems)


@contextmanager
def _called(spooled: str, file_name: str) -> Iterator[None]:
    """Let problems name the zip as its owner does, not as it lies on our disk."""
    try:
        yield
    except BundleError as error:
        raise type(error)(_rename(error.problems, spooled, file_name)) from error


def _rename(problems: Iterable[Problem], spooled: str, file_name: str) -> list[Problem]:
    return [
        replace(
            problem,
            file=file_name if problem.file == spooled else problem.file,
            message=problem.message.replace(spooled, file_name),
        )
        for problem in problems
    ]
