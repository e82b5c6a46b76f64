"""Answers as text: one or several right ones per item, and one from the model."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

from podium.metrics.reading.items import Gold, Predictions, References
from podium.metrics.reading.problems import Problems, shown
from podium.metrics.reading.tables import Table


@dataclass(frozen=True, slots=True)
class TextsReader:
    """Reads the right answers from one column and the model's from another.

    `may_be_empty`: a question may have no answer, in references as in predictions. `numbers` names further columns of
    the references with a number each, or none.
    """

    gold_column: str
    answer_column: str
    may_be_empty: bool = False
    numbers: tuple[str, ...] = ()

    def gold(self, table: Table, problems: Problems) -> Gold:
        values = []
        for number, value in enumerate(table.columns[self.gold_column]):
            answers = several_texts(value)
            if answers is None or not (answers or self.may_be_empty):
                problems.add(
                    "wrong-type",
                    f"The {self.gold_column} are {shown(value)}.",
                    table.lines[number],
                    "Write a text, or a list of texts.",
                )
            values.append(answers or [])
        parts = {name: self._numbers(name, table, problems) for name in self.numbers if name in table.columns}
        return Gold(values, parts=parts)

    def answers(self, table: Table, rows: Sequence[int], _references: References, problems: Problems) -> Predictions:
        column = table.columns[self.answer_column]
        values = [value if type(value) is str else self._text(value) for value in column]
        if None in values:
            for number, value in enumerate(values):
                if value is None:
                    problems.add(
                        "wrong-type",
                        f"The {self.answer_column} is {shown(column[number])}.",
                        table.lines[number],
                        "Write a text.",
                    )
        return Predictions([values[row] for row in rows])

    def _text(self, value: object) -> str | None:
        if value is None and self.may_be_empty:
            return ""
        return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else None

    @staticmethod
    def _numbers(name: str, table: Table, problems: Problems) -> list[float | None]:
        found: list[float | None] = []
        for number, value in enumerate(table.columns[name]):
            try:
                known = None if value in (None, "") else float(str(value))
            except ValueError:
                known = float("nan")
            if known is not None and not (isfinite(known) and known >= 0):
                problems.add(
                    "not-a-number", f"The {name} is {shown(value)}.", table.lines[number], "Write a number from 0 on."
                )
            found.append(known)
        return found


def several_texts(value: object) -> list[str] | None:
    """A text, or a list of texts (in CSV as JSON), or SQuAD's `{"text": [...]}`; None for anything else.

    Nothing, or an empty text, is no answer.
    """
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return [str(value)]
    if isinstance(value, dict):
        value = value.get("text", False)
    if value is None or value == "":
        return []
    if isinstance(value, int | float) and not isinstance(value, bool):
        return [str(value)]
    if isinstance(value, str):
        return [value]
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return [each for each in value if each]
    return None
