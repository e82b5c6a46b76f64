"""How a reader wants to see a board, all of it in the address: the order, whom they look for, which columns."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from django.http import QueryDict
from django.utils.http import urlencode

from podium.server.leaderboards.queries import Arrangement, ColumnGroup

_LONGEST_NAME = 100
_LONGEST_NUMBER = 19
_LONGEST_SORT = 200
_MOST_COLUMNS = 500
# Beyond it the place of a row is no number that a database takes.
_LAST_PAGE = 10**9


@dataclass(frozen=True)
class BoardState:
    """The state of a board's page; `columns` are the names of the chosen ones, none of them where all are shown;
    `task` is the one that is looked at alone."""

    path: str
    sort: str = ""
    who: str = ""
    columns: tuple[str, ...] = ()
    page: int = 1
    task: int | None = None

    @property
    def arrangement(self) -> Arrangement:
        """The order and the search, as the query takes them."""
        return Arrangement(self.sort, self.who)

    def fields(self, *left_out: str) -> list[tuple[str, str]]:
        """What a form has to send along, and what stands in an address."""
        given = [("task", "" if self.task is None else str(self.task)), ("sort", self.sort), ("who", self.who)]
        given += [("columns", name) for name in self.columns]
        given.append(("page", str(self.page) if self.page > 1 else ""))
        return [(name, value) for name, value in given if value and name not in left_out]

    @property
    def url(self) -> str:
        """The address of the page in this state."""
        query = urlencode(self.fields())
        return f"{self.path}?{query}" if query else self.path

    def at_page(self, page: int) -> BoardState:
        """The same at another page."""
        return replace(self, page=page)

    def by_rank(self) -> BoardState:
        """The whole board in the order of its ranks, with the same columns."""
        return replace(self, sort="", who="", page=1)

    def of_task(self, task: int | None) -> BoardState:
        """The board of one task alone, or (None) of all together."""
        return BoardState(self.path, task=task)

    def sorted_by(self, name: str, *, descending: bool) -> BoardState:
        """Sorted by a column: that way round first, and the other way where it is sorted so already."""
        first, other = (f"-{name}", name) if descending else (name, f"-{name}")
        return replace(self, sort=other if self.sort == first else first, page=1)

    def shows(self, name: str) -> bool:
        """Whether a column is shown."""
        return not self.columns or name in self.columns


def state_from(path: str, query: QueryDict) -> BoardState:
    """The state that an address asks for; what makes no sense is left out."""
    try:
        page = min(max(int(query.get("page", "1")), 1), _LAST_PAGE)
    except ValueError:
        page = 1
    columns = [name for each in query.getlist("columns")[:_MOST_COLUMNS] for name in each.split(",") if name]
    return BoardState(
        path,
        _plain(query.get("sort", ""))[:_LONGEST_SORT],
        _plain(query.get("who", "")).strip()[:_LONGEST_NAME],
        tuple(dict.fromkeys(_plain(name) for name in columns)),
        page,
        _task(query.get("task", "")),
    )


def column_names(groups: Sequence[ColumnGroup]) -> list[str]:
    """What the columns of a board are called in addresses, from left to right."""
    return [
        f"task{group.task_id}.{column.key}" if number else f"score.{column.key}"
        for number, group in enumerate(groups)
        for column in group.columns
    ]


def known(state: BoardState, names: Collection[str]) -> BoardState:
    """The state without columns that the board does not have."""
    return replace(state, columns=tuple(name for name in state.columns if name in names))


def _task(text: str) -> int | None:
    """The number of a task; one that no row has is none of the board's."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < _LONGEST_NUMBER else None


def _plain(text: str) -> str:
    """Without what a database does not take in a text."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()
