"""Tags and spans from files."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import chain, pairwise

from podium.metrics.reading.items import Gold, Predictions, References
from podium.metrics.reading.problems import Problems, shown
from podium.metrics.reading.tables import Table

STARTING, INSIDE = frozenset("BSU"), frozenset("IELM")
"""Letters before the hyphen of a tag; S, U, E and L also end an entity."""
Span = tuple[int, int, str]


class _Reader:
    def gold(self, table: Table, problems: Problems) -> Gold:
        if "tags" in table.columns:
            tags = _tags(table, problems)
            return Gold(tags, _types_of_tags(tags), "tags")
        if "entities" in table.columns:
            texts = table.columns.get("text")
            spans = _spans(table, problems, None if texts is None else [_length(text) for text in texts])
            labels = sorted({label for row in spans for _, _, label in row})
            return Gold(spans, tuple(labels), "entities", {"length": [_length(text) for text in texts or ()]})
        problems.add("column-missing", "There is neither tags nor entities.", table.lines[0], "Write one of the two.")
        return Gold([])

    def answers(self, table: Table, rows: Sequence[int], references: References, problems: Problems) -> Predictions:
        form = references.gold.form
        if form not in table.columns:
            problems.add(
                "column-missing",
                f"There is no column {form}.",
                table.lines[0],
                "Predictions have the form of references.",
            )
            return Predictions([])
        if form == "tags":
            tags = _tags(table, problems)
            _known(_types_of_tags(tags), references, problems, ((row, _types_of_tags([row])) for row in tags), table)
            for row, gold in zip(rows, references.gold.values, strict=True):
                if len(tags[row]) != len(gold):  # type: ignore[arg-type]
                    problems.add(
                        "tags-uneven",
                        f"There are {len(tags[row])} tags for {len(gold)} tokens.",  # type: ignore[arg-type]
                        table.lines[row],
                        "Every token needs one tag.",
                    )
            return Predictions([tags[row] for row in rows])
        lengths: list[int | None] = [None] * len(table)
        known = references.gold.parts.get("length")
        if known:
            for row, length in zip(rows, known, strict=True):
                lengths[row] = length if isinstance(length, int) else None
        spans = _spans(table, problems, lengths)
        types = {label for row in spans for _, _, label in row}
        _known(types, references, problems, ((row, [label for _, _, label in row]) for row in spans), table)
        return Predictions([spans[row] for row in rows])


READER = _Reader()


def _known(
    types: Iterable[str],
    references: References,
    problems: Problems,
    rows: Iterable[tuple[object, Iterable[str]]],
    table: Table,
) -> None:
    wrong = set(types) - set(references.gold.labels)
    if not wrong:
        return
    for number, (_, labels) in enumerate(rows):
        for label in sorted(wrong.intersection(labels)):
            problems.add(
                "wrong-label",
                f"There is no entity type {shown(label)}.",
                table.lines[number],
                f"Types are {', '.join(references.gold.labels[:20])}.",
            )


def _length(text: object) -> int | None:
    return len(text) if isinstance(text, str) else None


def _types_of_tags(rows: Iterable[Sequence[str]]) -> tuple[str, ...]:
    return tuple(sorted({tag.partition("-")[2] for tag in set(chain.from_iterable(rows)) if tag != "O"}))


def _tags(table: Table, problems: Problems) -> list[Sequence[str]]:
    column = table.columns["tags"]
    rows = [value if type(value) is list else value.split() if isinstance(value, str) else None for value in column]
    good: list[Sequence[str]] = []
    for number, row in enumerate(rows):
        sound = row is not None and all(type(tag) is str for tag in row)
        if not sound:
            problems.add(
                "wrong-type", f"The tags are {shown(column[number])}.", table.lines[number], "Write a list of texts."
            )
        good.append(row if sound and row is not None else [])
    wrong = {tag for tag in set(chain.from_iterable(good)) if not _is_tag(tag)}
    if wrong:
        for number, tags in enumerate(good):
            for tag in sorted(wrong.intersection(tags)):
                problems.add(
                    "wrong-tag",
                    f"{shown(tag)} is no tag.",
                    table.lines[number],
                    "Tags are O, or a letter of B I E S L U M, a hyphen and a type.",
                )
            if wrong.intersection(tags):
                good[number] = [tag if tag not in wrong else "O" for tag in tags]
    return good


def _is_tag(tag: str) -> bool:
    letter, hyphen, kind = tag.partition("-")
    return tag == "O" or bool(hyphen and kind and (letter in STARTING or letter in INSIDE))


def _spans(table: Table, problems: Problems, lengths: Sequence[int | None] | None) -> list[list[Span]]:
    rows: list[list[Span]] = []
    for number, value in enumerate(table.columns["entities"]):
        line = table.lines[number]
        found = []
        for each in _list(value, line, problems):
            span = _span(each, None if lengths is None else lengths[number])
            if isinstance(span, str):
                problems.add("span-malformed", f"The span {shown(each)} {span}.", line, "Write start, end and label.")
            else:
                found.append(span)
        found.sort()
        for before, after in pairwise(found):
            if after[0] < before[1]:
                problems.add(
                    "span-overlap",
                    f"The spans {before[0]} to {before[1]} and {after[0]} to {after[1]} overlap.",
                    line,
                    "Keep one of them: entities do not overlap here.",
                )
        rows.append(found)
    return rows


def _list(value: object, line: int, problems: Problems) -> list[object]:
    if isinstance(value, str):
        try:
            value = json.loads(value) if value.strip() else []
        except (ValueError, RecursionError):
            value = None
    if isinstance(value, list):
        return value
    problems.add("wrong-type", f"The entities are {shown(value)}.", line, "Write a list of spans, which may be empty.")
    return []


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
