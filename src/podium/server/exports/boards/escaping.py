"""Text that people wrote, made harmless where a program would read it as something else."""

from __future__ import annotations

import re

# What begins a formula in a spreadsheet, the wide forms of East Asian keyboards among them.
_BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_LINES = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]+")
_IN_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>()#+\-.!|~&$^=:@])")
_IN_LATEX = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    # Else two of them are a dash, and `?` with a quote is another sign.
    "-": "-{}",
    "`": r"\textasciigrave{}",
    "'": r"\textquotesingle{}",
    # At the beginning of a row it would be an argument of the line break before.
    "[": "{[}",
    "]": "{]}",
    "*": "{*}",
}


def for_spreadsheet(text: str) -> str:
    """The text with an apostrophe before it where a spreadsheet would take it for a formula."""
    return f"'{text}" if text.startswith(_BEGINS_FORMULA) else text


def for_markdown(text: str) -> str:
    """The text for a cell of a Markdown table: in one line, every sign for itself."""
    return _IN_MARKDOWN.sub(r"\\\1", _in_one_line(text))


def for_latex(text: str) -> str:
    """The text for a cell of a LaTeX table: in one line, every sign for itself."""
    return "".join(_IN_LATEX.get(sign, sign) for sign in _in_one_line(text))


def _in_one_line(text: str) -> str:
    return _LINES.sub(" ", text).strip()
