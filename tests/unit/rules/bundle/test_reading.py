from __future__ import annotations

import time
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.small_bundles import PNG
from tests.unit.rules.bundle.bundles import (
    FILES,
    SMALL,
    MemorySource,
    changed,
    errors_of,
    notes_of,
    read_text,
    spec_of,
)

from podium.rules.board.columns import Computation, Sorting
from podium.rules.board.submission_rules import SubmissionRule
from podium.rules.bundle import read_bundle
from podium.rules.bundle.spec import CompetitionType, FactSheetQuestion, FileRef
from podium.rules.errors import BundleError

STORED = "12345678-1234-4234-8234-123456789abc"


def test_the_smallest_bundle_reads_with_the_documented_defaults() -> None:
    reading = read_text(SMALL)
    spec = reading.require()

    assert reading.problems == ()
    assert reading.root == ""
    assert (spec.version, spec.title, spec.image, spec.terms) == ("2", "Small", "logo.png", "Be fair.\n")
    assert spec.docker_image == "codalab/codalab-legacy:py3"
    assert spec.competition_type is CompetitionType.COMPETITION
    assert (spec.pages, spec.solutions, spec.fact_sheet) == ((), (), ())
    assert not spec.registration_auto_approve
    assert spec.auto_run_submissions
    assert spec.forum_enabled
    (phase,) = spec.phases
    assert (phase.max_submissions, phase.max_submissions_per_day, phase.execution_time_limit_s) == (100, 5, 600)
    assert phase.start == datetime(2026, 1, 1, tzinfo=UTC)
    assert phase.end is None
    (board,) = spec.leaderboards
    assert (board.submission_rule, board.primary_index, board.hidden) == (SubmissionRule.ADD, 0, False)
    (column,) = board.columns
    assert (column.sorting, column.precision, column.hidden, column.computation) == (Sorting.DESCENDING, 2, False, None)


EVERYTHING = """\
version: "2"
title: Everything
description: Every key once.
image: logo.png
terms: terms.md
pages:
  - {title: First, file: pages/first.md}
  - {title: Second, file: pages/second.html}
docker_image: python:3.11
registration_auto_approve: yes
enable_detailed_results: true
show_detailed_results_in_submission_panel: false
show_detailed_results_in_leaderboard: "false"
auto_run_submissions: no
can_participants_make_submissions_public: false
make_programs_available: true
make_input_data_available: true
competition_type: benchmark
reward: $1000
contact_email: mail@example.org
forum_enabled: false
queue: 12345678-1234-4234-8234-123456789abc
fact_sheet:
  gpu: {key: gpu, type: checkbox, title: A GPU?, selection: [true, false], is_required: "false",
        is_on_leaderboard: "true"}
  model: {type: select, title: Which?, selection: [a, b], is_required: true}
  remark: {type: text, selection: ""}
tasks:
  - index: 3
    name: Made here
    description: With all four.
    scoring_program: scoring/
    ingestion_program: ./scoring
    input_data: data.zip
    reference_data: 12345678-1234-4234-8234-123456789abc
    ingestion_only_during_scoring: true
    podium: {seed: 7}
  - {index: 1, key: 12345678-1234-4234-8234-123456789abc}
solutions:
  - {index: 0, tasks: [3, 1], path: data.zip, name: Ours, description: Good.}
  - {index: 1, tasks: [1], key: 12345678-1234-4234-8234-123456789abc}
phases:
  - index: 2
    name: Later
    start: 2026-02-01
    tasks: [1]
    auto_migrate_to_this_phase: true
    max_submissions: 0
    max_submissions_per_day: null
    execution_time_limit: 0
  - index: 1
    name: Earlier
    description: The first.
    start: 2026-01-01 12:00:00+01:00
    end: 2026-02-01
    tasks: [3, 1]
    max_submissions: 10
    max_submissions_per_day: "2"
    execution_time_limit: 60.0
    hide_output: true
    hide_prediction_output: true
    hide_score_output: true
    starting_kit: pages
    public_data: data.zip
leaderboards:
  - title: Results
    key: main
    submission_rule: Force_Best
    hidden: true
    primary_index: 5
    columns:
      - {title: Both, key: both, index: 5, computation: avg, computation_indexes: [0, "1"], precision: 4}
      - {title: A, key: a, index: 0, sorting: asc}
      - {title: B, key: b, index: 1, hidden: true}
  - {title: More, key: more, columns: [{title: C, key: c, index: 2}]}
podium: {theme: dark, list: [1, 2.5, null, true]}
"""
EVERYTHING_FILES = {"pages/first.md": b"# First\r\n", "pages/second.html": b"<p>Second</p>"}


