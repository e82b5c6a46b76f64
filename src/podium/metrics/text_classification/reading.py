"""Labels and probabilities from files."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from math import isfinite

from podium.metrics.reading.items import Gold, Predictions, References, texts_of
from podium.metrics.reading.problems import Problems, shown
from podium.metrics.reading.tables import Table

MOST_LABELS = 1000
_COLUMN = "probability:"
_TOLERANCE = 1e-3


class _Reader:
    def gold(self, table: Table, problems: Problems) -> Gold:
        values = _labels(table.columns["label"], table, problems)
        labels = tuple(sorted(set(values)))
        if len(labels) > MOST_LABELS:
            problems.add(
                "labels-too-many", f"There are {len(labels)} labels.", None, f"At most {MOST_LABELS} can be compared."
            )
        return Gold(values, labels)

    def answers(self, table: Table, rows: Sequence[int], references: References, problems: Problems) -> Predictions:
        labels = references.gold.labels
        values = _labels(table.columns["label"], table, problems)
        wrong = set(values) - set(labels) - {""}
        if wrong and not references.gold.open_labels:
            known = ", ".join(labels[:20]) + (", ..." if len(labels) > 20 else "")
            for number, value in enumerate(values):
                if value in wrong:
                    problems.add(
                        "wrong-label", f"There is no label {shown(value)}.", table.lines[number], f"Labels are {known}."
                    )
        found = _probabilities(table, labels, problems)
        parts = {} if problems.total else {name: _ordered(column, rows) for name, column in found.items()}
        return Predictions(_ordered(values, rows), parts)


READER = _Reader()


def _ordered(values: Sequence[object], rows: Sequence[int]) -> Sequence[object]:
    return values if isinstance(rows, range) else [values[row] for row in rows]


def _labels(column: Sequence[object], table: Table, problems: Problems) -> list[str]:
    values = texts_of(column)
    if "" in values:
        for number, value in enumerate(values):
            if not value:
                problems.add(
                    "wrong-type",
                    f"The label is {shown(column[number])}.",
                    table.lines[number],
                    "A label is text or a whole number.",
                )
    return values


def _probabilities(table: Table, labels: Sequence[str], problems: Problems) -> dict[str, list[float]]:
    """The probabilities of each label in the order of the table; empty where the file has none."""
    if "probabilities" in table.columns:
        rows = [_mapping(value) for value in table.columns["probabilities"]]
        columns: dict[str, Sequence[object]] = {
            label: [None if row is None else row.get(label) for row in rows] for label in labels
        }
        strange = {key for row in rows if row is not None for key in row} - set(labels)
    else:
        named = {name.removeprefix(_COLUMN): name for name in table.columns if name.startswith(_COLUMN)}
        if not named:
            return {}
        columns = {label: table.columns.get(f"{_COLUMN}{label}", [None] * len(table)) for label in labels}
        strange = named.keys() - set(labels)
    if strange:
        word = shown(min(strange))
        problems.add("wrong-label", f"There are probabilities of {word}, which is no label.", None, "Leave them out.")
    found = {label: [_number(value) for value in column] for label, column in columns.items()}
    for number, every in enumerate(zip(*found.values(), strict=True)):
        if not all(0 <= each <= 1 for each in every):
            problems.add(
                "wrong-probability",
                "A label has no probability between 0 and 1.",
                table.lines[number],
                "Give every label a finite number from 0 to 1.",
            )
        elif abs(sum(every) - 1) > _TOLERANCE:
            problems.add(
                "wrong-probability",
                f"The probabilities sum to {sum(every):.6g}.",
                table.lines[number],
                "They must sum to 1.",
            )
    return found


def _mapping(value: object) -> Mapping[str, object] | None:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return None
    return value if isinstance(value, dict) else None


def _number(value: object) -> float:
    """The number, or -1 where there is none."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return -1.0
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return -1.0
    return number if isfinite(number) else -1.0
