"""The rows of a new competition, from its specification."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from podium.rules.bundle.phases import MIGRATED_KEY
from podium.rules.bundle.spec import CompetitionSpec, FileRef, PhaseSpec, SolutionSpec, TaskSpec
from podium.rules.phases import Migrated
from podium.server import clock
from podium.server.accounts.people import Person
from podium.server.competitions.models import (
    Competition,
    Page,
    Phase,
    PhaseTask,
    Solution,
    Task,
    WhitelistedAddress,
)
from podium.server.files.models import DataSetType


@dataclass(frozen=True)
class Belongings:
    """What a competition is made of besides its own rows, as ids.

    `data_sets` holds every file that the specification names for a purpose, `tasks` and `solutions` the existing ones
    that it names by key, by their index there. `logo` is a blob's sha256 and `logo_type` its media type;
    `collaborators` are those of the people it names who have an account here.
    """

    bundle_id: int
    logo: str
    logo_type: str
    data_sets: Mapping[tuple[DataSetType, FileRef], int]
    tasks: Mapping[int, int]
    solutions: Mapping[int, int]
    queue_id: int | None = None
    collaborators: tuple[int, ...] = ()


def create_competition(by: Person, spec: CompetitionSpec, belongings: Belongings) -> int:
    """Write a competition, unpublished, with its pages, tasks, solutions and phases. Returns its id.

    It is a part of importing: the caller checks the right to import, owns the transaction and adds the leaderboards.
    """
    competition = _competition(by, spec, belongings)
    competition.collaborators.set(belongings.collaborators)
    WhitelistedAddress.objects.bulk_create(
        (WhitelistedAddress(competition=competition, address=address) for address in spec.whitelist_emails),
        batch_size=1000,
    )
    Page.objects.bulk_create(
        Page(
            competition=competition,
            index=page.index,
            title=page.title,
            content=page.content,
            format=text_format(page.file),
        )
        for page in spec.pages
    )
    tasks = {task.index: _task(by, task, belongings) for task in spec.tasks}
    for solution in spec.solutions:
        _solution(solution, tasks, belongings)
    for phase in spec.phases:
        _phase(competition, phase, tasks, belongings)
    return competition.pk


def text_format(file: str) -> str:
    """How a page is written, by the name of its file: html or md."""
    return "html" if PurePosixPath(file).suffix.lower() in {".htm", ".html"} else "md"


def _competition(by: Person, spec: CompetitionSpec, belongings: Belongings) -> Competition:
    return Competition.objects.create(
        title=spec.title,
        description=spec.description,
        logo_id=belongings.logo,
        logo_type=belongings.logo_type,
        terms=spec.terms,
        terms_format=text_format(spec.terms_file),
        created_by_id=by.id,
        created_at=clock.now(),
        bundle_id=belongings.bundle_id,
        competition_type=spec.competition_type.value,
        docker_image=spec.docker_image,
        queue_id=belongings.queue_id,
        registration_auto_approve=spec.registration_auto_approve,
        auto_run_submissions=spec.auto_run_submissions,
        can_participants_make_submissions_public=spec.can_participants_make_submissions_public,
        enable_detailed_results=spec.enable_detailed_results,
        show_detailed_results_in_submission_panel=spec.show_detailed_results_in_submission_panel,
        show_detailed_results_in_leaderboard=spec.show_detailed_results_in_leaderboard,
        make_programs_available=spec.make_programs_available,
        make_input_data_available=spec.make_input_data_available,
        forum_enabled=spec.forum_enabled,
        allow_robot_submissions=spec.allow_robot_submissions,
        reward=spec.reward,
        contact_email=spec.contact_email,
        fact_sheet=[question.model_dump(mode="json") for question in spec.fact_sheet],
        extensions=dict(spec.extensions),
    )


def _task(by: Person, spec: TaskSpec, belongings: Belongings) -> int:
    if spec.index in belongings.tasks:
        return belongings.tasks[spec.index]
    return Task.objects.create(
        name=spec.name,
        description=spec.description,
        created_by_id=by.id,
        created_at=clock.now(),
        scoring_program_id=_data_set(belongings, DataSetType.SCORING_PROGRAM, spec.scoring_program),
        ingestion_program_id=_data_set(belongings, DataSetType.INGESTION_PROGRAM, spec.ingestion_program),
        input_data_id=_data_set(belongings, DataSetType.INPUT_DATA, spec.input_data),
        reference_data_id=_data_set(belongings, DataSetType.REFERENCE_DATA, spec.reference_data),
        ingestion_only_during_scoring=spec.ingestion_only_during_scoring,
        extensions=dict(spec.extensions),
    ).pk


def _solution(spec: SolutionSpec, tasks: Mapping[int, int], belongings: Belongings) -> None:
    if spec.index in belongings.solutions:
        solution = Solution.objects.get(pk=belongings.solutions[spec.index])
    elif spec.path is not None:
        solution = Solution.objects.create(
            name=spec.name or f"Solution {spec.index}",
            description=spec.description,
            data_id=belongings.data_sets[DataSetType.SOLUTION, spec.path],
            extensions=dict(spec.extensions),
        )
    else:
        message = f"solution {spec.index} names neither a file nor a key, which the reader refuses"
        raise AssertionError(message)
    solution.tasks.add(*(tasks[index] for index in spec.tasks))


def _phase(competition: Competition, spec: PhaseSpec, tasks: Mapping[int, int], belongings: Belongings) -> None:
    phase = Phase.objects.create(
        competition=competition,
        index=spec.index,
        name=spec.name,
        description=spec.description,
        start=spec.start,
        end=spec.end,
        max_submissions=spec.max_submissions,
        max_submissions_per_day=spec.max_submissions_per_day,
        execution_time_limit_s=spec.execution_time_limit_s,
        auto_migrate_to_this_phase=spec.auto_migrate_to_this_phase,
        migrate=str(spec.extensions.get(MIGRATED_KEY, Migrated.ALL.value)),
        hide_output=spec.hide_output,
        hide_prediction_output=spec.hide_prediction_output,
        hide_score_output=spec.hide_score_output,
        starting_kit_id=_data_set(belongings, DataSetType.STARTING_KIT, spec.starting_kit),
        public_data_id=_data_set(belongings, DataSetType.PUBLIC_DATA, spec.public_data),
        extensions=dict(spec.extensions),
    )
    PhaseTask.objects.bulk_create(
        PhaseTask(phase=phase, task_id=tasks[index], order_index=position) for position, index in enumerate(spec.tasks)
    )


def _data_set(belongings: Belongings, purpose: DataSetType, ref: FileRef | None) -> int | None:
    return None if ref is None else belongings.data_sets[purpose, ref]