def test_every_key_arrives_in_the_specification() -> None:
    reading = read_text(EVERYTHING, EVERYTHING_FILES)
    spec = reading.require()

    assert reading.problems == ()
    assert [(page.index, page.title, page.file, page.content) for page in spec.pages] == [
        (0, "First", "pages/first.md", "# First\n"),
        (1, "Second", "pages/second.html", "<p>Second</p>"),
    ]
    assert spec.registration_auto_approve
    assert spec.enable_detailed_results
    assert not spec.show_detailed_results_in_submission_panel
    assert not spec.show_detailed_results_in_leaderboard
    assert not spec.auto_run_submissions
    assert not spec.can_participants_make_submissions_public
    assert spec.make_programs_available
    assert spec.make_input_data_available
    assert not spec.forum_enabled
    assert spec.competition_type is CompetitionType.BENCHMARK
    assert (spec.reward, spec.contact_email, spec.queue) == ("$1000", "mail@example.org", STORED)
    assert (spec.docker_image, spec.description) == ("python:3.11", "Every key once.")
    assert spec.extensions == {"theme": "dark", "list": [1, 2.5, None, True]}
    assert spec.fact_sheet == (
        FactSheetQuestion(key="gpu", type="checkbox", title="A GPU?", is_on_leaderboard=True),
        FactSheetQuestion(key="model", type="select", title="Which?", selection=("a", "b"), is_required=True),
        FactSheetQuestion(key="remark", type="text", title="remark"),
    )


@pytest.mark.parametrize(
    "written", ["[Ann@Example.org, ' bob@example.org', ann@example.org]", '"ann@example.org, bob@EXAMPLE.org"']
)
def test_people_are_named_by_a_list_or_by_a_text_with_commas(written: str) -> None:
    spec = spec_of(f"whitelist_emails: {written}\ncollaborators: [anna, 42, bob@Example.org]\n{SMALL}")

    # Addresses are compared without regard to case; names stay as they are written.
    assert spec.whitelist_emails == ("ann@example.org", "bob@example.org")
    assert spec.collaborators == ("anna", "42", "bob@Example.org")


@pytest.mark.parametrize(("key", "most"), [("collaborators", 100), ("whitelist_emails", 10_000)])
def test_lists_of_people_have_an_end(key: str, most: int) -> None:
    fitting = ", ".join(f"p{number}@a.b" for number in range(most))

    assert errors_of(f"{key}: [{fitting}]\n{SMALL}") == []
    assert errors_of(f"{key}: [{fitting}, more@a.b]\n{SMALL}") == [("list-long", 1, len(key) + 3)]


def test_submissions_by_programs_are_refused_unless_the_bundle_allows_them() -> None:
    assert not spec_of(SMALL).allow_robot_submissions
    assert spec_of(f"allow_robot_submissions: true\n{SMALL}").allow_robot_submissions


def test_every_key_of_tasks_and_solutions_arrives() -> None:
    spec = spec_of(EVERYTHING, EVERYTHING_FILES)

    made, stored = spec.tasks
    assert (made.index, made.name, made.description) == (3, "Made here", "With all four.")
    assert made.scoring_program == made.ingestion_program == FileRef(path="scoring")
    assert made.input_data == FileRef(path="data.zip")
    assert made.reference_data == FileRef(key=UUID(STORED))
    assert made.ingestion_only_during_scoring
    assert made.extensions == {"seed": 7}
    assert (stored.index, stored.key) == (1, UUID(STORED))
    first, second = spec.solutions
    assert (first.index, first.tasks, first.path) == (0, (3, 1), FileRef(path="data.zip"))
    assert (first.name, first.description) == ("Ours", "Good.")
    assert (second.key, second.path) == (UUID(STORED), None)


