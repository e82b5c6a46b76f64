"""Taking a submission in, and making the runs that it needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.db.models import Max, QuerySet

from podium.blobs.archives import SUBMISSION_LIMITS, ZipSource
from podium.rules.access import Action
from podium.rules.bundle.spec import FactSheetQuestion
from podium.rules.errors import ArchiveError, Conflict, NotFound, ProgramError, UserError
from podium.rules.fact_sheet import check_answers
from podium.rules.history import EventKind, moment
from podium.rules.metadata import FILE_NAMES, LARGEST_BYTES, read_metadata
from podium.rules.phases import check_submission_allowed
from podium.rules.runs import Metadata, SubmissionStatus, check_transition, steps_needed
from podium.server import clock
from podium.server.accounts.models import User
from podium.server.accounts.people import Person
from podium.server.accounts.services import hold_account
from podium.server.competitions.models import Phase, Task
from podium.server.competitions.queries.standing import standing_of
from podium.server.files.models import DataSet, DataSetType
from podium.server.files.services import check_quota, check_size, create_data_set, keep_blob, store
from podium.server.history.services import ChainName, append
from podium.server.leaderboards.services import hold_board
from podium.server.prepared_objects import prepared_objects
from podium.server.submissions.models import Submission
from podium.server.submissions.queries.quota import used_quota
from podium.server.submissions.services import end
from podium.server.submissions.services.counting import count_submission
from podium.server.submissions.services.runs import children_of, locked_with_board, make_run, standing_before, task_of


@dataclass(frozen=True)
class SubmissionRequest:
    """What a participant asks for. `task_ids` of None means every task of the phase."""

    phase_id: int
    description: str = ""
    fact_sheet_answers: Mapping[str, object] | None = None
    task_ids: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Again:
    """Why a submission is made that its owner did not send: somebody asked for it, in whose turn it is run, because
    another one is to be run again."""

    asked_by_id: int
    migrated_from: Submission | None = None
    rerun_of: Submission | None = None
    is_task_rerun: bool = False


@dataclass(frozen=True)
class StoredUpload:
    """A file that somebody sent and the blob store keeps."""

    sha256: str
    size_bytes: int
    file_name: str


def submit_upload(by: Person, request: SubmissionRequest, upload: StoredUpload) -> int:
    """Submit bytes that are in the blob store already; see `submit`."""
    check_size(DataSetType.SUBMISSION, upload.size_bytes)
    with transaction.atomic():
        check_quota(hold_account(by.id), upload.size_bytes)
        data = create_data_set(by.id, DataSetType.SUBMISSION, upload.file_name, keep_blob(upload))
        return submit(by, request, data)


def submit(by: Person, request: SubmissionRequest, data: DataSet) -> int:
    """Take a submission in and make what it needs to be run. Returns its id.

    Raises:
        NotFound: there is no such phase, or its competition is not published.
        NotAllowed: the person does not take part.
        UserError: the phase is closed, the quota is used up, an answer is missing, or the file is no usable zip.
    """
    standing_of(by, _phase(request.phase_id).competition_id).require(Action.SUBMIT)
    metadata = metadata_of(data)
    with transaction.atomic():
        hold_account(by.id)
        hold_board(request.phase_id)
        # Read while the board is held: the competition may have been changed, or deleted, in the meantime.
        phase = _phase(request.phase_id)
        competition = phase.competition
        questions = [FactSheetQuestion.model_validate(question) for question in competition.fact_sheet]
        answers = check_answers(questions, request.fact_sheet_answers)
        tasks = tasks_of(phase, request.task_ids)
        now = clock.now()
        check_submission_allowed(phase, now, **used_quota(by.id, phase.pk, now))
        submission, parts = write_submission(
            by,
            phase,
            tasks,
            data,
            owner_id=by.id,
            description=_readable(request.description)[:1000],
            fact_sheet_answers=answers,
            at=now,
        )
        for part in parts:
            if competition.auto_run_submissions:
                start(part, metadata)
    return submission.pk


def write_submission(
    by: Person | None,
    phase: Phase,
    tasks: list[Task],
    data: DataSet,
    *,
    owner_id: int,
    at: datetime,
    description: str = "",
    fact_sheet_answers: Mapping[str, object] | None = None,
    again: Again | None = None,
) -> tuple[Submission, list[Submission]]:
    """Write the rows of a submission and its event: the submission, and what is run of it, itself or its children.

    The caller holds the board of the phase. `by` is None where nobody in particular does it.
    """
    number = Submission.objects.filter(phase=phase, owner_id=owner_id, parent=None).aggregate(n=Max("number"))["n"]
    submission = Submission.objects.create(
        phase=phase,
        owner_id=owner_id,
        task=tasks[0] if len(tasks) == 1 else None,
        migrated_from=again.migrated_from if again else None,
        rerun_of=again.rerun_of if again else None,
        asked_by_id=again.asked_by_id if again else None,
        is_task_rerun=again.is_task_rerun if again else False,
        data=data,
        number=(number or 0) + 1,
        status=SubmissionStatus.SUBMITTING,
        description=description,
        fact_sheet_answers=fact_sheet_answers,
        created_at=at,
    )
    parts = _parts(submission, tasks)
    count_submission(phase.pk, 1)
    payload: dict[str, object] = {
        "submission": submission.pk,
        "phase": phase.pk,
        "user": str(User.objects.values_list("opaque_id", flat=True).get(pk=owner_id)),
        "number": submission.number,
        "submitted_at": moment(at),
        "sha256": data.blob_id,
        "parts": [{"submission": part.pk, "task": part.task_id} for part in parts],
        "task_rerun": submission.is_task_rerun,
    }
    if again is not None:
        origins = {"migrated_from": again.migrated_from, "rerun_of": again.rerun_of}
        payload |= {name: origin.pk for name, origin in origins.items() if origin is not None}
    append(ChainName.competition(phase.competition_id), EventKind.SUBMISSION_RECEIVED, actor=by, payload=payload)
    return submission, parts


def _readable(text: str) -> str:
    """Text without what would steer a terminal or turn the direction of what stands beside it."""
    return "".join(letter for letter in text if letter.isprintable() or letter in "\n\t")


def _phase(phase_id: int) -> Phase:
    found = _phase_with_competition(phase=phase_id)
    if not found:
        raise _no_such_phase()
    return found[0]


@prepared_objects
def _phase_with_competition(phase: int) -> QuerySet[Phase]:
    return Phase.objects.select_related("competition").filter(pk=phase)


def _no_such_phase() -> NotFound:
    return NotFound("no-such-phase", "There is no such phase.", "Look at the phases of the competition.")


def metadata_of(data: DataSet) -> Metadata:
    """What the submission's metadata file says; reading it also proves that the file is a usable archive."""
    if data.type != DataSetType.SUBMISSION:
        raise UserError("not-a-submission", "This file was not uploaded as a submission.", "Upload it as one.")
    if data.blob_id is None:
        raise UserError("upload-incomplete", "The file has not arrived yet.", "Upload it, then submit.")
    path = store().path(data.blob_id)
    try:
        with ZipSource(path, SUBMISSION_LIMITS) as source:
            return _metadata_in(source)
    except ArchiveError as error:
        # The owner knows the file by another name than the store.
        named = (replace(each, message=each.message.replace(path.name, data.file_name)) for each in error.problems)
        raise ArchiveError(
            [replace(each, file=None if each.file == path.name else each.file) for each in named]
        ) from error


