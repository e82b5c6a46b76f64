"""The rows of a new competition, from its specification."""

from __future__ import annotations

from collections.abc import Mapping

from podium.rules.bundle.spec import CompetitionSpec, PhaseSpec, SolutionSpec, TaskSpec
from podium.server import clock
from podium.server.accounts.people import Person
from podium.server.competitions.models import Competition, Phase, PhaseTask, Solution, Task
from podium.server.competitions.services.rows import (
    Belongings,
    competition_fields,
    phase_fields,
    solution_fields,
    task_fields,
    write_pages,
    write_whitelist,
)


def create_competition(by: Person, spec: CompetitionSpec, belongings: Belongings) -> int:
    """Write a competition, unpublished, with its pages, tasks, solutions and phases. Returns its id.

    It is a part of importing: the caller checks the right to import, owns the transaction and adds the leaderboards.
    """
    fields = competition_fields(spec, belongings)
    competition = Competition.objects.create(created_by_id=by.id, created_at=clock.now(), **fields)
    competition.collaborators.set(belongings.collaborators)
    write_whitelist(competition, spec.whitelist_emails)
    write_pages(competition, spec.pages)
    tasks = {task.index: make_task(by.id, task, belongings) for task in spec.tasks}
    for solution in spec.solutions:
        make_solution(solution, tasks, belongings)
    for phase in spec.phases:
        _phase(competition, phase, tasks, belongings)
    return competition.pk


def make_task(owner_id: int, spec: TaskSpec, belongings: Belongings) -> int:
    """The id of a task: the existing one that the specification names, or a new one."""
    if spec.index in belongings.tasks:
        return belongings.tasks[spec.index]
    return Task.objects.create(created_by_id=owner_id, created_at=clock.now(), **task_fields(spec, belongings)).pk


def make_solution(spec: SolutionSpec, tasks: Mapping[int, int], belongings: Belongings) -> int:
    """The same for a solution, which is put to its tasks; `tasks` are ids by their index."""
    if spec.index in belongings.solutions:
        solution = Solution.objects.get(pk=belongings.solutions[spec.index])
    elif spec.path is not None:
        solution = Solution.objects.create(**solution_fields(spec, belongings))
    else:
        message = f"solution {spec.index} names neither a file nor a key, which the reader refuses"
        raise AssertionError(message)
    solution.tasks.add(*(tasks[index] for index in spec.tasks))
    return solution.pk


def _phase(competition: Competition, spec: PhaseSpec, tasks: Mapping[int, int], belongings: Belongings) -> None:
    phase = Phase.objects.create(competition=competition, **phase_fields(spec, belongings))
    PhaseTask.objects.bulk_create(
        PhaseTask(phase=phase, task_id=tasks[index], order_index=position) for position, index in enumerate(spec.tasks)
    )
