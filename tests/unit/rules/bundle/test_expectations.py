"""When a score is what the organizer expected."""

from __future__ import annotations

import pytest

from podium.rules.bundle.expectations import Expectation, read_expectation
from podium.rules.bundle.spec import SolutionSpec


def solution(**extensions: object) -> SolutionSpec:
    return SolutionSpec(index=0, tasks=(0, 3), extensions=extensions)


def test_nothing_written_means_nothing_expected() -> None:
    assert read_expectation(solution()) is None


def test_scores_hold_on_every_task_and_those_of_a_task_go_first() -> None:
    expected = read_expectation(solution(expected_scores={"a": 1, "b": 2.5, "3": {"a": 4}}))
    assert expected is not None
    assert expected.of_task(0) == {"a": 1.0, "b": 2.5}
    assert expected.of_task(3) == {"a": 4.0, "b": 2.5}
    assert expected.keys == {"a", "b"}


@pytest.mark.parametrize(
    ("expected", "found", "agrees"),
    [
        # Up to one, a millionth of one; above, a millionth of the value.
        (0.5, 0.5000009, True),
        (0.5, 0.5000011, False),
        (0.0, -0.0000009, True),
        (2_000_000.0, 2_000_001.9, True),
        (2_000_000.0, 2_000_002.1, False),
        (-2_000_000.0, -2_000_001.9, True),
    ],
)
def test_without_a_tolerance_a_millionth_is_forgiven(expected: float, found: float, agrees: bool) -> None:
    assert Expectation({}, {}).agrees(expected, found) is agrees


@pytest.mark.parametrize(("found", "agrees"), [(0.75, True), (0.25, True), (0.7501, False), (0.2499, False)])
def test_a_tolerance_is_an_absolute_difference(found: float, agrees: bool) -> None:
    assert Expectation({}, {}, 0.25).agrees(0.5, found) is agrees


def test_a_tolerance_of_zero_wants_the_very_number() -> None:
    expected = read_expectation(solution(expected_scores={"a": 0.1}, tolerance=0))
    assert expected is not None
    assert expected.agrees(0.1, 0.1)
    assert not expected.agrees(0.1, 0.1 + 1e-16)