def _metadata_in(source: ZipSource) -> Metadata:
    names = set(source.names())
    found = next((name for name in FILE_NAMES if name in names), None)
    if found is None:
        return Metadata.ABSENT
    try:
        command = read_metadata(source.head(found, LARGEST_BYTES + 1)).command
    except ProgramError:
        return Metadata.WITHOUT_COMMAND
    return Metadata.WITH_COMMAND if command else Metadata.WITHOUT_COMMAND


def tasks_of(phase: Phase, wanted: tuple[int, ...] | None = None) -> list[Task]:
    """The tasks of a phase in their order: those that are wanted, or all.

    Raises:
        UserError: there is none, or one is wanted that is not there.
    """
    tasks = [place.task for place in phase.phase_tasks.select_related("task")]
    if not tasks:
        raise UserError("phase-without-tasks", "This phase has no task to run a submission on.", "Tell the organizer.")
    if wanted is None:
        return tasks
    chosen = [task for task in tasks if task.pk in wanted]
    if not chosen or len(chosen) != len(set(wanted)):
        raise UserError("task-unknown", "A task is not one of this phase.", "Leave the tasks out to run all of them.")
    return chosen


def _parts(submission: Submission, tasks: list[Task]) -> list[Submission]:
    """What is run: the submission itself on the one task, or a child for each."""
    if len(tasks) == 1:
        return [submission]
    return Submission.objects.bulk_create(
        Submission(
            phase_id=submission.phase_id,
            owner_id=submission.owner_id,
            task=task,
            parent=submission,
            asked_by_id=submission.asked_by_id,
            data_id=submission.data_id,
            number=submission.number,
            status=SubmissionStatus.SUBMITTING,
            created_at=submission.created_at,
        )
        for task in tasks
    )


def start(submission: Submission, metadata: Metadata) -> None:
    """Make the first run of a submission that has a task, or end it where nothing of it can be run."""
    task = task_of(submission)
    try:
        step, *_ = steps_needed(
            metadata,
            has_ingestion_program=task.ingestion_program_id is not None,
            ingestion_only_during_scoring=task.ingestion_only_during_scoring,
        )
    except ProgramError as error:
        end.fail(submission, error.code, error.message, error.hint)
        return
    make_run(submission, step, first=True)


def run_submission(by: Person, submission_id: int) -> None:
    """Start a submission that waits for its organizer to do so.

    Raises:
        NotFound, NotAllowed: the person may not.
        Conflict: it does not wait for that.
    """
    with transaction.atomic():
        submission = locked_with_board(submission_id)
        submission = submission.parent or submission
        standing_before(by, submission).require(Action.RUN_SUBMISSION)
        check_transition(SubmissionStatus(submission.status), SubmissionStatus.SUBMITTED)
        if submission.status != SubmissionStatus.SUBMITTING:
            raise Conflict("already-started", "This submission was started already.", "Look at its state.")
        metadata = metadata_of(submission.data)
        append(
            ChainName.competition(submission.phase.competition_id),
            EventKind.SUBMISSION_STARTED,
            actor=by,
            payload={"submission": submission.pk},
        )
        for child in children_of(submission):
            start(child, metadata)
