"""The end of a phase's window, as people write it: [start, end), where a date alone may be the last day."""

from __future__ import annotations

from datetime import datetime, timedelta

from podium.rules.bundle.nodes import Scalar
from podium.rules.bundle.section import Section


def read_end(section: Section, key: str, start: datetime | None) -> datetime | None:
    """The end that the key gives, in UTC; None where there is none.

    A date alone is its first instant, as everywhere, unless it is the day on which the phase starts: a phase that ends
    before it has begun is never meant, so that it is open until the end of that day, with a note.
    """
    end = section.moment(key)
    if start is None or end is None or end > start or end.date() != start.date() or not _is_date_alone(section, key):
        return end
    message = f"{section.named(key)} is the day of the start: the phase is open until the end of that day."
    section.findings.note("phase-one-day", message, section.mark(key), "Write the day after it to be sure.")
    return end + timedelta(days=1)


def _is_date_alone(section: Section, key: str) -> bool:
    node = section.node(key)
    return isinstance(node, Scalar) and ":" not in node.text
