"""The scores that an organizer expects of a sample solution: `podium: expected_scores` beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from podium.rules.bundle.spec import SolutionSpec
from podium.rules.errors import UserError

SCORES_KEY = "expected_scores"
TOLERANCE_KEY = "tolerance"
DEFAULT_TOLERANCE = 1e-6
"""Of the value itself, and never less than this much of one."""


@dataclass(frozen=True)
class Expectation:
    """Scores by column key: `everywhere` on all tasks of the solution, `by_task` on single ones, by task index.

    `tolerance` is the largest absolute difference; None means the default.
    """

    everywhere: Mapping[str, float]
    by_task: Mapping[int, Mapping[str, float]]
    tolerance: float | None = None

    def of_task(self, index: int) -> dict[str, float]:
        """What is expected on one task."""
        return {**self.everywhere, **self.by_task.get(index, {})}

    @property
    def keys(self) -> frozenset[str]:
        """All column keys that are named."""
        return frozenset(self.everywhere).union(*self.by_task.values())

    def agrees(self, expected: float, found: float) -> bool:
        """Whether a score is near enough to what is expected."""
        allowed = DEFAULT_TOLERANCE * max(1.0, abs(expected)) if self.tolerance is None else self.tolerance
        return abs(found - expected) <= allowed


def read_expectation(solution: SolutionSpec) -> Expectation | None:
    """What is expected of the solution; None where nothing is.

    Raises:
        UserError: it cannot be understood (`expected-scores`).
    """
    written = solution.extensions.get(SCORES_KEY)
    if written is None:
        return None
    if not isinstance(written, Mapping) or not written:
        raise _refuse(f'"{SCORES_KEY}" must be a table of numbers by column key.')
    everywhere: dict[str, float] = {}
    by_task: dict[int, Mapping[str, float]] = {}
    for key, value in written.items():
        if isinstance(value, Mapping):
            by_task[_task(key, solution)] = {str(name): _number(name, score) for name, score in value.items()}
        else:
            everywhere[str(key)] = _number(key, value)
    return Expectation(everywhere, by_task, _tolerance(solution))


def _task(key: object, solution: SolutionSpec) -> int:
    indexes = {str(index): index for index in solution.tasks}
    if str(key) not in indexes:
        raise _refuse(f'"{SCORES_KEY}" has a table under "{key}", which is no task of this solution.')
    return indexes[str(key)]


def _number(name: object, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _refuse(f'"{SCORES_KEY}.{name}" is not a number.')
    return float(value)


def _tolerance(solution: SolutionSpec) -> float | None:
    value = solution.extensions.get(TOLERANCE_KEY)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
        raise _refuse(f'"{TOLERANCE_KEY}" must be a number that is not negative.')
    return float(value)


def _refuse(message: str) -> UserError:
    return UserError("expected-scores", message, f"Write it like `{SCORES_KEY}: {{accuracy: 0.93}}`.")
