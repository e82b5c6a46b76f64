"""The people whom a bundle names as further organizers."""

from __future__ import annotations

from podium.rules.bundle.spec import CompetitionSpec
from podium.rules.errors import Problem
from podium.rules.history import EventKind
from podium.server.accounts.people import Person
from podium.server.accounts.queries import people_named
from podium.server.history.services import ChainName, append


def find_collaborators(by: Person, spec: CompetitionSpec) -> tuple[list[Person], list[Problem]]:
    """Those of the named people who have an account here, without the importer, and a note about each name.

    Names may come from another site and mean somebody else there; that is why the note says whom they mean here.
    """
    people = people_named(spec.collaborators)
    found: dict[int, Person] = {}
    notes = []
    for name in spec.collaborators:
        person = people.get(name)
        if person is None:
            message = f'"{name}" has no account here, or has not confirmed the address, and does not organize.'
            notes.append(_note("collaborator-unknown", message, "Add people on the page of the competition."))
        elif person.id != by.id and person.id not in found:
            found[person.id] = person
            message = f'"{name}" organizes this competition too, with access to all its data: {person.name}.'
            notes.append(_note("collaborator-added", message, "Remove whoever should not, on its page."))
    return list(found.values()), notes


def record_collaborators(by: Person, competition_id: int, added: list[Person]) -> None:
    """Append the events of the people who organize a new competition too."""
    for person in added:
        payload = {"competition": competition_id, "user": person.opaque_id}
        append(ChainName.competition(competition_id), EventKind.COLLABORATOR_ADDED, actor=by, payload=payload)


def _note(code: str, message: str, hint: str) -> Problem:
    return Problem(code, message, hint, severity="note")
