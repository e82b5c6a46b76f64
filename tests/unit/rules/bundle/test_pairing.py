"""Which part of a bundle is which part of its next version."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from podium.rules.bundle import pairing
from podium.rules.bundle.changes import text_change
from podium.rules.bundle.pairing import numbered_by_use, paired, without_partner
from podium.rules.bundle.spec import CompetitionSpec, PhaseSpec, SolutionSpec, TaskSpec

DAY = datetime(2030, 1, 1, tzinfo=UTC)


def tasks(*names: str) -> list[TaskSpec]:
    return [TaskSpec(index=index, name=name) for index, name in enumerate(names)]


def names_of(pairs: list[tuple[TaskSpec, TaskSpec]]) -> list[tuple[str, str]]:
    return [(old.name, new.name) for old, new in pairs]


def test_names_come_before_places() -> None:
    found = paired(tasks("Field", "Barn"), tasks("Barn", "Field", "Yard"), pairing.TASKS)
    assert names_of(found) == [("Barn", "Barn"), ("Field", "Field")]


def test_what_has_no_name_in_common_is_the_same_by_its_place() -> None:
    assert names_of(paired(tasks("Field", "Barn"), tasks("Meadow", "Barn"), pairing.TASKS)) == [
        ("Field", "Meadow"),
        ("Barn", "Barn"),
    ]


def test_what_is_left_over_has_no_partner() -> None:
    old, new = tasks("Field", "Barn"), tasks("Barn")
    pairs = paired(old, new, pairing.TASKS)
    assert [task.name for task in without_partner(old, [pair[0] for pair in pairs])] == ["Field"]
    assert without_partner(new, [pair[1] for pair in pairs]) == []


def test_the_same_name_twice_pairs_in_order() -> None:
    old, new = tasks("A", "A"), tasks("A", "A", "A")
    pairs = paired(old, new, pairing.TASKS)
    assert [(one.index, other.index) for one, other in pairs] == [(0, 0), (1, 1)]


def competition(**parts: object) -> CompetitionSpec:
    return CompetitionSpec.model_validate({"version": "2", "title": "T", "image": "i", "terms": "t", **parts})


def test_tasks_are_numbered_as_phases_name_them_and_unused_ones_left_out() -> None:
    spec = competition(
        tasks=(TaskSpec(index=7, name="Field"), TaskSpec(index=3, name="Barn"), TaskSpec(index=5, name="Nowhere")),
        phases=(
            PhaseSpec(index=0, name="One", start=DAY, tasks=(3, 7)),
            PhaseSpec(index=1, name="Two", start=DAY, tasks=(7,)),
        ),
        solutions=(
            SolutionSpec(index=4, tasks=(5,)),
            SolutionSpec(index=9, tasks=(5, 7, 3)),
            SolutionSpec(index=2, tasks=(7,), name="Sure"),
        ),
    )
    made, numbers = numbered_by_use(spec)
    assert [(task.index, task.name) for task in made.tasks] == [(0, "Barn"), (1, "Field")]
    assert [phase.tasks for phase in made.phases] == [(0, 1), (1,)]
    assert [(each.index, each.name, each.tasks) for each in made.solutions] == [
        (0, "Solution 9", (0, 1)),
        (1, "Sure", (1,)),
    ]
    assert dict(numbers) == {0: 3, 1: 7}


@pytest.mark.timeout(60)
def test_long_lists_and_texts_are_not_compared_each_with_each() -> None:
    many = [TaskSpec(index=index, name=f"{index}") for index in range(20_000)]
    turned = [TaskSpec(index=19_999 - index, name=f"{index}") for index in range(20_000)]
    assert len(paired(many, turned, pairing.TASKS)) == 20_000
    old, new = "a\nb\n" * 100_000, "b\na\n" * 100_000
    (change,) = text_change("page", "Long", "text", old, new)
    # Comparing each with each takes minutes: longer than this test may.
    assert change.text == "text: lines in another order"


def test_lines_that_only_end_otherwise_are_said_to() -> None:
    (change,) = text_change("page", "P", "text", "a\nb", "a\nb\n")
    assert change.text == "text: ends of lines"
