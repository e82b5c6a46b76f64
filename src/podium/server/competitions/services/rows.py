"""What a specification says, as the fields of the rows that are made of it, or changed by it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from podium.rules.bundle.phases import MIGRATED_KEY
from podium.rules.bundle.spec import (
    SWITCHES,
    CompetitionSpec,
    FileRef,
    PageSpec,
    PhaseSpec,
    SolutionSpec,
    TaskSpec,
)
from podium.rules.phases import Migrated
from podium.server.competitions.models import Competition, Page, Phase, PhaseTask, WhitelistedAddress
from podium.server.files.models import DataSetType

Fields = dict[str, Any]


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

    def data_set(self, purpose: DataSetType, ref: FileRef | None) -> int | None:
        """The data set of a file that is named for a purpose; None where none is named."""
        return None if ref is None else self.data_sets[purpose, ref]


def competition_fields(spec: CompetitionSpec, belongings: Belongings) -> Fields:
    """Everything about the competition itself that its bundle decides."""
    return {
        "title": spec.title,
        "description": spec.description,
        "logo_id": belongings.logo,
        "logo_type": belongings.logo_type,
        "terms": spec.terms,
        "terms_format": text_format(spec.terms_file),
        "bundle_id": belongings.bundle_id,
        "competition_type": spec.competition_type.value,
        "docker_image": spec.docker_image,
        "queue_id": belongings.queue_id,
        "reward": spec.reward,
        "contact_email": spec.contact_email,
        "fact_sheet": [question.model_dump(mode="json") for question in spec.fact_sheet],
        "extensions": dict(spec.extensions),
        **{switch: getattr(spec, switch) for switch in SWITCHES},
    }


def task_fields(spec: TaskSpec, belongings: Belongings) -> Fields:
    """Everything about a task that the bundle defines."""
    return {
        "name": spec.name,
        "description": spec.description,
        "scoring_program_id": belongings.data_set(DataSetType.SCORING_PROGRAM, spec.scoring_program),
        "ingestion_program_id": belongings.data_set(DataSetType.INGESTION_PROGRAM, spec.ingestion_program),
        "input_data_id": belongings.data_set(DataSetType.INPUT_DATA, spec.input_data),
        "reference_data_id": belongings.data_set(DataSetType.REFERENCE_DATA, spec.reference_data),
        "ingestion_only_during_scoring": spec.ingestion_only_during_scoring,
        "extensions": dict(spec.extensions),
    }


def solution_fields(spec: SolutionSpec, belongings: Belongings) -> Fields:
    """Everything about a solution that brings its file."""
    return {
        "name": spec.name or f"Solution {spec.index}",
        "description": spec.description,
        "data_id": belongings.data_set(DataSetType.SOLUTION, spec.path),
        "extensions": dict(spec.extensions),
    }


def phase_fields(spec: PhaseSpec, belongings: Belongings) -> Fields:
    """Everything about a phase but its tasks."""
    return {
        "index": spec.index,
        "name": spec.name,
        "description": spec.description,
        "start": spec.start,
        "end": spec.end,
        "max_submissions": spec.max_submissions,
        "max_submissions_per_day": spec.max_submissions_per_day,
        "execution_time_limit_s": spec.execution_time_limit_s,
        "auto_migrate_to_this_phase": spec.auto_migrate_to_this_phase,
        "migrate": str(spec.extensions.get(MIGRATED_KEY, Migrated.ALL.value)),
        "hide_output": spec.hide_output,
        "hide_prediction_output": spec.hide_prediction_output,
        "hide_score_output": spec.hide_score_output,
        "starting_kit_id": belongings.data_set(DataSetType.STARTING_KIT, spec.starting_kit),
        "public_data_id": belongings.data_set(DataSetType.PUBLIC_DATA, spec.public_data),
        "extensions": dict(spec.extensions),
    }


def write_pages(competition: Competition, pages: Iterable[PageSpec]) -> None:
    """Write the pages of a competition that has none."""
    Page.objects.bulk_create(
        Page(
            competition=competition,
            index=page.index,
            title=page.title,
            content=page.content,
            format=text_format(page.file),
        )
        for page in pages
    )


def write_whitelist(competition: Competition, addresses: Iterable[str]) -> None:
    """Write the addresses whose owners join without being approved, where there are none yet."""
    rows = (WhitelistedAddress(competition=competition, address=address) for address in addresses)
    WhitelistedAddress.objects.bulk_create(rows, batch_size=1000)


def place_tasks(phase: Phase, task_ids: Iterable[int]) -> None:
    """Make these the tasks of a phase, in this order."""
    wanted = list(task_ids)
    phase.phase_tasks.exclude(task_id__in=wanted).delete()
    for position, task_id in enumerate(wanted):
        PhaseTask.objects.update_or_create(phase=phase, task_id=task_id, defaults={"order_index": position})


def text_format(file: str) -> str:
    """How a page is written, by the name of its file: html or md."""
    return "html" if PurePosixPath(file).suffix.lower() in {".htm", ".html"} else "md"
