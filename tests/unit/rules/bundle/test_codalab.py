"""Bundles of CodaLab 1.5 and 1.8, read into the specification that bundles of version 2 have."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.rules.bundle.bundles import OLD, changed, errors_of, notes_of, read_text, spec_of

from podium.rules.board.columns import Computation, Sorting
from podium.rules.board.submission_rules import SubmissionRule
from podium.rules.bundle.spec import FileRef

# Every bundle without a version key is told that it is read as one of CodaLab.
READ_AS = ("version-codalab", 1, 1)


def old(passage: str, replacement: str, yaml: str = OLD) -> str:
    return changed(passage, replacement, yaml)


def notes(yaml: str) -> list[tuple[str, int | None, int | None]]:
    """The notes beside the one about the version."""
    found = notes_of(yaml)
    assert READ_AS in found
    return [note for note in found if note != READ_AS]


def test_the_smallest_bundle_reads_with_the_documented_defaults() -> None:
    spec = spec_of(OLD)

    assert notes_of(OLD) == [READ_AS]
    assert (spec.version, spec.title, spec.image, spec.terms) == ("1.5", "Old", "logo.png", "Be fair.\n")
    assert [(page.index, page.title, page.file) for page in spec.pages] == [(0, "overview", "terms.md")]
    assert spec.docker_image == "codalab/codalab-legacy:py37"
    assert not spec.registration_auto_approve
    assert not spec.enable_detailed_results
    assert spec.show_detailed_results_in_submission_panel
    assert spec.show_detailed_results_in_leaderboard
    assert spec.auto_run_submissions
    assert spec.can_participants_make_submissions_public
    assert not spec.make_programs_available
    assert not spec.make_input_data_available
    assert spec.forum_enabled
    assert (spec.collaborators, spec.queue, spec.reward) == ((), None, "")


@pytest.mark.parametrize("version", ["1", "1.5", '"1.8"', "1.0"])
def test_a_version_key_of_codalab_is_read_without_a_remark(version: str) -> None:
    spec = spec_of(f"version: {version}\n{OLD}")

    assert spec.version == "1.5"
    assert notes_of(f"version: {version}\n{OLD}") == []


def test_a_phase_ends_at_the_moment_the_next_one_starts() -> None:
    first, second = spec_of(OLD).phases

    assert (first.index, first.name, first.start) == (0, "First", datetime(2026, 1, 1, 12, tzinfo=UTC))
    assert first.end == second.start == datetime(2026, 2, 1, 18, 30, tzinfo=UTC)
    assert (second.index, second.end) == (1, None)
    assert (first.max_submissions, first.max_submissions_per_day, first.execution_time_limit_s) == (100, 5, 600)


def test_the_last_phase_ends_with_the_competition_unless_it_never_ends() -> None:
    ending = f"end_date: 2026-03-01 00:00:00\n{OLD}"
    endless = old("    label: Second\n", "    label: Second\n    phase_never_ends: true\n", ending)

    assert spec_of(ending).phases[1].end == datetime(2026, 3, 1, tzinfo=UTC)
    assert spec_of(endless).phases[1].end is None


@pytest.mark.parametrize("nothing", ["null", '"null"', "", "None"])
def test_an_end_date_of_null_is_none(nothing: str) -> None:
    assert spec_of(f"end_date: {nothing}\n{OLD}").phases[1].end is None


def test_phases_are_ordered_by_their_number_and_not_by_their_place() -> None:
    text = old("    phasenumber: 2\n", "    phasenumber: 1\n", old("    phasenumber: 1\n", "    phasenumber: 7\n"))
    text = text.replace("2026-01-01", "2026-05-01")

    assert [(phase.index, phase.name) for phase in spec_of(text).phases] == [(0, "Second"), (1, "First")]


def test_each_phase_brings_a_task_named_after_it() -> None:
    spec = spec_of(OLD)

    assert [(task.index, task.name, task.scoring_program) for task in spec.tasks] == [
        (0, "First Task", FileRef(path="data.zip")),
        (1, "Second Task", FileRef(path="data.zip")),
    ]
    assert [phase.tasks for phase in spec.phases] == [(0,), (1,)]


def test_every_key_of_a_phase_arrives() -> None:
    text = old(
        "    label: Second\n",
        """\
    label: Second
    description: The last.
    max_submissions: 3
    max_submissions_per_day: 0
    execution_time_limit: 60
    auto_migration: true
    hide_output: true
    hide_prediction_output: true
    hide_score_output: true
    ingestion_program: scoring/
    ingestion_program_only_during_scoring: true
    input_data: data.zip
    reference_data: data.zip
    starting_kit: data.zip
    public_data: 12345678-1234-4234-8234-123456789abc
