"""Intervals drawn into the cells of tables, to one scale for the whole table."""

from __future__ import annotations

from html import escape
from math import isfinite

_WIDTH, _MIDDLE = 112, 9
_EDGE = 4
NO_BAR = ' <svg class="interval" aria-hidden="true"></svg>'
"""The empty place of one."""


def interval_bar(low: float, score: float, high: float, span: tuple[float, float], label: str) -> str:
    """An interval around a score; `span` are the ends of the scale, which differ, and `label` says it in words."""
    left, middle, right = (_at(value, span) for value in (low, score, high))
    return (
        f' <svg class="interval" viewBox="0 0 {_WIDTH} 18" role="img" aria-label="{escape(label)}">'
        f'<line x1="0" x2="{_WIDTH}" y1="{_MIDDLE}" y2="{_MIDDLE}"/>'
        f'<rect x="{left}" y="4" width="{max(right - left, 1)}" height="10"/>'
        f'<circle cx="{middle}" cy="{_MIDDLE}" r="3"/></svg>'
    )


def _at(value: float, span: tuple[float, float]) -> int:
    # The width of the span may be beyond what a float holds, and half of it below.
    low, width = span[0], span[1] - span[0]
    share = (value - low) / width if isfinite(width) else (value / 2 - low / 2) / (span[1] / 2 - low / 2)
    return round(_EDGE + (_WIDTH - 2 * _EDGE) * share)
