"""What of the news the people behind open pages may know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from podium.rules.access import Action
from podium.server.accounts.credentials import people_behind
from podium.server.accounts.people import Person
from podium.server.competitions.queries.standing import Standing, standings_towards
from podium.server.submissions.models import Submission
from podium.server.submissions.queries.access import Sight
from podium.server.submissions.queries.following import Follower, Subject, Told, hidden_boards


class FollowerAccess:
    """Who may know of what, for all followers at once."""

    def __init__(self, followers: Sequence[Follower]) -> None:
        self._people = people_behind(each.credential for each in followers)
        self._standings: dict[int, Mapping[Person | None, Standing]] = {}
        wanted: dict[int, set[Person | None]] = {}
        for each in followers:
            for pk in each.subject.competitions:
                wanted.setdefault(pk, set()).add(self._people[each.credential])
        for pk, people in wanted.items():
            self._standings[pk] = standings_towards(pk, people)
        ids = {each.subject.submission for each in followers if each.subject.submission}
        rows = Submission.objects.filter(pk__in=ids, is_deleted=False).select_related("phase__competition")
        self._rows = {row.pk: row for row in rows} if ids else {}
        phases = {each.subject.phase for each in followers if each.subject.kind == "board"}
        self._hidden = hidden_boards(phases) if phases else {}

    def cut(self, told: Told) -> Told:
        """What of it the follower may know."""
        each = told.follower
        person = self._people[each.credential]
        standings = [self._standings[pk].get(person) for pk in each.subject.competitions]
        if not all(standing is not None and self._sees(each.subject, person, standing) for standing in standings):
            return Told(each, told.before, gone=True)
        if each.subject.kind != "submission" or not (told.messages or told.details):
            return told
        row = self._rows[each.subject.submission]
        sight = Sight(row, self._standings[row.phase.competition_id][person], own=_owns(person, row))
        return replace(
            told,
            messages=tuple(message for message in told.messages if sight.may_see_output(message.step)),
            details=tuple(message for message in told.details if sight.may_see_file(message.step, message.kind)),
        )

    def _sees(self, subject: Subject, person: Person | None, standing: Standing) -> bool:
        if subject.kind == "board":
            hidden = self._hidden.get(subject.phase, True)
            return standing.may(Action.SEE_BOARD) and (not hidden or standing.may(Action.SEE_HIDDEN_BOARD))
        if subject.kind == "list":
            own = person is not None and subject.owner == person.id
            return standing.may(Action.SEE_OWN_SUBMISSION if own else Action.SEE_ANY_SUBMISSION)
        row = self._rows.get(subject.submission)
        if row is None:
            return False
        return standing.may(Action.SEE_ANY_SUBMISSION) or (
            _owns(person, row) and standing.may(Action.SEE_OWN_SUBMISSION)
        )


def _owns(person: Person | None, row: Submission) -> bool:
    return person is not None and row.owner_id == person.id
