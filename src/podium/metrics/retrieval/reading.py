"""Grades and rankings from files."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from math import isfinite

from podium.metrics.reading.items import Gold, Predictions, References, text_value
from podium.metrics.reading.problems import Problems, shown
from podium.metrics.reading.tables import Table

MOST_RANKED = 10_000


class _Reader:
    def gold(self, table: Table, problems: Problems) -> Gold:
        values = []
        for number, value in enumerate(table.columns["relevant"]):
            grades = _grades(_parsed(value))
            if isinstance(grades, str):
                problems.add("wrong-type", f"The documents {grades}: {shown(value)}.", table.lines[number], _HOW)
                grades = {}
            elif not any(grade > 0 for grade in grades.values()):
                problems.add(
                    "nothing-relevant",
                    "No document helps with this query.",
                    table.lines[number],
                    "Leave the query out: nothing could be found.",
                )
            values.append(grades)
        return Gold(values)

    def answers(self, table: Table, rows: Sequence[int], _references: References, problems: Problems) -> Predictions:
        values = []
        for number, value in enumerate(table.columns["ranking"]):
            ranking = _ranking(_parsed(value))
            if isinstance(ranking, str):
                problems.add("wrong-type", f"The ranking {ranking}: {shown(value)}.", table.lines[number], _HOW)
                ranking = []
            elif len(set(ranking)) < len(ranking):
                twice = Counter(ranking).most_common(1)[0][0]
                problems.add(
                    "duplicate-document",
                    f"The document {shown(twice)} is ranked twice.",
                    table.lines[number],
                    "Rank each document once.",
                )
            values.append(ranking)
        return Predictions([values[row] for row in rows])


READER = _Reader()
_HOW = "Write a list of ids, or an object of ids and numbers."


def _parsed(value: object) -> object:
    if not isinstance(value, str):
        return value
    if value.lstrip()[:1] in {"[", "{"}:
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return None
    return value.split()


def _grades(value: object) -> dict[str, int] | str:
    """Grades by document, or what is wrong."""
    if isinstance(value, dict):
        if all(type(grade) is int and grade >= 0 for grade in value.values()):
            return value
        return "have grades that are no whole numbers from 0 on"
    ids = _ids(value)
    return "are no list" if ids is None else dict.fromkeys(ids, 1)


def _ranking(value: object) -> list[str] | str:
    """Documents in order, or what is wrong. Equal scores are ordered as trec_eval does, by falling id."""
    if isinstance(value, dict):
        if len(value) > MOST_RANKED:
            return f"has more than {MOST_RANKED} documents"
        if not all(type(score) in {int, float} and isfinite(score) for score in value.values()):
            return "has scores that are no finite numbers"
        return sorted(sorted(value, reverse=True), key=lambda document: -value[document])
    ids = _ids(value)
    if ids is None:
        return "is no list"
    return f"has more than {MOST_RANKED} documents" if len(ids) > MOST_RANKED else ids


def _ids(value: object) -> list[str] | None:
    if not isinstance(value, list):
        return None
    ids = [text_value(each) for each in value]
    return [each for each in ids if each] if all(ids) else None
