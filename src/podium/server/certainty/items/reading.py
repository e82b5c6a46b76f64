"""Reading per_item.csv, which strangers' programs write. No problem quotes what is in it: not everybody may see it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite

from podium.blobs.archives import PREDICTION_LIMITS, MemberSource
from podium.rules.errors import ArchiveError, NotFound, Problem, TooLarge
from podium.rules.per_item import FILE_NAMES, HEADER, file_among

MOST_BYTES = 64 << 20
MOST_ROWS = 2_000_000
MOST_PROBLEMS = 100
LIMITS = PREDICTION_LIMITS
_LONGEST = 1000
_NUMBER = re.compile(r"\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,4})?\s*", re.ASCII)
_NAME = FILE_NAMES[0]


@dataclass
class ItemsRead:
    """By column key the value of each item by its name, and what is wrong: of very much, the beginning."""

    columns: dict[str, dict[str, float]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    problem_count: int = 0

    def wrong(self, code: str, message: str, hint: str, line: int | None = None) -> None:
        """One thing more is wrong."""
        self.problem_count += 1
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(Problem(code, message, hint, file=_NAME, line=line))


def read_output(source: MemberSource, keys: Collection[str]) -> ItemsRead:
    """What the output of a scoring program says of the items, in the columns of these keys. Others are left out."""
    found = ItemsRead()
    name = file_among(source.names())
    if name is None:
        found.wrong("items-missing", "The output has no such file.", f"Write {_NAME} at the top of the output.")
        return found
    try:
        content = source.read(name, limit_bytes=MOST_BYTES)
    except TooLarge:
        found.wrong("items-large", f"The file is larger than {MOST_BYTES >> 20} MiB.", "Write shorter names of items.")
    except (ArchiveError, NotFound):
        found.wrong("items-damaged", "The file cannot be unpacked.", "Run the scoring again.")
    else:
        _read_text(content, keys, found)
    return found


def _read_text(content: bytes, keys: Collection[str], found: ItemsRead) -> None:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        found.wrong("items-encoding", "This line is not UTF-8.", "Write the file in UTF-8.", line)
        return
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        places = _places(next(reader, []), found)
        if places is not None:
            _read_rows(reader, places, keys, found)
    except csv.Error:
        hint = 'Write three fields in each line, with commas between; quote a field that has a comma as "a,b".'
        found.wrong("items-csv", "This line is no CSV.", hint, reader.line_num)


def _places(header: Sequence[str], found: ItemsRead) -> tuple[int, int, int] | None:
    names = [name.strip() for name in header]
    if any(names.count(name) != 1 for name in HEADER):
        hint = f"Begin the file with the line {','.join(HEADER)}, in any order."
        found.wrong("items-header", "The first line does not name the three columns once each.", hint, 1)
        return None
    item, column, value = (names.index(name) for name in HEADER)
    return item, column, value


def _read_rows(
    reader: Iterator[list[str]], places: tuple[int, int, int], keys: Collection[str], found: ItemsRead
) -> None:
    line_of = _Lines(reader)
    at_item, at_column, at_value = places
    columns: dict[str, dict[str, float]] = {key: {} for key in keys}
    for number, row in enumerate(reader):
        if number >= MOST_ROWS:
            hint = "Write only columns of the leaderboard, or fewer items."
            found.wrong("items-many", f"There are more than {MOST_ROWS:,} lines.", hint, line_of())
            return
        if not row:
            continue
        if len(row) <= max(places):
            found.wrong("items-fields", "A field is missing here.", f"Write {', '.join(HEADER)}.", line_of())
            continue
        values = columns.get(row[at_column].strip())
        if values is not None:
            _take(row[at_item].strip(), row[at_value], values, found, line_of)
    found.columns = {key: values for key, values in columns.items() if values}
    if not found.columns and not found.problem_count:
        hint = "Name the columns by their keys on the leaderboard."
        found.wrong("items-columns", "No line is of a column that the leaderboard takes as it is scored.", hint)


class _Lines:
    """The line that a reader of CSV stands at: fields may have line ends in them."""

    def __init__(self, reader: object) -> None:
        self._reader = reader

    def __call__(self) -> int:
        return int(getattr(self._reader, "line_num", 0))


def _take(item: str, value: str, values: dict[str, float], found: ItemsRead, line_of: _Lines) -> None:
    if not item or len(item) > _LONGEST:
        hint = f"Name every item, in at most {_LONGEST:,} characters."
        found.wrong("items-name", "The item has no name, or a very long one.", hint, line_of())
    elif item in values:
        hint = "Write each item once in each column."
        found.wrong("items-twice", "This item was there before, in the same column.", hint, line_of())
    else:
        number = float(value) if len(value) <= _LONGEST and _NUMBER.fullmatch(value) else None
        if number is None or not isfinite(number):
            hint = "Write numbers such as 0.5, none of them infinite or NaN."
            found.wrong("items-value", "The value is no finite number.", hint, line_of())
        # Taken all the same, so that the item counts as there.
        values[item] = number if number is not None else 0.0


def by_name(values: Mapping[str, float]) -> list[str]:
    """The names of items in the one order in which their values are kept."""
    return sorted(values)
