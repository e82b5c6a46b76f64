"""Rows of a CSV, JSON Lines or JSON file as columns, with the line that each began on.

Files come from strangers: sizes and counts are limited, nothing is evaluated, and whatever cannot be read is a problem
with a line, never an exception.
"""

from __future__ import annotations

import csv
import io
import re
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from operator import itemgetter
from typing import Protocol

import orjson

from podium.metrics.reading.problems import Problems, shown

MOST_BYTES = 1 << 29
MOST_ROWS = 5_000_000
LONGEST_CELL = 1 << 20
_ROWS_AT_ONCE = 10_000
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{}:\n]')
_WRAPPERS = ("data", "items", "references", "predictions")


class _Rows(Protocol):
    """What reads CSV: rows, and the line that the last one ended on."""

    @property
    def line_num(self) -> int: ...
    def __iter__(self) -> Iterator[list[str]]: ...
    def __next__(self) -> list[str]: ...


class Column(Protocol):
    """What a table has to know of a field."""

    @property
    def name(self) -> str: ...
    @property
    def aliases(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class Table:
    """Columns by name, each with a value per row: text from CSV, JSON values from JSON, None where there is none.

    A column that no row has is absent. `lines` holds the line each row began on.
    """

    columns: dict[str, list[object]]
    lines: Sequence[int]
    textual: bool
    """Whether all values are text, as in CSV: then lists and numbers are written as text too."""

    def __len__(self) -> int:
        return len(self.lines)


def read_table(content: bytes, name: str, fields: Sequence[Column], problems: Problems) -> Table | None:
    """The wanted columns of a file; None where it cannot be read at all, which `problems` then says.

    The ending of the name tells the format; any other ending, and none, is told by the first character.
    """
    if len(content) > MOST_BYTES:
        problems.add("too-large", f"The file has more than {MOST_BYTES >> 20} MiB.", hint="Send fewer items.")
        return None
    content = content.removeprefix(b"\xef\xbb\xbf")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        problems.add("not-utf-8", "There is text that is not UTF-8.", line, "Save the file as UTF-8.")
        return None
    if not text.strip():
        problems.add("empty", "The file is empty.")
        return None
    wanted = _by_alias(fields)
    kind = _kind(text, name)
    if kind == "csv":
        return _csv(text, "\t" if _tabs(text) else ",", wanted, problems)
    return _json_lines(content, wanted, problems) if kind == "jsonl" else _json(content, fields, wanted, problems)


def _by_alias(fields: Iterable[Column]) -> dict[str, str]:
    return {word: field.name for field in fields for word in (field.name, *field.aliases)}


def _kind(text: str, name: str) -> str:
    ending = name.rpartition(".")[2].lower()
    if ending in {"csv", "tsv"}:
        return "csv"
    if ending in {"jsonl", "ndjson"}:
        return "jsonl"
    start = text.lstrip()[:1]
    if start == "[" or (start == "{" and ending == "json"):
        return "json"
    if start == "{":
        first = text.lstrip().partition("\n")[0].rstrip()
        return "jsonl" if first.endswith("}") and text.strip() != first else "json"
    return "json" if ending == "json" else "csv"


def _tabs(text: str) -> bool:
    header = text.lstrip("\n\r").partition("\n")[0]
    return header.count("\t") > header.count(",")


def _csv(text: str, delimiter: str, wanted: Mapping[str, str], problems: Problems) -> Table | None:
    csv.field_size_limit(LONGEST_CELL)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        header = next((row for row in rows if row), [])
        places = _places(header, wanted, problems)
        if places is None:
            return None
        return _csv_rows(rows, len(header), places, problems, quoted='"' in text)
    except csv.Error as error:
        problems.add("csv-invalid", f"This is no CSV: {error}.", rows.line_num, "Close every quotation mark.")
        return None


def _places(header: Sequence[str], wanted: Mapping[str, str], problems: Problems) -> dict[str, int] | None:
    places: dict[str, int] = {}
    for place, title in enumerate(header):
        name = wanted.get(title.strip().lower())
        if name is None and ":" in title:
            name = title.strip()  # such as `probability:positive`
        if name in places:
            problems.add("column-twice", f"Two columns are called {shown(name)}.", 1, "Keep one of them.")
            return None
        if name is not None:
            places[name] = place
    return places


def _csv_rows(rows: _Rows, width: int, places: Mapping[str, int], problems: Problems, *, quoted: bool) -> Table:
    lines = array("q")
    columns: dict[str, list[object]] = {name: [] for name in places}
    for some, numbers in _numbered(rows, quoted=quoted):
        whole, told = some, numbers
        if set(map(len, some)) - {width}:
            _tell_uneven(some, numbers, width, problems)
            told = [number for row, number in zip(some, numbers, strict=True) if len(row) == width]
            whole = [row for row in some if len(row) == width]
        for name, place in places.items():
            columns[name].extend(map(itemgetter(place), whole))
        lines.extend(told)
        if len(lines) > MOST_ROWS:
            problems.add("too-many", f"The file has more than {MOST_ROWS} rows.", lines[-1], "Send fewer items.")
            break
    return Table(columns, lines, textual=True)


def _numbered(rows: _Rows, *, quoted: bool) -> Iterator[tuple[list[list[str]], Sequence[int]]]:
    """Rows, many at a time, with the line that each begins on. Those before one that is no CSV come, too."""
    while True:
        some: list[list[str]] = []
        begun = array("q")
        first = rows.line_num + 1
        failed = None
        try:
            if quoted:
                begun.append(first)
                for row in islice(rows, _ROWS_AT_ONCE):
                    some.append(row)
                    begun.append(rows.line_num + 1)
            else:
                # Without quotation marks each row is a line.
                some.extend(islice(rows, _ROWS_AT_ONCE))
        except csv.Error as error:
            failed = error
        yield some, begun[: len(some)] if quoted else range(first, first + len(some))
        if failed is not None:
            raise failed
        if len(some) < _ROWS_AT_ONCE:
            return


def _tell_uneven(rows: Iterable[list[str]], numbers: Sequence[int], width: int, problems: Problems) -> None:
    for row, number in zip(rows, numbers, strict=True):
        if row and len(row) != width:
            problems.add(
                "row-uneven",
                f"The row has {len(row)} values and the header {width}.",
                number,
                "Put values that hold a comma into quotation marks.",
            )


def _json_lines(content: bytes, wanted: Mapping[str, str], problems: Problems) -> Table:
    rows: list[Mapping[str, object]] = []
    lines = array("q")
    table = _Columns(wanted)
    for number, line in enumerate(content.split(b"\n"), start=1):
        if not line or line.isspace():
            continue
        try:
            row = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            problems.add("json-invalid", f"This is no JSON: {error.msg}.", number, "Write one object per line.")
            continue
        if not isinstance(row, dict):
            problems.add("row-no-object", "The line is no JSON object.", number, "Write one object per line.")
            continue
        rows.append(row)
        lines.append(number)
        if len(rows) == _ROWS_AT_ONCE:
            table.add(rows)
            rows.clear()
        if len(lines) > MOST_ROWS:
            problems.add("too-many", f"The file has more than {MOST_ROWS} rows.", number, "Send fewer items.")
            break
    table.add(rows)
    return Table(table.finished(), lines, textual=False)


class _Columns:
    """Columns that grow by objects, which may call their keys by any alias and leave some out."""

    def __init__(self, wanted: Mapping[str, str]) -> None:
        self._words: dict[str, list[str]] = {}
        for word, name in wanted.items():
            self._words.setdefault(name, []).append(word)
        self._columns: dict[str, list[object]] = {name: [] for name in self._words}

    def add(self, rows: Sequence[Mapping[str, object]]) -> None:
        for name, words in self._words.items():
            present = [word for word in words if any(word in row for row in rows)]
            if not present:
                found: list[object] = [None] * len(rows)
            elif len(present) == 1:
                found = [row.get(present[0]) for row in rows]
            else:
                found = [next((row[word] for word in present if row.get(word) is not None), None) for row in rows]
            self._columns[name].extend(found)

    def finished(self) -> dict[str, list[object]]:
        return {name: values for name, values in self._columns.items() if any(value is not None for value in values)}


def _json(content: bytes, fields: Sequence[Column], wanted: Mapping[str, str], problems: Problems) -> Table | None:
    try:
        whole = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        problems.add("json-invalid", f"This is no JSON: {error.msg}.", error.lineno, "Check brackets and commas.")
        return None
    depth = 1
    if isinstance(whole, dict) and {fields[0].name} < {wanted.get(key, "") for key in whole} - {""}:
        # The one item of a file that has no other.
        whole, depth = [whole], 0
    if isinstance(whole, dict):
        inner = next((whole[word] for word in _WRAPPERS if isinstance(whole.get(word), list)), None)
        if inner is None:
            return _json_mapping(content, whole, fields, wanted, problems)
        whole, depth = inner, 2
    if not isinstance(whole, list):
        problems.add("json-no-list", "The file holds neither a list nor an object.", 1, "Write a list of objects.")
        return None
    lines = _lines_of_elements(content, depth)
    rows: list[Mapping[str, object]] = []
    kept = array("q")
    for number, row in enumerate(whole):
        if isinstance(row, dict):
            kept.append(lines[len(rows)])
            rows.append(row)
        else:
            problems.add("row-no-object", f"Element {number + 1} is no object.", None, "Write a list of objects.")
    table = _Columns(wanted)
    table.add(rows)
    return Table(table.finished(), kept, textual=False)


def _json_mapping(
    content: bytes,
    whole: Mapping[str, object],
    fields: Sequence[Column],
    wanted: Mapping[str, str],
    problems: Problems,
) -> Table:
    """`{"item": answer, ...}`: keys are ids, values the second field or objects of fields."""
    value_name = fields[1].name
    lines: dict[str, int] = {}
    for key, line in _keys_of_object(content):
        if key in lines:
            problems.add(
                "duplicate-id", f"The item {shown(key)} stands here again.", line, f"It was on line {lines[key]}."
            )
        lines[key] = line
    rows = [
        {**value, fields[0].name: key}
        if isinstance(value, dict) and wanted.keys() & value
        else {fields[0].name: key, value_name: value}
        for key, value in whole.items()
    ]
    table = _Columns(wanted)
    table.add(rows)
    return Table(table.finished(), array("q", [lines.get(key, 1) for key in whole]), textual=False)


def _lines_of_elements(content: bytes, depth: int) -> array[int]:
    """The line on which each object within `depth` brackets opens."""
    lines = array("q")
    line, level = 1, 0
    for found in _TOKEN.finditer(content):
        token = found[0]
        if token == b"\n":
            line += 1
        elif token in b"[{":
            if level == depth and token == b"{":
                lines.append(line)
            level += 1
        elif token in b"]}":
            level -= 1
    return lines


def _keys_of_object(content: bytes) -> list[tuple[str, int]]:
    keys: list[tuple[str, int]] = []
    line, level = 1, 0
    before = b""
    for found in _TOKEN.finditer(content):
        token = found[0]
        if token == b":" and level == 1 and before[:1] == b'"':
            keys.append((str(orjson.loads(before)), line))
        line += token == b"\n"
        level += (token in b"[{") - (token in b"]}")
        if token != b"\n":
            before = token
    return keys
