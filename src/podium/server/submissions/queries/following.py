"""What open pages show: the subject a page follows, how far it has been told, and what it is told next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from podium.rules.access import Action
from podium.rules.errors import NotAllowed, NotFound
from podium.server.accounts.credentials import Credential
from podium.server.accounts.people import Person
from podium.server.competitions.models import Phase
from podium.server.competitions.queries.standing import standing_of
from podium.server.history.queries import head_of, heads
from podium.server.leaderboards.models import Leaderboard
from podium.server.leaderboards.queries import stamp_of_phase
from podium.server.submissions.models import Submission
from podium.server.submissions.queries.access import submission_for
from podium.server.submissions.queries.live import LiveNews, live_seqs

_LARGEST = 2**63 - 1


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
    if hidden_boards([phase_id]).get(phase_id, True) and not standing.may(Action.SEE_HIDDEN_BOARD):
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


def hidden_boards(phase_ids: Iterable[int]) -> Mapping[int, bool]:
    """Whether all boards of each of these phases are hidden; phases without a board are left out."""
    competitions = dict(Phase.objects.filter(pk__in=list(phase_ids)).values_list("pk", "competition_id"))
    boards = Leaderboard.objects.filter(competition_id__in=set(competitions.values()))
    hidden: dict[int, bool] = {}
    for competition_id, is_hidden in boards.values_list("competition_id", "hidden"):
        hidden[competition_id] = is_hidden and hidden.get(competition_id, True)
    return {pk: hidden[competition] for pk, competition in competitions.items() if competition in hidden}
