"""Entities from files: spans of the text, or what they are called, each with its type."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise

from podium.metrics.reading.problems import Problems, shown
from podium.metrics.reading.tables import Table

Span = tuple[int, int, str]
"""Start, end (after the last character) and type."""
Mention = tuple[str, str]
"""The words of a name and its type."""


def lists_of_entities(table: Table, problems: Problems) -> list[list[object]]:
    """The lists of all rows, whatever is in them; in CSV they are JSON, or nothing."""
    rows: list[list[object]] = []
    for number, value in enumerate(table.columns["entities"]):
        found = value
        if isinstance(value, str):
            try:
                found = json.loads(value) if value.strip() else []
            except (ValueError, RecursionError):
                found = None
        if not isinstance(found, list):
            problems.add(
                "wrong-type",
                f"The entities are {shown(value)}.",
                table.lines[number],
                "Write a list of entities, which may be empty.",
            )
        rows.append(found if isinstance(found, list) else [])
    return rows


def are_mentions(rows: Sequence[Sequence[object]]) -> bool:
    """Whether the first entity there is says what it is called, and not where it is."""
    first = next((each for row in rows for each in row), None)
    if isinstance(first, dict):
        return "text" in first and "start" not in first
    return isinstance(first, list) and len(first) == 2


def read_spans(
    rows: Sequence[Sequence[object]], table: Table, problems: Problems, lengths: Sequence[int | None]
) -> list[list[Span]]:
    """Spans by their start; `lengths` are those of the texts, where they are known."""
    read: list[list[Span]] = []
    for number, row in enumerate(rows):
        found = []
        for each in row:
            span = _span(each, lengths[number])
            if isinstance(span, str):
                problems.add(
                    "span-malformed",
                    f"The span {shown(each)} {span}.",
                    table.lines[number],
                    "Write start, end and label.",
                )
            else:
                found.append(span)
        found.sort()
        for before, after in pairwise(found):
            if after[0] < before[1]:
                problems.add(
                    "span-overlap",
                    f"The spans {before[0]} to {before[1]} and {after[0]} to {after[1]} overlap.",
                    table.lines[number],
                    "Keep one of them: entities do not overlap here.",
                )
        read.append(found)
    return read


def read_mentions(rows: Sequence[Sequence[object]], table: Table, problems: Problems) -> list[list[Mention]]:
    """Names with single spaces between their words; the same name may come several times."""
    read: list[list[Mention]] = []
    for number, row in enumerate(rows):
        found = []
        for each in row:
            parts = [each.get("text"), each.get("label", each.get("type"))] if isinstance(each, dict) else each
            if isinstance(parts, list) and len(parts) == 2 and all(isinstance(part, str) and part for part in parts):
                found.append((" ".join(parts[0].split()), parts[1]))
            else:
                problems.add(
                    "entity-malformed",
                    f"The entity {shown(each)} is no name with a type.",
                    table.lines[number],
                    'Write entities like ["Ann Lee", "PER"].',
                )
        read.append(found)
    return read


def _span(value: object, length: int | None) -> Span | str:
    """The span, or what is wrong with it."""
    if isinstance(value, dict):
        value = [value.get("start"), value.get("end"), value.get("label", value.get("type"))]
    if not isinstance(value, list) or len(value) != 3:
        return "has not three parts"
    start, end, label = value
    if type(start) is not int or type(end) is not int:
        return "does not start and end with whole numbers"
    if not 0 <= start < end:
        return "is empty or begins before the text"
    if length is not None and end > length:
        return f"ends after the text, which has {length} characters"
    if end >= 1 << 31:
        return "is too far out"
    return (start, end, label) if isinstance(label, str) and label else "has no label"
