"""The rows of a competition that exists, made to be what another specification says."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from django.db.models import F

from podium.rules.bundle.spec import CompetitionSpec
from podium.server.competitions.models import Competition, Phase, Solution, Task
from podium.server.competitions.services.creation import make_solution, make_task
from podium.server.competitions.services.rows import (
    Belongings,
    competition_fields,
    phase_fields,
    place_tasks,
    solution_fields,
    task_fields,
    write_pages,
    write_whitelist,
)

# Out of the way of the places that phases have, as no two of a competition may have the same at any moment.
_ASIDE = 1_000_000


@dataclass(frozen=True)
class KeptRows:
    """Which rows stay: the id of a row by the index of what it becomes; and the ids of what goes.

    `task_ids` are all tasks that the competition had.
    """

    phases: Mapping[int, int] = field(default_factory=dict)
    tasks: Mapping[int, int] = field(default_factory=dict)
    solutions: Mapping[int, int] = field(default_factory=dict)
    removed_phases: Collection[int] = ()
    removed_solutions: Collection[int] = ()
    task_ids: Collection[int] = ()


@dataclass(frozen=True)
class WrittenRows:
    """The ids of the phases and tasks of a competition, by their index in its specification."""

    phases: Mapping[int, int]
    tasks: Mapping[int, int]


def change_competition(
    competition_id: int, spec: CompetitionSpec, belongings: Belongings, kept: KeptRows
) -> WrittenRows:
    """Make a competition what the specification says: everything but its leaderboards.

    Tasks that the specification names by key are left as they are. A task that no phase uses any more stays, as
    something of its owner's. People are only added. It is a part of an update: the caller holds the competition and
    its boards, has checked the right and that nothing is lost by it, and owns the transaction.
    """
    Competition.objects.filter(pk=competition_id).update(**competition_fields(spec, belongings))
    competition = Competition.objects.get(pk=competition_id)
    competition.collaborators.add(*belongings.collaborators)
    competition.whitelist.all().delete()
    write_whitelist(competition, spec.whitelist_emails)
    competition.pages.all().delete()
    write_pages(competition, spec.pages)
    tasks = _tasks(competition, spec, belongings, kept)
    phases = _phases(competition, spec, belongings, kept, tasks)
    _solutions(spec, belongings, kept, tasks)
    return WrittenRows(phases, tasks)


def _tasks(
    competition: Competition, spec: CompetitionSpec, belongings: Belongings, kept: KeptRows
) -> Mapping[int, int]:
    written = {}
    for task in spec.tasks:
        if task.index in kept.tasks and task.index not in belongings.tasks:
            written[task.index] = kept.tasks[task.index]
            Task.objects.filter(pk=kept.tasks[task.index]).update(**task_fields(task, belongings))
        else:
            written[task.index] = make_task(competition.created_by_id, task, belongings)
    return written


def _phases(
    competition: Competition,
    spec: CompetitionSpec,
    belongings: Belongings,
    kept: KeptRows,
    tasks: Mapping[int, int],
) -> Mapping[int, int]:
    phases = Phase.objects.filter(competition=competition)
    phases.filter(pk__in=kept.removed_phases).delete()
    phases.update(index=F("index") + _ASIDE)
    written = {}
    for each in spec.phases:
        fields = phase_fields(each, belongings)
        if each.index in kept.phases:
            Phase.objects.filter(pk=kept.phases[each.index]).update(**fields)
            phase = Phase.objects.get(pk=kept.phases[each.index])
        else:
            phase = Phase.objects.create(competition=competition, **fields)
        place_tasks(phase, (tasks[index] for index in each.tasks))
        written[each.index] = phase.pk
    return written


def _solutions(spec: CompetitionSpec, belongings: Belongings, kept: KeptRows, tasks: Mapping[int, int]) -> None:
    Solution.objects.filter(pk__in=kept.removed_solutions).delete()
    ours = {*tasks.values(), *kept.task_ids}
    for each in spec.solutions:
        if each.index in belongings.solutions or each.index not in kept.solutions:
            pk = make_solution(each, tasks, belongings)
        else:
            pk = kept.solutions[each.index]
            Solution.objects.filter(pk=pk).update(**solution_fields(each, belongings))
        solution = Solution.objects.get(pk=pk)
        wanted = {tasks[index] for index in each.tasks}
        solution.tasks.remove(*(ours - wanted))
        solution.tasks.add(*wanted)
