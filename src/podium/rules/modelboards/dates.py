"""Days as people write them beside a result: `Sep 2024`, `Oct-2024`, `2024-09`, `2024-09-30`."""

from __future__ import annotations

import re
from calendar import month_abbr, month_name
from datetime import date

_MONTHS = {name.lower(): number for number, name in enumerate(month_name) if name} | {
    name.lower(): number for number, name in enumerate(month_abbr) if name
}
_MONTHS["sept"] = 9
_NAMED = re.compile(r"(?P<month>[a-z]{3,9})\.?[\s\-/,]+(?P<year>\d{4})", re.IGNORECASE)
_NAMED_WITH_DAY = re.compile(r"(?P<month>[a-z]{3,9})\.?\s+(?P<day>\d{1,2}),?\s+(?P<year>\d{4})", re.IGNORECASE)
_DAY_FIRST = re.compile(r"(?P<day>\d{1,2})[\s\-]+(?P<month>[a-z]{3,9})\.?[\s\-,]+(?P<year>\d{4})", re.IGNORECASE)
_ISO = re.compile(r"(?P<year>\d{4})(?:[-/](?P<month>\d{1,2})(?:[-/](?P<day>\d{1,2})(?:[T ].*)?)?)?")


def read_date(text: str) -> date | None:
    """The day that a text names; the first one of a month or year. None where it names none.

    >>> read_date("Sep 2024"), read_date("Oct-2024"), read_date("2024-09"), read_date("soon")
    (datetime.date(2024, 9, 1), datetime.date(2024, 10, 1), datetime.date(2024, 9, 1), None)
    """
    for form in (_ISO, _NAMED, _NAMED_WITH_DAY, _DAY_FIRST):
        found = form.fullmatch(text.strip())
        if found is None:
            continue
        parts = found.groupdict()
        month = parts["month"] or "1"
        number = int(month) if month.isdecimal() else _MONTHS.get(month.lower(), 0)
        try:
            return date(int(parts["year"]), number, int(parts.get("day") or 1))
        except ValueError:
            return None
    return None
