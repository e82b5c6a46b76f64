"""The rows of a dataset's board as ready HTML. Every text that is not ours goes through `escape`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from math import inf, isfinite

from django.utils.safestring import SafeString

from podium.server.modelboards.queries import BoardRow
from podium.server.pages.modelboards.figures import number

_NO_SCORE = '<span title="It has no score, so it is not ranked.">–</span>'
_NO_NUMBER = "–"
_WIDTH, _MIDDLE = 112, 9
_EDGE = 4
_BADGES: Mapping[str, tuple[str, str]] = {
    "declared": ("declared", "Whoever sent it says so."),
    "organizer": ("organizer", "The owner of the dataset says so."),
    "unverified": ("unverified", "Somebody without a key says so."),
}


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
