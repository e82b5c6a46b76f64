"""A proposed update, as whoever proposed it carries it from the page that shows it to the button that confirms it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.core import signing

from podium.rules.errors import UserError
from podium.server.accounts.people import Person

LIFETIME = timedelta(hours=20)
"""Less than what the blob store keeps what nothing names."""

_SALT = "podium.updates"


@dataclass(frozen=True)
class Proposal:
    """A stored bundle that is to become that of a competition."""

    competition_id: int
    sha256: str
    file_name: str


def sealed(by: Person, proposal: Proposal) -> str:
    """A text that only this site can have made, good for this person alone and for a while."""
    parts = [by.id, proposal.competition_id, proposal.sha256, proposal.file_name]
    return signing.dumps(parts, salt=_SALT, compress=True)


def opened(by: Person, competition_id: int, text: str) -> Proposal:
    """The proposal in such a text.

    Raises:
        UserError: it was not made for this person and competition, or too long ago.
    """
    try:
        user_id, proposed_id, sha256, file_name = signing.loads(text, salt=_SALT, max_age=LIFETIME)
    except (signing.BadSignature, ValueError) as error:
        raise _unknown() from error
    if (user_id, proposed_id) != (by.id, competition_id):
        raise _unknown()
    return Proposal(proposed_id, sha256, file_name)


def _unknown() -> UserError:
    return UserError(
        "proposal-unknown",
        "This update is not known here, or was proposed too long ago.",
        "Send the bundle again, and look at what changes.",
    )
