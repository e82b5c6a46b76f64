"""Whether the solutions of a bundle did what their organizer expects of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from podium.cli.local.board import Board, Entry, PhaseBoards, unscored
from podium.cli.local.results import TaskResult
from podium.rules.bundle.expectations import Expectation, read_expectation
from podium.rules.errors import ProgramError


@dataclass(frozen=True)
class Verdict:
    """One solution on one task of one phase. `complaints` say in sentences what is wrong; without any it passed.

    `scores` are raw numbers by column key, computed columns too; `compared` how many of them were expected.
    """

    phase: str
    solution: str
    task: str
    scores: Mapping[str, float]
    complaints: tuple[str, ...]
    compared: int
    elapsed_s: float
    log_tail: str = ""

    @property
    def passed(self) -> bool:
        """Whether there is nothing to complain about."""
        return not self.complaints

    def as_json(self) -> dict[str, Any]:
        """The verdict as plain values."""
        return {"passed": self.passed, **asdict(self)}


def judge(phases: Sequence[PhaseBoards]) -> list[Verdict]:
    """The verdicts on everything that ran, in the order of phases, solutions and tasks."""
    return [verdict for phase in phases for entry in _in_order(phase.boards[0]) for verdict in _of_entry(phase, entry)]


def _in_order(board: Board) -> list[Entry]:
    """The entries in the order of the bundle rather than of their rank."""
    return sorted(board.entries, key=_index)


def _index(entry: Entry) -> int:
    solution = entry.result.entrant.solution
    return solution.index if solution is not None else 0


def _of_entry(phase: PhaseBoards, entry: Entry) -> Iterator[Verdict]:
    entrant = entry.result.entrant
    expectation = read_expectation(entrant.solution) if entrant.solution is not None else None
    missed = dict(unscored(phase.boards[0], entry))
    for index, task in zip(entrant.tasks, entry.result.tasks, strict=True):
        scores = _all_scores(phase, entry, task)
        expected = expectation.of_task(index) if expectation is not None else {}
        complaints = list(_complaints(task, scores, expectation, expected))
        if task.task in missed:
            complaints.append(f"It was not scored: {missed[task.task]}")
        log_tail = task.failure.log_tail if isinstance(task.failure, ProgramError) else ""
        yield Verdict(
            phase.phase.name,
            entrant.name,
            task.task,
            scores,
            tuple(complaints),
            len(expected),
            task.elapsed_s,
            log_tail,
        )


def _all_scores(phase: PhaseBoards, entry: Entry, task: TaskResult) -> dict[str, float]:
    """What the columns of all leaderboards show, the first that has a key first, and the scores that none shows."""
    shown: dict[str, float | None] = {}
    for board in phase.boards:
        (same,) = (other for other in board.entries if other.result is entry.result)
        if task.task in same.by_task:
            shown = {**same.by_task[task.task].values, **shown}
    scores = {key: value for key, value in shown.items() if value is not None}
    return {**scores, **{key: value for key, value in task.scores.items() if key not in shown}}


def _complaints(
    task: TaskResult, scores: Mapping[str, float], expectation: Expectation | None, expected: Mapping[str, float]
) -> Iterator[str]:
    if task.failure is not None:
        yield f"{task.failure.message} {task.failure.hint}".strip()
        return
    for key, value in expected.items():
        found = scores.get(key)
        if found is None:
            yield f"{key} is missing; {value!r} was expected."
        elif expectation is not None and not expectation.agrees(value, found):
            yield f"{key} is {found!r}; {value!r} was expected."
