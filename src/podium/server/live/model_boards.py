"""What open pages of model boards are told by the hub."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from podium.server.accounts.credentials import Credential, people_behind
from podium.server.modelboards.queries.following import BoardSubject, may_follow, stamps
from podium.server.submissions.queries.following import Place
from podium.server.submissions.queries.live import LiveNews

_LARGEST_LETTERS = 19


@dataclass(frozen=True)
class BoardFollower:
    """An open page of a model board, as `podium.server.submissions.queries.following.Follower`; the place holds the
    stamp of what it shows."""

    id: int
    credential: Credential
    subject: BoardSubject
    place: Place


@dataclass(frozen=True)
class BoardTold:
    """What such a page is told: that it has changed, or that there is nothing for it any more."""

    follower: BoardFollower
    before: Place
    changed: bool = False
    gone: bool = False
    messages: tuple[LiveNews, ...] = ()
    details: tuple[LiveNews, ...] = ()


def tell_boards(followers: Sequence[BoardFollower]) -> list[BoardTold]:
    """What is new for each follower since its place; who has nothing new is left out."""
    now = stamps({each.subject for each in followers})
    behind = [each for each in followers if now[each.subject] != each.place.live]
    if not behind:
        return []
    people = people_behind(each.credential for each in behind)
    allowed = may_follow((people[each.credential], each.subject) for each in behind)
    told = []
    for each in behind:
        seen = (people[each.credential], each.subject) in allowed and now[each.subject] >= 0
        after = replace(each, place=Place((), now[each.subject]))
        told.append(BoardTold(after, each.place, changed=seen, gone=not seen))
    return told


def place_on_board(subject: BoardSubject, text: str) -> Place:
    """A place from its text; one that makes no sense counts as just read."""
    stamp = text.removeprefix("-")
    if stamp.isascii() and stamp.isdecimal() and len(stamp) <= _LARGEST_LETTERS:
        return Place((), int(stamp))
    return Place((), stamps([subject])[subject])
