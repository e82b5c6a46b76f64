"""Dates as people write them in a bundle. Without a zone they are UTC; the day comes from the order of the parts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_NAME = r"(?P<name>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_TIME = (
    r"(?:(?:\s*,?\s+|T)(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"\s*(?P<half>[ap]m)?\s*(?P<zone>z|utc|gmt|[+-]\d{1,2}(?::?\d{2})?)?)?"
)
_FORMS = tuple(
    re.compile(form + _TIME, re.IGNORECASE | re.ASCII)
    for form in (
        r"(?P<year>\d{4})(?P<s>[-/.])(?P<month>\d{1,2})(?P=s)(?P<day>\d{1,2})",
        r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})",
        r"(?P<first>\d{1,2})(?P<s>[-/.])(?P<second_part>\d{1,2})(?P=s)(?P<year>\d{4})",
        _MONTH_NAME + r"\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<year>\d{4})",
        r"(?P<day>\d{1,2})(?:st|nd|rd|th)?[\s-]+" + _MONTH_NAME + r",?[\s-]+(?P<year>\d{4})",
    )
)
_LONGEST = 64
_EARLIEST_YEAR = 1970


@dataclass(frozen=True)
class Moment:
    """A date in UTC; `note` says how it was understood where it could mean another day."""

    value: datetime
    note: str = ""


def read_moment(text: str) -> Moment:
    """The moment that `text` names. Raises ValueError with a sentence that says what is wrong with it.

    Understood: ISO 8601 with or without time and offset, `20240131`, English month names, and numbers like
    `8-7-2019`, which are month-first. A date alone is its first instant.
    """
    text = text.strip()
    match = next((found for form in _FORMS if (found := form.fullmatch(text))), None) if len(text) <= _LONGEST else None
    if match is None:
        raise ValueError("it is not a date that can be read")
    parts = match.groupdict()
    month, day, note = _month_and_day(parts)
    if int(parts["year"]) < _EARLIEST_YEAR:
        raise ValueError(f"the year is before {_EARLIEST_YEAR}")
    hour = _hour(parts)
    microsecond = int((parts["fraction"] or "0")[:6].ljust(6, "0"))
    try:
        local = datetime(
            int(parts["year"]),
            month,
            day,
            hour % 24,
            int(parts["minute"] or 0),
            int(parts["second"] or 0),
            microsecond,
            tzinfo=_zone(parts["zone"]),
        )
        return Moment(local.astimezone(UTC) + timedelta(days=hour // 24), note)
    except OverflowError as failure:
        raise ValueError("the year is out of range") from failure
    except ValueError as failure:
        raise ValueError(f"there is no such day or time ({failure})") from failure


def _month_and_day(parts: dict[str, str | None]) -> tuple[int, int, str]:
    if parts.get("name"):
        return _MONTHS.index(str(parts["name"]).lower()) + 1, int(parts["day"] or 0), ""
    if parts.get("month"):
        return int(parts["month"] or 0), int(parts["day"] or 0), ""
    first, second = int(parts["first"] or 0), int(parts["second_part"] or 0)
    year = parts["year"]
    if first > len(_MONTHS) >= second:
        return second, first, f"is read day-first, as {year}-{second:02}-{first:02}, because there is no month {first}"
    if second <= len(_MONTHS) and first != second:
        return first, second, f"is ambiguous and is read month-first, as {year}-{first:02}-{second:02}"
    return first, second, ""


def _hour(parts: dict[str, str | None]) -> int:
    hour = int(parts["hour"] or 0)
    half = (parts["half"] or "").lower()
    if not half:
        if hour > 24 or (hour == 24 and any(int(parts[part] or 0) for part in ("minute", "second", "fraction"))):
            raise ValueError("there is no time after 24:00")
        return hour
    if not 1 <= hour <= 12:
        raise ValueError("am and pm go with hours from 1 to 12")
    return hour % 12 + (12 if half == "pm" else 0)


def _zone(text: str | None) -> timezone:
    if text is None or text.lower() in ("z", "utc", "gmt"):
        return UTC
    digits = text[1:].replace(":", "")
    # "+2" and "+02" are hours, "+0230" and "+230" are hours and minutes.
    hours, minutes = (int(digits), 0) if len(digits) <= 2 else (int(digits[:-2]), int(digits[-2:]))
    if minutes > 59:
        raise ValueError("the offset has more than 59 minutes")
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if text[0] == "-" else offset)
