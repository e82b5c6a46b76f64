"""What the scoring of a task reads beside predictions, by sha256."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from podium.server.competitions.models import Task

_SLOTS = ("scoring_program", "reference_data", "ingestion_program", "input_data")
_NAMES = {"scoring_program": "program_data"}


def materials_of(task_ids: Collection[int]) -> dict[str, dict[str, str]]:
    """By the number of each task as text, the files of its scoring step by their names in run orders."""
    tasks = Task.objects.select_related(*_SLOTS).filter(pk__in=list(task_ids))
    return {str(task.pk): _materials(task) for task in tasks}


def matches(made_from: Mapping[str, str], materials: Mapping[str, str]) -> bool:
    """Whether a run read exactly these files, and its predictions."""
    names = [_NAMES.get(slot, slot) for slot in _SLOTS]
    return {name: made_from[name] for name in names if name in made_from} == dict(materials)


def _materials(task: Task) -> dict[str, str]:
    slots = _SLOTS if task.ingestion_only_during_scoring else _SLOTS[:2]
    files = {slot: getattr(task, slot) for slot in slots}
    there = {slot: file.blob_id for slot, file in files.items() if file is not None and file.blob_id is not None}
    return {_NAMES.get(slot, slot): sha256 for slot, sha256 in there.items()}
