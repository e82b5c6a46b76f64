"""Names that people chose, in files that other programs read."""

from __future__ import annotations

import pytest

from podium.server.exports.boards.escaping import for_latex, for_markdown, for_spreadsheet
from podium.server.exports.boards.writing import file_stem


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", '=HYPERLINK("http://x")', "＝1"]
)
def test_what_a_spreadsheet_takes_for_a_formula_begins_with_an_apostrophe(text: str) -> None:
    assert for_spreadsheet(text) == f"'{text}"


@pytest.mark.parametrize("text", ["anna", "", "a=b", "1-1", " =1"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert for_spreadsheet(text) == text


def test_markdown_keeps_a_cell_in_its_place() -> None:
    assert for_markdown("a|b\nc") == r"a\|b c"
    assert for_markdown("[x](javascript:1)") == r"\[x\]\(javascript\:1\)"
    assert for_markdown("<script>") == r"\<script\>"
    assert for_markdown("`*_~\\") == r"\`\*\_\~\\"


def test_latex_keeps_a_cell_in_its_place() -> None:
    assert for_latex("50% & more\\\n") == r"50\% \& more\textbackslash{}"
    assert for_latex("a_b^c~d#e${}") == r"a\_b\textasciicircum{}c\textasciitilde{}d\#e\$\{\}"
    assert for_latex(r"\input{/etc/passwd}") == r"\textbackslash{}input\{/etc/passwd\}"
    # After the end of a row, LaTeX takes what stands in brackets for a length.
    assert for_latex("[1cm]") == "{[}1cm{]}"


@pytest.mark.parametrize(
    ("title", "stem"),
    [
        ("Results", "Results"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("a/b\\c:d", "a_b_c_d"),
        ("nul", "_nul"),
        ("COM1.txt", "_COM1.txt"),
        (" . ", "board"),
        ("x" * 500, "x" * 120),
        ("line\nbreak\0", "line_break_"),
        ("\u202egnp.exe", "_gnp.exe"),
        ("Überblick – 日本", "Überblick – 日本"),
    ],
)
def test_a_title_becomes_the_name_of_a_file(title: str, stem: str) -> None:
    assert file_stem(title) == stem
