"""Showing a competition to everybody, hiding it again, deleting it, and who runs it."""

from __future__ import annotations

from django.db import transaction

from podium.rules.access import Action
from podium.rules.errors import Conflict, NotFound, UserError
from podium.rules.history import EventKind
from podium.server import clock
from podium.server.accounts.models import User
from podium.server.accounts.people import Person
from podium.server.competitions.models import Competition, KeptHistory
from podium.server.competitions.queries.listing import has_submissions
from podium.server.competitions.queries.standing import competition_not_found, standing_of
from podium.server.files.services import keep_blob, store
from podium.server.history.proving import export_lines
from podium.server.history.services import ChainName, append, hold_chain

_LARGEST_ARCHIVE = 16 << 30


def publish(by: Person, competition_id: int) -> bool:
    """Let everybody see the competition. Returns whether that changed anything.

    Raises:
        NotFound, NotAllowed: the person may not.
    """
    return _set_published(by, competition_id, published=True)


def unpublish(by: Person, competition_id: int) -> bool:
    """Let only its staff see the competition. Returns whether that changed anything.

    Raises:
        NotFound, NotAllowed: the person may not.
    """
    return _set_published(by, competition_id, published=False)


@transaction.atomic
def delete(by: Person, competition_id: int) -> None:
    """Delete a competition that nobody has submitted to. What its bundle brought stays in its owner's files. Its events
    stay too, and a file of them; the last one says that the competition was deleted.

    Raises:
        NotFound, NotAllowed: the person may not.
        Conflict: it has submissions.
    """
    row = _held(by, competition_id, Action.DELETE_COMPETITION)
    # Whoever submits holds the board, whoever decides holds the participant: both before the chain of events.
    list(row.leaderboards.select_for_update().order_by("pk").values_list("pk"))
    list(row.participants.select_for_update().order_by("pk").values_list("pk"))
    if has_submissions(competition_id):
        raise Conflict(
            "competition-has-submissions",
            "The competition has submissions and cannot be deleted.",
            "Unpublish it instead: then only its organizers see it.",
        )
    chain = ChainName.competition(competition_id)
    payload = {"competition": competition_id, "archive": _archived(chain)}
    append(chain, EventKind.COMPETITION_DELETED, actor=by, payload=payload)
    row.delete()


def _archived(chain: ChainName) -> str:
    """Write all events of a chain to a file that is kept, and answer its sha256. Nothing can be appended meanwhile."""
    hold_chain(chain)
    lines = (f"{line}\n".encode() for line in export_lines(chain))
    blob = keep_blob(store().put_stream(lines, max_bytes=_LARGEST_ARCHIVE))
    KeptHistory.objects.create(competition=chain.subject, archive=blob, deleted_at=clock.now())
    return blob.sha256


@transaction.atomic
def add_collaborator(by: Person, competition_id: int, user_id: int) -> None:
    """Let somebody run the competition too. Adding a collaborator once more changes nothing.

    Raises:
        NotFound, NotAllowed: the person may not, or there is no such user.
        UserError: it is the organizer's own competition.
    """
    row = _held(by, competition_id, Action.EDIT_COMPETITION)
    user = _user(user_id)
    if row.created_by_id == user.pk:
        raise UserError("collaborator-is-organizer", "The organizer runs the competition anyway.", "Choose another.")
    if row.collaborators.filter(pk=user.pk).exists():
        return
    row.collaborators.add(user)
    _record_collaborator(by, competition_id, EventKind.COLLABORATOR_ADDED, user)


@transaction.atomic
def remove_collaborator(by: Person, competition_id: int, user_id: int) -> None:
    """Take that away again.

    Raises:
        NotFound, NotAllowed: the person may not, or that user is no collaborator.
    """
    row = _held(by, competition_id, Action.EDIT_COMPETITION)
    user = row.collaborators.filter(pk=user_id).first()
    if user is None:
        raise NotFound("collaborator-not-found", "This person is not a collaborator of the competition.")
    row.collaborators.remove(user)
    _record_collaborator(by, competition_id, EventKind.COLLABORATOR_REMOVED, user)


@transaction.atomic
def _set_published(by: Person, competition_id: int, *, published: bool) -> bool:
    row = _held(by, competition_id, Action.PUBLISH_COMPETITION)
    if row.published == published:
        return False
    Competition.objects.filter(pk=competition_id).update(published=published)
    append(
        ChainName.competition(competition_id),
        EventKind.COMPETITION_PUBLISHED if published else EventKind.COMPETITION_UNPUBLISHED,
        actor=by,
        payload={"competition": competition_id},
    )
    return True


def _held(by: Person, competition_id: int, action: Action) -> Competition:
    """The row, locked until the transaction ends, if the person may do that to it.

    Not its key: who joins writes a row that names the competition while holding the chain of events, which is locked
    after this.
    """
    standing_of(by, competition_id).require(action)
    row = Competition.objects.select_for_update(no_key=True).filter(pk=competition_id).first()
    if row is None:
        raise competition_not_found()
    return row


def _user(user_id: int) -> User:
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        raise NotFound("no-such-person", "There is no such person.", "Check the name.")
    return user


def _record_collaborator(by: Person, competition_id: int, kind: EventKind, user: User) -> None:
    payload = {"competition": competition_id, "user": str(user.opaque_id)}
    append(ChainName.competition(competition_id), kind, actor=by, payload=payload)