def test_phases_are_sorted_by_index_and_numbered_from_zero() -> None:
    earlier, later = spec_of(EVERYTHING, EVERYTHING_FILES).phases

    assert (earlier.index, earlier.name, earlier.tasks, earlier.description) == (0, "Earlier", (3, 1), "The first.")
    assert earlier.start == datetime(2026, 1, 1, 11, tzinfo=UTC)
    assert earlier.end == later.start == datetime(2026, 2, 1, tzinfo=UTC)
    assert (earlier.max_submissions, earlier.max_submissions_per_day, earlier.execution_time_limit_s) == (10, 2, 60)
    assert earlier.hide_output
    assert earlier.hide_prediction_output
    assert earlier.hide_score_output
    assert (earlier.starting_kit, earlier.public_data) == (FileRef(path="pages"), FileRef(path="data.zip"))
    assert (later.index, later.auto_migrate_to_this_phase) == (1, True)


def test_zero_and_null_limits_are_no_limits_and_a_zero_time_limit_is_the_default() -> None:
    later = spec_of(EVERYTHING, EVERYTHING_FILES).phases[1]

    assert (later.max_submissions, later.max_submissions_per_day, later.execution_time_limit_s) == (None, None, 600)


def test_every_key_of_leaderboards_and_columns_arrives() -> None:
    board, more = spec_of(EVERYTHING, EVERYTHING_FILES).leaderboards

    assert (board.title, board.key, board.submission_rule) == ("Results", "main", SubmissionRule.FORCE_BEST)
    assert (board.hidden, board.primary_index) == (True, 5)
    assert [column.key for column in board.columns] == ["a", "b", "both"]
    a, b, both = board.columns
    assert (a.sorting, b.hidden) == (Sorting.ASCENDING, True)
    assert (both.computation, both.computation_indexes, both.precision) == (Computation.AVERAGE, (0, 1), 4)
    # No column has the default index 0: the first one ranks.
    assert (more.key, more.primary_index) == ("more", 2)


@pytest.mark.parametrize("version", ["2", '"2"', "2.0", "'2.0'", "2.00"])
def test_all_ways_to_write_version_two_are_equal(version: str) -> None:
    assert spec_of(changed("version: 2", f"version: {version}")).version == "2"


@pytest.mark.parametrize(
    ("version", "code"),
    [("1", "version-mismatch"), ("1.5", "version-mismatch"), ('"1.8"', "version-mismatch"),
     ("3", "version-unknown"), ("two", "version-unknown"), ("[2]", "version-unknown"), (".nan", "version-unknown")],
)  # fmt: skip
def test_another_version_is_the_only_error(version: str, code: str) -> None:
    text = changed("title: Small\n", "", changed("version: 2", f"version: {version}"))

    assert errors_of(text) == [(code, 1, 10)]


def test_a_file_of_the_second_shape_without_version_is_one_error_that_says_so() -> None:
    text = changed("version: 2\n", "")
    (problem,) = read_text(text).problems

    assert (problem.code, problem.line) == ("version-missing", 1)
    assert "version: 2" in problem.hint


