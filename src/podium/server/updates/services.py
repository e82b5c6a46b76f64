"""Updating a competition from a new version of its bundle: first what would change, then the change."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from django.db import transaction

from podium.rules.access import Action
from podium.rules.bundle.changes import Change
from podium.rules.errors import Conflict, NotFound, Problem
from podium.server.accounts.models import User
from podium.server.accounts.people import Person
from podium.server.accounts.services import hold_account
from podium.server.competitions.models import Competition
from podium.server.competitions.queries import competition_not_found, standing_of
from podium.server.files.models import DataSetType
from podium.server.files.services import check_quota, check_size, keep_blob, keep_blobs, safe_file_name, store
from podium.server.imports.checking import refuse_errors
from podium.server.submissions.queries.dependents import dependents_of
from podium.server.submissions.services.changing import hold_submissions
from podium.server.updates.bundles import NewVersion, opened_version
from podium.server.updates.comparison import Comparison, compared
from podium.server.updates.losses import losses
from podium.server.updates.proposals import Proposal, opened, sealed
from podium.server.updates.remarks import remarks
from podium.server.updates.writing import write_version


@dataclass(frozen=True)
class ProposedUpdate:
    """What an update would change, in words, and what is worth knowing about it. Without changes there is nothing to
    confirm. `proposal` and `seen` are what confirming it takes."""

    competition_id: int
    title: str
    changes: tuple[Change, ...]
    notes: tuple[Problem, ...]
    proposal: str
    seen: str


@dataclass(frozen=True)
class Updated:
    """A competition that has just been updated."""

    id: int
    title: str
    changes: tuple[Change, ...]
    notes: tuple[Problem, ...]


def propose(by: Person, competition_id: int, bundle_path: Path, file_name: str) -> ProposedUpdate:
    """Say what the bundle in a zip would change about a competition. Nothing is changed; the bundle is kept for a day.

    `file_name` is what its owner calls the zip.

    Raises:
        NotFound, NotAllowed: the competition is not the person's to change.
        BundleError: with everything that is wrong with the bundle, and all that the competition would lose by it.
        Conflict: the competition lacks something that a bundle needs.
        TooLarge, OutOfSpace: it does not fit.
    """
    owner = User.objects.get(pk=_allowed(by, competition_id).created_by_id)
    check_size(DataSetType.COMPETITION_BUNDLE, bundle_path.stat().st_size)
    check_quota(owner, bundle_path.stat().st_size)
    file_name = safe_file_name(file_name)
    with opened_version(by, competition_id, bundle_path, file_name) as version:
        with transaction.atomic():
            keep_blob(version.bundle)
        return _proposed(by, competition_id, version)


def proposed(by: Person, competition_id: int, proposal: str) -> ProposedUpdate:
    """The same of a bundle that was proposed before, as the competition is now.

    Raises:
        UserError: there is no such proposal of this person.
        NotFound, NotAllowed, BundleError, Conflict: as for `propose`.
    """
    _allowed(by, competition_id)
    known = opened(by, competition_id, proposal)
    with opened_version(by, competition_id, _path(known), known.file_name) as version:
        return _proposed(by, competition_id, version)


def confirm(by: Person, competition_id: int, proposal: str, seen: str) -> Updated:
    """Update a competition as it was proposed, and only if what that changes is what was `seen`.

    All is written in one transaction, while nobody submits and no run is given to a worker: everything or nothing.

    Raises:
        UserError: there is no such proposal of this person.
        Conflict: the competition has changed since, so that other things would change now.
        NotFound, NotAllowed, BundleError, TooLarge, OutOfSpace: as for `propose`.
    """
    _allowed(by, competition_id)
    known = opened(by, competition_id, proposal)
    with opened_version(by, competition_id, _path(known), known.file_name) as version:
        return _confirmed(by, competition_id, version, seen)


@transaction.atomic
def _confirmed(by: Person, competition_id: int, version: NewVersion, seen: str) -> Updated:
    owner = hold_account(_allowed(by, competition_id).created_by_id)
    competition = Competition.objects.select_for_update(no_key=True).filter(pk=competition_id).first()
    if competition is None:
        raise competition_not_found()
    members = version.members
    keep_blobs([version.bundle, members.logo, *(member.blob for member in members.by_path.values())])
    hold_submissions(competition_id)
    # Whoever lost the right while this waited for its locks has lost it.
    _allowed(by, competition_id)
    found = compared(by, competition, version)
    notes = _weighed(found)
    if found.digest != seen:
        raise Conflict(
            "update-changed",
            "The competition is not as it was when you looked at this update, which would change other things now.",
            "Look at what it changes now, then confirm it.",
        )
    if found.changes:
        write_version(by, found, owner)
    return Updated(competition_id, version.spec.title, found.changes, notes)


def _proposed(by: Person, competition_id: int, version: NewVersion) -> ProposedUpdate:
    found = compared(by, _allowed(by, competition_id), version)
    notes = _weighed(found)
    proposal = Proposal(competition_id, version.bundle.sha256, version.file_name)
    return ProposedUpdate(
        competition_id=competition_id,
        title=found.competition.title,
        changes=found.changes,
        notes=notes,
        proposal=sealed(by, proposal),
        seen=found.digest,
    )


def _weighed(found: Comparison) -> tuple[Problem, ...]:
    """What is worth knowing about the update; raises BundleError with all that keeps it from being made."""
    dependents = dependents_of(found.competition.pk)
    version = found.version
    refuse_errors([*version.problems, *found.missing, *losses(found, dependents), *version.notes])
    return version.said([*remarks(found, dependents), *found.notes, *version.notes])


def _allowed(by: Person, competition_id: int) -> Competition:
    standing_of(by, competition_id).require(Action.EDIT_COMPETITION)
    found = Competition.objects.select_related("logo", "queue").filter(pk=competition_id).first()
    if found is None:
        raise competition_not_found()
    return found


def _path(known: Proposal) -> Path:
    try:
        return store().path(known.sha256)
    except NotFound as error:
        raise Conflict(
            "proposal-gone", "The bundle is not here any more.", "Send it again, and look at what changes."
        ) from error
