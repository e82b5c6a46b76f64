"""What local runs leave: how a submission did on a task, step by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from podium.cli.local.choose import Entrant
from podium.rules.errors import ProgramError, UserError
from podium.rules.runs import Step
from podium.worker.execute import ProgramRun


@dataclass(frozen=True)
class StepRun:
    """One step that ran, with its programs. Durations are in seconds."""

    step: Step
    ok: bool
    programs: tuple[ProgramRun, ...] = ()

    @property
    def elapsed_s(self) -> float:
        """How long it took: two programs run side by side, so the longer one counts."""
        return max((program.outcome.elapsed_s for program in self.programs), default=0.0)

    @property
    def cpu_s(self) -> float | None:
        """The time of processors that its programs used together; None where it is not known of each."""
        return _sum_of_known([program.outcome.cpu_s for program in self.programs])


@dataclass(frozen=True)
class TaskResult:
    """How one submission did on one task. `failure` is None where it has scores."""

    task: str
    scores: Mapping[str, float] = field(default_factory=dict)
    failure: ProgramError | UserError | None = None
    notes: tuple[str, ...] = ()
    steps: tuple[StepRun, ...] = ()

    @property
    def elapsed_s(self) -> float:
        """How long its steps took together, in seconds."""
        return sum(step.elapsed_s for step in self.steps)


@dataclass(frozen=True)
class EntrantResult:
    """How one submission did on its tasks, in their order."""

    entrant: Entrant
    tasks: tuple[TaskResult, ...]

    @property
    def failed(self) -> bool:
        """Whether any task has no scores."""
        return any(task.failure is not None for task in self.tasks)

    @property
    def elapsed_s(self) -> float:
        """How long all its steps took together, in seconds."""
        return sum(task.elapsed_s for task in self.tasks)

    @property
    def cpu_s(self) -> float | None:
        """The time of processors that all its steps used together; None where it is not known of each."""
        return _sum_of_known([step.cpu_s for task in self.tasks for step in task.steps])


def _sum_of_known(numbers: Sequence[float | None]) -> float | None:
    known = [number for number in numbers if number is not None]
    return sum(known) if len(known) == len(numbers) else None
