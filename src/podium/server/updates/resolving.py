"""Tasks and solutions said in full, whether a bundle defines them or names them by their keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar
from uuid import UUID

from podium.rules.bundle.spec import CompetitionSpec, FileRef, SolutionSpec, TaskSpec
from podium.server.competitions.models import Solution, Task
from podium.server.files.models import DataSet
from podium.server.updates.matching import Match

_TASK_FILES = ("scoring_program", "ingestion_program", "input_data", "reference_data")
_PHASE_FILES = ("starting_kit", "public_data")

Keyed = TypeVar("Keyed", TaskSpec, SolutionSpec)


def tasks_in_full(specs: Iterable[TaskSpec], ids: Mapping[int, int]) -> list[TaskSpec]:
    """Tasks, with everything about those that are named by key, as far as there are rows of them: `ids` by index."""
    rows = Task.objects.select_related(*_TASK_FILES).in_bulk(list(ids.values()))
    return [_task(spec, rows.get(ids.get(spec.index, 0))) for spec in specs]


def solutions_in_full(specs: Iterable[SolutionSpec], ids: Mapping[int, int]) -> list[SolutionSpec]:
    """The same of solutions."""
    rows = Solution.objects.select_related("data").in_bulk(list(ids.values()))
    return [_solution(spec, rows.get(ids.get(spec.index, 0))) for spec in specs]


def under_keys_of_old(specs: Sequence[Keyed], match: Match[Keyed]) -> tuple[Keyed, ...]:
    """New parts under the keys of the old ones that they go on from, which a bundle need not name."""
    keys = {new.index: old.key for old, new in match.kept}
    return tuple(spec.model_copy(update={"key": keys.get(spec.index, spec.key)}) for spec in specs)


def stored_keys(*specs: CompetitionSpec) -> dict[UUID, str]:
    """The hashes of the data sets that specifications name by key, as far as they have arrived."""
    keys = {ref.key for spec in specs for ref in _references(spec) if ref is not None and ref.key is not None}
    rows = DataSet.objects.filter(key__in=keys).exclude(blob=None).values_list("key", "blob_id")
    return {key: str(sha256) for key, sha256 in rows}


def _task(spec: TaskSpec, row: Task | None) -> TaskSpec:
    if row is None:
        return spec
    if spec.key is None:
        return spec.model_copy(update={"key": row.key})
    return TaskSpec(
        index=spec.index,
        key=row.key,
        name=row.name,
        description=row.description,
        ingestion_only_during_scoring=row.ingestion_only_during_scoring,
        extensions=row.extensions,
        **{name: _reference(getattr(row, name)) for name in _TASK_FILES},
    )


def _solution(spec: SolutionSpec, row: Solution | None) -> SolutionSpec:
    if row is None:
        return spec
    if spec.key is None:
        return spec.model_copy(update={"key": row.key})
    return SolutionSpec(
        index=spec.index,
        tasks=spec.tasks,
        key=row.key,
        path=_reference(row.data),
        name=row.name,
        description=row.description,
        extensions=row.extensions,
    )


def _reference(data_set: DataSet | None) -> FileRef | None:
    return None if data_set is None else FileRef(key=data_set.key)


def _references(spec: CompetitionSpec) -> Iterable[FileRef | None]:
    for task in spec.tasks:
        yield from (getattr(task, name) for name in _TASK_FILES)
    for phase in spec.phases:
        yield from (getattr(phase, name) for name in _PHASE_FILES)
    yield from (solution.path for solution in spec.solutions)