""",
    )
    spec = spec_of(text)
    phase, task = spec.phases[1], spec.tasks[1]

    assert notes(text) == [("limit-none", 17, 30)]
    assert (phase.description, phase.max_submissions, phase.max_submissions_per_day) == ("The last.", 3, None)
    assert (phase.execution_time_limit_s, phase.auto_migrate_to_this_phase) == (60, True)
    assert (phase.hide_output, phase.hide_prediction_output, phase.hide_score_output) == (True, True, True)
    assert (phase.starting_kit, str(phase.public_data.key)) == (  # type: ignore[union-attr]
        FileRef(path="data.zip"),
        "12345678-1234-4234-8234-123456789abc",
    )
    assert (task.ingestion_program, task.ingestion_only_during_scoring) == (FileRef(path="scoring"), True)
    assert task.input_data == task.reference_data == FileRef(path="data.zip")


def test_every_key_of_the_competition_arrives() -> None:
    text = f"""\
description: About it.
competition_docker_image: python:3.8
has_registration: false
admin_names: anna, bert,anna
enable_detailed_results: true
show_detailed_results_in_submission_panel: false
show_detailed_results_in_leaderboard: false
auto_run_submissions: false
allow_public_submissions: false
make_programs_available: true
make_input_data_available: true
enable_forum: false
reward: 500
queue: 12345678-1234-4234-8234-123456789abc
{OLD}"""
    spec = spec_of(text)

    assert notes(text) == []
    assert (spec.description, spec.docker_image, spec.reward) == ("About it.", "python:3.8", "500")
    assert spec.registration_auto_approve
    assert spec.collaborators == ("anna", "bert")
    assert spec.enable_detailed_results
    assert not spec.show_detailed_results_in_submission_panel
    assert not spec.show_detailed_results_in_leaderboard
    assert not spec.auto_run_submissions
    assert not spec.can_participants_make_submissions_public
    assert spec.make_programs_available
    assert spec.make_input_data_available
    assert not spec.forum_enabled
    assert spec.queue == "12345678-1234-4234-8234-123456789abc"


@pytest.mark.parametrize("blank", ["", '""', "null"])
def test_a_blank_image_is_the_one_that_codalab_ran_programs_in(blank: str) -> None:
    assert spec_of(f"competition_docker_image: {blank}\n{OLD}").docker_image == "codalab/codalab-legacy:py37"


BEST, LAST, FIXED = (
    "force_best_submission_to_leaderboard",
    "force_submission_to_leaderboard",
    "disallow_leaderboard_modifying",
)


@pytest.mark.parametrize(
    ("flags", "rule"),
    [
        ((), SubmissionRule.ADD_AND_DELETE),
        ((LAST,), SubmissionRule.FORCE_LAST),
        ((BEST,), SubmissionRule.FORCE_BEST),
        ((FIXED,), SubmissionRule.BY_ORGANIZERS),
        ((LAST, FIXED), SubmissionRule.FORCE_LAST),
        ((BEST, LAST), SubmissionRule.FORCE_BEST),
        ((BEST, FIXED), SubmissionRule.FORCE_BEST),
    ],
)
def test_the_three_switches_of_the_board_become_one_rule(flags: tuple[str, ...], rule: SubmissionRule) -> None:
    text = "".join(f"{flag}: true\n" for flag in flags) + OLD

    assert spec_of(text).leaderboards[0].submission_rule is rule
    assert [code for code, _, _ in notes(text)] == (
        ["entries-by-organizers"] if rule is SubmissionRule.BY_ORGANIZERS else []
    )


def test_a_phase_may_ask_for_the_best_submission_as_well() -> None:
    text = old("    label: Second\n", f"    label: Second\n    {BEST}: true\n")

    assert spec_of(text).leaderboards[0].submission_rule is SubmissionRule.FORCE_BEST


def test_columns_are_ordered_by_rank_and_the_first_one_ranks() -> None:
    text = old("      label: Accuracy\n      rank: 1\n", "      rank: 9\n      numeric_format: 4\n      sort: asc\n")
    (board,) = spec_of(text).leaderboards

    assert (board.title, board.key, board.primary_index, board.hidden) == ("Results", "RESULTS", 0, False)
    assert [(column.key, column.title, column.index) for column in board.columns] == [
        ("seconds", "seconds", 0),
        ("accuracy", "accuracy", 1),
    ]
    assert (board.columns[0].sorting, board.columns[0].precision) == (Sorting.DESCENDING, 2)
    assert (board.columns[1].sorting, board.columns[1].precision) == (Sorting.ASCENDING, 4)


def test_several_leaderboards_each_get_the_columns_that_name_them() -> None:
    text = old("  columns:\n", "    OTHER:\n      label: Other results\n      rank: 0\n  columns:\n")
    text = old("      leaderboard: *RESULTS\n      rank: 2\n", "      leaderboard: other RESULTS\n", text)
    other, results = spec_of(text).leaderboards

    assert (other.title, [column.key for column in other.columns]) == ("Other results", ["seconds"])
    assert (results.title, [column.key for column in results.columns]) == ("Results", ["accuracy"])
    assert other.columns[0].index == 0


def test_an_alias_names_a_leaderboard_without_a_label() -> None:
    text = old("      label: Results\n      rank: 1\n  columns:\n", "      rank: 1\n    MORE: {label: x}\n  columns:\n")
    (board,) = spec_of(text).leaderboards

    assert (board.title, [column.key for column in board.columns]) == ("RESULTS", ["accuracy", "seconds"])


def test_a_column_belongs_to_the_only_leaderboard_without_naming_it() -> None:
    text = old("      leaderboard: *RESULTS\n      rank: 2\n", "      rank: 2\n")

    assert [column.key for column in spec_of(text).leaderboards[0].columns] == ["accuracy", "seconds"]


@pytest.mark.parametrize(
    ("replacement", "place"),
    [("", (1, 1)), ("image:\n", (2, 7)), ("image: null\n", (2, 8)), ("image: ''\n", (2, 8))],
)
def test_a_bundle_without_a_logo_is_taken_with_a_note(replacement: str, place: tuple[int, int]) -> None:
    text = old("image: logo.png\n", replacement)

    assert (spec_of(text).image, notes(text)) == ("", [("logo-missing", *place)])


def test_a_logo_that_browsers_do_not_show_safely_is_not_shown_with_a_note() -> None:
    text = old("logo.png", "logo.svg")
    reading = read_text(text, {"logo.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>"})

    assert reading.require().image == ""
    assert [(note.code, note.line, note.column) for note in reading.problems[1:]] == [("image-format", 2, 8)]


@pytest.mark.parametrize(
    ("replacement", "place"),
    [("", (4, 3)), ("  terms:\n", (5, 9)), ("  terms: empty.html\n", (5, 10))],
)
def test_a_bundle_without_terms_is_taken_with_a_note(replacement: str, place: tuple[int, int]) -> None:
    text = old("  terms: terms.md\n", replacement)
    reading = read_text(text, {"empty.html": b"\n"})

    assert reading.require().terms == "The organizers gave no terms.\n"
    assert [(note.code, note.line, note.column) for note in reading.problems[1:]] == [("terms-missing", *place)]


@pytest.mark.parametrize("title", ["Terms and Conditions", "terms_and_conditions", "TERMS"])
def test_a_page_that_is_called_after_the_terms_is_the_terms(title: str) -> None:
    text = old("  terms: terms.md", f"  {title}: terms.md")
    spec = spec_of(text)

    assert (spec.terms, spec.terms_file, [page.title for page in spec.pages]) == (
        "Be fair.\n",
        "terms.md",
        ["overview"],
    )
    assert notes(text) == [("terms-by-title", 5, 3)]


def test_labels_and_keys_of_128_characters_are_kept_whole() -> None:
    key, label = "k" * 128, "l" * 128
    text = old("label: Accuracy", f"label: {label}", old("    accuracy:\n", f"    {key}:\n"))
    column = spec_of(text).leaderboards[0].columns[0]

    assert (column.key, column.title, notes(text)) == (key, label, [])


def test_a_long_label_is_shortened_with_a_note() -> None:
    text = old("label: Accuracy", f"label: {'long ' * 25}label")
    column = spec_of(text).leaderboards[0].columns[0]

    # 130 characters: the first 125 without the space at their end, and three points.
    assert column.title == f"{'long ' * 24}long..."
    assert notes(text) == [("label-shortened", 25, 14)]


COMPUTED = """\
    seconds:
      leaderboard: *RESULTS
      rank: 2
    both:
      leaderboard: *RESULTS
      rank: 3
      sort: asc
      computed:
        operation: {operation}
        fields: {fields}
