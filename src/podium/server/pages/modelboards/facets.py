"""What rows can be narrowed by, and how many there are of each kind."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from podium.server.pages.modelboards.columns import Column
from podium.server.pages.modelboards.contents import BoardContents
from podium.server.pages.modelboards.rows import BADGES
from podium.server.pages.parts import Place

_MOST_SENDERS = 100
_SHOWS = {"latest": "Latest of each model", "best": "Best of each model", "all": "All results"}
_INTERVALS = {"": "All", "with": "With an interval", "without": "Without an interval"}


@dataclass(frozen=True)
class Choice:
    """Something to choose in a form: what is sent, how it is called, what it means, whether it is chosen."""

    value: str
    label: str
    chosen: bool
    about: str = ""


@dataclass(frozen=True)
class Facets:
    """The choices of the form that narrows a board, and links that take back what is chosen."""

    badges: tuple[Choice, ...]
    senders: tuple[Choice, ...]
    intervals: tuple[Choice, ...]
    shows: tuple[Choice, ...]
    chosen: tuple[Place, ...]


def facets_of(contents: BoardContents) -> Facets:
    """What can be chosen on this board."""
    view = contents.view
    badges = Counter(row.badge for row in contents.rows)
    senders = Counter(row.submitted_by or row.submitter for row in contents.rows)
    return Facets(
        badges=tuple(
            Choice(name, f"{title} ({badges[name]:,})", name in view.badges, meaning)
            for name, (title, meaning) in BADGES.items()
            if badges[name] or name in view.badges
        ),
        senders=tuple(
            Choice(name, f"{name} ({count:,})", name == view.sender)
            for name, count in sorted(senders.most_common(_MOST_SENDERS), key=lambda each: each[0].casefold())
            if name
        ),
        intervals=tuple(Choice(value, label, value == view.interval) for value, label in _INTERVALS.items()),
        shows=tuple(Choice(value, label, value == view.show) for value, label in _SHOWS.items()),
        chosen=tuple(_chosen(contents)),
    )


def column_choices(columns: list[Column], shown: list[Column]) -> list[Choice]:
    """Every column, and whether it is shown."""
    names = {column.name for column in shown}
    return [Choice(column.name, column.title, column.name in names, column.about) for column in columns]


def _chosen(contents: BoardContents) -> list[Place]:
    """What narrows the board now, each as a link to the board without it."""
    view = contents.view
    found = []
    if view.words:
        found.append(Place(f"“{view.words}”", view.but(words="")))
    for badge in view.badges:
        label = BADGES[badge][0] if badge in BADGES else badge
        found.append(Place(label, view.but(badges=tuple(each for each in view.badges if each != badge))))
    if view.sender:
        found.append(Place(f"sent by {view.sender}", view.but(sender="")))
    if view.interval:
        found.append(Place(_INTERVALS[view.interval].lower(), view.but(interval="")))
    if view.show != "latest":
        found.append(Place(_SHOWS[view.show].lower(), view.but(show="latest")))
    if view.moment is not None:
        found.append(Place(f"as of {view.at}", view.but(at="", moment=None)))
    return found
