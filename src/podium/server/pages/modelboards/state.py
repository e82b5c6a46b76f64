"""How a reader wants to see the board of a dataset, all of it in the address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from django.utils.http import urlencode

from podium.server.modelboards.queries import BoardRow

Order = Literal["rank", "model", "updated"]
ORDERS: tuple[Order, ...] = ("rank", "model", "updated")


@dataclass(frozen=True)
class HeadLink:
    """The head of a column: a link that sorts by it."""

    title: str
    url: str
    sort: str


@dataclass(frozen=True)
class BoardView:
    """How a reader wants to see the board of a dataset, all of it in the address."""

    path: str
    order: Order = "rank"
    words: str = ""

    @classmethod
    def of(cls, path: str, query: Mapping[str, str]) -> BoardView:
        """The view that an address asks for; what makes no sense is left out."""
        wanted = query.get("sort", "rank")
        order: Order = next((each for each in ORDERS if each == wanted), "rank")
        return cls(path, order, query.get("model", "").replace("\0", "").strip()[:200])

    def chosen(self, rows: Sequence[BoardRow]) -> list[BoardRow]:
        """The rows that are looked for, in the order that is wanted."""
        words = self.words.casefold()
        found = [row for row in rows if words in row.model.casefold()]
        if self.order == "model":
            found.sort(key=lambda row: row.model.casefold())
        if self.order == "updated":
            found.sort(key=lambda row: row.updated_on.isoformat() if row.updated_on else "", reverse=True)
        return found

    def heads(self) -> list[HeadLink]:
        """The heads that sort."""
        sorts = {"rank": "ascending", "model": "ascending", "updated": "descending"}
        titles = {"rank": "Rank", "model": "Model", "updated": "Updated"}
        return [HeadLink(titles[each], self._url(each), sorts[each] * (each == self.order)) for each in ORDERS]

    def _url(self, order: Order) -> str:
        asked = {"model": self.words, "sort": "" if order == "rank" else order}
        query = urlencode({name: value for name, value in asked.items() if value})
        return f"{self.path}?{query}" if query else self.path
