"""A competition as its bundle describes it: the way back from rows to a specification."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from podium.rules.board.columns import Column, Computation, Sorting
from podium.rules.board.submission_rules import SubmissionRule
from podium.rules.bundle.spec import (
    SWITCHES,
    CompetitionSpec,
    CompetitionType,
    FactSheetQuestion,
    FileRef,
    LeaderboardSpec,
    PageSpec,
    PhaseSpec,
    SolutionSpec,
    TaskSpec,
)
from podium.rules.errors import Conflict
from podium.server.competitions.models import Competition, Phase, Solution, Task
from podium.server.exports.naming import MemberNames, slug
from podium.server.files.models import Blob, DataSet, DataSetType
from podium.server.leaderboards.models import Leaderboard

_TASK_SLOTS = (
    DataSetType.SCORING_PROGRAM,
    DataSetType.INGESTION_PROGRAM,
    DataSetType.INPUT_DATA,
    DataSetType.REFERENCE_DATA,
)
_FOLDERS = {
    DataSetType.SCORING_PROGRAM: "programs",
    DataSetType.INGESTION_PROGRAM: "programs",
    DataSetType.INPUT_DATA: "data",
    DataSetType.REFERENCE_DATA: "reference_data",
    DataSetType.SOLUTION: "solutions",
    DataSetType.STARTING_KIT: "downloads",
    DataSetType.PUBLIC_DATA: "downloads",
}
_LOGO_SUFFIXES = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp"}
# A bundle has no empty pages, and a comment shows nothing in Markdown and in HTML.
_EMPTY_PAGE = "<!-- This page is empty. -->\n"
_PHASE_FIELDS = (
    "index",
    "name",
    "description",
    "start",
    "end",
    "max_submissions",
    "max_submissions_per_day",
    "execution_time_limit_s",
    "auto_migrate_to_this_phase",
    "hide_output",
    "hide_prediction_output",
    "hide_score_output",
    "extensions",
)


@dataclass(frozen=True)
class Described:
    """A competition to be written as a bundle: the specification, and the blobs of the files that it names.

    `task_ids` and `solution_ids` are the rows that tasks and solutions are made of, by their index.
    """

    spec: CompetitionSpec
    blobs: Mapping[str, Blob]
    task_ids: Mapping[int, int] = field(default_factory=dict)
    solution_ids: Mapping[int, int] = field(default_factory=dict)


def describe(competition: Competition, *, keys_instead_of_files: bool) -> Described:
    """The specification of a competition, its tasks numbered in the order in which the phases name them.

    What belongs neither to its organizers nor to everybody is named by its key, as the bundle it came from did: nobody
    gets the files of a stranger by exporting. With `keys_instead_of_files` that holds for all tasks, solutions and
    files.

    Raises:
        Conflict: it has no logo, or a file has not arrived.
    """
    return _Describer(competition, keys_instead_of_files).describe()


class _Describer:
    def __init__(self, competition: Competition, by_key: bool) -> None:
        self._competition = competition
        self._by_key = by_key
        self._names = MemberNames()
        self._blobs: dict[str, Blob] = {}
        self._solution_ids: dict[int, int] = {}
        self._organizers = {competition.created_by_id, *competition.collaborators.values_list("pk", flat=True)}

    def describe(self) -> Described:
        row = self._competition
        self._names.path("", "competition.yaml", "")
        indexes, tasks = self._tasks()
        spec = CompetitionSpec(
            version="2",
            title=row.title,
            description=row.description,
            image=self._logo(),
            terms=row.terms if row.terms.strip() else _EMPTY_PAGE,
            terms_file=self._names.path("", f"terms.{row.terms_format}", ""),
            pages=self._pages(),
            tasks=tasks,
            solutions=self._solutions(indexes),
            phases=tuple(self._phase(phase, indexes) for phase in self._phases()),
            leaderboards=tuple(board_spec(board) for board in row.leaderboards.order_by("index")),
            docker_image=row.docker_image,
            competition_type=CompetitionType(row.competition_type),
            reward=row.reward,
            contact_email=row.contact_email,
            queue=str(row.queue.vhost) if row.queue is not None else None,
            collaborators=tuple(row.collaborators.order_by("username").values_list("username", flat=True)),
            whitelist_emails=tuple(row.whitelist.values_list("address", flat=True)),
            fact_sheet=tuple(FactSheetQuestion.model_validate(question) for question in row.fact_sheet),
            extensions=row.extensions,
            **{flag: getattr(row, flag) for flag in SWITCHES},
        )
        task_ids = {index: pk for pk, index in indexes.items()}
        return Described(spec, self._blobs, task_ids, self._solution_ids)

    def _phases(self) -> Sequence[Phase]:
        phases = self._competition.phases.order_by("index")
        return list(phases.select_related("starting_kit__blob", "public_data__blob").prefetch_related("phase_tasks"))

    def _tasks(self) -> tuple[dict[int, int], tuple[TaskSpec, ...]]:
        """The index of each task by its id, and the tasks."""
        indexes: dict[int, int] = {}
        for phase in self._phases():
            for place in phase.phase_tasks.all():
                indexes.setdefault(place.task_id, len(indexes))
        files = [f"{slot.value}__blob" for slot in _TASK_SLOTS]
        rows = Task.objects.select_related(*files).in_bulk(list(indexes))
        return indexes, tuple(self._task(rows[pk], index) for pk, index in indexes.items())

    def _task(self, row: Task, index: int) -> TaskSpec:
        data_sets = {slot: getattr(row, slot.value) for slot in _TASK_SLOTS}
        if self._by_key or not all(self._is_ours(each) for each in data_sets.values() if each is not None):
            return TaskSpec(index=index, key=row.key)
        return TaskSpec(
            index=index,
            name=row.name,
            description=row.description,
            ingestion_only_during_scoring=row.ingestion_only_during_scoring,
            extensions=row.extensions,
            **{slot.value: self._file(slot, data_set) for slot, data_set in data_sets.items()},
        )

    def _solutions(self, indexes: Mapping[int, int]) -> tuple[SolutionSpec, ...]:
        """Those of the organizers: a task that everybody may use also has solutions of strangers."""
        rows = Solution.objects.filter(tasks__in=list(indexes), data__owner__in=self._organizers).distinct()
        rows = rows.select_related("data__blob").prefetch_related("tasks").order_by("pk")
        self._solution_ids = {index: row.pk for index, row in enumerate(rows)}
        return tuple(self._solution(row, index, indexes) for index, row in enumerate(rows))

    def _solution(self, row: Solution, index: int, indexes: Mapping[int, int]) -> SolutionSpec:
        tasks = tuple(sorted(indexes[task.pk] for task in row.tasks.all() if task.pk in indexes))
        if self._by_key:
            return SolutionSpec(index=index, tasks=tasks, key=row.key)
        return SolutionSpec(
            index=index,
            tasks=tasks,
            path=self._file(DataSetType.SOLUTION, row.data),
            name=row.name,
            description=row.description,
            extensions=row.extensions,
        )

    def _phase(self, row: Phase, indexes: Mapping[int, int]) -> PhaseSpec:
        return PhaseSpec(
            tasks=tuple(indexes[place.task_id] for place in row.phase_tasks.all()),
            starting_kit=self._file(DataSetType.STARTING_KIT, row.starting_kit),
            public_data=self._file(DataSetType.PUBLIC_DATA, row.public_data),
            **{field: getattr(row, field) for field in _PHASE_FIELDS},
        )

    def _file(self, purpose: DataSetType, data_set: DataSet | None) -> FileRef | None:
        if data_set is None:
            return None
        if self._by_key or not self._is_ours(data_set):
            return FileRef(key=data_set.key)
        if data_set.blob is None:
            message = f'The file "{data_set.name}" has not been uploaded completely.'
            raise Conflict("data-set-incomplete", message, "Upload it, then export the competition.")
        path = self._names.path(_FOLDERS[purpose], data_set.file_name, data_set.blob.sha256)
        self._blobs[path] = data_set.blob
        return FileRef(path=path)

    def _is_ours(self, data_set: DataSet) -> bool:
        return data_set.is_public or data_set.owner_id in self._organizers

    def _logo(self) -> str:
        row = self._competition
        if row.logo is None:
            raise Conflict("competition-no-logo", "The competition has no logo, and a bundle needs one.")
        path = self._names.path("", f"logo.{_LOGO_SUFFIXES.get(row.logo_type, 'png')}", row.logo.sha256)
        self._blobs[path] = row.logo
        return path

    def _pages(self) -> tuple[PageSpec, ...]:
        return tuple(
            PageSpec(
                index=index,
                title=page.title,
                file=self._names.path("pages", f"{slug(page.title, 'page')}.{page.format}", f"page {index}"),
                content=page.content if page.content.strip() else _EMPTY_PAGE,
            )
            for index, page in enumerate(self._competition.pages.order_by("index"))
        )


def board_spec(row: Leaderboard) -> LeaderboardSpec:
    """A leaderboard as a bundle describes it."""
    return LeaderboardSpec(
        title=row.title,
        key=row.key,
        submission_rule=SubmissionRule(row.submission_rule),
        hidden=row.hidden,
        primary_index=row.primary_index,
        extensions=row.extensions,
        columns=tuple(
            Column(
                key=column.key,
                title=column.title,
                index=column.index,
                sorting=Sorting(column.sorting),
                precision=column.precision,
                hidden=column.hidden,
                computation=Computation(column.computation) if column.computation else None,
                computation_indexes=tuple(column.computation_indexes),
            )
            for column in row.columns.order_by("index")
        ),
    )
