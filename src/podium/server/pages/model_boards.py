"""Model boards as pages show them: the list of datasets, and the board of one as ready HTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import inf, isfinite
from typing import Literal

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from podium.server.modelboards.queries import BoardRow, DatasetRow
from podium.server.pages import wording

_NO_SCORE = '<span title="It has no score, so it is not ranked.">–</span>'
_NO_NUMBER = "–"
_DIGITS = 4
_WIDTH, _MIDDLE = 112, 9
_EDGE = 4
_BADGES: Mapping[str, tuple[str, str]] = {
    "declared": ("declared", "Whoever sent it says so."),
    "organizer": ("organizer", "The owner of the dataset says so."),
    "unverified": ("unverified", "Somebody without a key says so."),
}
Order = Literal["rank", "model", "updated"]
ORDERS: tuple[Order, ...] = ("rank", "model", "updated")


@dataclass(frozen=True)
class DatasetItem:
    """A line of the list of datasets; `first` are the first models as (rank, name, score)."""

    url: str
    name: str
    task_type: str
    line: str
    counts: str
    first: tuple[tuple[str, str, str], ...]
    changed: SafeString


def dataset_items(rows: Sequence[DatasetRow]) -> list[DatasetItem]:
    """The lines of the list."""
    return [
        DatasetItem(
            url=reverse("model_board", args=[row.slug]),
            name=row.name,
            task_type=in_words(row.task_type),
            line=row.description.partition("\n")[0][:300],
            counts=wording.counted(row.model_count, "model"),
            first=tuple((f"{each.rank:,}", each.model, number(each.score)) for each in row.top),
            changed=wording.ago(row.changed_at),
        )
        for row in rows
    ]


def in_words(name: str) -> str:
    """The name of a task type for people."""
    words = name.replace("_", " ")
    return words[:1].upper() + words[1:].replace(" qa", " Q&A")


def number(value: float) -> str:
    """A score with four significant digits, or more where they stand before the point."""
    text = f"{value:.{_DIGITS}g}"
    return f"{value:,.0f}" if "e" in text and abs(value) >= 1 and abs(value) < 1e15 else text


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


def board_rows_html(rows: Sequence[BoardRow], *, lower_is_better: bool) -> SafeString:
    """All rows, two elements each: one of the table, and one that repeats what a phone has no room for."""
    scores = [row.score for row in rows if row.score is not None]
    bounds = [bound for row in rows for bound in (row.ci_low, row.ci_high) if bound is not None]
    span = (min(scores + bounds), max(scores + bounds)) if scores else (0.0, 0.0)
    best = (min if lower_is_better else max)(scores, default=None)
    return SafeString("".join(_row(row, span, best) for row in rows))


def _row(row: BoardRow, span: tuple[float, float], best: float | None) -> str:
    rank = _NO_SCORE if row.rank is None else f"{row.rank:,}"
    score = _NO_NUMBER if row.score is None else number(row.score)
    gap = inf if row.score is None or best is None else abs(row.score - best)
    behind = number(gap) if isfinite(gap) else _NO_NUMBER
    badge, meaning = _BADGES[row.badge]
    link = (
        f' <a class="small" href="{escape(row.source)}" rel="nofollow noopener noreferrer">source</a>'
        if row.source
        else ""
    )
    updated = escape(row.updated_on.isoformat() if row.updated_on else row.updated) or _NO_NUMBER
    details = (
        f"<dt>To the best</dt><dd>{behind}</dd><dt>Interval</dt><dd>{escape(row.ci) or _NO_NUMBER}</dd>"
        f"<dt>Updated</dt><dd>{updated}</dd><dt>Results</dt><dd>{row.revisions}</dd>"
    )
    return (
        f'<tr data-key="{row.id}">'
        f'<td class="n rank">{rank}</td>'
        f'<th scope="row" class="person">{escape(row.model)}'
        f'<span class="badge" title="{meaning}">{badge}</span>{link}</th>'
        f'<td class="n lead">{score}{_interval(row, span)}</td>'
        f'<td class="n opt">{behind}</td><td class="opt">{updated}</td>'
        f'<td class="n opt">{row.revisions}</td></tr>\n'
        f'<tr class="more" data-key="{row.id}-more"><td></td><td colspan="5"><details><summary>More</summary>'
        f'<dl class="facts">{details}</dl></details></td></tr>\n'
    )


def _interval(row: BoardRow, span: tuple[float, float]) -> str:
    """The interval around a score, drawn to the scale of the whole table; its empty place where none was declared."""
    if row.score is None or row.ci_low is None or row.ci_high is None or span[0] == span[1]:
        return ' <svg class="interval" aria-hidden="true"></svg>'
    low, score, high = (_at(value, span) for value in (row.ci_low, row.score, row.ci_high))
    return (
        f' <svg class="interval" viewBox="0 0 {_WIDTH} 18" role="img" aria-label="{number(row.ci_low)} to '
        f'{number(row.ci_high)}"><line x1="0" x2="{_WIDTH}" y1="{_MIDDLE}" y2="{_MIDDLE}"/>'
        f'<rect x="{low}" y="4" width="{max(high - low, 1)}" height="10"/>'
        f'<circle cx="{score}" cy="{_MIDDLE}" r="3"/></svg>'
    )


def _at(value: float, span: tuple[float, float]) -> int:
    # The width of the span may be beyond what a float holds, and half of it below.
    low, width = span[0], span[1] - span[0]
    share = (value - low) / width if isfinite(width) else (value / 2 - low / 2) / (span[1] / 2 - low / 2)
    return round(_EDGE + (_WIDTH - 2 * _EDGE) * share)
