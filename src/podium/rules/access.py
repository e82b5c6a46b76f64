"""Who may do what: one table from actions to roles, and the questions that are asked of it.

A query of the server works out the roles a person has towards a competition (`roles_towards`), and every service and
view asks `may` or `require`. A role is never looked at anywhere else.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from enum import StrEnum
from types import MappingProxyType

from podium.rules.errors import NotAllowed, NotFound


class ParticipantStatus(StrEnum):
    """How far a person's wish to take part has come."""

    UNKNOWN = "unknown"
    DENIED = "denied"
    APPROVED = "approved"
    PENDING = "pending"


class Role(StrEnum):
    """What a person is to one competition.

    Everybody has exactly one of the first five. Collaborator, organizer and admin come on top of it, so that an
    organizer who also takes part is both.
    """

    VISITOR = "visitor"
    """Not signed in."""
    USER = "user"
    """Signed in, and never asked to take part."""
    PENDING = "pending"
    DENIED = "denied"
    PARTICIPANT = "participant"
    COLLABORATOR = "collaborator"
    ORGANIZER = "organizer"
    """The person who created the competition."""
    ADMIN = "admin"


class Action(StrEnum):
    """Everything that can be allowed or refused. `own` is about one's own submission, `any` about anybody's."""

    SEE_COMPETITION = "see-competition"
    SEE_UNPUBLISHED_COMPETITION = "see-unpublished-competition"
    EDIT_COMPETITION = "edit-competition"
    PUBLISH_COMPETITION = "publish-competition"
    DELETE_COMPETITION = "delete-competition"
    EXPORT_COMPETITION = "export-competition"
    SEE_PAGES = "see-pages"
    SEE_PHASES = "see-phases"
    SEE_FILES = "see-files"
    """Public data, starting kits, and whatever else the organizer made available to participants."""
    SEE_PROGRAMS = "see-programs"
    """Scoring and ingestion programs, input and reference data."""
    SEE_PARTICIPANTS = "see-participants"
    DECIDE_PARTICIPANTS = "decide-participants"
    REGISTER = "register"
    SUBMIT = "submit"
    SEE_OWN_SUBMISSION = "see-own-submission"
    SEE_ANY_SUBMISSION = "see-any-submission"
    SEE_HIDDEN_OUTPUT = "see-hidden-output"
    """Logs and outputs of a phase that hides them, and what a scoring program wrote for organizers only."""
    RUN_SUBMISSION = "run-submission"
    """Start a submission that waits for the organizer, or run one again."""
    CANCEL_OWN_SUBMISSION = "cancel-own-submission"
    CANCEL_ANY_SUBMISSION = "cancel-any-submission"
    DELETE_OWN_SUBMISSION = "delete-own-submission"
    DELETE_ANY_SUBMISSION = "delete-any-submission"
    MAKE_OWN_SUBMISSION_PUBLIC = "make-own-submission-public"
    """Let everybody who sees the competition download the file that was sent, where the competition allows it."""
    MAKE_ANY_SUBMISSION_PRIVATE = "make-any-submission-private"
    SEE_PUBLIC_SUBMISSION = "see-public-submission"
    """Download the file that somebody sent and made public."""
    CHANGE_OWN_ENTRY = "change-own-entry"
    CHANGE_ANY_ENTRY = "change-any-entry"
    EDIT_SCORES = "edit-scores"
    SEE_BOARD = "see-board"
    SEE_HIDDEN_BOARD = "see-hidden-board"
    """Hidden boards and hidden columns."""
    EDIT_BOARD = "edit-board"
    EXPORT_BOARD = "export-board"
    MIGRATE_PHASE = "migrate-phase"
    SEE_HISTORY = "see-history"
    """The audit trail of the whole competition."""
    IMPORT_COMPETITION = "import-competition"
    UPLOAD_FILES = "upload-files"
    MANAGE_OWN_ACCOUNT = "manage-own-account"
    """Profile, password and API tokens."""
    RUN_WORKER = "run-worker"
    ADMINISTER = "administer"
    """Other people's accounts, all jobs, the whole site."""


_STAFF = frozenset({Role.COLLABORATOR, Role.ORGANIZER, Role.ADMIN})
_MEMBERS = _STAFF | {Role.PARTICIPANT}
_SIGNED_IN = _MEMBERS | {Role.USER, Role.PENDING, Role.DENIED}
_EVERYBODY = _SIGNED_IN | {Role.VISITOR}

