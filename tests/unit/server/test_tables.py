"""Tables in four formats, whatever they hold."""

from __future__ import annotations

import csv
import io
import json

import pytest

from podium.rules.errors import NotFound
from podium.server.exports.tables import Head, Table, table_file

HOSTILE = Table(
    title="=cmd()|'/C calc'!A1 <b>",
    heads=[Head("@name", key="name"), Head("a & b", is_number=True, key="score")],
    rows=[
        ("=1+1", 0.1 + 0.2),
        ("-2 | 3\n\\end{tabular}", 1e-5),
        ("<script>*x*</script>", None),
        ("plain", -1234.5),
    ],
    shown=lambda value: f"{value:,.4g}" if abs(value) > 1 else f"{value:.4g}",
    about={"metric": "=x"},
    notes=["100 % of _it_\n| injected |"],
)


def content(ending: str, table: Table = HOSTILE) -> str:
    with table_file(table, ending).content as file:
        return file.read().decode()


def test_csv_has_raw_numbers_and_no_formulas() -> None:
    assert list(csv.reader(io.StringIO(content("csv"), newline=""))) == [
        ["'@name", "a & b"],
        ["'=1+1", "0.30000000000000004"],
        ["'-2 | 3\n\\end{tabular}", "1e-05"],
        ["<script>*x*</script>", ""],
        ["plain", "-1234.5"],
    ]


def test_json_has_everything_as_it_is() -> None:
    said = json.loads(content("json"))
    assert said["columns"] == [{"key": "name", "title": "@name"}, {"key": "score", "title": "a & b"}]
    assert said["rows"][:3] == [
        {"name": "=1+1", "score": 0.1 + 0.2},
        {"name": "-2 | 3\n\\end{tabular}", "score": 1e-5},
        {"name": "<script>*x*</script>", "score": None},
    ]
    assert said["metric"] == "=x"


def test_markdown_keeps_every_row_in_its_line() -> None:
    lines = content("md").splitlines()
    assert lines[:2] == [r"| \@name | a \& b |", "| --- | ---: |"]
    assert lines[2] == r"| \=1\+1 | 0\.3 |"
    assert lines[3] == r"| \-2 \| 3 \\end\{tabular\} | 1e\-05 |"
    assert lines[4] == r"| \<script\>\*x\*\</script\> | – |"
    assert lines[-1] == r"100 % of \_it\_ \| injected \|"


def test_latex_sets_numbers_and_leaves_no_command() -> None:
    lines = content("tex").splitlines()
    assert "@name & a \\& b \\\\" in lines
    assert "=1+1 & $0.3$ \\\\" in lines
    assert r"-{}2 \textbar{} 3 \textbackslash{}end\{tabular\} & $1 \times 10^{-5}$ \\" in lines
    assert r"\textless{}script\textgreater{}{*}x{*}\textless{}/script\textgreater{} & -- \\" in lines
    # Four digits of 1234.5: 1,234 by rounding half to even.
    assert "plain & $-1{,}234$ \\\\" in lines
    assert sum(line.startswith("\\end{tabular}") for line in lines) == 1
    assert lines[-1] == r"100 \% of \_it\_ \textbar{} injected \textbar{}"


def test_files_are_called_what_they_hold_and_other_formats_are_refused() -> None:
    file = table_file(HOSTILE, "csv")
    file.content.close()
    assert file.name == "=cmd()_'_C calc'!A1 _b_.csv"
    assert file.media_type == "text/csv; charset=utf-8"
    with pytest.raises(NotFound):
        table_file(HOSTILE, "xlsx")
