"""The files, tasks and solutions that a specification names, and those of them that exist here already."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from podium.rules.bundle.checks.places import Places
from podium.rules.bundle.spec import CompetitionSpec, FileRef
from podium.rules.errors import Problem
from podium.server.accounts.people import Person
from podium.server.competitions.models import Competition, Phase, Solution, Task
from podium.server.files.models import DataSet, DataSetType
from podium.server.queues.queries import usable_queue

_NOT_YOURS = "Name one of your own, or one that is public."
_TASK_SLOTS = (
    DataSetType.SCORING_PROGRAM,
    DataSetType.INGESTION_PROGRAM,
    DataSetType.INPUT_DATA,
    DataSetType.REFERENCE_DATA,
)
_PHASE_SLOTS = (DataSetType.STARTING_KIT, DataSetType.PUBLIC_DATA)


@dataclass(frozen=True)
class NamedPlace:
    """One place of a specification that names a file for a purpose; `where` is how messages call it."""

    purpose: DataSetType
    ref: FileRef
    where: str


@dataclass(frozen=True)
class Existing:
    """What a specification names by key, as ids: data sets by key, tasks and solutions by their index there, and the
    queue."""

    data_sets: Mapping[UUID, int]
    tasks: Mapping[int, int]
    solutions: Mapping[int, int]
    queue_id: int | None = None


def named_places(spec: CompetitionSpec) -> Iterator[NamedPlace]:
    """Every place that names a file, in the order of the specification. A slot has the name of its purpose."""
    for task in spec.tasks:
        for purpose in _TASK_SLOTS:
            ref = getattr(task, purpose.value)
            if ref is not None:
                yield NamedPlace(purpose, ref, f"The {purpose.label.lower()} of task {task.index}")
    for solution in spec.solutions:
        if solution.path is not None and solution.key is None:
            yield NamedPlace(DataSetType.SOLUTION, solution.path, f"The file of solution {solution.index}")
    for phase in spec.phases:
        for purpose in _PHASE_SLOTS:
            ref = getattr(phase, purpose.value)
            if ref is not None:
                yield NamedPlace(purpose, ref, f"The {purpose.label.lower()} of phase {phase.name!r}")


def find_existing(
    by: Person, spec: CompetitionSpec, *, competition_id: int | None = None, places: Places | None = None
) -> tuple[Existing, list[Problem]]:
    """What exists of that which the specification names by key, and a problem for each key that does not do; with
    `places`, each says where in the bundle that is.

    A key does only where it belongs to the importer or is public: else a bundle could bring a stranger's reference
    data into the importer's hands. A key that does not exist and one that is a stranger's are not told apart. What
    the competition `competition_id` has already does too: who may change it sees all of that.
    """
    problems = _Problems(places)
    own = _Within.of(competition_id)
    found = Existing(
        data_sets=_data_sets(by, spec, own, problems),
        tasks=_tasks(by, spec, own, problems),
        solutions=_solutions(by, spec, own, problems),
        queue_id=_queue(by, spec, competition_id, problems),
    )
    return found, problems.found


class _Problems:
    """Collects the problems, each at the place of the key that it is about."""

    def __init__(self, places: Places | None) -> None:
        self._places = places
        self.found: list[Problem] = []

    def add(self, code: str, message: str, hint: str, *, about: UUID, under: str) -> None:
        if self._places is None:
            self.found.append(Problem(code, message, hint))
        else:
            self.found.append(self._places.problem(code, "error", message, self._places.uuid(about, under), hint))


@dataclass(frozen=True)
class _Within:
    """What a competition has already, as ids."""

    tasks: frozenset[int] = frozenset()
    solutions: frozenset[int] = frozenset()
    data_sets: frozenset[int] = frozenset()

    @classmethod
    def of(cls, competition_id: int | None) -> _Within:
        if competition_id is None:
            return cls()
        tasks = Task.objects.filter(phases__competition_id=competition_id).distinct()
        solutions = Solution.objects.filter(tasks__in=tasks).distinct()
        slots = [f"{slot.value}_id" for slot in _TASK_SLOTS]
        kits = [f"{slot.value}_id" for slot in _PHASE_SLOTS]
        rows = [*tasks.values_list(*slots), *solutions.values_list("data_id")]
        rows += Phase.objects.filter(competition_id=competition_id).values_list(*kits)
        return cls(
            tasks=frozenset(tasks.values_list("pk", flat=True)),
            solutions=frozenset(solutions.values_list("pk", flat=True)),
            data_sets=frozenset(pk for row in rows for pk in row if pk is not None),
        )


def _data_sets(by: Person, spec: CompetitionSpec, own: _Within, problems: _Problems) -> dict[UUID, int]:
    places = [(place, place.ref.key) for place in named_places(spec) if place.ref.key is not None]
    allowed = Q(owner_id=by.id) | Q(is_public=True) | Q(pk__in=own.data_sets)
    usable = DataSet.objects.filter(allowed, key__in={key for _, key in places})
    known = {row.key: row for row in usable}
    for place, key in places:
        row = known.get(key)
        if row is None:
            message = f"{place.where}: there is no data set {key} that you may use."
            problems.add("data-set-unknown", message, _NOT_YOURS, about=key, under=place.purpose.value)
        elif row.blob_id is None:
            message = f"{place.where}: the data set {key} has not been uploaded completely."
            hint = "Upload its file, then import the bundle."
            problems.add("data-set-incomplete", message, hint, about=key, under=place.purpose.value)
    return {key: row.pk for key, row in known.items()}


def _tasks(by: Person, spec: CompetitionSpec, own: _Within, problems: _Problems) -> dict[int, int]:
    keyed = [(task.index, task.key) for task in spec.tasks if task.key is not None]
    allowed = Q(created_by_id=by.id) | Q(is_public=True) | Q(pk__in=own.tasks)
    usable = Task.objects.filter(allowed, key__in={key for _, key in keyed})
    known = dict(usable.values_list("key", "pk"))
    indexes: dict[UUID, int] = {}
    for index, key in keyed:
        if key not in known:
            message = f"Task {index}: there is no task {key} that you may use."
            problems.add("task-key-unknown", message, _NOT_YOURS, about=key, under="key")
        elif key in indexes:
            message = f"Task {index} is the same as task {indexes[key]}: both have the key {key}."
            hint = "Name it once, and use its index in the phases."
            problems.add("task-key-repeated", message, hint, about=key, under="key")
        indexes.setdefault(key, index)
    return {index: known[key] for index, key in keyed if key in known}


def _solutions(by: Person, spec: CompetitionSpec, own: _Within, problems: _Problems) -> dict[int, int]:
    keyed = [(solution.index, solution.key) for solution in spec.solutions if solution.key is not None]
    allowed = Q(data__owner_id=by.id) | Q(data__is_public=True) | Q(pk__in=own.solutions)
    usable = Solution.objects.filter(allowed, key__in={key for _, key in keyed})
    known = dict(usable.values_list("key", "pk"))
    for index, key in keyed:
        if key not in known:
            message = f"Solution {index}: there is no solution {key} that you may use."
            problems.add("solution-key-unknown", message, _NOT_YOURS, about=key, under="key")
    return {index: known[key] for index, key in keyed if key in known}


def _queue(by: Person, spec: CompetitionSpec, competition_id: int | None, problems: _Problems) -> int | None:
    if spec.queue is None:
        return None
    vhost = UUID(spec.queue)
    found = _kept_queue(competition_id, vhost) or usable_queue(by, vhost)
    if found is None:
        message = f"There is no queue {spec.queue} that you may use."
        hint = "Remove `queue` to use this site's own workers, or ask whoever keeps the site for a queue."
        problems.add("queue-unknown", message, hint, about=vhost, under="queue")
    return found


def _kept_queue(competition_id: int | None, vhost: UUID) -> int | None:
    if competition_id is None:
        return None
    kept = Competition.objects.filter(pk=competition_id, queue__vhost=vhost)
    return kept.values_list("queue_id", flat=True).first()