"""


def computed(operation: str, fields: str = "accuracy, seconds") -> str:
    last = OLD[OLD.index("    seconds:") :]
    return old(last, COMPUTED.format(operation=operation, fields=fields))


@pytest.mark.parametrize("fields", ["accuracy, seconds", "[accuracy, seconds]", "accuracy,seconds,"])
def test_an_average_is_the_mean_of_ranks_and_a_note_says_so(fields: str) -> None:
    text = computed("Avg", fields)
    column = spec_of(text).leaderboards[0].columns[2]

    assert (column.computation, column.computation_indexes) == (Computation.AVERAGE_RANK, (0, 1))
    assert column.sorting is Sorting.ASCENDING
    assert notes(text) == [("computed-from-ranks", 35, 20)]


@pytest.mark.parametrize(
    ("operation", "computation"),
    [("Max", Computation.MAXIMUM), ("Min", Computation.MINIMUM), ("Sum", Computation.SUM)],
)
def test_other_computations_are_made_of_values(operation: str, computation: Computation) -> None:
    text = computed(operation)

    assert spec_of(text).leaderboards[0].columns[2].computation is computation
    assert notes(text) == []


PARALLEL = """\
  9:
    phasenumber: 9
    label: All at once
    start_date: 2026-03-01
    is_parallel_parent: true
    max_submissions: 7
    execution_time_limit: 30
  10:
    phasenumber: 10
    parent_phasenumber: 9
    label: Speed
    start_date: 2026-03-01
    scoring_program: data.zip
    execution_time_limit: 50
    hide_output: true
  11:
    phasenumber: 11
    parent_phasenumber: 9
    label: Quality
    start_date: 2026-03-01
    scoring_program: scoring
    execution_time_limit: 40
    public_data: data.zip
