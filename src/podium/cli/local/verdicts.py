"""Whether the solutions of a bundle did what their organizer expects of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from podium.cli.local.board import Board, Entry
from podium.cli.local.choose import choose_entrants, tasks_of
from podium.cli.local.phase import TaskResult
from podium.cli.local.running import PhasePlan
from podium.rules.bundle.expectations import Expectation, read_expectation
from podium.rules.bundle.spec import CompetitionSpec
from podium.rules.errors import ProgramError, UserError


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


def plan_everything(spec: CompetitionSpec, submissions: Sequence[Path]) -> tuple[list[PhasePlan], list[str]]:
    """A plan for each phase, of its solutions or of `submissions` where any are given, and the names of the phases
    that have no solutions.

    Raises:
        UserError: no phase has a solution (`nothing-to-run`), or a task is of a server (`bundle-needs-server`).
    """
    plans: list[PhasePlan] = []
    without: list[str] = []
    for phase in spec.phases:
        try:
            entrants = choose_entrants(spec, phase, submissions)
        except UserError as nothing:
            if nothing.code != "nothing-to-run":
                raise
            without.append(phase.name)
        else:
            plans.append(PhasePlan(phase, tasks_of(spec, phase), entrants))
    if not plans:
        raise UserError(
            "nothing-to-run",
            "The bundle has no solutions, so there is nothing to test.",
            'Add a sample submission under "solutions" in competition.yaml, or name one with --submission.',
        )
    return plans, without


def judge(boards: Sequence[Board]) -> list[Verdict]:
    """The verdicts on everything that ran, in the order of phases, solutions and tasks."""
    return [verdict for board in boards for entry in _in_order(board) for verdict in _of_entry(board, entry)]


def _in_order(board: Board) -> list[Entry]:
    """The entries in the order of the bundle rather than of their rank."""
    return sorted(board.entries, key=_index)


def _index(entry: Entry) -> int:
    solution = entry.result.entrant.solution
    return solution.index if solution is not None else 0


def _of_entry(board: Board, entry: Entry) -> Iterator[Verdict]:
    entrant = entry.result.entrant
    expectation = read_expectation(entrant.solution) if entrant.solution is not None else None
    for index, task in zip(entrant.tasks, entry.result.tasks, strict=True):
        columns = entry.by_task[task.task].values if task.task in entry.by_task else {}
        scores = {key: value for key, value in columns.items() if value is not None}
        scores = {**scores, **{key: value for key, value in task.scores.items() if key not in columns}}
        expected = expectation.of_task(index) if expectation is not None else {}
        complaints = tuple(_complaints(task, scores, expectation, expected))
        log_tail = task.failure.log_tail if isinstance(task.failure, ProgramError) else ""
        yield Verdict(
            board.phase.name, entrant.name, task.task, scores, complaints, len(expected), task.elapsed_s, log_tail
        )


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