# Each: what is replaced in SMALL, by what, and every error of the result with its line and column.
BROKEN = {
    "title missing": ("title: Small\n", "", [("key-missing", 1, 1)]),
    "title null": ("title: Small", "title:", [("key-missing", 2, 7)]),
    "title too long": ("title: Small", f"title: {'x' * 257}", [("text-long", 2, 8)]),
    "title a list": ("title: Small", "title: [a]", [("wrong-type", 2, 8)]),
    "title with a control character": ("title: Small", 'title: "a\\0b"', [("text-characters", 2, 8)]),
    "image missing": ("image: logo.png\n", "", [("key-missing", 1, 1)]),
    "image not in the bundle": ("logo.png", "lego.png", [("file-missing", 3, 8)]),
    "image a folder": ("image: logo.png", "image: scoring", [("file-is-folder", 3, 8)]),
    "image no image": ("image: logo.png", "image: terms.md", [("image-format", 3, 8)]),
    "terms absolute": ("terms: terms.md", "terms: /terms.md", [("path-absolute", 4, 8)]),
    "terms outside": ("terms: terms.md", "terms: ../terms.md", [("path-outside", 4, 8)]),
    "terms by backslash": ("terms: terms.md", "terms: a\\terms.md", [("path-backslash", 4, 8)]),
    "terms by drive": ("terms: terms.md", "terms: C:/terms.md", [("path-absolute", 4, 8)]),
    "terms the bundle itself": ("terms: terms.md", "terms: ./", [("path-empty", 4, 8)]),
    "terms binary": ("terms: terms.md", "terms: data.zip", [("not-text", 4, 8)]),
    "page without file": ("tasks:\n", "pages: [{title: a}]\ntasks:\n", [("key-missing", 5, 9)]),
    "page a text": ("tasks:\n", "pages: [a]\ntasks:\n", [("not-a-table", 5, 9)]),
    "pages a table": ("tasks:\n", "pages: {a: b}\ntasks:\n", [("not-a-list", 5, 8)]),
    "flag a word": ("tasks:\n", "auto_run_submissions: maybe\ntasks:\n", [("not-a-flag", 5, 23)]),
    "white list of a name": ("tasks:\n", "whitelist_emails: [a@b.c, anna]\ntasks:\n", [("not-an-e-mail", 5, 27)]),
    "white list with an empty item": ("tasks:\n", "whitelist_emails: [~]\ntasks:\n", [("wrong-type", 5, 20)]),
    "white list a table": ("tasks:\n", "whitelist_emails: {a: b}\ntasks:\n", [("wrong-type", 5, 19)]),
    "collaborator a table": ("tasks:\n", "collaborators: [{a: b}]\ntasks:\n", [("wrong-type", 5, 17)]),
    "collaborator with a control character": ("tasks:\n", 'collaborators: ["a\\0b"]\ntasks:\n',
                                              [("not-a-name", 5, 17)]),
    "image name with a space": ("tasks:\n", "docker_image: a b\ntasks:\n", [("image-name", 5, 15)]),
    "mail without at": ("tasks:\n", "contact_email: me\ntasks:\n", [("not-an-e-mail", 5, 16)]),
    "queue no UUID": ("tasks:\n", "queue: main\ntasks:\n", [("not-a-uuid", 5, 8)]),
    "unknown type": ("tasks:\n", "competition_type: contest\ntasks:\n", [("not-a-choice", 5, 19)]),
    "extensions a text": ("tasks:\n", "podium: x\ntasks:\n", [("not-a-table", 5, 9)]),
    "task without index": ("  - index: 0\n    name: The task", "  - name: The task",
                           [("key-missing", 6, 5)]),
    "task index a text": ("  - index: 0\n    name: The", "  - index: first\n    name: The",
                          [("not-a-whole-number", 6, 12)]),
    "task index negative": ("  - index: 0\n    name: The", "  - index: -1\n    name: The",
                            [("number-out-of-range", 6, 12)]),
    "task without name": ("    name: The task\n", "", [("key-missing", 6, 5)]),
    "task without scoring": ("    scoring_program: scoring/\n", "", [("key-missing", 6, 5)]),
    "program not there": ("scoring_program: scoring/", "scoring_program: score/", [("file-missing", 8, 22)]),
    "program outside": ("scoring_program: scoring/", "scoring_program: a/../../b", [("path-outside", 8, 22)]),
    "task key no UUID": ("    name: The task\n", "    key: mine\n", [("not-a-uuid", 7, 10)]),
    "task index twice": ("phases:\n", "  - {index: 0, name: b, scoring_program: scoring}\nphases:\n",
                         [("index-repeated", 9, 13)]),
    "solution without path": ("phases:\n", "solutions: [{index: 0, tasks: [0]}]\nphases:\n", [("key-missing", 9, 13)]),
    "solution of an unknown task": ("phases:\n", "solutions: [{index: 0, tasks: [7], path: data.zip}]\nphases:\n",
                                    [("task-unknown", 9, 32)]),
    "phase without tasks": ("    tasks: [0]\n", "", [("key-missing", 10, 5)]),
    "phase with empty tasks": ("tasks: [0]", "tasks: []", [("list-empty", 12, 12)]),
    "phase with one task, no list": ("tasks: [0]", "tasks: {a: 0}", [("not-a-list", 12, 12)]),
    "phase of an unknown task": ("tasks: [0]", "tasks: [0, 4]", [("task-unknown", 12, 16)]),
    "no start": ("    start: 2026-01-01\n", "", [("key-missing", 10, 5)]),
    "start no date": ("start: 2026-01-01", "start: soon", [("not-a-date", 11, 12)]),
    "end before start": ("    tasks: [0]\n", "    tasks: [0]\n    end: 2025-12-31\n", [("phase-window", 13, 10)]),
    "first phase migrates": ("    tasks: [0]\n", "    tasks: [0]\n    auto_migrate_to_this_phase: true\n",
                             [("phase-migrates-nothing", 13, 33)]),
    "migrates what is unknown": ("    tasks: [0]\n", "    tasks: [0]\n    podium: {migrate: best}\n",
                                 [("migrate-unknown", 13, 13)]),
    "phase without end before another": ("leaderboards:\n",
                                         "  - {name: b, start: 2026-02-01, tasks: [0]}\nleaderboards:\n",
                                         [("phase-endless", 10, 5)]),
    "phases that overlap": ("    tasks: [0]\n",
                            "    tasks: [0]\n    end: 2026-03-01\n  - {name: b, start: 2026-02-28, tasks: [0]}\n",
                            [("phase-overlap", 14, 22)]),
    "limit a flag": ("    tasks: [0]\n", "    tasks: [0]\n    max_submissions: true\n",
                     [("not-a-whole-number", 13, 22)]),
    "limit too large": ("    tasks: [0]\n", "    tasks: [0]\n    max_submissions: 2147483648\n",
                        [("number-out-of-range", 13, 22)]),
    "half a second": ("    tasks: [0]\n", "    tasks: [0]\n    execution_time_limit: 0.5\n",
                      [("not-a-whole-number", 13, 27)]),
    "board without columns": ("columns:\n      - title: Accuracy\n        key: accuracy\n        index: 0\n",
                              "columns: []\n", [("list-empty", 16, 14)]),
    "board key too long": ("key: main", f"key: {'k' * 129}", [("text-long", 15, 10)]),
    "unknown rule": ("    key: main\n", "    key: main\n    submission_rule: Force\n", [("not-a-choice", 16, 22)]),
    "primary column unknown": ("    key: main\n", "    key: main\n    primary_index: 3\n",
                               [("primary-unknown", 16, 20)]),
    "sorting unknown": ("        index: 0\n", "        index: 0\n        sorting: down\n", [("not-a-choice", 20, 18)]),
    "column index twice": ("        index: 0\n", "        index: 0\n      - {title: b, key: b, index: 0}\n",
                           [("index-repeated", 20, 35)]),
    "column key twice": ("        index: 0\n", "        index: 0\n      - {title: b, key: accuracy, index: 1}\n",
                         [("key-repeated", 20, 25)]),
    "computation without indexes": ("        index: 0\n", "        index: 0\n        computation: avg\n",
                                    [("computation-without-indexes", 20, 22)]),
    "indexes without computation": ("        index: 0\n",
                                    ("        index: 0\n      - {title: b, key: b, index: 1, computation_indexes: [0]}"
                                    "\n"), [("indexes-without-computation", 20, 59)]),
    "column of itself": ("        index: 0\n",
                         "        index: 0\n        computation: sum\n        computation_indexes: [0]\n",
                         [("computation-of-itself", 21, 30)]),
    "column of an unknown one": ("        index: 0\n",
                                 "        index: 0\n        computation: sum\n        computation_indexes: [8]\n",
                                 [("computation-of-unknown", 21, 30)]),
    "columns in a circle": ("        index: 0\n",
                            ("        index: 0\n        computation: sum\n        computation_indexes: [1]\n"
                            "      - {title: b, key: b, index: 1, computation: min, computation_indexes: [0]}\n"),
                            [("computation-circle", 21, 30)]),
    "two boards of one key": ("      - title: Accuracy",
                              ("      - {title: z, key: z, index: 9}\n  - title: Two\n    key: main\n    columns:\n"
                              "      - title: Accuracy"), [("key-repeated", 19, 10)]),
    "both spellings of leaderboards": ("leaderboards:\n", "leaderboard: []\nleaderboards:\n",
                                       [("leaderboard-twice", 13, 1)]),
    "leaderboards missing": (SMALL[SMALL.index("leaderboards:"):], "", [("key-missing", 1, 1)]),
    "fact sheet a list": ("tasks:\n", "fact_sheet: [a]\ntasks:\n", [("not-a-table", 5, 13)]),
    "question a text": ("tasks:\n", "fact_sheet: {a: b}\ntasks:\n", [("not-a-table", 5, 17)]),
    "question without type": ("tasks:\n", "fact_sheet: {a: {title: b}}\ntasks:\n", [("key-missing", 5, 17)]),
    "question key with a space": ("tasks:\n", "fact_sheet: {a b: {type: text}}\ntasks:\n", [("fact-sheet-key", 5, 14)]),
    "question under another key": ("tasks:\n", "fact_sheet: {a: {type: text, key: b}}\ntasks:\n",
                                   [("fact-sheet-key", 5, 35)]),
    "select without choices": ("tasks:\n", "fact_sheet: {a: {type: select}}\ntasks:\n", [("selection-empty", 5, 17)]),
    "text with choices": ("tasks:\n", "fact_sheet: {a: {type: text, selection: [b]}}\ntasks:\n",
                          [("selection-unused", 5, 41)]),
    "checkbox with choices": ("tasks:\n", "fact_sheet: {a: {type: checkbox, selection: [b]}}\ntasks:\n",
                              [("selection-unused", 5, 45)]),
    "choice twice": ("tasks:\n", "fact_sheet: {a: {type: select, selection: [b, b]}}\ntasks:\n",
                     [("selection-repeated", 5, 43)]),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_bundle_has_exactly_its_errors(name: str) -> None:
    old, new, expected = BROKEN[name]

    assert errors_of(changed(old, new)) == expected


def test_all_problems_of_a_bundle_are_found_at_once_in_the_order_of_their_lines() -> None:
    text = changed("title: Small", "title:")
    text = changed("logo.png", "nothing.png", text)
    text = changed("start: 2026-01-01", "start: never", text)
    text = changed("        key: accuracy\n", "", text)

    assert errors_of(text) == [
        ("key-missing", 2, 7),
        ("file-missing", 3, 8),
        ("not-a-date", 11, 12),
        ("key-missing", 17, 9),
    ]


def test_require_raises_every_problem_with_its_place() -> None:
    reading = read_text(changed("title: Small", "titel: Small"))

    assert reading.spec is None
    with pytest.raises(BundleError) as caught:
        reading.require()
    assert [(problem.place, problem.severity) for problem in caught.value.problems] == [
        ("competition.yaml:1:1", "error"),
        ("competition.yaml:2:1", "note"),
    ]
    assert caught.value.problems[1].hint == 'Did you mean "title"?'


@pytest.mark.parametrize(
    ("old", "new", "note"),
    [
        ("tasks:\n", "descripton: x\ntasks:\n", ("key-unknown", 5, 1)),
        ("tasks:\n", "has_registration: true\ntasks:\n", ("key-elsewhere", 5, 1)),
        ("    start: 2026-01-01\n", "    start: 2026-01-01\n    color: red\n", ("key-elsewhere", 12, 5)),
        ("start: 2026-01-01", "start: 8-7-2019", ("date-order", 11, 12)),
        ("tasks: [0]", "tasks: [0, 0]", ("task-repeated", 12, 16)),
        ("    name: The task\n", f"    name: The task\n    key: {STORED}\n", ("task-keys-ignored", 8, 10)),
        ("phases:\n", "  - {index: 1, name: b, scoring_program: scoring}\nphases:\n", ("task-unused", 6, 3)),
    ],
)
def test_what_does_no_harm_is_a_note(old: str, new: str, note: tuple[str, int, int]) -> None:
    assert notes_of(changed(old, new)) == [note]


def test_a_key_of_the_first_version_says_what_it_became() -> None:
    (note,) = read_text(changed("tasks:\n", "competition_docker_image: a\ntasks:\n")).problems

    assert note.hint == 'In version 2 it is "docker_image".'


def test_a_missing_file_suggests_the_one_that_is_there() -> None:
    (problem,) = read_text(changed("logo.png", "Logo.PNG")).problems

    assert problem.hint == 'Did you mean "logo.png"?'


def test_the_singular_leaderboard_counts_as_the_plural() -> None:
    reading = read_text(changed("leaderboards:", "leaderboard:"))

    assert reading.problems == ()
    assert reading.require().leaderboards[0].key == "main"


def test_a_phase_may_start_at_the_moment_the_one_before_ends() -> None:
    text = changed(
        "    tasks: [0]\n", "    tasks: [0]\n    end: 2026-02-01\n  - {name: b, start: 2026-02-01, tasks: [0]}\n"
    )

    assert [phase.name for phase in spec_of(text).phases] == ["The phase", "b"]


def test_explicit_null_means_the_key_is_not_there() -> None:
    text = changed("tasks:\n", "pages:\nsolutions: null\nfact_sheet:\nreward: ~\ndocker_image:\ntasks:\n")
    text = changed("    tasks: [0]\n", "    tasks: [0]\n    starting_kit:\n    end: null\n", text)
    text = changed("        index: 0\n", "        index: 0\n        computation: null\n", text)
    spec = spec_of(text)

    assert (spec.pages, spec.solutions, spec.fact_sheet, spec.reward) == ((), (), (), "")
    assert spec.docker_image == "codalab/codalab-legacy:py3"
    assert (spec.phases[0].starting_kit, spec.phases[0].end) == (None, None)


def test_a_number_or_a_word_like_yes_is_a_fine_title() -> None:
    assert spec_of(changed("title: Small", "title: 2024")).title == "2024"
    assert spec_of(changed("title: Small", "title: yes")).title == "yes"


def test_an_endless_list_of_mistakes_is_cut_off_with_an_error() -> None:
    text = changed("tasks: [0]", f"tasks: [{', '.join(str(number) for number in range(1000))}]")
    problems = read_text(text).problems

    assert len(problems) == 201
    assert (problems[-1].code, problems[-1].severity) == ("too-many-problems", "error")


def test_more_notes_than_are_shown_do_not_make_an_error_or_hide_one() -> None:
    text = SMALL + "".join(f"unknown{number}: 1\n" for number in range(300))
    harmless, broken = read_text(text), read_text(text + "logo.png: 1\ntitle: again\n")

    assert harmless.spec is not None
    assert (harmless.problems[-1].code, harmless.problems[-1].severity) == ("too-many-problems", "note")
    assert [problem.code for problem in broken.problems if problem.severity == "error"] == ["yaml-duplicate-key"]


def test_a_hostile_number_of_missing_files_is_named_in_reasonable_time() -> None:
    files = {f"data/folder{n % 50}/some_long_file_name_{n}.txt": b"" for n in range(20_000)}
    tasks = "".join(
        f"  - {{index: {n}, name: a, scoring_program: data/folder/some_lon_file_nam_{n}.tx}}\n" for n in range(1, 5000)
    )
    before = time.process_time()
    reading = read_text(changed("phases:\n", f"{tasks}phases:\n"), files)

    assert reading.spec is None
    # Comparing every missing name with every name of the bundle would take hours.
    assert time.process_time() - before < 10


def test_a_nested_root_folder_is_taken_with_a_note_and_paths_stay_relative() -> None:
    files = {f"my bundle/{name}": content for name, content in FILES.items()}
    files["my bundle/competition.yaml"] = SMALL.encode()
    files["__MACOSX/my bundle/._competition.yaml"] = b"\0"
    reading = read_bundle(MemorySource(files))

    assert reading.root == "my bundle"
    assert [(problem.code, problem.severity) for problem in reading.problems] == [("bundle-nested", "note")]
    assert reading.require().tasks[0].scoring_program == FileRef(path="scoring")
    assert reading.member_name("scoring") == "my bundle/scoring"


def test_a_nested_bundle_cannot_reach_beside_its_folder() -> None:
    files = {f"inner/{name}": content for name, content in FILES.items() if name != "logo.png"}
    reading = read_bundle(MemorySource({**files, "logo.png": PNG, "inner/competition.yaml": SMALL.encode()}))

    assert [problem.code for problem in reading.problems if problem.severity == "error"] == ["file-missing"]


def test_the_other_extension_is_taken_with_a_note() -> None:
    reading = read_bundle(MemorySource({**FILES, "competition.yml": SMALL.encode()}))

    assert [(problem.code, problem.file) for problem in reading.problems] == [("bundle-file-name", "competition.yml")]
    assert reading.spec is not None


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({}, "bundle-no-yaml"),
        ({"readme.md": b""}, "bundle-no-yaml"),
        ({"__MACOSX/competition.yaml": b"version: 2"}, "bundle-no-yaml"),
        ({"a/competition.yaml": b"version: 2", "b/competition.yaml": b"version: 2"}, "bundle-several"),
    ],
)
def test_a_bundle_without_one_competition_yaml_is_one_problem(files: dict[str, bytes], code: str) -> None:
    reading = read_bundle(MemorySource(files))

    assert [problem.code for problem in reading.problems] == [code]
    assert reading.spec is None


