"""The leaderboards of a competition as somebody edits their list: those that stay, by number, and new ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from podium.rules.bundle.board_draft import name_problems
from podium.rules.errors import Problem

MOST_BOARDS = 50


@dataclass(frozen=True)
class NewBoard:
    """A leaderboard that is to be added: everything but its title, and whether it is hidden, is as `like` has it."""

    title: str
    like: int
    hidden: bool = True


Wish = Sequence[int | NewBoard]
"""The leaderboards that there are to be, in their order: those that stay by their numbers."""


def wish_problems(titles: Mapping[int, str], wish: Wish) -> Iterator[Problem]:
    """Everything that is wrong with a wish; `titles` are those of the leaderboards that there are, by number."""
    named = [each for each in wish if isinstance(each, int)]
    for pk in sorted(set(named) - titles.keys()):
        message = f"The leaderboard {pk} is none of this competition."
        yield Problem("leaderboard-not-found", message, "Name those that it has.")
    for pk in sorted(pk for pk in set(named) if named.count(pk) > 1):
        yield Problem("leaderboard-repeated", f"The leaderboard {pk} is named twice.", "Give it one place.")
    if not wish:
        yield Problem("no-leaderboard", "The competition would have no leaderboard.", "Keep one; it may be hidden.")
    if len(wish) > MOST_BOARDS:
        message = f"These are {len(wish)} leaderboards; at most {MOST_BOARDS} are possible."
        yield Problem("too-many-leaderboards", message, "Remove some.")
    taken = {title.casefold() for title in titles.values()}
    for new in (each for each in wish if isinstance(each, NewBoard)):
        title = new.title.strip()
        yield from name_problems("The title of the new leaderboard", new.title)
        if title.casefold() in taken:
            message = f'Another leaderboard has the title "{title}".'
            yield Problem("title-repeated", message, "Give the new one its own title.")
        taken.add(title.casefold())
        if new.like not in titles:
            message = f'The new leaderboard "{title}" is to be like {new.like}, which is none of this competition.'
            yield Problem("leaderboard-not-found", message, "Choose one that it has.")
