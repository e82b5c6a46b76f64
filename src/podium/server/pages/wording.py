"""How moments, durations, sizes and counts are written on pages.

Templates get these strings ready-made. A moment is a <time> element with the absolute time as its text; `times.js`
turns it into a relative one.
"""

from __future__ import annotations

from datetime import UTC, datetime

from django.utils.html import format_html
from django.utils.safestring import SafeString

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_STEPS = ((86400, "day"), (3600, "h"), (60, "min"), (1, "s"))


def moment_text(moment: datetime) -> str:
    """`18 Nov 2026, 22:10 UTC`."""
    there = moment.astimezone(UTC)
    return f"{there.day} {_MONTHS[there.month - 1]} {there.year}, {there:%H:%M} UTC"


def at(moment: datetime) -> SafeString:
    """The moment, absolute for every reader."""
    return format_html('<time datetime="{}">{}</time>', _iso(moment), moment_text(moment))


def ago(moment: datetime) -> SafeString:
    """The moment, shown relative to now where JavaScript runs."""
    # Both texts are ours, and a board has a hundred of them.
    return SafeString(f'<time datetime="{_iso(moment)}" data-ago>{moment_text(moment)}</time>')


def since(moment: datetime, now: datetime) -> SafeString:
    """The time that has passed since the moment; it goes on counting where JavaScript runs."""
    passed = max((now - moment).total_seconds(), 0.0)
    return format_html('<time datetime="{}" data-since>{}</time>', _iso(moment), duration(passed))


def window(start: datetime, end: datetime | None) -> SafeString:
    """From when to when, as `1 Nov 2026, 00:00 UTC to 1 Dec 2026, 00:00 UTC`."""
    if end is None:
        return format_html("from {}, without an end", at(start))
    return format_html("{} to {}", at(start), at(end))


def duration(seconds: float) -> str:
    """`0.4 s`, `41 s`, `3 min 20 s`, `2 h 5 min`, `3 days 4 h`: the two largest units, tenths below ten seconds."""
    if seconds < 9.95:
        return f"{max(seconds, 0.0):.1f} s"
    whole = round(seconds)
    first = next(index for index, (unit, _) in enumerate(_STEPS) if whole >= unit)
    said = []
    for unit, name in _STEPS[first : first + 2]:
        count, whole = divmod(whole, unit)
        if count:
            said.append(f"{count} {name}s" if name == "day" and count != 1 else f"{count} {name}")
    return " ".join(said)


def size(size_bytes: int) -> str:
    """Bytes in MB; below a tenth of one, in kB, and below one kB as they are."""
    if size_bytes < 1000:
        return counted(size_bytes, "byte")
    if size_bytes < 100_000:
        return f"{size_bytes / 1000:.1f} kB"
    if size_bytes < 10_000_000_000:
        return f"{size_bytes / 1_000_000:,.1f} MB"
    return f"{size_bytes / 1_000_000_000:,.1f} GB"


def counted(count: int, one: str, many: str = "") -> str:
    """`1 participant`, `2 participants`, `1,204 participants`."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"


def ordinal(number: int) -> str:
    """`1st`, `2nd`, `3rd`, `4th`, `11th`, `1,021st`."""
    ending = "th" if number % 100 in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number:,}{ending}"


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
