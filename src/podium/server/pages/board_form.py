"""The form of the board editor: a row of fields for each column, and some for new ones."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass

from podium.rules.board.aggregate import MultiTaskRanking
from podium.rules.board.columns import Computation, Sorting
from podium.rules.board.submission_rules import SubmissionRule
from podium.rules.bundle.board_draft import MOST_COLUMNS, BoardDraft, ColumnDraft
from podium.rules.errors import UserError

_NEW_ROWS = 3
_RULES = {
    SubmissionRule.ADD: "Participants choose one, and cannot remove it (Add)",
    SubmissionRule.ADD_AND_DELETE: "Participants choose one (Add_And_Delete)",
    SubmissionRule.ADD_AND_DELETE_MULTIPLE: "Participants choose several (Add_And_Delete_Multiple)",
    SubmissionRule.FORCE_LAST: "The last one of each participant (Force_Last)",
    SubmissionRule.FORCE_LATEST_MULTIPLE: "All of them (Force_Latest_Multiple)",
    SubmissionRule.FORCE_BEST: "The best one of each participant (Force_Best)",
    SubmissionRule.BY_ORGANIZERS: "Organizers choose one of each participant (By_Organizers)",
}
_SEVERAL_TASKS = {
    MultiTaskRanking.MEAN: "The mean of each column",
    MultiTaskRanking.MEAN_RANK: "The mean of the ranks in each task",
    MultiTaskRanking.FIRST: "The first task",
}
_COMPUTATIONS = {
    "": "no: programs write it",
    Computation.AVERAGE.value: "mean",
    Computation.SUM.value: "sum",
    Computation.MINIMUM.value: "smallest",
    Computation.MAXIMUM.value: "largest",
    Computation.AVERAGE_RANK.value: "mean of ranks",
    Computation.RECIPROCAL_RANK.value: "mean of 1 / rank",
}
_DIRECTIONS = {Sorting.DESCENDING.value: "higher first", Sorting.ASCENDING.value: "lower first"}


@dataclass(frozen=True)
class Option:
    """One of the choices of a field."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True)
class ColumnFields:
    """The fields of a column, as texts; `new` is one that is not there yet, whose key can be chosen."""

    number: int
    new: bool
    place: str
    key: str
    title: str
    precision: str
    computed_from: str
    hidden: bool
    primary: bool
    removed: bool
    sorting: tuple[Option, ...]
    computation: tuple[Option, ...]


@dataclass(frozen=True)
class BoardFields:
    """All fields of the editor."""

    title: str
    hidden: bool
    rules: tuple[Option, ...]
    several_tasks: tuple[Option, ...]
    board_per_task: bool
    columns: tuple[ColumnFields, ...]


def fields_of(draft: BoardDraft) -> BoardFields:
    """The fields with what a leaderboard is."""
    columns = [_fields(number, draft, column) for number, column in enumerate(draft.columns)]
    count = len(columns)
    more = [
        _column_fields(count + number, {}, new=True, primary=False) for number in range(min(_NEW_ROWS, MOST_COLUMNS))
    ]
    return BoardFields(
        title=draft.title,
        hidden=draft.hidden,
        rules=_options({rule.value: label for rule, label in _RULES.items()}, draft.submission_rule),
        several_tasks=_options({way.value: label for way, label in _SEVERAL_TASKS.items()}, draft.multi_task_ranking),
        board_per_task=draft.board_per_task,
        columns=(*columns, *more),
    )


def sent_fields(sent: Mapping[str, str], count: int) -> BoardFields:
    """The fields with what was sent, however wrong it is."""
    return BoardFields(
        title=sent.get("title", ""),
        hidden="hidden" in sent,
        rules=_options({rule.value: label for rule, label in _RULES.items()}, sent.get("submission_rule", "")),
        several_tasks=_options(
            {way.value: label for way, label in _SEVERAL_TASKS.items()}, sent.get("multi_task_ranking", "")
        ),
        board_per_task="board_per_task" in sent,
        columns=tuple(
            _column_fields(
                number,
                {name.rpartition("-")[0]: text for name, text in sent.items() if name.endswith(f"-{number}")},
                new=f"new-{number}" in sent,
                primary=sent.get("primary") == str(number),
            )
            for number in range(count)
        ),
    )


