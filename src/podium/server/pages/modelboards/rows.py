"""The rows of a dataset's board as ready HTML: a template would take five times as long for a hundred of them.

Every text that is not ours goes through `escape`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from django.utils.safestring import SafeString

from podium.server.modelboards.queries import BoardRow
from podium.server.pages.interval_bars import NO_BAR, interval_bar
from podium.server.pages.modelboards.columns import NO_NUMBER, Column
from podium.server.pages.modelboards.contents import BoardContents
from podium.server.pages.modelboards.figures import number, written_alike
from podium.server.pages.modelboards.model_address import model_url

_NO_SCORE = '<span title="It has no score, so it is not ranked.">–</span>'
_NO_RANK = '<span title="Others are measured by it; it is not ranked itself.">–</span>'
_NOT_RANKED = "The owner of the dataset marked it. Others are measured by it, and it is not ranked."
BASELINES: Mapping[str, str] = {"human": "human baseline", "random": "random baseline", "other": "baseline"}
BADGES: Mapping[str, tuple[str, str]] = {
    "declared": ("declared", "Whoever sent it says so. Nothing was checked here."),
    "scored": ("scored here", "The score was computed here from the model's predictions."),
    "rerun": ("rerun here", "The predictions were made by a program that ran here, and scored here."),
    "organizer": ("organizer", "The owner of the dataset says so. Nothing was checked here."),
    "unverified": ("unverified", "Somebody without a key says so. Nothing was checked here."),
}


def board_rows_html(contents: BoardContents, rows: Sequence[BoardRow], columns: Sequence[Column]) -> SafeString:
    """All rows, two elements each: one of the table, and one that repeats what a phone has no room for."""
    ties = _ties(contents, rows)
    write = written_alike(row.score for row in contents.rows if row.score is not None)
    cells = [_CellMaker.of(column) for column in columns]
    baselines = contents.dataset.baselines
    return SafeString(
        "".join(
            _row(contents.span, row, cells, ties.get(row.id, ""), write, baselines.get(row.model, "")) for row in rows
        )
    )


@dataclass(frozen=True)
class _CellMaker:
    """What stands in the cells of a column, what they begin with, and how they are called below a row."""

    inner: Callable[[BoardRow], str]
    begin: str
    term: str

    @classmethod
    def of(cls, column: Column) -> _CellMaker:
        begin = '<td class="n opt">' if column.is_number else '<td class="opt">'
        return cls(column.cell, begin, f"<dt>{escape(column.title)}</dt><dd>")


def _row(
    span: tuple[float, float],
    row: BoardRow,
    makers: Sequence[_CellMaker],
    tie: str,
    write: Callable[[float], str],
    baseline: str,
) -> str:
    rank = f"{row.rank:,}" if row.rank is not None else _NO_RANK if baseline else _NO_SCORE
    score = NO_NUMBER if row.score is None else write(row.score)
    model = escape(row.model)
    cells, details = [], []
    for maker in makers:
        inner = maker.inner(row)
        cells.append(f"{maker.begin}{inner}</td>")
        details.append(f"{maker.term}{inner}</dd>")
    bounds = NO_NUMBER
    if row.ci_low is not None and row.ci_high is not None:
        bounds = f"{number(row.ci_low)} to {number(row.ci_high)}"
    return (
        f'<tr data-key="{row.id}">'
        f'<td class="n rank{tie}">{rank}</td>'
        f'<th scope="row" class="person"><a href="{escape(model_url(row.model))}"><bdi>{model}</bdi></a>'
        f"{_marks(row, baseline)}</th>"
        f'<td class="n lead">{score}{_interval(row, span, bounds)}</td>'
        f"{''.join(cells)}</tr>\n"
        f'<tr class="more" data-key="{row.id}-more"><td></td><td colspan="{2 + len(makers)}"><details><summary>More'
        f'<span class="sr"> about {model}</span></summary><dl class="facts">'
        f"<dt>Interval</dt><dd>{bounds}</dd>{''.join(details)}</dl></details></td></tr>\n"
    )


def _marks(row: BoardRow, baseline: str) -> str:
    """Where the score comes from, and whether it still counts."""
    badge, meaning = BADGES[row.badge]
    marks = f'<span class="badge" title="{meaning}">{badge}</span>'
    if baseline:
        marks = f'<span class="badge" title="{_NOT_RANKED}">{BASELINES.get(baseline, "baseline")}</span>{marks}'
    if not row.counts:
        marks += '<span class="badge" title="A later result of the model took its place.">earlier</span>'
    if row.source:
        marks += f' <a class="small" href="{escape(row.source)}" rel="nofollow noopener noreferrer">source</a>'
    return marks


def _ties(contents: BoardContents, rows: Sequence[BoardRow]) -> dict[int, str]:
    """Where a bracket begins, goes on and ends beside the ranks: around neighbours of which no two can be told
    apart."""
    if contents.view.sort not in {"", "rank"} or contents.statistics is None:
        return {}
    groups = [(place.group if (place := contents.place(row)) else None) for row in rows]
    found: dict[int, str] = {}
    for number_, (row, group) in enumerate(zip(rows, groups, strict=True)):
        before = number_ > 0 and groups[number_ - 1] == group
        after = number_ + 1 < len(rows) and groups[number_ + 1] == group
        if group is not None and (before or after):
            found[row.id] = " tie" + ("" if before else " tie-top") + ("" if after else " tie-end")
    return found


def _interval(row: BoardRow, span: tuple[float, float], bounds: str) -> str:
    """The interval around a score, drawn to the scale of the whole table; its empty place where none is known."""
    if row.score is None or row.ci_low is None or row.ci_high is None or span[0] == span[1]:
        return NO_BAR
    return interval_bar(row.ci_low, row.score, row.ci_high, span, bounds)
