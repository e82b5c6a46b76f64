"""Tables in the formats that people want them in: what a cell holds is made harmless here, once for all tables."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TextIO

import orjson

from podium.rules.board.display import MISSING
from podium.rules.errors import NotFound
from podium.server.exports.boards.escaping import for_latex, for_markdown, for_spreadsheet
from podium.server.exports.boards.writing import WrittenFile, file_stem, text_file

MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "tex": "application/x-tex; charset=utf-8",
    "md": "text/markdown; charset=utf-8",
}
"""The formats, by the ending of the file's name."""

Cell = str | float | None
_POWER = re.compile(r"(?P<number>.+)e(?P<power>[+-]?\d+)")


@dataclass(frozen=True)
class Head:
    """The head of a column, which holds texts or numbers; `key` names it for programs."""

    title: str
    is_number: bool = False
    key: str = ""


@dataclass(frozen=True)
class Table:
    """A table as it is handed out, with raw numbers. `about` is what a program should know beside the rows, `notes`
    what a person should, and `shown` how a number is written for people."""

    title: str
    heads: Sequence[Head]
    rows: Sequence[Sequence[Cell]]
    shown: Callable[[float], str]
    about: Mapping[str, Any] = field(default_factory=dict)
    notes: Sequence[str] = ()


def table_file(table: Table, ending: str) -> WrittenFile:
    """A table as a file: raw numbers in CSV and JSON, as people read them in LaTeX and Markdown.

    Raises:
        NotFound: there is no such format.
    """
    media_type = media_type_of(ending)
    write = {"csv": _csv, "json": _json, "tex": _latex, "md": _markdown}[ending]
    content = text_file(lambda target: write(table, target))
    return WrittenFile(content, f"{file_stem(table.title)}.{ending}", media_type)


def media_type_of(ending: str) -> str:
    """The media type of a format.

    Raises:
        NotFound: there is no such format.
    """
    if ending not in MEDIA_TYPES:
        known = ", ".join(MEDIA_TYPES)
        raise NotFound("no-such-format", "Tables are not written in this format.", f"Use one of: {known}.")
    return MEDIA_TYPES[ending]


def write_csv_table(heads: Sequence[Head], rows: Iterable[Sequence[Cell]], target: TextIO) -> None:
    """Comma-separated values; numbers as Python writes them, nothing where there is none."""
    writer = csv.writer(target)
    writer.writerow([for_spreadsheet(head.title) for head in heads])
    for row in rows:
        writer.writerow([for_spreadsheet(cell) if isinstance(cell, str) else cell for cell in row])


def write_markdown_table(heads: Sequence[Head], rows: Iterable[Sequence[str]], target: TextIO) -> None:
    """A table of GitHub's Markdown."""
    titles = " | ".join(for_markdown(head.title) for head in heads)
    lines = " | ".join("---:" if head.is_number else "---" for head in heads)
    target.write(f"| {titles} |\n| {lines} |\n")
    for row in rows:
        target.write(f"| {' | '.join(for_markdown(text) for text in row)} |\n")


def write_latex_table(heads: Sequence[Head], rows: Iterable[Sequence[str]], target: TextIO) -> None:
    """A `tabular` with the rules of the package booktabs."""
    places = "".join("r" if head.is_number else "l" for head in heads)
    titles = " & ".join(for_latex(head.title) for head in heads)
    target.write(f"% \\usepackage{{booktabs, textcomp}}\n\\begin{{tabular}}{{{places}}}\n\\toprule\n")
    target.write(f"{titles} \\\\\n\\midrule\n")
    for row in rows:
        cells = (
            _latex_number(text) if head.is_number else for_latex(text) for head, text in zip(heads, row, strict=True)
        )
        target.write(f"{' & '.join(cells)} \\\\\n")
    target.write("\\bottomrule\n\\end{tabular}\n")


def _latex_number(text: str) -> str:
    if text.isdigit() or not text:
        return text
    if not text[-1].isdigit():
        return "--"
    text = text.replace(",", "{,}")
    power = _POWER.fullmatch(text)
    return f"${power['number']} \\times 10^{{{int(power['power'])}}}$" if power else f"${text}$"


def _csv(table: Table, target: TextIO) -> None:
    write_csv_table(table.heads, table.rows, target)


def _json(table: Table, target: TextIO) -> None:
    keys = [head.key for head in table.heads]
    content = {
        "title": table.title,
        **table.about,
        "columns": [{"key": head.key, "title": head.title} for head in table.heads],
        "rows": [dict(zip(keys, row, strict=True)) for row in table.rows],
        "notes": list(table.notes),
    }
    target.write(orjson.dumps(content, option=orjson.OPT_INDENT_2).decode() + "\n")


def _markdown(table: Table, target: TextIO) -> None:
    write_markdown_table(table.heads, _texts(table), target)
    for note in table.notes:
        target.write(f"\n{for_markdown(note)}\n")


def _latex(table: Table, target: TextIO) -> None:
    write_latex_table(table.heads, _texts(table), target)
    for note in table.notes:
        target.write(f"\n{for_latex(note)}\n")


def _texts(table: Table) -> Iterable[list[str]]:
    for row in table.rows:
        yield [MISSING if cell is None else cell if isinstance(cell, str) else table.shown(cell) for cell in row]
