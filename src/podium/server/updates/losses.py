"""What an update would lose: every reason to refuse it, at its place in the new bundle."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from podium.rules.bundle.findings import Mark
from podium.rules.bundle.spec import LeaderboardSpec, PhaseSpec, SolutionSpec, TaskSpec
from podium.rules.errors import Problem
from podium.server.competitions.models import PhaseTask, Solution, Task
from podium.server.leaderboards.models import Entry
from podium.server.submissions.queries.dependents import Dependents, answered_under, scored_under
from podium.server.updates.board_losses import board_losses, counted
from podium.server.updates.comparison import Comparison

_TASK_FILES = ("scoring_program", "ingestion_program", "input_data", "reference_data")
_BY_KEY = "Name it by its `key`, which leaves it as it is, or describe it as it is."


def losses(found: Comparison, dependents: Dependents) -> list[Problem]:
    """Every problem, in the order of the format."""
    return [
        *_lost_answers(found),
        *_tasks(found, dependents),
        *_solutions(found),
        *_phases(found, dependents),
        *_boards(found),
    ]


def _lost_answers(found: Comparison) -> Iterator[Problem]:
    kept = {question.key for question in found.new.fact_sheet}
    gone = [question.key for question in found.old.fact_sheet if question.key not in kept]
    for key, number in answered_under(found.competition.pk, gone).items():
        message = (
            f'The question "{key}" is answered by {counted(number)}, and the fact sheet would not have it any more.'
        )
        hint = "Keep it. It need not be required, nor stand on the leaderboard."
        yield _problem(found, "question-answered", message, hint, _key(found, "fact_sheet"))


def _tasks(found: Comparison, dependents: Dependents) -> Iterator[Problem]:
    rows = Task.objects.in_bulk([found.task_ids[old.index] for old, _ in found.tasks.kept])
    elsewhere = _used_elsewhere(found, found.task_ids.values())
    for old, new in found.tasks.kept:
        if new.index in found.existing.tasks:
            continue
        row = rows[found.task_ids[old.index]]
        at = found.version.places.text(new.name, "name")
        if (row.pk in elsewhere or row.created_by_id not in _organizers(found)) and _differ(found, old, new):
            message = f'The task "{old.name}" is not this competition\'s alone, and a bundle cannot change it.'
            yield _problem(found, "task-shared", message, _BY_KEY, at)
        under_way = dependents.under_way.get(row.pk, 0)
        if under_way and _steps(old) != _steps(new):
            message = (
                f'The task "{old.name}" would be run in other steps while {counted(under_way)} to it are being run.'
            )
            yield _problem(found, "task-running", message, "Wait until they have ended, or cancel them.", at)


def _solutions(found: Comparison) -> Iterator[Problem]:
    """Solutions of a task that others use are theirs too."""
    rows = Solution.objects.prefetch_related("tasks").in_bulk(list(found.solution_ids.values()))
    tasks = {task.pk: task.created_by_id for row in rows.values() for task in row.tasks.all()}
    organizers = _organizers(found)
    foreign = _used_elsewhere(found, tasks) | {pk for pk, owner in tasks.items() if owner not in organizers}
    changed = [(old, new) for old, new in found.solutions.kept if _solutions_differ(found, old, new)]
    for old, new in [*changed, *((each, None) for each in found.solutions.removed)]:
        row = rows[found.solution_ids[old.index]]
        named = new is not None and new.index in found.existing.solutions
        if not named and foreign.intersection(task.pk for task in row.tasks.all()):
            message = f'The solution "{old.name}" is not this competition\'s alone, and a bundle cannot change it.'
            at = found.version.places.text(old.name, "name") or _key(found, "solutions")
            yield _problem(found, "solution-shared", message, _BY_KEY, at)


def _phases(found: Comparison, dependents: Dependents) -> Iterator[Problem]:
    for phase in found.phases.removed:
        number = dependents.by_phase.get(found.phase_ids[phase.index], 0)
        if number:
            message = f'The phase "{phase.name}" has {counted(number)}, and the competition would not have it any more.'
            hint = "Keep it under its name. A phase takes no submissions after its end."
            yield _problem(found, "phase-has-submissions", message, hint, _key(found, "phases"))
    for old, new in found.phases.kept:
        yield from _lost_tasks(found, dependents, old, new)


def _lost_tasks(found: Comparison, dependents: Dependents, old: PhaseSpec, new: PhaseSpec) -> Iterator[Problem]:
    phase_id = found.phase_ids[old.index]
    stay = {found.kept_tasks[index] for index in new.tasks if index in found.kept_tasks}
    names = {task.index: task.name for task in found.old.tasks}
    for index in old.tasks:
        number = dependents.by_task.get((phase_id, found.task_ids[index]), 0)
        if number and found.task_ids[index] not in stay:
            message = (
                f'The phase "{old.name}" has {counted(number)} to the task "{names[index]}", '
                "and would not have that any more."
            )
            hint = "Keep it in the phase, under its key, its name or its place."
            at = found.version.places.text(new.name, "name") or _key(found, "phases")
            yield _problem(found, "task-has-submissions", message, hint, at)


def _boards(found: Comparison) -> Iterator[Problem]:
    def entries_of(board: LeaderboardSpec) -> int:
        return Entry.objects.filter(leaderboard_id=found.board_ids[board.key]).count()

    scored = scored_under(found.competition.pk)
    for loss in board_losses(found.boards, found.new.leaderboards, entries_of=entries_of, scored=scored):
        at = _key(found, "leaderboards") or _key(found, "leaderboard")
        if loss.column is not None:
            at = found.version.places.text(loss.column.key, "key")
        elif loss.board is not None:
            at = found.version.places.text(loss.board.key, "key") or _key(found, "leaderboards")
        yield _problem(found, loss.code, loss.message, loss.hint, at)


def _steps(task: TaskSpec) -> tuple[bool, bool]:
    """What decides by which steps a submission to the task is run."""
    return task.ingestion_program is not None, task.ingestion_only_during_scoring


def _differ(found: Comparison, old: TaskSpec, new: TaskSpec) -> bool:
    told = ("name", "description", "ingestion_only_during_scoring", "extensions")
    if any(getattr(old, name) != getattr(new, name) for name in told):
        return True
    return not all(found.same_file(getattr(old, name), getattr(new, name)) for name in _TASK_FILES)


def _solutions_differ(found: Comparison, old: SolutionSpec, new: SolutionSpec) -> bool:
    told = ("name", "description", "extensions")
    ids = [{found.task_ids[index] for index in old.tasks}, {found.kept_tasks.get(index) for index in new.tasks}]
    if ids[0] != ids[1] or any(getattr(old, name) != getattr(new, name) for name in told):
        return True
    return not found.same_file(old.path, new.path)


def _used_elsewhere(found: Comparison, task_ids: Iterable[int]) -> frozenset[int]:
    """Those of the tasks that phases of other competitions have."""
    placed = PhaseTask.objects.filter(task_id__in=list(task_ids))
    others = placed.exclude(phase__competition_id=found.competition.pk)
    return frozenset(others.values_list("task_id", flat=True))


def _organizers(found: Comparison) -> set[int]:
    competition = found.competition
    return {competition.created_by_id, *competition.collaborators.values_list("pk", flat=True)}


def _key(found: Comparison, name: str) -> Mark | None:
    return found.version.places.key(name, "")


def _problem(found: Comparison, code: str, message: str, hint: str, at: Mark | None) -> Problem:
    return found.version.places.problem(code, "error", message, at, hint)
