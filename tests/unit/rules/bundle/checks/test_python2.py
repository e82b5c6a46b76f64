"""Programs of Python 2 are recognised by what Python 3 does not read or does not have."""

from __future__ import annotations

import threading
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podium.rules.bundle.checks.python2 import MOST_BYTES, check_python2
from podium.rules.errors import Problem


def found(text: str) -> list[Problem]:
    return list(check_python2({"scoring/score.py": text}))


def place(text: str) -> tuple[int | None, int | None]:
    (note,) = found(text)
    assert (note.code, note.severity, note.file) == ("python2-program", "note", "scoring/score.py")
    return note.line, note.column


# Each: a program, and the line and column of what Python 3 does not accept. The first part of each is from "What's new
# in Python 3.0", https://docs.python.org/3/whatsnew/3.0.html, section by section.
OLD_PROGRAMS = {
    "print with a text": ("import sys\nprint 'score'\n", 2, 1),
    "print after an if": ("if True: print 'score'\n", 1, 10),
    "print with a file": ("import sys\nprint >>sys.stderr, 'score'\n", 2, 1),
    "exec": ("x = 1\nexec 'x = 2'\n", 2, 1),
    "except with a comma": ("try:\n    pass\nexcept ValueError, e:\n    pass\n", 3, 1),
    "except with several and a comma": ("try:\n    pass\nexcept (ValueError, OSError), e:\n    pass\n", 3, 1),
    "raise with a comma": ("raise ValueError, 'bad'\n", 1, 1),
    "unequal": ("if 1 <> 2:\n    pass\n", 1, 6),
    "backquotes": ("x = `1`\n", 1, 5),
    "lambda that unpacks": ("f = lambda (a, b): a\n", 1, 5),
    "prefix ur": ("x = ur'a'\n", 1, 5),
    "long number": ("x = 10L\n", 1, 5),
    "octal number": ("mode = 0755\n", 1, 8),
    "tabs": ("if True:\n        x = 1\n\ty = 2\n", 3, 1),
    "xrange": ("for i in range(2):\n    for j in xrange(3):\n        pass\n", 2, 14),
    "raw_input": ("x = raw_input()\n", 1, 5),
    "unicode": ("x = unicode('a')\n", 1, 5),
}


@pytest.mark.parametrize("name", OLD_PROGRAMS)
def test_a_program_of_python_2_is_named_by_its_first_such_line(name: str) -> None:
    text, line, column = OLD_PROGRAMS[name]

    assert place(text) == (line, column)


def test_the_note_says_what_to_write() -> None:
    (note,) = found("print 'score'\n")

    assert note.message == "This is Python 2, where print is a statement; programs run under Python 3."
    assert note.hint == "Write print(...). Convert the rest of the file as well."


@pytest.mark.parametrize(
    "text",
    [
        "print('score')\n",
        "print ('score')\n",
        "# print 'score'\n",
        "'''\nprint 'score'\n'''\n",
        "help = 'print what you like'\n",
        "try:\n    xrange\nexcept NameError:\n    xrange = range\n",
        "from six.moves import xrange\nfor i in xrange(3):\n    pass\n",
        "from compatibility import *\nfor i in xrange(3):\n    pass\n",
        "import sys\nif sys.version_info[0] == 2:\n    text = unicode\n",
        "def unicode(text):\n    return text\nunicode('a')\n",
        "pattern = '\\d'  # an escape that newer versions warn of: print x\n",
        "x = 0\ny = 0o17\nz = 10\n",
        "except_ = 1, 2\n",
        "",
    ],
)
def test_a_program_of_python_3_is_not_named(text: str) -> None:
    assert found(text) == []


def test_a_program_that_no_python_reads_is_not_called_python_2() -> None:
    assert found("print('a'\nx = = 2\n# print 'b'\n") == []


@pytest.mark.parametrize("text", ["print x\0", f"# <>\nx = {'(' * 5000}{')' * 5000}", f"# <>\nx = {'-' * 50_000}1"])
def test_a_program_that_breaks_parsers_breaks_nothing_here(text: str) -> None:
    # In a thread, whose stack is smaller than that of the process.
    results: list[list[Problem]] = []
    thread = threading.Thread(target=lambda: results.append(found(text)))
    thread.start()
    thread.join()

    assert results == [[]]


def test_what_is_parsed_of_one_bundle_is_limited() -> None:
    long = "#" * 200_000 + "\nprint 'score'\n"
    scripts = {f"scoring/{number}.py": long for number in range(10)}

    # 200,015 characters go five times into 1,048,576.
    assert MOST_BYTES == 1_048_576
    assert len(list(check_python2(scripts))) == 5


def test_looking_at_a_program_changes_no_filter_of_warnings() -> None:
    before = list(warnings.filters)
    assert found("x = '\\d'\nprint x\n")

    assert list(warnings.filters) == before


@settings(deadline=None)
@given(st.text(alphabet="print x,:`<>()'\"\n\t\\0Lexcept raise", max_size=80) | st.text(max_size=60))
def test_any_text_has_one_note_or_none(text: str) -> None:
    assert len(found(text)) <= 1
