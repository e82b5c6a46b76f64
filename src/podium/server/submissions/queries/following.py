"""What has happened to what open pages show, told to those who may know it.

A page follows one subject from a place on. One reading serves all pages of a process: the number of its queries grows
with what happened and with the competitions concerned, not with the pages.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from podium.rules.access import Action
from podium.rules.errors import NotAllowed, NotFound
from podium.server.accounts.credentials import Credential, people_behind
from podium.server.accounts.people import Person
from podium.server.competitions.models import Phase
from podium.server.competitions.queries.standing import Standing, standing_of, standings_towards
from podium.server.history.queries import Happened, events_after, head_of, heads
from podium.server.leaderboards.models import Leaderboard
from podium.server.leaderboards.queries import stamp_of_phase, stamps_of_phases
from podium.server.submissions.models import Submission
from podium.server.submissions.queries.access import DETAILED_RESULTS, Sight, submission_for
from podium.server.submissions.queries.live import LiveNews, live_news, live_seqs

_MOST_EVENTS = 500
_LARGEST = 2**63 - 1
_ON_BOARDS = (
    *("entry-", "board-", "scores-", "submission-finished", "submission-deleted"),
    *("phase-", "task-", "competition-"),
)
_FOR_ACCESS = ("participant-", "phase-", "competition-", "board-")


@dataclass(frozen=True)
class Place:
    """How far somebody has read: the number of the last event of each competition, and of the last live message; for
    boards, `live` is the stamp of what they showed."""

    events: tuple[tuple[int, int], ...]
    live: int = 0

    def __str__(self) -> str:
        numbers = ",".join(f"{competition}:{seq}" for competition, seq in self.events)
        return f"{numbers}-{self.live}"


@dataclass(frozen=True)
class Subject:
    """What a page shows: a submission that is nobody's child, a list of one `owner`'s submissions (everybody's where
    that is 0), or the board of a phase."""

    kind: Literal["submission", "list", "board"]
    competitions: tuple[int, ...]
    submission: int = 0
    phase: int = 0
    owner: int = 0


@dataclass(frozen=True)
class Follower:
    """An open page: who looks at what, and how far it is told."""

    id: int
    credential: Credential
    subject: Subject
    place: Place


@dataclass(frozen=True)
class Told:
    """What a follower, who stood at `before`, is told: that the page has changed, pieces of logs and files that may be
    seen, or that there is nothing for it any more."""

    follower: Follower
    before: Place
    changed: bool = False
    gone: bool = False
    messages: tuple[LiveNews, ...] = ()
    details: tuple[LiveNews, ...] = ()


@dataclass
class _News:
    heads: Mapping[int, int]
    events: dict[int, list[Happened]] = field(default_factory=dict)
    rows: Mapping[int, tuple[int, int, int]] = field(default_factory=dict)
    live_seqs: Mapping[int, int] = field(default_factory=dict)
    stamps: Mapping[int, int] = field(default_factory=dict)
    live: Mapping[int, list[LiveNews] | None] = field(default_factory=dict)


def follow_submission(person: Person | None, submission_id: int) -> Subject:
    """A submission, as its page shows it; a child is followed with its parent.

    Raises:
        NotAllowed, NotFound: the person does not see it.
    """
    row = submission_for(person, submission_id).row
    return Subject("submission", (row.phase.competition_id,), submission=row.parent_id or row.pk, phase=row.phase_id)


def follow_list(person: Person, competition_id: int | None, *, everybody: bool = False) -> Subject:
    """The person's own submissions to one competition or to all, or everybody's to one.

    Raises:
        NotAllowed, NotFound: the person may not see them.
    """
    if competition_id is None:
        mine = Submission.objects.filter(owner_id=person.id).values_list("phase__competition_id", flat=True)
        return Subject("list", tuple(sorted(set(mine))), owner=person.id)
    needed = Action.SEE_ANY_SUBMISSION if everybody else Action.SEE_OWN_SUBMISSION
    standing_of(person, competition_id).require(needed)
    return Subject("list", (competition_id,), owner=0 if everybody else person.id)


def follow_board(person: Person | None, phase_id: int) -> Subject:
    """The boards of a phase.

    Raises:
        NotAllowed, NotFound: the person does not see it.
    """
    competition_id = Phase.objects.filter(pk=phase_id).values_list("competition_id", flat=True).first()
    if competition_id is None:
        raise NotFound("phase-not-found", "There is no such phase.", "It may have been deleted. Check the address.")
    standing = standing_of(person, competition_id)
    standing.require(Action.SEE_BOARD)
    if _hidden_boards([phase_id]).get(phase_id, True) and not standing.may(Action.SEE_HIDDEN_BOARD):
        raise NotAllowed("board-hidden", "The organizer keeps this leaderboard hidden.", "Ask when it will be shown.")
    return board_of(competition_id, phase_id)


def board_of(competition_id: int, phase_id: int) -> Subject:
    """The boards of a phase of a competition, for somebody of whom it is known that they see one of them."""
    return Subject("board", (competition_id,), phase=phase_id)


def place_of(subject: Subject) -> Place:
    """The newest place of a subject. Asked for before a page is read, it makes sure that nothing is missed after."""
    if subject.kind == "board":
        events = tuple((competition, head_of(competition)) for competition in subject.competitions)
        return Place(events, stamp_of_phase(subject.phase))
    events = tuple(sorted(heads(subject.competitions).items()))
    return Place(events, live_seqs([subject.submission])[subject.submission] if subject.submission else 0)


def place_from(subject: Subject, text: str) -> Place:
    """A place from its text; whatever the text does not tell counts as just read."""
    now = place_of(subject)
    numbers, dash, live = text.rpartition("-")
    if not dash or not live.isdecimal():
        return now
    said = dict(pair.split(":", 1) for pair in numbers.split(",") if pair.count(":") == 1)
    events = tuple((pk, _number(said.get(str(pk), ""), head)) for pk, head in now.events)
    # Stamps are in no order: another one is behind, whichever is larger.
    return Place(events, _number(live, _LARGEST if subject.kind == "board" else now.live))


def _number(text: str, largest: int) -> int:
    return min(int(text), largest) if text.isascii() and text.isdecimal() and len(text) <= 19 else largest


def tell(followers: Sequence[Follower]) -> list[Told]:
    """What is new for each follower since its place; who has nothing new is left out.

    Each `Told.follower` stands at its new place. Access is asked for again before anything is told.
    """
    news = _read(followers)
    if news is None:
        return []
    touched = [each for each in followers if _is_behind(each, news)]
    told = {each.id: _told(each, news) for each in touched}
    asking = [each for each in touched if _matters(told[each.id]) or _access_changed(each, news)]
    allowed = _Access(asking)
    return [allowed.cut(told[each.id]) if each in asking else told[each.id] for each in touched]


def _read(followers: Sequence[Follower]) -> _News | None:
    """Everything new for any of the followers, read once; None where nothing is."""
    places: dict[int, int] = {}
    live: dict[int, int] = {}
    for each in followers:
        for competition, seq in each.place.events:
            places[competition] = min(seq, places.get(competition, seq))
        if each.subject.submission:
            submission = each.subject.submission
            live[submission] = min(each.place.live, live.get(submission, each.place.live))
    phases = {each.subject.phase for each in followers if each.subject.kind == "board"}
    news = _News(heads(places), live_seqs=live_seqs(live), stamps=stamps_of_phases(phases))
    behind = {pk: seq for pk, seq in places.items() if news.heads[pk] > seq}
    unread = {pk: seq for pk, seq in live.items() if news.live_seqs[pk] > seq}
    if not behind and not unread and not any(_board_changed(each, news) for each in followers):
        return None
    # Who missed more than that reads the page again anyway.
    near = {pk: seq for pk, seq in behind.items() if news.heads[pk] - seq <= _MOST_EVENTS}
    for event in events_after(near):
        news.events.setdefault(event.competition, []).append(event)
    news.rows = _rows(event.payload.get("submission") for events in news.events.values() for event in events)
    news.live = live_news(unread)
    return news


def _rows(ids: Iterable[Any]) -> Mapping[int, tuple[int, int, int]]:
    """(the submission it belongs to, owner, phase) of submissions, children among them, by id."""
    wanted = {pk for pk in ids if isinstance(pk, int)}
    if not wanted:
        return {}
    rows = Submission.objects.filter(pk__in=wanted).values_list("pk", "parent_id", "owner_id", "phase_id")
    return {pk: (parent or pk, owner, phase) for pk, parent, owner, phase in rows}


def _is_behind(each: Follower, news: _News) -> bool:
    submission = each.subject.submission
    return (
        any(news.heads[pk] > seq for pk, seq in each.place.events)
        or (submission != 0 and news.live_seqs[submission] > each.place.live)
        or _board_changed(each, news)
    )


def _board_changed(each: Follower, news: _News) -> bool:
    """Whether a board shows something else, also where no event tells of it: ranks were made again, say."""
    return each.subject.kind == "board" and news.stamps[each.subject.phase] != each.place.live


def _told(each: Follower, news: _News) -> Told:
    subject = each.subject
    events = [event for pk, seq in each.place.events for event in news.events.get(pk, []) if event.seq > seq]
    missed = any(news.heads[pk] - seq > _MOST_EVENTS for pk, seq in each.place.events)
    changed = missed or _board_changed(each, news) or any(_concerns(event, subject, news) for event in events)
    live = news.live.get(subject.submission, []) if subject.submission else []
    live_seq = news.live_seqs[subject.submission] if subject.submission else 0
    # What was committed since the place was read comes with the next telling, and must not come twice.
    fresh = [message for message in live or [] if each.place.live < message.seq <= live_seq]
    changed = changed or live is None or any(_is_file(message) for message in fresh)
    place = Place(
        tuple((pk, news.heads[pk]) for pk, _ in each.place.events),
        news.stamps[subject.phase] if subject.kind == "board" else live_seq,
    )
    return Told(
        replace(each, place=place),
        each.place,
        changed=changed,
        messages=tuple(message for message in fresh if message.is_log),
        details=tuple(message for message in fresh if message.kind == DETAILED_RESULTS),
    )


def _is_file(message: LiveNews) -> bool:
    return not message.is_log and message.kind != DETAILED_RESULTS


def _concerns(event: Happened, subject: Subject, news: _News) -> bool:
    top, owner, phase = news.rows.get(event.payload.get("submission", 0), (0, 0, 0))
    if subject.kind == "board":
        here = event.payload.get("phase", phase)
        return event.kind.startswith(_ON_BOARDS) and here in {subject.phase, 0}
    if not top:
        return event.kind.startswith(("phase-", "competition-", "board-"))
    return top == subject.submission if subject.kind == "submission" else subject.owner in {owner, 0}


def _matters(told: Told) -> bool:
    return told.changed or bool(told.messages) or bool(told.details)


def _access_changed(each: Follower, news: _News) -> bool:
    return any(event.kind.startswith(_FOR_ACCESS) for pk, _ in each.place.events for event in news.events.get(pk, []))


class _Access:
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
        self._hidden = _hidden_boards(phases) if phases else {}

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


def _hidden_boards(phase_ids: Iterable[int]) -> Mapping[int, bool]:
    """Whether all boards of each of these phases are hidden; phases without a board are left out."""
    competitions = dict(Phase.objects.filter(pk__in=list(phase_ids)).values_list("pk", "competition_id"))
    boards = Leaderboard.objects.filter(competition_id__in=set(competitions.values()))
    hidden: dict[int, bool] = {}
    for competition_id, is_hidden in boards.values_list("competition_id", "hidden"):
        hidden[competition_id] = is_hidden and hidden.get(competition_id, True)
    return {pk: hidden[competition] for pk, competition in competitions.items() if competition in hidden}
