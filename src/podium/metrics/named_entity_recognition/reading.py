"""Tags and spans from files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import cast

from podium.metrics.named_entity_recognition.entities import (
    Mention,
    Span,
    are_mentions,
    lists_of_entities,
    read_mentions,
    read_spans,
)
from podium.metrics.reading.items import Gold, Predictions, References
from podium.metrics.reading.problems import Problems, shown
from podium.metrics.reading.tables import Table

STARTING, INSIDE = frozenset("BSU"), frozenset("IELM")
"""Letters before the hyphen of a tag; S, U, E and L also end an entity."""


class _Reader:
    def gold(self, table: Table, problems: Problems) -> Gold:
        if "tags" in table.columns:
            tags = _tags(table, problems)
            return Gold(tags, _types_of_tags(tags), "tags")
        if "entities" not in table.columns:
            problems.add(
                "column-missing", "There is neither tags nor entities.", table.lines[0], "Write one of the two."
            )
            return Gold([])
        texts = table.columns.get("text")
        lengths = [_length(text) for text in texts or ()]
        lists = lists_of_entities(table, problems)
        if are_mentions(lists):
            mentions = read_mentions(lists, table, problems)
            return Gold(mentions, tuple(sorted({label for row in mentions for _, label in row})), "mentions")
        spans = read_spans(lists, table, problems, lengths if texts else [None] * len(table))
        labels = tuple(sorted({label for row in spans for _, _, label in row}))
        return Gold(spans, labels, "spans", parts={"length": lengths})

    def answers(self, table: Table, rows: Sequence[int], references: References, problems: Problems) -> Predictions:
        form = references.gold.form
        column = "tags" if form == "tags" else "entities"
        if column not in table.columns:
            problems.add(
                "column-missing",
                f"There is no column {column}.",
                table.lines[0],
                "Predictions have the form of references.",
            )
            return Predictions([])
        if form == "tags":
            tags = _tags(table, problems)
            _known(table, ([*_types_of_tags([row])] for row in tags), references, problems)
            _as_long(tags, rows, references, table, problems)
            return Predictions([tags[row] for row in rows])
        lists = lists_of_entities(table, problems)
        found: Sequence[Sequence[Span | Mention]]
        if form == "mentions":
            found = read_mentions(lists, table, problems)
        else:
            found = read_spans(lists, table, problems, _lengths(table, rows, references))
        _known(table, ([entity[-1] for entity in row] for row in found), references, problems)
        return Predictions([found[row] for row in rows])


READER = _Reader()


def _known(table: Table, rows: Iterable[Sequence[str]], references: References, problems: Problems) -> None:
    if references.gold.open_labels:
        return
    known = set(references.gold.labels)
    for number, labels in enumerate(rows):
        for label in sorted(set(labels) - known):
            problems.add(
                "wrong-label",
                f"There is no entity type {shown(label)}.",
                table.lines[number],
                f"Types are {', '.join(references.gold.labels[:20])}.",
            )


def _as_long(
    tags: Sequence[Sequence[str]], rows: Sequence[int], references: References, table: Table, problems: Problems
) -> None:
    for row, gold in zip(rows, cast("Sequence[Sequence[str]]", references.gold.values), strict=True):
        if len(tags[row]) != len(gold):
            problems.add(
                "tags-uneven",
                f"There are {len(tags[row])} tags for {len(gold)} tokens.",
                table.lines[row],
                "Every token needs one tag.",
            )


def _lengths(table: Table, rows: Sequence[int], references: References) -> list[int | None]:
    lengths: list[int | None] = [None] * len(table)
    known = references.gold.parts.get("length")
    for row, length in zip(rows, known or (), strict=False):
        lengths[row] = length if isinstance(length, int) else None
    return lengths


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
