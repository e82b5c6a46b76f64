"""Phases with their tasks and files, as one person may see them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from podium.rules.access import Action
from podium.rules.errors import NotFound
from podium.server import clock
from podium.server.accounts.people import Person
from podium.server.competitions.models import Competition, Phase, PhaseTask, Solution, Task
from podium.server.competitions.queries.standing import Standing, standing_of
from podium.server.competitions.queries.timing import PhaseWindow, window_of
from podium.server.files.models import DataSet
from podium.server.files.queries import StoredFile, stored_file

_SLOTS = ("scoring_program", "ingestion_program", "input_data", "reference_data")


@dataclass(frozen=True)
class NamedFile:
    """A data set that the person may fetch. `type` is one of the contract's words."""

    key: UUID
    type: str
    name: str
    file: StoredFile | None


@dataclass(frozen=True)
class SolutionRow:
    """A sample submission of the organizer. `data_key` is the key of its file."""

    key: UUID
    data_key: UUID
    name: str
    description: str
    file: StoredFile | None


@dataclass(frozen=True)
class TaskDetail:
    """A task in its place in a phase. `files` and `solutions` hold what the person may fetch, nothing else."""

    id: int
    key: UUID
    name: str
    description: str
    created_at: datetime
    order_index: int
    ingestion_only_during_scoring: bool
    files: tuple[NamedFile, ...]
    solutions: tuple[SolutionRow, ...]


@dataclass(frozen=True)
class PhaseDetail:
    """A phase. Limits of None mean unlimited; `migrate` is a word of podium.rules.phases.Migrated; starting kit and
    public data are None where the person may not fetch them."""

    id: int
    competition_id: int
    description: str
    window: PhaseWindow
    is_final: bool
    max_submissions: int | None
    max_submissions_per_day: int | None
    execution_time_limit_s: int
    auto_migrate_to_this_phase: bool
    migrate: str
    migrated_at: datetime | None
    hide_output: bool
    hide_prediction_output: bool
    hide_score_output: bool
    starting_kit: NamedFile | None
    public_data: NamedFile | None
    tasks: tuple[TaskDetail, ...]

    @property
    def index(self) -> int:
        """The place of the phase, from 0."""
        return self.window.index

    @property
    def name(self) -> str:
        """The name of the phase."""
        return self.window.name


def phase_detail(person: Person | None, phase_id: int, *, secret_key: UUID | None = None) -> PhaseDetail:
    """One phase as the person may see it.

    Raises:
        NotFound: there is no such phase for this person.
    """
    chosen = _with_all(Phase.objects.filter(pk=phase_id)).select_related("competition").first()
    if chosen is None:
        raise NotFound("phase-not-found", "There is no such phase.", "It may have been deleted. Check the address.")
    standing = standing_of(person, chosen.competition_id, secret_key=secret_key)
    standing.require(Action.SEE_PHASES)
    last = Phase.objects.filter(competition_id=chosen.competition_id).order_by("-index").values_list("pk", flat=True)
    return _phases([chosen], chosen.competition, standing, last_id=last.first())[0]


def phases_of(competition: Competition, standing: Standing) -> tuple[PhaseDetail, ...]:
    """The phases of a competition in their order, as somebody of that standing may see them; four queries."""
    return _phases(_with_all(Phase.objects.filter(competition_id=competition.pk)), competition, standing)


def named_file(data_set: DataSet | None) -> NamedFile | None:
    """A data set under its name; None where there is none."""
    if data_set is None:
        return None
    return NamedFile(data_set.key, data_set.type, data_set.name, stored_file(data_set))


def _with_all(phases: QuerySet[Phase]) -> QuerySet[Phase]:
    tasks = Task.objects.select_related(*_SLOTS).prefetch_related(
        Prefetch("solutions", Solution.objects.select_related("data").order_by("id"))
    )
    placed = PhaseTask.objects.order_by("order_index", "id").prefetch_related(Prefetch("task", tasks))
    return (
        phases.order_by("index")
        .select_related("starting_kit", "public_data")
        .prefetch_related(Prefetch("phase_tasks", placed))
    )


def _phases(
    rows: Iterable[Phase], competition: Competition, standing: Standing, *, last_id: int | None = None
) -> tuple[PhaseDetail, ...]:
    found = list(rows)
    now = clock.now()
    last = last_id if last_id is not None else (found[-1].pk if found else None)
    gets_files = standing.may(Action.SEE_FILES)
    return tuple(
        PhaseDetail(
            id=row.pk,
            competition_id=row.competition_id,
            description=row.description,
            window=window_of(row, now),
            is_final=row.pk == last,
            max_submissions=row.max_submissions,
            max_submissions_per_day=row.max_submissions_per_day,
            execution_time_limit_s=row.execution_time_limit_s,
            auto_migrate_to_this_phase=row.auto_migrate_to_this_phase,
            migrate=row.migrate,
            migrated_at=row.migrated_at,
            hide_output=row.hide_output,
            hide_prediction_output=row.hide_prediction_output,
            hide_score_output=row.hide_score_output,
            starting_kit=named_file(row.starting_kit) if gets_files else None,
            public_data=named_file(row.public_data) if gets_files else None,
            tasks=tuple(_task(placed, competition, standing) for placed in row.phase_tasks.all()),
        )
        for row in found
    )


def _task(placed: PhaseTask, competition: Competition, standing: Standing) -> TaskDetail:
    task = placed.task
    staff = standing.may(Action.SEE_PROGRAMS)
    member = standing.may(Action.SEE_FILES)
    slots: list[DataSet | None] = []
    if staff or (member and competition.make_programs_available):
        slots += [task.scoring_program, task.ingestion_program]
    if staff or (member and competition.make_input_data_available and not _is_the_truth(task)):
        slots.append(task.input_data)
    if staff:
        slots.append(task.reference_data)
    solutions = task.solutions.all() if staff else ()
    return TaskDetail(
        id=task.pk,
        key=task.key,
        name=task.name,
        description=task.description,
        created_at=task.created_at,
        order_index=placed.order_index,
        ingestion_only_during_scoring=task.ingestion_only_during_scoring,
        files=tuple(named for slot in slots if (named := named_file(slot)) is not None),
        solutions=tuple(
            SolutionRow(each.key, each.data.key, each.name, each.description, stored_file(each.data))
            for each in solutions
        ),
    )


def _is_the_truth(task: Task) -> bool:
    """Whether the input data are the reference data, which participants never get, whatever is made available."""
    blobs = [None if data is None else data.blob_id for data in (task.input_data, task.reference_data)]
    return blobs[0] is not None and blobs[0] == blobs[1]
