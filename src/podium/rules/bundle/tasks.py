"""Tasks and sample solutions."""

from __future__ import annotations

from collections.abc import Collection

from podium.rules.bundle.files import BundleFiles
from podium.rules.bundle.keys import SOLUTION, TASK
from podium.rules.bundle.limits import check_limits
from podium.rules.bundle.section import Section
from podium.rules.bundle.spec import SolutionSpec, TaskSpec

SCORE_FAILED_KEY = "score_failed_predictions"
"""Under `podium` of a task: whether what failed programs left is scored."""

SHOW_REFERENCE_KEY = "ingestion_sees_reference_data"
"""Under `podium` of a task: whether an ingestion program that runs beside scoring is given the reference data."""


def read_tasks(competition: Section, files: BundleFiles) -> tuple[TaskSpec, ...]:
    """The tasks, in the order of the list. Their indexes are unique."""
    tasks = []
    lines: dict[int, int] = {}
    for section in competition.sections("tasks", TASK):
        index = _unique_index(section, lines)
        key = section.uuid("key")
        task = TaskSpec(
            index=index,
            key=key,
            name=section.text("name"),
            description=section.text("description"),
            scoring_program=files.member(section, "scoring_program"),
            ingestion_program=files.member(section, "ingestion_program"),
            input_data=files.member(section, "input_data"),
            reference_data=files.member(section, "reference_data"),
            ingestion_only_during_scoring=section.flag("ingestion_only_during_scoring"),
            extensions=section.extensions(),
        )
        if section.node("key") is None:
            _require(section, "name", "a new task needs a name")
            _require(section, "scoring_program", "a new task needs a program that scores")
        elif key is not None:
            _note_ignored_keys(section)
            task = TaskSpec(index=index, key=key, extensions=task.extensions)
        for flag in (SCORE_FAILED_KEY, SHOW_REFERENCE_KEY):
            _check_flag(section, task, flag)
        check_limits(section, task.extensions)
        section.note_unknown_keys()
        tasks.append(task)
    return tuple(tasks)


def _check_flag(section: Section, task: TaskSpec, flag: str) -> None:
    if not isinstance(task.extensions.get(flag, False), bool):
        message = f'"{section.path}.podium.{flag}" must be true or false.'
        section.findings.error("flag-unknown", message, section.mark("podium"), "Leave it out for false.")


def read_solutions(competition: Section, files: BundleFiles, task_indexes: Collection[int]) -> tuple[SolutionSpec, ...]:
    """The sample submissions. Their indexes are unique, and each names tasks that exist."""
    solutions = []
    lines: dict[int, int] = {}
    for section in competition.sections("solutions", SOLUTION):
        solution = SolutionSpec(
            index=_unique_index(section, lines),
            tasks=read_task_indexes(section, task_indexes),
            key=section.uuid("key"),
            path=files.member(section, "path"),
            name=section.text("name"),
            description=section.text("description"),
            extensions=section.extensions(),
        )
        if section.node("key") is None:
            _require(section, "path", "a solution needs its file or folder, or the key of a stored one")
        section.note_unknown_keys()
        solutions.append(solution)
    return tuple(solutions)


def read_task_indexes(section: Section, known: Collection[int]) -> tuple[int, ...]:
    """The task indexes in the list `tasks` of a phase or solution, each of them once and known."""
    indexes: dict[int, None] = {}
    for position, node in enumerate(section.items("tasks")):
        name = f'"{section.path}.tasks[{position}]"'
        index = section.whole_of(node, name)
        if index is None:
            continue
        if index in indexes:
            section.findings.note("task-repeated", f"{name} names task {index} again; it counts once.", node.mark)
        elif index not in known:
            hint = f"There are: {', '.join(str(number) for number in sorted(known)[:20])}." if known else ""
            section.findings.error("task-unknown", f"{name}: there is no task with index {index}.", node.mark, hint)
        else:
            indexes[index] = None
    return tuple(indexes)


def _unique_index(section: Section, lines: dict[int, int]) -> int:
    index = section.whole("index")
    if index is None:
        return 0
    mark = section.mark("index")
    if index in lines:
        message = f"{section.named('index')} is {index}, which stands on line {lines[index]} already."
        section.findings.error("index-repeated", message, mark, "Give each its own index.")
    lines.setdefault(index, mark.line)
    return index


def _require(section: Section, key: str, reason: str) -> None:
    if section.node(key) is None:
        state = "is empty" if key in section.table.entries else "is missing"
        section.findings.error("key-missing", f"{section.named(key)} {state}: {reason}.", section.mark(key))


def _note_ignored_keys(section: Section) -> None:
    ignored = [name for name in section.level.names if name in section.table.entries]
    ignored = [name for name in ignored if name not in ("index", "key", "podium")]
    if ignored:
        message = f"{section.named('key')} names a task that exists, so that this is ignored: {', '.join(ignored)}."
        section.findings.note("task-keys-ignored", message, section.mark("key"), "Remove them, or remove the key.")