ACCESS: Mapping[Action, frozenset[Role]] = MappingProxyType(
    {
        Action.SEE_COMPETITION: _EVERYBODY,
        Action.SEE_UNPUBLISHED_COMPETITION: _STAFF,
        Action.EDIT_COMPETITION: _STAFF,
        Action.PUBLISH_COMPETITION: _STAFF,
        Action.DELETE_COMPETITION: frozenset({Role.ORGANIZER, Role.ADMIN}),
        Action.EXPORT_COMPETITION: _STAFF,
        Action.SEE_PAGES: _EVERYBODY,
        Action.SEE_PHASES: _EVERYBODY,
        Action.SEE_FILES: _MEMBERS,
        Action.SEE_PROGRAMS: _STAFF,
        Action.SEE_PARTICIPANTS: _STAFF,
        Action.DECIDE_PARTICIPANTS: _STAFF,
        Action.REGISTER: frozenset({Role.USER}),
        Action.SUBMIT: _MEMBERS,
        Action.SEE_OWN_SUBMISSION: _SIGNED_IN,
        Action.SEE_ANY_SUBMISSION: _STAFF,
        Action.SEE_HIDDEN_OUTPUT: _STAFF,
        Action.RUN_SUBMISSION: _STAFF,
        Action.CANCEL_OWN_SUBMISSION: _SIGNED_IN,
        Action.CANCEL_ANY_SUBMISSION: _STAFF,
        Action.DELETE_OWN_SUBMISSION: _SIGNED_IN,
        Action.DELETE_ANY_SUBMISSION: _STAFF,
        Action.MAKE_OWN_SUBMISSION_PUBLIC: _MEMBERS,
        Action.MAKE_ANY_SUBMISSION_PRIVATE: _STAFF,
        Action.SEE_PUBLIC_SUBMISSION: _EVERYBODY,
        Action.CHANGE_OWN_ENTRY: _MEMBERS,
        Action.CHANGE_ANY_ENTRY: _STAFF,
        Action.EDIT_SCORES: _STAFF,
        Action.SEE_BOARD: _EVERYBODY,
        Action.SEE_HIDDEN_BOARD: _STAFF,
        Action.EDIT_BOARD: _STAFF,
        Action.EXPORT_BOARD: _STAFF,
        Action.MIGRATE_PHASE: _STAFF,
        Action.SEE_HISTORY: _STAFF,
        Action.IMPORT_COMPETITION: _SIGNED_IN,
        Action.UPLOAD_FILES: _SIGNED_IN,
        Action.MANAGE_OWN_ACCOUNT: _SIGNED_IN,
        Action.RUN_WORKER: frozenset({Role.ADMIN}),
        Action.ADMINISTER: frozenset({Role.ADMIN}),
    }
)
"""The whole truth about permissions. What it does not grant is refused."""

_STANDING = {
    None: Role.USER,
    ParticipantStatus.UNKNOWN: Role.USER,
    ParticipantStatus.PENDING: Role.PENDING,
    ParticipantStatus.DENIED: Role.DENIED,
    ParticipantStatus.APPROVED: Role.PARTICIPANT,
}


def roles_towards(
    *,
    signed_in: bool,
    admin: bool = False,
    organizer: bool = False,
    collaborator: bool = False,
    participation: ParticipantStatus | None = None,
) -> frozenset[Role]:
    """The roles a person has towards a competition (or the site, where only `signed_in` and `admin` are known).

    Somebody who is not signed in is a visitor and nothing else.
    """
    if not signed_in:
        return frozenset({Role.VISITOR})
    extra = ((Role.ADMIN, admin), (Role.ORGANIZER, organizer), (Role.COLLABORATOR, collaborator))
    return frozenset({_STANDING[participation]} | {role for role, held in extra if held})


def may(action: Action, roles: Set[Role], *, published: bool = True) -> bool:
    """Whether one of the roles allows the action; in an unpublished competition one must see it in the first place."""
    if not published and not ACCESS[Action.SEE_UNPUBLISHED_COMPETITION] & roles:
        return False
    return bool(ACCESS[action] & roles)


def require(action: Action, roles: Set[Role], *, published: bool = True) -> None:
    """Return if the action is allowed.

    Raises:
        NotFound: the competition is not published and these roles do not see it.
        NotAllowed: these roles do not allow the action; `sign_in` is true for a visitor, since every action is
            allowed to somebody who is signed in.
    """
    if not published and not ACCESS[Action.SEE_UNPUBLISHED_COMPETITION] & roles:
        raise NotFound(
            "competition-not-found",
            "There is no such competition.",
            "It may not be published yet. Check the address, or ask its organizer.",
        )
    if not ACCESS[action] & roles:
        raise _refusal(action, roles)


def _refusal(action: Action, roles: Set[Role]) -> NotAllowed:
    what = action.value.replace("-", " ")
    allowed = ACCESS[action]
    if Role.VISITOR in roles:
        return NotAllowed(
            "sign-in-required", f"Only people who are signed in can do this ({what}).", "Sign in.", sign_in=True
        )
    if action is Action.REGISTER:
        return NotAllowed("already-registered", "You have asked to take part in this competition before.")
    if Role.PARTICIPANT not in allowed:
        return NotAllowed(
            "not-allowed", f"You may not do this ({what}).", f"It is open to {_people(allowed)} of the competition."
        )
    if Role.PENDING in roles:
        return NotAllowed(
            "participation-pending",
            "The organizer has not yet approved your participation.",
            "You can go on as soon as that has happened.",
        )
    if Role.DENIED in roles:
        return NotAllowed(
            "participation-denied", "The organizer has denied your participation.", "Ask the organizer for the reason."
        )
    return NotAllowed(
        "participation-required",
        f"Only participants of this competition can do this ({what}).",
        "Join the competition first.",
    )


def _people(allowed: Set[Role]) -> str:
    names = {Role.ORGANIZER: "the organizer", Role.COLLABORATOR: "collaborators", Role.ADMIN: "admins"}
    listed = [name for role, name in names.items() if role in allowed]
    return " and ".join([", ".join(listed[:-1]), listed[-1]] if len(listed) > 1 else listed)
