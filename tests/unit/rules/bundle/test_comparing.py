"""Two versions of a bundle, and what changes between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from tests.unit.rules.bundle.bundles import SMALL, changed, spec_of
from tests.unit.rules.bundle.specifications import specifications

from podium.rules.board.columns import Column, Computation, Sorting
from podium.rules.bundle.changes import Contents
from podium.rules.bundle.comparing import Version, compare
from podium.rules.bundle.keys import COMPETITION, PHASE
from podium.rules.bundle.spec import CompetitionSpec, FileRef, PageSpec, PhaseSpec, TaskSpec

SPEC = spec_of(SMALL)
PHASE_SPEC = SPEC.phases[0]
BOARD = SPEC.leaderboards[0]
TOTAL = Column("total", "Sum", 4, computation=Computation.SUM, computation_indexes=(0,))
PAGE = PageSpec(index=0, title="Data", file="a.md", content="One.\nTwo.\nThree.\n")


def by_name(reference: FileRef) -> Contents:
    """As if every file or folder had one file, `it`, that contains its name."""
    return {"it": str(reference.path or reference.key)}


def between(old: CompetitionSpec, new: CompetitionSpec) -> list[str]:
    """The changes, each as one line."""
    found = compare(Version(old, by_name), Version(new, by_name))
    return [f"{change.part} {change.name}: {change.text}" for change in found]


def with_(spec: Any = SPEC, **changes: Any) -> Any:
    return spec.model_copy(update=changes)


def with_phases(*names: str) -> CompetitionSpec:
    return with_(phases=tuple(with_(PHASE_SPEC, name=name, index=index) for index, name in enumerate(names)))


def with_columns(*columns: Column) -> CompetitionSpec:
    return with_(leaderboards=(with_(BOARD, columns=columns),))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(specifications())
def test_nothing_changes_between_equals(spec: CompetitionSpec) -> None:
    assert between(spec, spec.model_copy(deep=True)) == []


@pytest.mark.parametrize("key", [key.name for key in COMPETITION.keys if key.kind == "flag"])
def test_every_switch_of_a_competition_is_a_change(key: str) -> None:
    old, new = ("yes", "no") if getattr(SPEC, key) else ("no", "yes")
    assert between(SPEC, with_(**{key: new == "yes"})) == [f"competition : {key}: {old} -> {new}"]


@pytest.mark.parametrize("key", [key.name for key in PHASE.keys if key.kind == "flag"])
def test_every_switch_of_a_phase_is_a_change(key: str) -> None:
    new = with_(phases=(with_(PHASE_SPEC, **{key: True}),))
    assert between(SPEC, new) == [f"phase The phase: {key}: no -> yes"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"start": datetime(2026, 1, 1, 10, tzinfo=UTC)}, "start: 2026-01-01 00:00:00 UTC -> 2026-01-01 10:00:00 UTC"),
        ({"end": datetime(2027, 1, 1, tzinfo=UTC)}, "end: none -> 2027-01-01 00:00:00 UTC"),
        ({"max_submissions": None}, "max_submissions: 100 -> no limit"),
        ({"execution_time_limit_s": 60}, "execution_time_limit: 600 -> 60"),
        ({"starting_kit": FileRef(path="kit")}, "starting_kit: added"),
        ({"extensions": {"a": [1]}}, 'podium: none -> "{"a": [1]}"'),
    ],
)
def test_a_phase_says_what_is_new_about_it(changes: Mapping[str, Any], said: str) -> None:
    assert between(SPEC, with_(phases=(with_(PHASE_SPEC, **changes),))) == [f"phase The phase: {said}"]


def test_a_phase_before_others_is_one_change() -> None:
    assert between(with_phases("A", "B"), with_phases("New", "A", "B")) == ["phase New: added"]


def test_a_phase_with_a_new_name_is_the_one_in_its_place() -> None:
    assert between(with_phases("A", "B"), with_phases("A", "C")) == ['phase B: name: "B" -> "C"']


def test_another_order_is_one_change() -> None:
    assert between(with_phases("A", "B", "C"), with_phases("C", "A", "B")) == [
        'phase : order: "A", "B", "C" -> "C", "A", "B"'
    ]


def test_columns_come_go_and_change() -> None:
    accuracy = BOARD.columns[0]
    assert between(SPEC, with_columns(accuracy, TOTAL)) == ["column total: added"]
    assert between(with_columns(accuracy, TOTAL), SPEC) == ["column total: removed"]
    ascending = replace(accuracy, sorting=Sorting.ASCENDING, precision=4)
    assert between(SPEC, with_columns(ascending)) == [
        "column accuracy: sorting: desc -> asc",
        "column accuracy: precision: 2 -> 4",
    ]


def test_columns_are_named_by_their_keys_where_they_make_others_or_rank() -> None:
    first, second = BOARD.columns[0], Column("time", "Time", 1)
    old = with_columns(first, second, TOTAL)
    new = with_columns(first, second, replace(TOTAL, computation_indexes=(0, 1)))
    new = with_(new, leaderboards=(with_(new.leaderboards[0], primary_index=1),))
    assert between(old, new) == [
        'leaderboard Results: primary column: "accuracy" -> "time"',
        'column total: computed from: "accuracy" -> "accuracy", "time"',
    ]


def test_other_numbers_of_tasks_and_columns_are_no_change() -> None:
    task = with_(SPEC.tasks[0], index=7)
    board = with_(BOARD, columns=(replace(BOARD.columns[0], index=3),), primary_index=3)
    assert between(SPEC, with_(tasks=(task,), phases=(with_(PHASE_SPEC, tasks=(7,)),), leaderboards=(board,))) == []


def test_the_tasks_of_a_phase_are_named() -> None:
    other = TaskSpec(index=1, name="Other", scoring_program=FileRef(path="scoring"))
    old = with_(tasks=(*SPEC.tasks, other))
    phase: PhaseSpec = with_(PHASE_SPEC, tasks=(0, 1))
    assert between(old, with_(old, phases=(phase,))) == ['phase The phase: tasks: "The task" -> "The task", "Other"']


def test_lines_of_a_page_are_counted() -> None:
    old, new = (with_(pages=(with_(PAGE, content=text),)) for text in (PAGE.content, "One.\n2.\nThree.\nFour.\n"))
    assert between(old, new) == ["page Data: text: 2 lines added, 1 line removed"]


def test_files_inside_of_folders_are_named() -> None:
    def edited(reference: FileRef) -> Contents:
        return {"it": "else", "more": "1"} if reference.path == "scoring" else by_name(reference)

    (change,) = compare(Version(SPEC, by_name), Version(SPEC, edited))
    assert (change.part, change.name, change.text) == (
        "task",
        "The task",
        "scoring_program: more added, it changed",
    )


def test_the_names_of_files_mean_nothing() -> None:
    new = spec_of(changed("scoring/", "data.zip"))

    def same(reference: FileRef) -> Contents:
        return {}

    assert compare(Version(SPEC, same), Version(new, same)) == ()
