"""References and predictions: one value per item, checked, and predictions in the order of the references."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Generic, Protocol, TypeVar

from podium.metrics.reading.problems import Problems, shown
from podium.metrics.reading.tables import Column, Table, read_table
from podium.rules.errors import Problem

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Read(Generic[T]):
    """What a file held, or None and what is wrong with it; `total` counts the problems beyond the listed ones too."""

    value: T | None
    problems: tuple[Problem, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Gold:
    """The values of references as a task type understands them.

    `labels` are all labels there are, in order; `form` says which of several forms was used; `parts` are further
    columns. `open_labels` makes any other label of a prediction a wrong answer, and not a mistake in the file.
    """

    values: Sequence[object]
    labels: tuple[str, ...] = ()
    form: str = ""
    open_labels: bool = False
    parts: Mapping[str, Sequence[object]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class References:
    """What is right. `clusters` and `languages` name each item's, where the file has the column."""

    ids: Sequence[str]
    gold: Gold
    clusters: Sequence[str] | None
    languages: Sequence[str] | None

    def __len__(self) -> int:
        return len(self.ids)

    def opened(self) -> References:
        """The same where models may answer with labels that are none, such as sentences: those are wrong answers."""
        return replace(self, gold=replace(self.gold, open_labels=True))

    def digest(self) -> str:
        """Changes with the items or their order, so that scores of other items are not taken for these."""
        return sha256("\n".join(self.ids).encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Predictions:
    """What a model said, in the order of the references."""

    values: Sequence[object]
    parts: Mapping[str, Sequence[object]] = field(default_factory=dict)


class Reader(Protocol):
    """What a task type does with the columns of a file. Problems go to `problems`, with `table.lines`."""

    def gold(self, table: Table, problems: Problems) -> Gold:
        """The values of references, one per row."""

    def answers(self, table: Table, rows: Sequence[int], references: References, problems: Problems, /) -> Predictions:
        """The values of predictions; `rows[i]` is the row of the table that speaks of item i of the references."""


def read_references(reader: Reader, fields: Sequence[Column], content: bytes, name: str) -> Read[References]:
    """References from a file; `fields` begin with the column of ids."""
    problems = Problems(name)
    table = _table(content, name, fields, problems)
    if table is None:
        return Read(None, problems.listed(), problems.total)
    ids = _ids(table, problems)
    clusters, languages = (_names(table, column, problems) for column in ("cluster", "language"))
    gold = reader.gold(table, problems)
    value = References(ids, gold, clusters, languages) if not problems.total else None
    return Read(value, problems.listed(), problems.total)


def read_predictions(
    reader: Reader, fields: Sequence[Column], content: bytes, name: str, references: References
) -> Read[Predictions]:
    """Predictions from a file, one for each item of the references, else problems."""
    problems = Problems(name)
    table = _table(content, name, fields, problems)
    if table is None:
        return Read(None, problems.listed(), problems.total)
    ids = _ids(table, problems)
    rows = _matched(ids, table, references, problems)
    if rows is None:
        # Whatever can be matched is looked at all the same: all problems at once, not one kind per try.
        known = {each: number for number, each in enumerate(references.ids)}
        some = [(known[each], row) for row, each in enumerate(ids) if each in known]
        part = _part(references, [number for number, _ in some])
        reader.answers(table, [row for _, row in some], part, problems)
        return Read(None, problems.listed(), problems.total)
    value = reader.answers(table, rows, references, problems)
    return Read(None if problems.total else value, problems.listed(), problems.total)


def text_value(value: object) -> str | None:
    """A name or label: text, or a whole number or truth value of JSON as text; None for anything else."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else None


def texts_of(column: Sequence[object]) -> list[str]:
    """`text_value` of each, empty where there is none."""
    return [value.strip() if type(value) is str else text_value(value) or "" for value in column]


def _table(content: bytes, name: str, fields: Sequence[Column], problems: Problems) -> Table | None:
    table = read_table(content, name, fields, problems)
    if table is None:
        return None
    if not len(table):
        if not problems.total:
            problems.add("empty", "The file has no items.")
        return None
    for wanted in fields:
        if getattr(wanted, "required", True) and wanted.name not in table.columns:
            names = ", ".join((wanted.name, *wanted.aliases))
            problems.add("column-missing", f"There is no column {wanted.name}.", table.lines[0], f"Call it {names}.")
    missing = any(problem.code == "column-missing" for problem in problems.listed())
    return None if missing else table


def _ids(table: Table, problems: Problems) -> list[str]:
    column = table.columns["id"]
    ids = texts_of(column)
    if len(set(ids)) == len(ids) and "" not in ids:
        return ids
    seen: dict[str, int] = {}
    for number, each in enumerate(ids):
        line = table.lines[number]
        if not each:
            problems.add("id-missing", f"There is no id, but {shown(column[number])}.", line, "Name the item.")
        elif each in seen:
            problems.add(
                "duplicate-id", f"The item {shown(each)} stands here again.", line, f"It was on line {seen[each]}."
            )
        seen.setdefault(each, line)
    return ids


def _names(table: Table, column: str, problems: Problems) -> list[str] | None:
    if column not in table.columns:
        return None
    values = [text_value(value) or "" for value in table.columns[column]]
    if "" in values:
        for number, value in enumerate(values):
            if not value:
                problems.add(
                    f"{column}-missing",
                    f"The item has no {column}.",
                    table.lines[number],
                    f"Give every item a {column}, or none.",
                )
    return values


def _matched(ids: Sequence[str], table: Table, references: References, problems: Problems) -> Sequence[int] | None:
    if len(ids) == len(references) and ids == references.ids:
        return range(len(ids))
    before = problems.total
    rows = {each: number for number, each in enumerate(ids)}
    known = set(references.ids)
    for number, each in enumerate(ids):
        if each and each not in known:
            problems.add("unknown-id", f"There is no item {shown(each)}.", table.lines[number], "Leave it out.")
    for each in references.ids:
        if each not in rows:
            problems.add(
                "missing-prediction", f"The item {shown(each)} has no prediction.", None, "Every item needs one."
            )
    if problems.total > before or len(rows) != len(ids):
        return None
    return [rows[each] for each in references.ids]


def _part(references: References, numbers: Sequence[int]) -> References:
    part = replace(references.gold, values=[references.gold.values[number] for number in numbers], parts={})
    return References([references.ids[number] for number in numbers], part, None, None)