leaderboard:
"""


def test_parallel_phases_become_the_tasks_of_their_parent() -> None:
    text = old("leaderboard:\n  leaderboards", f"{PARALLEL}  leaderboards")
    spec = spec_of(text)
    phase = spec.phases[2]

    assert [each.name for each in spec.phases] == ["First", "Second", "All at once"]
    assert spec.phases[1].end == phase.start == datetime(2026, 3, 1, tzinfo=UTC)
    assert [(task.index, task.name) for task in spec.tasks] == [
        (0, "First Task"),
        (1, "Second Task"),
        (2, "Speed Task"),
        (3, "Quality Task"),
    ]
    assert phase.tasks == (2, 3)
    assert (phase.max_submissions, phase.execution_time_limit_s, phase.hide_output) == (7, 50, True)
    assert phase.public_data == FileRef(path="data.zip")
    assert notes(text) == [("phase-becomes-task", 26, 25), ("phase-becomes-task", 34, 25)]


def test_a_phase_for_results_only_leaves_its_ingestion_program_out() -> None:
    text = old("    label: Second\n", "    label: Second\n    is_scoring_only: true\n    ingestion_program: scoring\n")

    assert spec_of(text).tasks[1].ingestion_program is None
    assert notes(text) == [("ingestion-unused", 15, 22)]


def test_a_phase_that_hides_its_results_hides_the_board() -> None:
    text = old("    label: Second\n", "    label: Second\n    leaderboard_management_mode: hide_results\n")
    spec = spec_of(text)

    assert spec.leaderboards[0].hidden
    assert [(phase.hide_output, phase.hide_score_output) for phase in spec.phases] == [(False, False), (True, True)]
    assert notes(text) == [("leaderboard-hidden", 15, 34)]


def test_a_board_that_was_hidden_anyway_needs_no_remark() -> None:
    text = old("      label: Results\n", "      label: Results\n      hidden: true\n")

    assert spec_of(text).leaderboards[0].hidden
    assert notes(text) == []


@pytest.mark.parametrize(
    ("passage", "replacement", "note"),
    [
        ("title: Old\n", "title: Old\nstart_date: 2026-01-01\n", ("key-unused", 2, 1)),
        ("title: Old\n", "title: Old\nallow_teams: true\n", ("key-unused", 2, 1)),
        ("title: Old\n", "title: Old\nanonymous_leaderboard: yes\n", ("key-unused", 2, 1)),
        ("title: Old\n", "title: Old\npages: [terms.md]\n", ("key-elsewhere", 2, 1)),
        ("title: Old\n", "title: Old\nenable_form: true\n", ("key-unknown", 2, 1)),
        ("    label: First\n", "    label: First\n    color: green\n", ("key-unused", 10, 5)),
        ("    label: First\n", "    label: First\n    datasets: {1: {name: a}}\n", ("key-unused", 10, 5)),
        ("    label: First\n", "    label: First\n    max_submission_size: 500\n", ("key-unused", 10, 5)),
        ("    label: First\n", "    label: First\n    end_date: 2026-01-05\n", ("key-elsewhere", 10, 5)),
        ("    label: First\n", "    label: First\n    auto_migration: true\n", ("phase-migrates-nothing", 10, 21)),
        ("    label: First\n", "    label: First\n    phase_never_ends: true\n", ("phase-ends", 10, 23)),
        ("    label: First\n", "    label: First\n    is_parallel_parent: true\n", ("parallel-childless", 10, 25)),
        ("    start_date: 2026-02-01 18:30:00\n    scoring_program: data.zip\n",
         "    start_date: 2026-02-01 18:30:00\n", ("scoring-program-missing", 13, 5)),
        ("2026-02-01 18:30:00", "2026-01-01 12:00:00", ("phase-never-open", 15, 17)),
        ("    phasenumber: 2\n", "    phasenumber: 1\n", ("phase-index-repeated", 13, 18)),
        ("  overview: terms.md\n", "  overview: terms.md\n  data: empty.html\n", ("page-empty", 5, 9)),
        ("  overview: terms.md\n", "  overview: terms.md\n  data:\n", ("page-empty", 5, 8)),
        ("  columns:\n", "    OTHER: {}\n  columns:\n", ("leaderboard-empty", 22, 12)),
        ("  columns:\n", "  column_groups: {a: {label: b}}\n  columns:\n", ("key-unused", 22, 3)),
        ("      rank: 2\n", "      rank: 2\n      precision: 3\n", ("key-elsewhere", 30, 7)),
    ],
)  # fmt: skip
def test_what_is_dropped_or_changes_its_meaning_is_a_note(
    passage: str, replacement: str, note: tuple[str, int, int]
) -> None:
    reading = read_text(old(passage, replacement), {"empty.html": b" \n"})
    found = [(problem.code, problem.line, problem.column) for problem in reading.problems]

    assert reading.spec is not None
    assert sorted(found) == sorted([READ_AS, note])


@pytest.mark.parametrize(
    "harmless",
    [
        "allow_teams: false", "anonymous_leaderboard: no", "enable_per_submission_metadata: false",
        "show_datasets_from_yaml: true", "start_date:", "start_date: null",
    ],
)  # fmt: skip
def test_a_key_without_effect_that_asks_for_nothing_is_no_note(harmless: str) -> None:
    assert notes(f"{harmless}\n{OLD}") == []


# Each: what is replaced in OLD, by what, and every error of the result with its line and column.
BROKEN = {
    "title missing": ("title: Old\n", "", [("key-missing", 1, 1)]),
    "image not there": ("logo.png", "lego.png", [("file-missing", 2, 8)]),
    "html a list": ("html:\n  overview: terms.md\n  terms: terms.md\n", "html: [terms.md]\n", [("not-a-table", 3, 7)]),
    "html missing": ("html:\n  overview: terms.md\n  terms: terms.md\n", "", [("key-missing", 1, 1)]),
    "page not there": ("  overview: terms.md", "  overview: nothing.md", [("file-missing", 4, 13)]),
    "page a table": ("  overview: terms.md", "  overview: {a: b}", [("wrong-type", 4, 13)]),
    "page title too long": ("  overview:", f"  {'x' * 257}:", [("page-title", 4, 3)]),
    "page title with a control character": ("  overview:", '  "a\\x07":', [("text-characters", 4, 3)]),
    "phases empty": (OLD[OLD.index("phases:"): OLD.index("leaderboard:\n")], "phases: {}\n", [("list-empty", 6, 9)]),
    "phases a text": (OLD[OLD.index("phases:"): OLD.index("leaderboard:\n")], "phases: a\n", [("not-a-table", 6, 9)]),
    "a phase a text": (OLD[OLD.index("  2:\n"): OLD.index("leaderboard:\n")], "  2: a\n", [("not-a-table", 12, 6)]),
    "number missing": ("    phasenumber: 2\n", "", [("key-missing", 13, 5)]),
    "number a word": ("phasenumber: 2", "phasenumber: two", [("not-a-whole-number", 13, 18)]),
    "label missing": ("    label: Second\n", "", [("key-missing", 13, 5)]),
    "label too long": ("label: Second", f"label: {'x' * 252}", [("text-long", 14, 12)]),
    "start missing": ("    start_date: 2026-01-01 12:00:00\n", "", [("key-missing", 8, 5)]),
    "start no date": ("2026-01-01 12:00:00", "soon", [("not-a-date", 10, 17)]),
    "second starts before first": ("2026-02-01 18:30:00", "2025-02-01", [("phase-overlap", 15, 17)]),
    "end before the last start": ("title: Old\n", "title: Old\nend_date: 2026-01-15\n", [("phase-window", 2, 11)]),
    "program not there": ("    label: First\n", "    label: First\n    input_data: inputs\n",
                          [("file-missing", 10, 17)]),
    "program outside": ("    label: First\n", "    label: First\n    input_data: ../a\n", [("path-outside", 10, 17)]),
    "parent unknown": ("    label: First\n", "    label: First\n    parent_phasenumber: 5\n",
                       [("parent-unknown", 10, 25)]),
    "parent of itself": ("    label: First\n", "    label: First\n    parent_phasenumber: 1\n",
                       [("parent-unknown", 10, 25)]),
    "mode unknown": ("    label: First\n", "    label: First\n    leaderboard_management_mode: hide\n",
                     [("not-a-choice", 10, 34)]),
    "leaderboard missing": (OLD[OLD.index("leaderboard:\n"):], "", [("key-missing", 1, 1)]),
    "leaderboard a text": (OLD[OLD.index("leaderboard:\n"):], "leaderboard: a\n", [("not-a-table", 17, 14)]),
    "no leaderboards": (OLD[OLD.index("  leaderboards:\n"): OLD.index("  columns:\n")],
                        "  leaderboards: {}\n  x: &RESULTS {}\n", [("list-empty", 18, 17)]),
    "no columns": (OLD[OLD.index("  columns:\n"):], "  columns: {}\n", [("list-empty", 22, 12)]),
    "column of no board": ("*RESULTS\n      rank: 2", "Winners\n      rank: 2", [("leaderboard-unknown", 28, 20)]),
    "key of a column too long": ("    seconds:", f"    {'x' * 129}:", [("key-unusable", 28, 7)]),
    "sort unknown": ("      rank: 2", "      sort: up", [("not-a-choice", 29, 13)]),
    "format too long": ("      rank: 2", "      numeric_format: 21", [("number-out-of-range", 29, 23)]),
    "computed a text": ("      rank: 2", "      computed: Avg", [("not-a-table", 29, 17)]),
    "computed without operation": ("      rank: 2", "      computed: {fields: accuracy}", [("key-missing", 29, 17)]),
    "computed with an empty operation": ("      rank: 2", "      computed: {operation: '', fields: accuracy}",
                                         [("key-missing", 29, 29)]),
    "computed without fields": ("      rank: 2", "      computed: {operation: Max}", [("key-missing", 29, 17)]),
    "computed from nothing": ("      rank: 2", "      computed: {operation: Max, fields: []}",
                              [("list-empty", 29, 42)]),
    "computed from itself": ("      rank: 2", "      computed: {operation: Max, fields: seconds}",
                             [("computation-of-itself", 29, 42)]),
    "computed from what is not there": ("      rank: 2", "      computed: {operation: Max, fields: [speed]}",
                                        [("computation-of-unknown", 29, 43)]),
    "computed from a table": ("      rank: 2", "      computed: {operation: Max, fields: [{a: b}]}",
                              [("wrong-type", 29, 43)]),
    "computed in a circle": ("      rank: 1\n    seconds:\n      leaderboard: *RESULTS\n",
                             ("      computed: {operation: Max, fields: seconds}\n    seconds:\n"
                              "      leaderboard: *RESULTS\n      computed: {operation: Max, fields: accuracy}\n"),
                             [("computation-circle", 26, 17)]),
    "admin a table": ("title: Old\n", "title: Old\nadmin_names: [{a: b}]\n", [("wrong-type", 2, 15)]),
    "queue no UUID": ("title: Old\n", "title: Old\nqueue: fast\n", [("not-a-uuid", 2, 8)]),
    "image name with a space": ("title: Old\n", "title: Old\ncompetition_docker_image: a b\n", [("image-name", 2, 27)]),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_bundle_has_exactly_its_errors(name: str) -> None:
    passage, replacement, expected = BROKEN[name]

    assert errors_of(old(passage, replacement), {"empty.html": b"\n"}) == expected


def test_all_problems_are_found_at_once_in_the_order_of_their_lines() -> None:
    text = old("logo.png", "nothing.png", old("label: First", "label:", old("rank: 2", "rank: last")))

    assert errors_of(text) == [("file-missing", 2, 8), ("key-missing", 9, 11), ("not-a-whole-number", 29, 13)]


def test_a_parent_that_has_a_parent_is_an_error() -> None:
    nested = PARALLEL.replace("parent_phasenumber: 9\n    label: Quality", "parent_phasenumber: 10\n    label: Quality")
    text = old("leaderboard:\n  leaderboards", f"{nested}  leaderboards")

    assert errors_of(text) == [("parent-nested", 34, 25)]


def test_a_version_of_codalab_on_a_bundle_of_the_second_shape_is_one_error() -> None:
    text = "version: 1.5\ntitle: New\ntasks: []\nphases: []\nleaderboards: []\n"

    assert errors_of(text) == [("version-mismatch", 1, 10)]


def test_texts_as_python_2_exported_them_are_plain_texts() -> None:
    assert spec_of(old("title: Old", "title: !!python/unicode 'Old'")).title == "Old"
    assert spec_of(old("label: First", "label: !!python/str 'First'")).phases[0].name == "First"


def test_other_tags_of_python_stay_refused() -> None:
    assert errors_of(old("title: Old", "title: !!python/name:os.system 'Old'")) == [("yaml-tag", 1, 8)]


HOSTILE = {
    "phases under one parent": old(
        "  2:\n",
        "".join(f"  x{n}: {{phasenumber: {n}, parent_phasenumber: 1}}\n" for n in range(10, 15_000)) + "  2:\n",
    ),
    "leaderboards and columns": old(
        "  columns:\n",
        "".join(f"    b{n}: {{}}\n" for n in range(12_000))
        + "  columns:\n"
        + "".join(f"    c{n}: {{leaderboard: b{n}}}\n" for n in range(12_000)),
    ),
    "a chain of columns": OLD
    + "".join(
        f"    c{n}: {{leaderboard: *RESULTS, computed: {{operation: Max, fields: c{n + 1}}}}}\n" for n in range(6_000)
    )
    + "    c6000: {leaderboard: *RESULTS}\n",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_description_made_to_take_long_is_read_in_reasonable_time(name: str) -> None:
    before = time.process_time()
    reading = read_text(HOSTILE[name])

    # Comparing everything with everything would take minutes.
    assert time.process_time() - before < 10
    assert "yaml-aliases" not in [problem.code for problem in reading.problems]


# Pieces that are near to the format reach deeper than arbitrary text does.
KEYS = st.sampled_from(
    [
        "version", "title", "image", "html", "terms", "phases", "leaderboard", "leaderboards", "columns", "rank",
        "phasenumber", "label", "start_date", "end_date", "computed", "operation", "fields", "is_parallel_parent",
        "parent_phasenumber", "scoring_program", "has_registration", "admin_names", "hidden", "sort", "color", "1",
    ]
)  # fmt: skip
VALUES = st.recursive(
    st.sampled_from(["1", "0", "-1", "true", "logo.png", "terms.md", "../x", "scoring/", "2026-01-01", "2026-02-01",
                     "~", "''", "Avg", "1e400", "asc", "RESULTS", "accuracy", "hide_results"])
    | st.text(alphabet="ab, \\0\u20ac", max_size=6).map(lambda text: f"'{text}'"),
    lambda inner: st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]")
    | st.lists(st.tuples(KEYS, inner), max_size=5).map(
        lambda pairs: "{" + ", ".join(f"{key}: {value}" for key, value in dict(pairs).items()) + "}"
    ),
    max_leaves=25,
)  # fmt: skip


@settings(deadline=None)
@given(st.lists(st.tuples(KEYS, VALUES), max_size=8), st.sampled_from(["", "version: 1\n"]))
def test_anything_near_the_format_is_a_competition_or_has_errors(pairs: list[tuple[str, str]], head: str) -> None:
    named = {key: value for key, value in pairs if not (head and key == "version")}
    reading = read_text(head + "\n".join(f"{key}: {value}" for key, value in named.items()))

    assert (reading.spec is None) == any(problem.severity == "error" for problem in reading.problems)


LINES = OLD.splitlines()


@settings(deadline=None)
@given(st.dictionaries(st.integers(0, len(LINES) - 1), VALUES, max_size=4))
def test_a_bundle_with_strange_values_is_a_competition_or_has_errors(strange: dict[int, str]) -> None:
    text = "\n".join(
        f"{line.split(':')[0]}: {strange[number]}" if number in strange else line for number, line in enumerate(LINES)
    )
    reading = read_text(text)

    assert (reading.spec is None) == any(problem.severity == "error" for problem in reading.problems)
