"""Drawing a chart as SVG whose colours are those of the page, also on paper: scales, axes and what they carry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, isfinite, log10
from unicodedata import east_asian_width

from django.utils.safestring import SafeString

from podium.server.pages.modelboards.figures import number

WIDTH = 720
_ABOUT_TICKS = 6
_MOST_STEPS = 1e9
"""From zero to what a scale shows, in steps of its ticks; beyond it ticks would be told by the same number."""
_LETTER = 7
"""How wide a letter is, about."""


@dataclass(frozen=True)
class Chart:
    """A chart. `title` is the question it answers, `svg` the picture, `head` and `rows` the same as a table, and
    `note` what its reader should know."""

    title: str
    svg: SafeString
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


@dataclass(frozen=True)
class Scale:
    """Where values lie on a line: `low` at `start`, `high` at `end`."""

    low: float
    high: float
    start: float
    end: float
    logarithmic: bool = False

    def at(self, value: float) -> float:
        """The place of a value, to a tenth."""
        low, high = self.low, self.high
        if self.logarithmic:
            low, high, value = log10(low), log10(high), log10(value)
        if low == high:
            return round((self.start + self.end) / 2, 1)
        width = high - low
        # The width may be beyond what a float holds; half of it is not.
        share = (value - low) / width if isfinite(width) else (value / 2 - low / 2) / (high / 2 - low / 2)
        return round(self.start + (self.end - self.start) * share, 1)

    def ticks(self) -> list[float]:
        """Round values along the scale, or its ends where there are none."""
        if self.logarithmic:
            first, last = ceil(log10(self.low) - 1e-9), floor(log10(self.high) + 1e-9)
            stride = max(1, ceil((last - first + 1) / _ABOUT_TICKS))
            found = [10.0**power for power in range(first, last + 1, stride)]
            return found if len(found) > 1 else [self.low, self.high]
        ends = [self.low, self.high] if self.low < self.high else [self.low]
        width = self.high - self.low
        step = _round_step(width / _ABOUT_TICKS) if isfinite(width) and width / _ABOUT_TICKS else 0.0
        # So narrow a stretch of so large numbers may be that no round one lies in it.
        if not step or not isfinite(step) or max(abs(self.low), abs(self.high)) / step > _MOST_STEPS:
            return ends
        first, last = ceil(self.low / step - 1e-9), floor(self.high / step + 1e-9)
        return [place * step for place in range(first, last + 1)] or ends


def spread_out(low: float, high: float) -> tuple[float, float]:
    """A little more than from low to high, so that nothing lies on the frame."""
    margin = (high / 2 - low / 2) * 0.08 or abs(low) * 0.05 or 1.0
    below, above = low - margin, high + margin
    return (below if isfinite(below) else low), (above if isfinite(above) else high)


def picture(height: float, about: str, parts: Sequence[str]) -> SafeString:
    """An SVG of these parts; `about` tells those who cannot see it what it shows."""
    return SafeString(
        f'<svg class="chart" viewBox="0 0 {WIDTH} {height:g}" role="img" aria-label="{escape(about)}">'
        f"{''.join(parts)}</svg>"
    )


def label(x: float, y: float, text: str, *, anchor: str = "start", kind: str = "") -> str:
    """A text that begins, or ends, at a place."""
    turned = "" if anchor == "start" else f' text-anchor="{anchor}"'
    quiet = f' class="{kind}"' if kind else ""
    return f'<text x="{x:g}" y="{y:g}"{turned}{quiet}>{escape(text)}</text>'


def line(x1: float, y1: float, x2: float, y2: float, kind: str = "") -> str:
    """A line of a kind that the stylesheet knows."""
    of = f' class="{kind}"' if kind else ""
    return f'<line x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}"{of}/>'


def dot(x: float, y: float, title: str, *, hollow: bool = False) -> str:
    """A mark that says what it is where a pointer rests on it."""
    of = ' class="hollow"' if hollow else ""
    return f'<circle cx="{x:g}" cy="{y:g}" r="4"{of}><title>{escape(title)}</title></circle>'


def axis_below(scale: Scale, top: float, bottom: float, title: str) -> list[str]:
    """An axis along the bottom with lines up to the top, and its title below."""
    parts = []
    for tick in scale.ticks():
        x = scale.at(tick)
        parts += [line(x, top, x, bottom, "grid"), label(x, bottom + 16, number(tick), anchor="middle", kind="small")]
    return [*parts, label((scale.start + scale.end) / 2, bottom + 36, title, anchor="middle")]


def axis_beside(scale: Scale, left: float, right: float, title: str) -> list[str]:
    """An axis along the left with lines to the right, and its title above."""
    parts = []
    for tick in scale.ticks():
        y = scale.at(tick)
        parts += [line(left, y, right, y, "grid"), label(left - 8, y + 4, number(tick), anchor="end", kind="small")]
    return [*parts, label(4, min(scale.start, scale.end) - 14, title)]


def shortened(text: str, width: float) -> str:
    """The beginning of a text that has room in so many pixels."""
    used = 0
    for place, letter in enumerate(text):
        used += 2 if east_asian_width(letter) in "WF" else 1
        if used > width / _LETTER:
            return text[: max(place - 1, 0)].rstrip() + "…"
    return text


def _round_step(least: float) -> float:
    """The next larger of 1, 2 and 5 times a power of ten."""
    power = 10.0 ** floor(log10(least))
    return next((times * power for times in (1, 2, 5) if times * power >= least * (1 - 1e-9)), 10 * power)