def test_byte_order_marks_and_windows_line_ends_do_no_harm() -> None:
    assert read_text(b"\xef\xbb\xbf" + SMALL.replace("\n", "\r\n").encode()).problems == ()
    assert read_text(SMALL.encode("utf-16")).problems == ()
    assert spec_of(SMALL, {"terms.md": b"\xef\xbb\xbfBe fair.\r\n"}).terms == "Be fair.\n"


def test_a_page_in_windows_1252_is_read_with_a_note() -> None:
    # 0x93 and 0x94 are the curly quotes of Windows-1252, and no UTF-8.
    reading = read_text(SMALL, {"terms.md": b"Be \x93fair\x94, M\xfcller."})

    assert reading.require().terms == "Be \u201cfair\u201d, M\u00fcller."
    assert [(problem.code, problem.line, problem.severity) for problem in reading.problems] == [
        ("text-encoding", 4, "note")
    ]


@pytest.mark.parametrize(
    ("old", "portable", "place"),
    [
        ("title: Results", 64, (14, 12)),
        ("key: main", 36, (15, 10)),
        ("title: Accuracy", 36, (17, 16)),
        ("key: accuracy", 36, (18, 14)),
    ],
)
def test_names_longer_than_codabench_takes_are_kept_with_a_note(
    old: str, portable: int, place: tuple[int, int]
) -> None:
    name = old.partition(":")[0]

    assert notes_of(changed(old, f"{name}: {'x' * portable}")) == []
    assert notes_of(changed(old, f"{name}: {'x' * (portable + 1)}")) == [("text-long-elsewhere", *place)]
    assert notes_of(changed(old, f"{name}: {'x' * 128}")) == [("text-long-elsewhere", *place)]
    assert errors_of(changed(old, f"{name}: {'x' * 129}")) == [("text-long", *place)]


