"""Which phases and which submissions are run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from podium.rules.bundle.spec import CompetitionSpec, FileRef, PhaseSpec, SolutionSpec, TaskSpec
from podium.rules.errors import NotFound, UserError


@dataclass(frozen=True)
class Entrant:
    """A submission to run: a zip or folder of this machine, or (`reference`) a solution of the bundle, which is then
    `solution`.

    `tasks` are the indexes of the tasks that it is for.
    """

    name: str
    tasks: tuple[int, ...]
    path: Path | None = None
    reference: FileRef | None = None
    solution: SolutionSpec | None = None


@dataclass(frozen=True)
class PhasePlan:
    """What to run in one phase: its tasks by index, each with its name, and the submissions in their order."""

    phase: PhaseSpec
    tasks: Mapping[int, tuple[str, TaskSpec]]
    entrants: Sequence[Entrant]


def choose_phases(spec: CompetitionSpec, wanted: str | None = None) -> tuple[PhaseSpec, ...]:
    """All phases, or the one of this name or index (counted from 0, names first).

    Raises:
        UserError: there is no such phase (`phase-unknown`).
    """
    if wanted is None:
        return spec.phases
    for phase in spec.phases:
        if phase.name == wanted or phase.name.casefold() == wanted.strip().casefold():
            return (phase,)
    for phase in spec.phases:
        if wanted.strip() == str(phase.index):
            return (phase,)
    known = ", ".join(f"{phase.index} ({phase.name})" for phase in spec.phases)
    raise UserError("phase-unknown", f"There is no phase {wanted!r}.", f"The phases are {known}.")


def choose_entrants(spec: CompetitionSpec, phase: PhaseSpec, submissions: Sequence[Path]) -> list[Entrant]:
    """The submissions given, or the solutions of the bundle that are for tasks of this phase: perhaps none."""
    if submissions:
        return [Entrant(name, phase.tasks, path=path) for name, path in _named(submissions)]
    entrants = []
    for solution in spec.solutions:
        tasks = tuple(task for task in phase.tasks if task in solution.tasks)
        if tasks and solution.path is not None:
            name = solution.name or solution.path.path or f"solution {solution.index}"
            entrants.append(Entrant(name, tasks, reference=solution.path, solution=solution))
    return entrants


def plan_phases(
    spec: CompetitionSpec, phases: Sequence[PhaseSpec], submissions: Sequence[Path]
) -> tuple[list[PhasePlan], list[str]]:
    """A plan for each of the phases, of `submissions` or of its solutions, and the names of the phases that have none.

    Raises:
        NotFound: a submission is not there (`submission-missing`).
        UserError: there is nothing to run at all (`nothing-to-run`), or a task is of a server (`bundle-needs-server`).
    """
    for submission in submissions:
        if not submission.exists():
            raise NotFound("submission-missing", f"There is no file or folder {submission}.", "Check the path.")
    plans: list[PhasePlan] = []
    without: list[str] = []
    for phase in phases:
        entrants = choose_entrants(spec, phase, submissions)
        if entrants:
            plans.append(PhasePlan(phase, tasks_of(spec, phase), entrants))
        else:
            without.append(phase.name)
    if not plans:
        where = "The bundle" if len(phases) == len(spec.phases) else f"The phase {phases[0].name!r}"
        raise UserError(
            "nothing-to-run",
            f"{where} has no solutions, so there is nothing to run.",
            'Add a sample submission under "solutions" in competition.yaml, or name one with --submission.',
        )
    return plans, without


def tasks_of(spec: CompetitionSpec, phase: PhaseSpec) -> dict[int, tuple[str, TaskSpec]]:
    """The tasks of a phase by index, each with a name that no other one has.

    Raises:
        UserError: one of them exists only on a server (`bundle-needs-server`).
    """
    tasks = {task.index: task for task in spec.tasks}
    names = [tasks[index].name for index in phase.tasks]
    found: dict[int, tuple[str, TaskSpec]] = {}
    for index in phase.tasks:
        task = tasks[index]
        if task.key is not None:
            raise UserError(
                "bundle-needs-server",
                f"The bundle refers to the task {task.key} of a server, which is not here.",
                "Describe the task in the bundle, or import the bundle on that server.",
            )
        unique = task.name if task.name and names.count(task.name) == 1 else f"{task.name or 'Task'} ({index})"
        found[index] = (unique, task)
    return found


def _named(submissions: Sequence[Path]) -> list[tuple[str, Path]]:
    """Each submission with its file name, or with its whole path where two share a name."""
    short = [path.resolve().name.removesuffix(".zip") for path in submissions]
    return [
        (name if short.count(name) == 1 else str(path), path) for name, path in zip(short, submissions, strict=True)
    ]
