"""What the history says of the phases and tasks of a competition, and of its fact sheet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from podium.rules.history import EventKind, moment
from podium.server.accounts.people import Person
from podium.server.competitions.models import Competition, Phase, PhaseTask, Task
from podium.server.history.parts import PartKinds, State, record_parts
from podium.server.history.services import ChainName, keep_text

_PHASES = PartKinds("phase", EventKind.PHASE_ADDED, EventKind.PHASE_CHANGED, EventKind.PHASE_REMOVED)
_TASKS = PartKinds("task", EventKind.TASK_ADDED, EventKind.TASK_CHANGED, EventKind.TASK_REMOVED)
_SLOTS = ("scoring_program", "ingestion_program", "input_data", "reference_data")


@dataclass(frozen=True)
class Parts:
    """The phases and tasks of a competition by their numbers, as events tell them but for their names."""

    phases: Mapping[int, State]
    tasks: Mapping[int, State]


NO_PARTS = Parts({}, {})
"""Those of a competition that is not there yet."""


def parts_of(competition_id: int) -> Parts:
    """The phases and tasks of a competition as they are now."""
    phases = Phase.objects.filter(competition_id=competition_id).prefetch_related("phase_tasks").order_by("index")
    placed = PhaseTask.objects.filter(phase__competition_id=competition_id).values_list("task_id", flat=True)
    tasks = Task.objects.select_related(*_SLOTS).filter(pk__in=set(placed))
    return Parts({row.pk: _phase(row) for row in phases}, {row.pk: _task(row) for row in tasks})


def record_parts_of(by: Person, competition_id: int, before: Parts) -> None:
    """Append what became of the phases and tasks of a competition since `before`.

    A task may belong to several competitions; each of them is told of its change.
    """
    after = parts_of(competition_id)
    chain = ChainName.competition(competition_id)
    _record(by, chain, _TASKS, before.tasks, after.tasks)
    _record(by, chain, _PHASES, before.phases, after.phases)
    changed = [pk for pk, state in after.tasks.items() if pk in before.tasks and before.tasks[pk] != state]
    shared = PhaseTask.objects.filter(task_id__in=changed).exclude(phase__competition_id=competition_id)
    for other in sorted(set(shared.values_list("phase__competition_id", flat=True))):
        used = set(shared.filter(phase__competition_id=other).values_list("task_id", flat=True))
        old, new = ({pk: tasks[pk] for pk in used} for tasks in (before.tasks, after.tasks))
        _record(by, ChainName.competition(other), _TASKS, old, new)


def said_of_competition(competition_id: int) -> dict[str, Any]:
    """What an event that tells of a competition as a whole says of its title, and of the answers shown on boards."""
    row = Competition.objects.only("title", "fact_sheet").get(pk=competition_id)
    chain = ChainName.competition(competition_id)
    shown = [question for question in row.fact_sheet if question.get("is_on_leaderboard")]
    return {
        "title": keep_text(chain, row.title),
        "shown_answers": [{"key": each["key"], "title": keep_text(chain, each["title"])} for each in shown],
    }


def _record(
    by: Person, chain: ChainName, kinds: PartKinds, before: Mapping[int, State], after: Mapping[int, State]
) -> None:
    def written(state: State) -> State:
        return {**state, "name": keep_text(chain, state["name"])}

    record_parts(chain, kinds, before, after, by=by, written=written)


def _phase(row: Phase) -> State:
    return {
        "index": row.index,
        "name": row.name,
        "start": moment(row.start),
        "end": None if row.end is None else moment(row.end),
        "tasks": [place.task_id for place in row.phase_tasks.all()],
        "max_submissions": row.max_submissions,
        "max_submissions_per_day": row.max_submissions_per_day,
        "execution_time_limit_s": row.execution_time_limit_s,
        "auto_migrate": row.auto_migrate_to_this_phase,
        "migrate": row.migrate,
        "hide_output": row.hide_output,
        "hide_prediction_output": row.hide_prediction_output,
        "hide_score_output": row.hide_score_output,
    }


def _task(row: Task) -> State:
    files = {slot: getattr(row, slot) for slot in _SLOTS}
    return {
        "name": row.name,
        "ingestion_only_during_scoring": row.ingestion_only_during_scoring,
        **{slot: None if data_set is None else data_set.blob_id for slot, data_set in files.items()},
    }