def test_an_empty_text_and_one_beyond_five_mebibytes_are_errors() -> None:
    assert errors_of(SMALL, {"terms.md": b" \n"}) == [("file-empty", 4, 8)]
    assert errors_of(SMALL, {"terms.md": b"x" * (5 * 1024 * 1024 + 1)}) == [("file-large", 4, 8)]


def test_pages_beyond_twenty_mebibytes_together_are_refused_however_often_one_is_named() -> None:
    pages = "  - {title: a, file: long.md}\n" * 6
    text = changed("tasks:\n", f"pages:\n{pages}tasks:\n")

    # The terms and four pages of 5,000,000 bytes leave 971,510 of 20,971,520 bytes for the fifth, on line 10.
    assert errors_of(text, {"long.md": b"x" * 5_000_000}) == [("file-large", 10, 22), ("file-large", 11, 22)]


def test_a_competition_yaml_beyond_two_mebibytes_is_refused() -> None:
    assert errors_of("#" * (2 * 1024 * 1024 + 1)) == [("file-large", None, None)]


def test_a_list_at_the_top_is_refused() -> None:
    assert errors_of("- version: 2\n") == [("not-a-table", 1, 1)]


# Pieces that are near to the format reach deeper than arbitrary text does.
KEYS = st.sampled_from(
    [
        "version", "title", "image", "terms", "pages", "tasks", "phases", "leaderboards", "columns", "index", "key",
        "name", "start", "end", "file", "path", "solutions", "fact_sheet", "type", "selection", "computation",
        "computation_indexes", "primary_index", "podium", "scoring_program", "<<", "queue",
    ]
)  # fmt: skip
VALUES = st.recursive(
    st.sampled_from(["2", "0", "1", "-1", "true", "logo.png", "terms.md", "../x", "scoring/", "8-7-2019", "2026-01-01",
                     "~", "''", STORED, "avg", "1e400", "select"])
    | st.text(alphabet="ab \\0\u20ac", max_size=6).map(lambda text: f"'{text}'"),
    lambda inner: st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]")
    | st.lists(st.tuples(KEYS, inner), max_size=5).map(
        lambda pairs: "{" + ", ".join(f"{key}: {value}" for key, value in pairs) + "}"
    ),
    max_leaves=25,
)  # fmt: skip


@settings(deadline=None)
@given(st.lists(st.tuples(KEYS, VALUES), max_size=8), st.booleans())
def test_anything_near_the_format_is_a_competition_or_has_errors(pairs: list[tuple[str, str]], complete: bool) -> None:
    head = {"version": "2", "title": "a"} if complete else {}
    text = "\n".join(f"{key}: {value}" for key, value in {**head, **dict(pairs)}.items())
    reading = read_text(text)

    assert (reading.spec is None) == any(problem.severity == "error" for problem in reading.problems)


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_a_competition_or_have_errors(content: bytes) -> None:
    reading = read_text(content, {"terms.md": content, "logo.png": content})

    assert (reading.spec is None) == any(problem.severity == "error" for problem in reading.problems)
