"""Programs that were written for Python 2 and cannot run as they are."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from threading import Lock

from podium.rules.errors import Problem

MOST_BYTES = 1024 * 1024
"""How much text of one bundle is parsed: a bound for bundles that were made to take long."""
_LARGEST_BYTES = 256 * 1024
_NUMBER = r"(?<![\w.])(?:0[0-7]+|\d+[lL]|0[xX][0-9a-fA-F]+[lL])\b"
# Each is looked for only on the line where Python 3 stops reading.
_SYNTAX = tuple(
    (re.compile(pattern), what, change)
    for pattern, what, change in (
        (r"(?:^|[:;])\s*(?=print\b)print\s+[^\s=(]", "print is a statement", "Write print(...)."),
        (r"(?:^|[:;])\s*exec\s+[^\s=(]", "exec is a statement", "Write exec(...)."),
        (r"\bexcept\s+[\w.(), \t]+,\s*\w+\s*:", "except has a comma", "Write except ... as name:"),
        (r"\braise\s+[\w.]+\s*,", "raise has a comma", "Write raise Name(...)."),
        (r"<>", "<> means unequal", "Write !=."),
        (r"`", "backquotes make a text", "Write repr(...)."),
        (r"\blambda\s*\(", "lambda unpacks its argument", "Take one argument, and unpack it inside."),
        (r"\b[uU][rR]['\"]", "a text has the prefix ur", "Write the prefix r."),
        (_NUMBER, "a number ends in L or begins with 0", "Leave the L out, and write 0o before octal digits."),
    )
)
_NAMES = {
    "xrange": "range",
    "raw_input": "input",
    "unicode": "str",
    "basestring": "str",
    "unichr": "chr",
    "execfile": "exec(open(...).read())",
}
# A file that asks which Python runs it knows both.
_KNOWS_BOTH = re.compile(r"\bNameError\b|\bversion_info\b|\bPY[23]\b|\bhexversion\b")
_WORTH_PARSING = re.compile(
    rf"^.*(?:\bprint\s+[^\s=(]|\bexec\s+[^\s=(]|\bexcept\b.*,|\braise\s+[\w.]+\s*,|<>|`|\blambda\s*\(|\b[uU][rR]['\"]"
    rf"|{_NUMBER}|^[ ]*\t|\bprint\s*>>|\b(?:{'|'.join(_NAMES)})\b)",
    re.MULTILINE,
)
# The filters of warnings belong to the whole process.
_PARSING = Lock()


@dataclass(frozen=True)
class _Sign:
    line: int
    column: int
    what: str
    change: str


def check_python2(scripts: Mapping[str, str]) -> Iterator[Problem]:
    """A note for each file that Python 3 refuses, or cannot run, for what Python 2 allowed, at its first such line.

    `scripts` are the texts of Python files by their names.
    """
    left = MOST_BYTES
    for file, text in scripts.items():
        if len(text) > min(left, _LARGEST_BYTES) or not _WORTH_PARSING.search(text):
            continue
        left -= len(text)
        sign = _first_sign(text)
        if sign is not None:
            message = f"This is Python 2, where {sign.what}; programs run under Python 3."
            hint = f"{sign.change} Convert the rest of the file as well."
            yield Problem("python2-program", message, hint, file, sign.line, sign.column, severity="note")


def _first_sign(text: str) -> _Sign | None:
    with _PARSING, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tree = ast.parse(text)
        except SyntaxError as failure:
            return _sign_of_failure(text, failure)
        except (ValueError, RecursionError, MemoryError):
            # Code 0 in the text, or brackets too deep: no more Python 2 than Python 3.
            return None
        signs = [*_signs_of_names(text, tree), *_signs_of_printing(tree)]
    return min(signs, key=lambda sign: (sign.line, sign.column), default=None)


def _sign_of_failure(text: str, failure: SyntaxError) -> _Sign | None:
    if failure.lineno is None:
        return None
    if isinstance(failure, TabError):
        return _Sign(failure.lineno, 1, "tabs and spaces may be mixed", "Indent by spaces.")
    lines = text.split("\n")
    line = lines[failure.lineno - 1] if failure.lineno <= len(lines) else ""
    for pattern, what, change in _SYNTAX:
        found = pattern.search(line)
        if found is not None:
            column = found.start() + len(found[0]) - len(found[0].lstrip(":; \t")) + 1
            return _Sign(failure.lineno, column, what, change)
    return None


def _signs_of_names(text: str, tree: ast.Module) -> Iterator[_Sign]:
    if _KNOWS_BOTH.search(text):
        return
    own: set[str] = set()
    used: list[ast.Name] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Load):
                used.append(node)
            else:
                own.add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            own.add(node.name)
        elif isinstance(node, ast.arg):
            own.add(node.arg)
        elif isinstance(node, ast.alias):
            own.add(node.asname or node.name)
    for name in used:
        if name.id in _NAMES and name.id not in own and "*" not in own:
            change = f"Write {_NAMES[name.id]}."
            yield _Sign(name.lineno, name.col_offset + 1, f"there is {name.id}", change)


def _signs_of_printing(tree: ast.Module) -> Iterator[_Sign]:
    """`print >>file, text`, which Python 3 takes for a comparison of bits."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.BinOp)
            and isinstance(node.op, ast.RShift)
            and isinstance(node.left, ast.Name)
            and node.left.id == "print"
        ):
            yield _Sign(node.lineno, node.col_offset + 1, "print is a statement", "Write print(..., file=...).")