def draft_of(fields: BoardFields) -> BoardDraft:
    """What the fields want; columns by their places, new ones without a key and a title left out.

    Raises:
        UserError: a field has no value that can be read.
    """
    kept = [each for each in fields.columns if not each.removed and not (each.new and not (each.key or each.title))]
    ordered = sorted(kept, key=lambda each: (whole_number(each.place or str(each.number + 1), "place"), each.number))
    primary = [each.key.strip() for each in ordered if each.primary]
    return BoardDraft(
        title=fields.title.strip(),
        hidden=fields.hidden,
        submission_rule=SubmissionRule(_chosen(fields.rules)),
        multi_task_ranking=MultiTaskRanking(_chosen(fields.several_tasks)),
        primary=primary[0] if primary else "",
        columns=tuple(_column(each) for each in ordered),
        board_per_task=fields.board_per_task,
    )


def row_count(sent: Mapping[str, str]) -> int:
    """How many rows of columns a form has.

    Raises:
        UserError: it is not a form of the editor.
    """
    count = whole_number(sent.get("rows", ""), "number of columns")
    if not 0 < count <= MOST_COLUMNS + _NEW_ROWS:
        raise _unreadable()
    return count


def _column(fields: ColumnFields) -> ColumnDraft:
    computation = _chosen(fields.computation)
    return ColumnDraft(
        key=fields.key.strip(),
        title=fields.title.strip(),
        sorting=Sorting(_chosen(fields.sorting)),
        precision=whole_number(fields.precision, f"number of decimals of {fields.title}"),
        hidden=fields.hidden,
        computation=Computation(computation) if computation else None,
        computed_from=_keys(fields.computed_from),
    )


def _fields(number: int, draft: BoardDraft, column: ColumnDraft) -> ColumnFields:
    sent = {
        "place": str(number + 1),
        "key": column.key,
        "title": column.title,
        "precision": str(column.precision),
        "from": _listed(column.computed_from),
        "sorting": column.sorting.value,
        "computation": column.computation.value if column.computation else "",
    }
    if column.hidden:
        sent["hidden"] = "on"
    return _column_fields(number, sent, new=False, primary=column.key == draft.primary)


def _column_fields(number: int, sent: Mapping[str, str], *, new: bool, primary: bool) -> ColumnFields:
    return ColumnFields(
        number=number,
        new=new,
        place=sent.get("place", str(number + 1)),
        key=sent.get("key", ""),
        title=sent.get("title", ""),
        precision=sent.get("precision", "2"),
        computed_from=sent.get("from", ""),
        hidden="hidden" in sent,
        primary=primary,
        removed="remove" in sent,
        sorting=_options(_DIRECTIONS, sent.get("sorting", Sorting.DESCENDING)),
        computation=_options(_COMPUTATIONS, sent.get("computation", "")),
    )


def _options(labels: Mapping[str, str], chosen: str) -> tuple[Option, ...]:
    return tuple(Option(value, label, value == chosen) for value, label in labels.items())


def _chosen(options: tuple[Option, ...]) -> str:
    found = [option.value for option in options if option.chosen]
    if not found:
        raise _unreadable()
    return found[0]


def _keys(text: str) -> tuple[str, ...]:
    """The keys in a line, with commas between them; one that has a comma in it stands in quotation marks."""
    (keys,) = list(csv.reader([text.replace("\n", " ").replace("\r", " ")], skipinitialspace=True)) or [[]]
    return tuple(key.strip() for key in keys if key.strip())


def _listed(keys: tuple[str, ...]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(keys)
    return line.getvalue().replace(",", ", ") if not any("," in key for key in keys) else line.getvalue()


def whole_number(text: str, called: str) -> int:
    """The number in a field; `called` is what the field is, in its message.

    Raises:
        UserError: it is none.
    """
    text = text.strip()
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise UserError("number-wrong", f'The {called} is "{text[:40]}", which is no whole number.', "Write a number.")
    return int(text)


def _unreadable() -> UserError:
    return UserError("form-incomplete", "This form cannot be read.", "Open the editor again.")
