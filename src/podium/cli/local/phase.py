"""Run submissions on the tasks of a phase, one after the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from itertools import count
from pathlib import Path
from threading import Event

from podium.cli.local.choose import Entrant, PhasePlan
from podium.cli.local.keep import Keeping, Place
from podium.cli.local.material import Material
from podium.cli.local.results import EntrantResult, StepRun, TaskResult
from podium.rules.bundle.limits import limits_of
from podium.rules.bundle.spec import CompetitionSpec, PhaseSpec, TaskSpec
from podium.rules.bundle.tasks import SCORE_FAILED_KEY, SHOW_REFERENCE_KEY
from podium.rules.errors import ProgramError, UserError
from podium.rules.looking_back import PastScores, part_to_see, past_scores, submission_facts
from podium.rules.runs import Step
from podium.runtimes import AnyRuntime
from podium.sandbox.interface import Ending, Sandbox
from podium.worker.execute import StepOrder, StepResult, has_something_to_run, run_step
from podium.worker.execute.history_trees import HistoryTrees
from podium.worker.execute.limits import sandbox_limits

Progress = Callable[[str], None]


@dataclass(frozen=True)
class _Done:
    """A submission that has run: the `number`-th of its phase."""

    phase_index: int
    number: int
    result: EntrantResult


class Interrupted(KeyboardInterrupt):
    """The person pressed Ctrl-C while a program was running; it was stopped."""


@dataclass(frozen=True)
class PhaseRunner:
    """What all runs of a competition share. `work` is a folder for what they write, `keeping` keeps copies of it."""

    spec: CompetitionSpec
    material: Material
    runtime: AnyRuntime
    sandboxes: tuple[Sandbox, Sandbox]
    work: Path
    progress: Progress
    cancel: Event
    keeping: Keeping | None = None
    _numbers: count[int] = field(default_factory=count)
    _past: list[_Done] = field(default_factory=list)

    def run(self, plan: PhasePlan) -> list[EntrantResult]:
        """Run the submissions of a phase, each on the tasks that it is for. One participant sends them all, one after
        the other: each scoring program finds the scores of those before, of earlier phases too."""
        results = []
        for number, entrant in enumerate(plan.entrants, start=1):
            results.append(self._run_entrant(plan, entrant, number))
            self._past.append(_Done(plan.phase.index, number, results[-1]))
        return results

    def _run_entrant(self, plan: PhasePlan, entrant: Entrant, number: int) -> EntrantResult:
        results = []
        for index in entrant.tasks:
            name, task = plan.tasks[index]
            label = f"{entrant.name}, {name}" if len(plan.tasks) > 1 else entrant.name
            place = Place(plan.phase, number, entrant.name, index, name)
            try:
                results.append(self._run_task(place, task, entrant, label))
            except (UserError, ProgramError) as failure:
                results.append(TaskResult(name, failure=failure))
            self.progress(f"{label}: {_ending(results[-1])}")
        return EntrantResult(entrant, tuple(results))

    def _run_task(self, place: Place, task: TaskSpec, entrant: Entrant, label: str) -> TaskResult:
        submission = (
            self.material.of_submission(entrant.path)
            if entrant.path is not None
            else self.material.of_bundle(entrant.reference)
        )
        order = StepOrder(
            step=Step.PREDICTION,
            runtime=self.runtime,
            limits=sandbox_limits(limits_of(self.spec, place.phase, task), float(place.phase.execution_time_limit_s)),
            submission=submission,
            scoring_program=self.material.of_bundle(task.scoring_program),
            ingestion_program=self.material.of_bundle(task.ingestion_program),
            input_data=self.material.of_bundle(task.input_data),
            reference_data=self.material.of_bundle(task.reference_data),
            facts=_facts(place.phase, place.number),
            ingestion_only_during_scoring=task.ingestion_only_during_scoring,
            score_failed_predictions=task.extensions.get(SCORE_FAILED_KEY) is True,
            ingestion_sees_reference_data=task.extensions.get(SHOW_REFERENCE_KEY) is True,
        )
        predicted = self._step(order, place, label) if has_something_to_run(order) else None
        if predicted is not None and not predicted.ok:
            return _result(place.task, predicted=predicted)
        predictions = submission if predicted is None else predicted.output
        ran = predicted is not None
        with self._trees.use(place.task, self._before(place, entrant)) as history:
            scoring = replace(
                order,
                step=Step.SCORING,
                submission=None,
                predictions=predictions,
                predictions_ran=ran,
                history=history,
            )
            return _result(place.task, predicted=predicted, scored=self._step(scoring, place, label))

    @cached_property
    def _trees(self) -> HistoryTrees:
        return HistoryTrees(self.work / "history")

    def _before(self, place: Place, entrant: Entrant) -> list[PastScores]:
        """What the scoring program of a task finds of the submissions that ran before."""
        found = []
        for done in self._past:
            if done.phase_index > place.phase.index:
                continue
            tasks = done.result.entrant.tasks
            seen = part_to_see(place.task_index, entrant.tasks.index(place.task_index), tasks)
            if seen is not None and done.result.tasks[seen].scores:
                found.append(past_scores(done.phase_index, done.number, done.result.tasks[seen].scores))
        return found

    def _step(self, order: StepOrder, place: Place, label: str) -> StepResult:
        self.progress(f"{label}: {order.step}")
        work = self.work / f"step-{next(self._numbers)}"
        result = run_step(order, sandboxes=self.sandboxes, work=work, cancel=self.cancel)
        if self.keeping is not None:
            self.keeping.keep(place, order, result)
        if any(run.outcome.ending is Ending.CANCELLED for run in result.runs) and self.cancel.is_set():
            raise Interrupted
        return result


def _facts(phase: PhaseSpec, number: int) -> dict[str, str]:
    return submission_facts(
        submitted_by="podium run",
        submitted_at=datetime.now(UTC),
        number=number,
        phase_index=phase.index,
        automatic=False,
    )


def _result(task: str, *, predicted: StepResult | None, scored: StepResult | None = None) -> TaskResult:
    results = [
        (step, result) for step, result in ((Step.PREDICTION, predicted), (Step.SCORING, scored)) if result is not None
    ]
    _, last = results[-1]
    return TaskResult(
        task,
        scores=last.scores,
        failure=last.failure,
        notes=tuple(note for _, result in results for note in result.notes),
        steps=tuple(StepRun(step, result.ok, result.runs) for step, result in results),
    )


def _ending(result: TaskResult) -> str:
    # Why it failed stands below the board, with the end of the log.
    return "failed" if result.failure is not None else f"finished in {result.elapsed_s:.1f} s"
