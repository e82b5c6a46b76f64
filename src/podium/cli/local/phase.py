"""Run submissions on the tasks of a phase, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from threading import Event

from podium.cli.local.choose import Entrant
from podium.cli.local.material import Material
from podium.rules.bundle.spec import PhaseSpec, TaskSpec
from podium.rules.errors import ProgramError, UserError
from podium.rules.runs import Step
from podium.runtimes import Runtime
from podium.sandbox.interface import Ending, Limits, Sandbox
from podium.worker.execute import StepOrder, StepResult, has_something_to_run, run_step

Progress = Callable[[str], None]


@dataclass(frozen=True)
class TaskResult:
    """How one submission did on one task. `failure` is None where it has scores."""

    task: str
    scores: Mapping[str, float] = field(default_factory=dict)
    failure: ProgramError | UserError | None = None
    notes: tuple[str, ...] = ()
    elapsed_s: float = 0.0


@dataclass(frozen=True)
class EntrantResult:
    """How one submission did on its tasks, in their order."""

    entrant: Entrant
    tasks: tuple[TaskResult, ...]

    @property
    def failed(self) -> bool:
        """Whether any task has no scores."""
        return any(task.failure is not None for task in self.tasks)


class Interrupted(KeyboardInterrupt):
    """The person pressed Ctrl-C while a program was running; it was stopped."""


@dataclass(frozen=True)
class PhaseRunner:
    """What all runs of a competition share. `work` is a folder for what they write."""

    material: Material
    runtime: Runtime
    sandboxes: tuple[Sandbox, Sandbox]
    work: Path
    progress: Progress
    cancel: Event
    _numbers: count[int] = field(default_factory=count)

    def run(
        self, phase: PhaseSpec, tasks: Mapping[int, tuple[str, TaskSpec]], entrant: Entrant, number: int
    ) -> EntrantResult:
        """Run one submission, the `number`th of the phase, on the tasks that it is for."""
        results = []
        for index in entrant.tasks:
            name, task = tasks[index]
            label = f"{entrant.name}, {name}" if len(tasks) > 1 else entrant.name
            try:
                results.append(self._run_task(phase, name, task, entrant, number, label))
            except (UserError, ProgramError) as failure:
                results.append(TaskResult(name, failure=failure))
            self.progress(f"{label}: {_ending(results[-1])}")
        return EntrantResult(entrant, tuple(results))

    def _run_task(
        self, phase: PhaseSpec, name: str, task: TaskSpec, entrant: Entrant, number: int, label: str
    ) -> TaskResult:
        submission = (
            self.material.of_submission(entrant.path)
            if entrant.path is not None
            else self.material.of_bundle(entrant.reference)
        )
        order = StepOrder(
            step=Step.PREDICTION,
            runtime=self.runtime,
            limits=Limits(wall_s=float(phase.execution_time_limit_s)),
            submission=submission,
            scoring_program=self.material.of_bundle(task.scoring_program),
            ingestion_program=self.material.of_bundle(task.ingestion_program),
            input_data=self.material.of_bundle(task.input_data),
            reference_data=self.material.of_bundle(task.reference_data),
            facts=_facts(phase, number),
            ingestion_only_during_scoring=task.ingestion_only_during_scoring,
        )
        predicted = self._step(order, f"{label}: prediction") if has_something_to_run(order) else None
        if predicted is not None and not predicted.ok:
            return _result(name, predicted)
        predictions = submission if predicted is None else predicted.output
        scored = self._step(_scoring(order, predictions), f"{label}: scoring")
        return _result(name, *(step for step in (predicted, scored) if step is not None))

    def _step(self, order: StepOrder, label: str) -> StepResult:
        self.progress(label)
        work = self.work / f"step-{next(self._numbers)}"
        result = run_step(order, sandboxes=self.sandboxes, work=work, cancel=self.cancel)
        if any(run.outcome.ending is Ending.CANCELLED for run in result.runs) and self.cancel.is_set():
            raise Interrupted
        return result


def _scoring(order: StepOrder, predictions: Path | None) -> StepOrder:
    return StepOrder(
        step=Step.SCORING,
        runtime=order.runtime,
        limits=order.limits,
        scoring_program=order.scoring_program,
        ingestion_program=order.ingestion_program,
        input_data=order.input_data,
        reference_data=order.reference_data,
        predictions=predictions,
        facts=order.facts,
        ingestion_only_during_scoring=order.ingestion_only_during_scoring,
    )


def _facts(phase: PhaseSpec, number: int) -> dict[str, str]:
    return {
        "submitted-by": "podium run",
        "submitted-at": datetime.now(UTC).isoformat(timespec="seconds"),
        "competition-submission": str(number),
        "competition-phase": str(phase.index + 1),
        "automatic-submission": "False",
    }


def _result(task: str, *steps: StepResult) -> TaskResult:
    return TaskResult(
        task,
        scores=steps[-1].scores,
        failure=steps[-1].failure,
        notes=tuple(note for step in steps for note in step.notes),
        elapsed_s=sum(run.outcome.elapsed_s for step in steps for run in step.runs),
    )


def _ending(result: TaskResult) -> str:
    # Why it failed stands below the board, with the end of the log.
    return "failed" if result.failure is not None else f"finished in {result.elapsed_s:.1f} s"
