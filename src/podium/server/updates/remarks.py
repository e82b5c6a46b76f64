"""What an organizer should know before confirming an update that loses nothing."""

from __future__ import annotations

from collections.abc import Iterator

from podium.rules.bundle.findings import Mark
from podium.rules.bundle.spec import PhaseSpec, TaskSpec
from podium.rules.errors import Problem
from podium.server import clock
from podium.server.competitions.models import Phase
from podium.server.submissions.queries.dependents import Dependents, scored_under
from podium.server.updates.board_losses import counted
from podium.server.updates.comparison import Comparison

_FILES_OF_SCORES = ("scoring_program", "ingestion_program", "input_data", "reference_data")


def remarks(found: Comparison, dependents: Dependents) -> list[Problem]:
    """Every note, in the order of the format."""
    return [*_terms(found), *_tasks(found, dependents), *_phases(found, dependents), *_boards(found)]


def _terms(found: Comparison) -> Iterator[Problem]:
    people = found.competition.participants.count()
    if people and found.old.terms != found.new.terms:
        message = (
            f"{counted(people, 'person') if people == 1 else f'{people:,} people'} accepted the terms as they were."
        )
        hint = "Nobody is asked again. The history names by its hash which text each of them accepted."
        yield _note(found, "terms-accepted", message, hint, found.version.places.key("terms", ""))


def _tasks(found: Comparison, dependents: Dependents) -> Iterator[Problem]:
    for old, new in found.tasks.kept:
        task_id = found.task_ids[old.index]
        number, under_way = dependents.of_task(task_id), dependents.under_way.get(task_id, 0)
        if not number or new.index in found.existing.tasks or not _scores_otherwise(found, old, new):
            continue
        at = found.version.places.text(new.name, "name")
        message = f'The task "{old.name}" has {counted(number)}, whose scores stay as the files until now gave them.'
        hint = "Where scores must compare, ask the participants to submit again."
        yield _note(found, "scores-stay", message, hint, at)
        if under_way:
            message = f'{counted(under_way)} to the task "{old.name}" are being run or wait for it.'
            hint = (
                "A step that a worker has begun goes on with the files until now; every later one takes the new ones."
            )
            yield _note(found, "runs-under-way", message, hint, at)


def _scores_otherwise(found: Comparison, old: TaskSpec, new: TaskSpec) -> bool:
    return not all(found.same_file(getattr(old, name), getattr(new, name)) for name in _FILES_OF_SCORES)


def _phases(found: Comparison, dependents: Dependents) -> Iterator[Problem]:
    migrated = set(
        Phase.objects.filter(competition=found.competition).exclude(migrated_at=None).values_list("index", flat=True)
    )
    old_of = {new.index: old for old, new in found.phases.kept}
    for new in found.new.phases:
        old = old_of.get(new.index)
        at = found.version.places.text(new.name, "name")
        if old is not None:
            yield from _added_tasks(found, dependents, old, new, at)
        waits = old is None or (old.index not in migrated and not old.auto_migrate_to_this_phase)
        if new.auto_migrate_to_this_phase and waits and new.start <= clock.now():
            message = f'The phase "{new.name}" has begun and is to take over the submissions of the one before.'
            yield _note(found, "phase-migrates-now", message, "That begins as soon as you confirm.", at)


def _added_tasks(
    found: Comparison, dependents: Dependents, old: PhaseSpec, new: PhaseSpec, at: Mark | None
) -> Iterator[Problem]:
    number = dependents.by_phase.get(found.phase_ids[old.index], 0)
    before = {found.task_ids[index] for index in old.tasks}
    names = {task.index: task.name for task in found.new.tasks}
    for index in new.tasks:
        if number and found.kept_tasks.get(index) not in before:
            message = (
                f'The phase "{new.name}" has {counted(number)} without the new task "{names[index]}": '
                "they rank below those that have all tasks."
            )
            yield _note(found, "task-added", message, "Ask the participants to submit again.", at)


def _boards(found: Comparison) -> Iterator[Problem]:
    scored = scored_under(found.competition.pk)
    for old, new in found.boards.kept:
        before = {column.key for column in old.columns}
        for column in new.columns:
            if scored and column.key not in before and column.computation is None and not scored.get(column.key):
                message = f'No submission has a score for the new column "{column.key}" yet.'
                hint = "Where a value is missing, a submission ranks below those that have it."
                at = found.version.places.text(column.key, "key")
                yield _note(found, "column-without-scores", message, hint, at)
        if old.submission_rule is not new.submission_rule:
            message = f'The leaderboard "{new.title}" is filled anew by the rule {new.submission_rule}.'
            at = found.version.places.text(new.key, "key")
            yield _note(found, "board-filled-anew", message, "Look at it afterwards.", at)


def _note(found: Comparison, code: str, message: str, hint: str, at: Mark | None) -> Problem:
    return found.version.places.problem(code, "note", message, at, hint)
