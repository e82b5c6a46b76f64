"""How a reader wants to see the board of a dataset, all of it in the address."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any, Literal

from django.http import QueryDict
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.http import urlencode

from podium.server.modelboards.queries import Show

Tab = Literal["table", "forest", "time", "classes", "pairs", "price", "confusion", "items"]
TABS: tuple[Tab, ...] = ("table", "forest", "time", "classes", "pairs", "price", "confusion", "items")
SHOWS: tuple[Show, ...] = ("latest", "best", "all")
_LONGEST = 200
_MOST_COLUMNS = 60
_MOST_DIGITS = 18
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class BoardView:
    """The state of a board's page. `at` is the moment as it was asked for and `moment` what it means, None for now;
    `columns` are the names of those that are chosen, None for the usual ones. `result`, `value` and `worst` choose what
    a tab shows: a model's result, a column of a table or a number of models, and the order of items."""

    path: str
    tab: Tab = "table"
    sort: str = ""
    words: str = ""
    badges: tuple[str, ...] = ()
    sender: str = ""
    interval: str = ""
    show: Show = "latest"
    at: str = ""
    moment: datetime | None = None
    columns: tuple[str, ...] | None = None
    page: int = 1
    result: int = 0
    value: str = ""
    worst: bool = False

    @classmethod
    def of(cls, path: str, query: QueryDict) -> BoardView:
        """The view that an address asks for; what makes no sense is left out."""
        columns = tuple(dict.fromkeys(_plain(each) for each in query.getlist("columns")[:_MOST_COLUMNS] if each))
        at = _plain(query.get("at", ""))
        moment = _moment(at)
        return cls(
            path,
            tab=next((each for each in TABS if each == query.get("tab")), "table"),
            sort=_plain(query.get("sort", "")),
            words=_plain(query.get("model", "")),
            badges=tuple(sorted({_plain(each) for each in query.getlist("badge")[:_MOST_COLUMNS]} - {""})),
            sender=_plain(query.get("by", "")),
            interval=query.get("interval", "") if query.get("interval") in {"with", "without"} else "",
            show=next((each for each in SHOWS if each == query.get("show")), "latest"),
            at=at if moment else "",
            moment=moment,
            columns=columns or None,
            page=_number(query.get("page", "")) or 1,
            result=_number(query.get("result", "")),
            value=_plain(query.get("value", "")),
            worst=query.get("first") == "worst",
        )

    def fields(self, *left_out: str) -> list[tuple[str, str]]:
        """What a form has to send along, and what stands in an address."""
        given = [
            ("tab", "" if self.tab == "table" else self.tab),
            ("sort", self.sort),
            ("model", self.words),
            *(("badge", each) for each in self.badges),
            ("by", self.sender),
            ("interval", self.interval),
            ("show", "" if self.show == "latest" else self.show),
            ("at", self.at),
            *(("columns", each) for each in self.columns or ()),
            ("result", str(self.result or "")),
            ("value", self.value),
            ("first", "worst" if self.worst else ""),
            ("page", str(self.page) if self.page > 1 else ""),
        ]
        return [(name, value) for name, value in given if value and name not in left_out]

    @property
    def url(self) -> str:
        """The address of the page in this state."""
        query = urlencode(self.fields())
        return f"{self.path}?{query}" if query else self.path

    def but(self, **changes: Any) -> str:
        """The address of the same view with something else; from the first page on, unless a page is named."""
        return replace(self, **{"page": 1, **changes}).url

    def at_tab(self, tab: Tab) -> str:
        """The address of another tab, which chooses by itself what it shows."""
        return self.but(tab=tab, result=0, value="", worst=False)

    def sorted_by(self, name: str, *, descending: bool) -> str:
        """The address of this board sorted by a column: that way round first, the other way where it is so already."""
        first, other = (f"-{name}", name) if descending else (name, f"-{name}")
        return self.but(sort=other if self.sort == first else first)

    @property
    def narrowed(self) -> bool:
        """Whether rows may be left out."""
        return bool(self.words or self.badges or self.sender or self.interval)

    @property
    def as_it_stands(self) -> bool:
        """Whether the results are those that count now, which is what statistics are computed from."""
        return self.moment is None and self.show == "latest"


def _moment(text: str) -> datetime | None:
    """The end of a day, or a moment of it (in UTC where it names no zone); None for what is neither."""
    try:
        day = parse_date(text)
        if day is not None:
            return datetime.combine(day, time.max, UTC)
        # A plus of the offset that nobody encoded is a space by now.
        moment = parse_datetime(text.replace(" ", "+") if "T" in text else text)
        if moment is None:
            return None
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        # What lies at the edge of the calendar has no moment before or after it in other zones.
        return moment if datetime.min.replace(tzinfo=UTC) + _ONE_DAY < moment else None
    except (ValueError, OverflowError):
        return None


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS else 0


def _plain(text: str) -> str:
    """Without what a database does not take in a text."""
    return text.replace("\0", "").encode("utf-8", "replace").decode().strip()[:_LONGEST]
