"""What organizers really write, in both formats: each with the exact list of what is said about it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from tests.unit.rules.bundle.bundles import OLD, SMALL, changed, read_text, spec_of

from podium.rules.board.columns import Computation
from podium.rules.bundle.spec import CompetitionSpec

Said = list[tuple[str, str, int, int]]
START = "    start: 2026-01-01\n"
TASKS = "    tasks: [0]\n"
INDEX = "        index: 0\n"
TITLE = "title: Small\n"
RANK = "      rank: 2\n"
SECOND = "    start_date: 2026-02-01 18:30:00\n"


def said(yaml: str) -> Said:
    """Severity, code, line and column of everything that is said."""
    problems = read_text(yaml).problems
    return [(p.severity, p.code, p.line or 0, p.column or 0) for p in problems if p.code != "version-codalab"]


def note(code: str, line: int, column: int) -> tuple[str, str, int, int]:
    return "note", code, line, column


def error(code: str, line: int, column: int) -> tuple[str, str, int, int]:
    return "error", code, line, column


def day(month: int, number: int) -> datetime:
    return datetime(2026, month, number, tzinfo=UTC)


def only_phase(spec: CompetitionSpec) -> Any:
    (phase,) = spec.phases
    return phase


def first_column(spec: CompetitionSpec) -> Any:
    return spec.leaderboards[0].columns[0]


TAKEN: dict[str, tuple[str, str, str, Said, object]] = {
    # What changes, what it becomes, what is said, and the part of the specification that it is about.
    "one task without a list": (TASKS, "    tasks: 0\n", "tasks", [note("list-of-one", 12, 12)], (0,)),
    "one task as a text": (TASKS, '    tasks: "0"\n', "tasks", [note("list-of-one", 12, 12)], (0,)),
    "indexes as texts": (TASKS, '    tasks: ["0"]\n', "tasks", [], (0,)),
    "indexes as floats": (TASKS, "    tasks: [0.0]\n", "tasks", [], (0,)),
    "no solutions in a phase": (TASKS, f"{TASKS}    solutions: []\n", "tasks", [], (0,)),
    "solutions in a phase": (
        TASKS, f"{TASKS}    solutions: [0]\n", "tasks", [note("key-elsewhere", 13, 5)], (0,),
    ),
    "null limits": (TASKS, f"{TASKS}    max_submissions:\n", "max_submissions", [], None),
    "a limit that is none": (TASKS, f"{TASKS}    max_submissions: 0\n", "max_submissions", [], None),
    "a limit as a text": (TASKS, f'{TASKS}    max_submissions: "7"\n', "max_submissions", [], 7),
    "a limit as a float": (TASKS, f"{TASKS}    max_submissions: 7.0\n", "max_submissions", [], 7),
    "a limit beyond all use": (TASKS, f"{TASKS}    max_submissions: 999999\n", "max_submissions", [], 999999),
    "a time limit of 0": (TASKS, f"{TASKS}    execution_time_limit: 0\n", "execution_time_limit_s", [], 600),
    "the last day is the first": (
        START, f"{START}    end: 2026-01-01\n", "end", [note("phase-one-day", 12, 10)], day(1, 2),
    ),
    "the last day is the first, by month": (
        START, "    start: 1-13-2026 10:00\n    end: 1-13-2026\n", "end",
        [note("phase-one-day", 12, 10)],
        day(1, 14),
    ),
    "an end at the start": (
        START, "    start: 2026-01-01 10:00\n    end: 2026-01-01 10:00\n", "end", [note("phase-never-open", 12, 10)],
        datetime(2026, 1, 1, 10, tzinfo=UTC),
    ),
    "midnight as 24:00": (START, f"{START}    end: 2026-01-31 24:00\n", "end", [], day(2, 1)),
    "an hour of one digit": (
        START, "    start: 2026-01-01 9:45:00+00:00\n", "start", [], datetime(2026, 1, 1, 9, 45, tzinfo=UTC),
    ),
    "slashes": (START, "    start: 06/15/2026\n", "start", [], day(6, 15)),
    "T and Z": (
        START, '    start: "2026-01-01T09:45:00.5Z"\n', "start", [], datetime(2026, 1, 1, 9, 45, 0, 500000, tzinfo=UTC),
    ),
    "an end of null in quotes": (START, f'{START}    end: "null"\n', "end", [], None),
    "a space after a date": (START, "    start: '2026-01-01 '\n", "start", [], day(1, 1)),
}  # fmt: skip


@pytest.mark.parametrize("name", TAKEN)
def test_phases_as_people_write_them(name: str) -> None:
    passage, written, attribute, expected, value = TAKEN[name]
    yaml = changed(passage, written)

    assert said(yaml) == expected
    assert getattr(only_phase(spec_of(yaml)), attribute) == value


BOARDS: dict[str, tuple[str, str, str, Said, object]] = {
    "sorting in capitals": (
        INDEX, f"{INDEX}        sorting: ASC\n", "sorting", [note("choice-case", 20, 18)], "asc",
    ),
    "a computation of nothing": (
        INDEX, f"{INDEX}        computation: null\n        computation_indexes: null\n", "computation", [], None,
    ),
    "a computation with a capital and one index": (
        INDEX,
        f"{INDEX}        computation: Avg\n        computation_indexes: 1\n      - {{title: b, key: b, index: 1}}\n",
        "computation", [note("choice-case", 20, 22), note("list-of-one", 21, 30)], Computation.AVERAGE,
    ),
    "no indexes": (INDEX, "", "index", [note("column-indexes", 17, 7)], 0),
    "keys of CodaLab": (
        INDEX, f"{INDEX}        sort: asc\n        format: 5f\n        default_sort: desc\n", "sorting",
        [note("key-elsewhere", 20, 9), note("key-elsewhere", 21, 9), note("key-elsewhere", 22, 9)], "desc",
    ),
    "words beyond ASCII": ("title: Accuracy", "title: 正解率", "title", [], "正解率"),
}  # fmt: skip


@pytest.mark.parametrize("name", BOARDS)
def test_columns_as_people_write_them(name: str) -> None:
    passage, written, attribute, expected, value = BOARDS[name]
    yaml = changed(passage, written)

    assert said(yaml) == expected
    assert getattr(first_column(spec_of(yaml)), attribute) == value


def test_columns_without_indexes_are_numbered_in_their_order_and_some_are_not() -> None:
    two = changed(INDEX, "      - {title: Seconds, key: seconds}\n")
    mixed = changed(INDEX, f"{INDEX}      - {{title: Seconds, key: seconds}}\n")

    assert [(column.key, column.index) for column in spec_of(two).leaderboards[0].columns] == [
        ("accuracy", 0),
        ("seconds", 1),
    ]
    assert said(mixed) == [error("key-missing", 20, 9)]


REST: dict[str, tuple[str, str, Said]] = {
    "one page without a list": (
        TITLE, f"{TITLE}pages: {{title: More, file: terms.md}}\n", [note("list-of-one", 3, 8)],
    ),
    "one task without a list": (
        "tasks:\n  - index: 0\n    name: The task\n    scoring_program: scoring/\n",
        "tasks:\n  index: 0\n  name: The task\n  scoring_program: scoring/\n",
        [note("list-of-one", 6, 3)],
    ),
    "phases by their names": (
        "phases:\n  - name: The phase\n    start: 2026-01-01\n    tasks: [0]\n",
        "phases:\n  first: {name: The phase, start: 2026-01-01, tasks: [0]}\n",
        [error("not-a-list", 10, 3)],
    ),
    "a logo on the web": ("logo.png", "https://example.org/logo.svg", [error("path-web", 3, 8)]),
    "data on the web": (
        "scoring/\n", "scoring/\n    input_data: https://example.org/data.zip\n", [error("path-web", 9, 17)],
    ),
    "a name of a file with spaces and accents": ("terms.md", "les règles.md", [error("file-missing", 4, 8)]),
    "a path of Windows": ("terms.md", "pages\\terms.md", [error("path-backslash", 4, 8)]),
    "an image on the web": (
        TITLE, f"{TITLE}docker_image: https://hub.docker.com/r/a/b\n", [error("image-name", 3, 15)],
    ),
    "an image of a registry with a tag": (TITLE, f"{TITLE}docker_image: images.example.org/a-b/c.d:1_2\n", []),
    "an image with a digest": (TITLE, f"{TITLE}docker_image: a/b@sha256:0123456789abcdef\n", []),
    "an image with a space": (TITLE, f"{TITLE}docker_image: a b\n", [error("image-name", 3, 15)]),
    "an image of a task": ("scoring/\n", "scoring/\n    docker_image: a/b\n", [note("key-elsewhere", 9, 5)]),
    "a limit of the whole competition": (
        TITLE, f"{TITLE}max_submissions_per_day: 3\n", [note("key-elsewhere", 3, 1)],
    ),
    "a queue by its name": (TITLE, f"{TITLE}queue: my-queue\n", [error("not-a-uuid", 3, 8)]),
    "no queue": (TITLE, f"{TITLE}queue: null\n", []),
    "flags as words": (
        TITLE, f"{TITLE}forum_enabled: Off\nenable_detailed_results: YES\nauto_run_submissions: 'no '\n", [],
    ),
    "a negative limit": (TASKS, f"{TASKS}    max_submissions: -1\n", [error("number-out-of-range", 13, 22)]),
    "a page without a file": (TITLE, f"{TITLE}pages: [{{title: More}}]\n", [error("key-missing", 3, 9)]),
    "a solution without tasks": (
        "phases:\n", "solutions:\n  - {index: 0, path: scoring/}\nphases:\n", [error("key-missing", 10, 5)],
    ),
    "no solutions": ("phases:\n", "solutions: []\nphases:\n", []),
    "a key of another level that says nothing": (TASKS, f"{TASKS}    datasets: []\n    color:\n", []),
    "an end before the start": (START, f"{START}    end: 2025-12-31\n", [error("phase-window", 12, 10)]),
    "a minute after midnight as 24:01": (START, f"{START}    end: 2026-01-31 24:01\n", [error("not-a-date", 12, 10)]),
    "three dashes before and after": ("version: 2\n", "# A comment.\n---\nversion: 2\n", []),
    "a text of Python 2": (TITLE, "title: !!python/unicode 'Small'\n", []),
    "a number of Python 2": (TASKS, f"{TASKS}    max_submissions: !!python/long '5'\n", []),
    "an object of Python": (
        TITLE, "title: !!python/object/apply:os.system [ls]\n", [error("yaml-tag", 2, 8)],
    ),
    "a tuple of Python": (TASKS, "    tasks: !!python/tuple [0]\n", [error("yaml-tag", 12, 12)]),
    "a key twice": (TITLE, f"{TITLE}title: Other\n", [error("yaml-duplicate-key", 3, 1)]),
    "a tab": (TITLE, "title:\tSmall\n\tdescription: a\n", [error("yaml-syntax", 3, 1)]),
}  # fmt: skip


@pytest.mark.parametrize("name", REST)
def test_the_rest_as_people_write_it(name: str) -> None:
    passage, written, expected = REST[name]

    assert said(changed(passage, written)) == expected


@pytest.mark.parametrize("ending", ["---\n", "...\n", "---\n# The end.\n", "...\n---\n...\n", "\n\n---"])
def test_an_empty_document_at_the_end_is_passed_over(ending: str) -> None:
    assert said(SMALL + ending) == []


@pytest.mark.parametrize(
    "ending",
    ["---\ntitle: b\n", "---\n- 1\n", "---\ntext\n", '---\n""\n', "---\n---\na: 1\n"],
)
def test_a_second_document_is_refused_where_it_starts(ending: str) -> None:
    # The line after the 19 lines of the bundle, or the one after that.
    (problem,) = said(SMALL + ending)
    assert problem[:2] == ("error", "yaml-documents")
    assert problem[2] in (20, 21)


@pytest.mark.parametrize("line_end", ["\r\n", "\r"])
def test_the_line_ends_of_other_systems_are_read(line_end: str) -> None:
    assert said(SMALL.replace("\n", line_end)) == []


CODALAB: dict[str, tuple[str, str, Said]] = {
    "the last day is that of the last phase": (
        "title: Old\n", "title: Old\nend_date: 2026-02-01\n", [note("phase-one-day", 2, 11)],
    ),
    "an end at the start of the last phase": (
        "title: Old\n", "title: Old\nend_date: 2026-02-01 18:30:00\n", [note("phase-never-open", 2, 11)],
    ),
    "an end before the last phase": (
        "title: Old\n", "title: Old\nend_date: 2026-02-01 18:00:00\n", [error("phase-window", 2, 11)],
    ),
    "a break": (SECOND, f"{SECOND}    max_submissions: 0\n", [note("limit-none", 16, 22)]),
    "a break by days": (SECOND, f"{SECOND}    max_submissions_per_day: 0\n", [note("limit-none", 16, 30)]),
    "a limit of null": (SECOND, f"{SECOND}    max_submissions: null\n", []),
    "sorting in capitals": (RANK, f"{RANK}      sort: DESC\n", [note("choice-case", 30, 13)]),
    "an operation in small letters": (
        RANK, f"{RANK}      computed: {{operation: max, fields: accuracy}}\n", [note("choice-case", 30, 29)],
    ),
    "the default mode": (SECOND, f"{SECOND}    leaderboard_management_mode: default\n", []),
    "columns hidden in one phase": (
        SECOND, f"{SECOND}    hidden_columns: 'seconds'\n", [note("key-unused", 16, 5)],
    ),
    "data sets by their numbers": (
        SECOND, f"{SECOND}    datasets: {{1: {{name: a, url: b}}}}\n", [note("key-unused", 16, 5)],
    ),
    "a key by mistake": (RANK, f"{RANK}      seconds:\n", [note("key-unknown", 30, 7)]),
    "decimals as a pattern": (
        RANK, f"{RANK}      numeric_format: '%.4f'\n", [error("not-a-whole-number", 30, 23)],
    ),
    "texts of Python 2 at every level": (
        "    label: Second\n",
        "    !!python/unicode 'label': !!python/unicode 'Seconde phase'\n    color: !!python/unicode 'green'\n",
        [note("key-unused", 15, 5)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CODALAB)
def test_bundles_of_codalab_as_people_wrote_them(name: str) -> None:
    passage, written, expected = CODALAB[name]

    assert said(changed(passage, written, OLD)) == expected


def test_the_end_of_the_last_day_is_the_end_of_a_competition_of_codalab() -> None:
    spec = spec_of(changed("title: Old\n", "title: Old\nend_date: 2026-02-01\n", OLD))

    assert spec.phases[-1].end == day(2, 2)
