"""What each kind of event says: a small schema per kind, checked before an event is appended.

Numbers (`submission`, `phase`, `leaderboard`, `task`...) are those of rows. People are opaque ids. Texts of people are
references: the salted hash of `podium.rules.history.text_hash`, whose text lies in a row that can be deleted. Nothing
else of what people or programs wrote stands here, but for the keys of columns and questions.

Whoever replays a chain up to some event knows the boards as they were then: `board-*`, `phase-*` and `task-*` say what
they were made of, `scores-*` the numbers, `entry-*` who stood there, `submission-received` whose it was and since when.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from podium.rules.history import EventKind

Number = Annotated[int, Field(gt=0)]
"""The number of a row."""
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
"""The sha256 of bytes, in lower-case hex."""
TextRef = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
"""The salted hash of a text that can be erased."""
PersonId = Annotated[str, Field(pattern="^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
"""A person's opaque id."""
Moment = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00$")]
"""A time in UTC, with six decimals of a second."""
Key = Annotated[str, Field(max_length=512)]
"""The key of a column, or the name of one of its parts: an identifier, no text."""
Word = Annotated[str, Field(pattern="^[a-z0-9_-]{0,40}$")]
"""One of our own words."""


class Payload(BaseModel):
    """What an event of one kind says. Nothing more may stand in it, and nothing of another type."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class ColumnState(Payload):
    """A column, as `podium.rules.board.columns.Column` has it; `computation` is empty where it is not computed."""

    column: Number
    index: int
    key: Key
    title: TextRef
    sorting: Word
    precision: int
    hidden: bool
    computation: Word
    computation_indexes: list[int]


class BoardState(Payload):
    """All of a leaderboard that decides what it shows, with its columns in order."""

    index: int
    key: Key
    title: TextRef
    submission_rule: Key
    hidden: bool
    primary_index: int
    multi_task: Word
    board_per_task: bool
    columns: list[ColumnState]


class PhaseState(Payload):
    """A phase: its window, its limits, what participants may see of it, and its tasks in order."""

    index: int
    name: TextRef
    start: Moment
    end: Moment | None
    tasks: list[Number]
    max_submissions: int | None
    max_submissions_per_day: int | None
    execution_time_limit_s: int
    auto_migrate: bool
    migrate: Word
    hide_output: bool
    hide_prediction_output: bool
    hide_score_output: bool


class TaskState(Payload):
    """A task: its name, and what is run and scored on it."""

    name: TextRef
    scoring_program: Sha256 | None
    ingestion_program: Sha256 | None
    input_data: Sha256 | None
    reference_data: Sha256 | None
    ingestion_only_during_scoring: bool


class ShownQuestion(Payload):
    """A question of the fact sheet whose answers stand on boards."""

    key: Key
    title: TextRef


class CompetitionImported(Payload):
    """A competition was made from a bundle; `files` are those of the bundle that it uses. The events of its tasks,
    phases and leaderboards follow."""

    competition: Number
    title: TextRef
    bundle: Sha256 | None
    files: list[Sha256]
    shown_answers: list[ShownQuestion]


class CompetitionChanged(Payload):
    """A new version of the bundle took the place of the old one. `changed` names what changed, as `part.key`; `files`
    are those that are new. What changed about tasks, phases and leaderboards is told by events of their own."""

    competition: Number
    title: TextRef
    bundle: Sha256
    files: list[Sha256]
    changed: list[Key]
    shown_answers: list[ShownQuestion]


class CompetitionOnly(Payload):
    """The competition."""

    competition: Number


class CompetitionDeleted(Payload):
    """The last event of a chain: the competition is gone. `archive` is the sha256 of the file to which all events
    before this one were exported."""

    competition: Number
    archive: Sha256


class CollaboratorChanged(Payload):
    """Somebody may, or may no longer, run the competition too."""

    competition: Number
    user: PersonId


class ParticipantRequested(Payload):
    """Somebody asked to take part and accepted the terms, of which this is the sha256."""

    user: PersonId
    terms: Sha256


class UserOnly(Payload):
    """The person concerned, who is not always the one who acted."""

    user: PersonId


class PartOfSubmission(Payload):
    """What of a submission runs on one task: a child, or the submission itself where there is one task."""

    submission: Number
    task: Number


class SubmissionReceived(Payload):
    """A submission arrived: the person's `number`-th to the phase, with the sha256 of its file. `migrated_from` and
    `rerun_of` name the submission that this one does again; a `task_rerun` never stands on a board."""

    submission: Number
    phase: Number
    user: PersonId
    number: Number
    submitted_at: Moment
    sha256: Sha256 | None
    parts: list[PartOfSubmission]
    migrated_from: Number | None = None
    rerun_of: Number | None = None
    task_rerun: bool = False


class SubmissionOnly(Payload):
    """The submission; of one with several tasks, the parent or a child."""

    submission: Number


class SubmissionFailed(Payload):
    """A submission failed in a step, empty where none had begun; `internal` says that it was the site's fault."""

    submission: Number
    step: Word
    internal: bool


class AttemptStarted(Payload):
    """A worker took a run. `made_from` names, by sha256, all that it reads. What runs in the shadow moves no board: it
    is done for a look at what would come of it."""

    submission: Number
    step: Word
    attempt: Number
    worker: Number
    made_from: dict[Key, Sha256]
    in_shadow: bool = False


class AttemptEnded(Payload):
    """An attempt ended, or was lost by no fault of its programs."""

    submission: Number
    step: Word
    attempt: Number
    outcome: Word
    exit_code: int | None
    in_shadow: bool = False


class ScoresAccepted(Payload):
    """The scores of a submission on a task, by column key, as its scoring program gave them. They take the place of
    all that it had."""

    submission: Number
    task: Number
    attempt: Number
    scores: dict[Key, float]


class ScoresEdited(Payload):
    """Scores written by hand: by column key the new number, or null where one was taken away. Those of other columns
    stay."""

    submission: Number
    task: Number
    edit: Number
    scores: dict[Key, float | None]
    reason: TextRef


class ScoresSuperseded(Payload):
    """The scores of a rescore took the place of all that the submission had on the task."""

    submission: Number
    task: Number
    rescore: Number
    scores: dict[Key, float]
    reason: TextRef


class RescoreStarted(Payload):
    """Submissions are scored once more, in the shadow: all of the competition, those to a phase, or chosen ones.
    `sampled` of them are scored twice."""

    rescore: Number
    phase: Number | None
    submissions: int
    sampled: int
    reason: TextRef


class RescoreApplied(Payload):
    """The scores of a rescore count now, those of `applied` submissions; `kept` ones could not be scored, and keep
    what they had. An event for each of them goes before."""

    rescore: Number
    applied: int
    kept: int


class RescoreOnly(Payload):
    """The rescore."""

    rescore: Number


class EntryMoved(Payload):
    """A submission came to a leaderboard, or left it."""

    submission: Number
    phase: Number
    leaderboard: Number


class EntryMarked(Payload):
    """An organizer's decision about an entry, which is not ranked while it holds; `reason` is null where none was
    given."""

    submission: Number
    leaderboard: Number
    reason: TextRef | None


class EntryUnmarked(Payload):
    """The decision was taken back: the entry is shown and ranked like all others."""

    submission: Number
    leaderboard: Number


class BoardAdded(Payload):
    """A leaderboard was added."""

    leaderboard: Number
    after: BoardState


class BoardChanged(Payload):
    """A leaderboard, its rule or its columns changed."""

    leaderboard: Number
    before: BoardState
    after: BoardState


class BoardRemoved(Payload):
    """A leaderboard was removed with its entries."""

    leaderboard: Number
    before: BoardState


class PhaseAdded(Payload):
    """A phase was added."""

    phase: Number
    after: PhaseState


class PhaseChanged(Payload):
    """A phase or its tasks changed."""

    phase: Number
    before: PhaseState
    after: PhaseState


class PhaseRemoved(Payload):
    """A phase to which nobody had submitted was removed."""

    phase: Number
    before: PhaseState


class TaskAdded(Payload):
    """The competition has one more task."""

    task: Number
    after: TaskState


class TaskChanged(Payload):
    """A task, its programs or its data were replaced."""

    task: Number
    before: TaskState
    after: TaskState


class TaskRemoved(Payload):
    """No phase of the competition uses the task any more."""

    task: Number
    before: TaskState


class PhaseMigrated(Payload):
    """Submissions of the phase `source` were run again in the phase: `migrate` says which, `submissions` how many."""

    source: Number
    phase: Number
    migrate: Word
    submissions: int


class FilesRemoved(Payload):
    """Files of submissions that were older than the site keeps them were removed: `files` says which kind, `before`
    until when the submissions had ended. Scores stay."""

    files: Word
    before: Moment
    submissions: list[Number]


class UserChanged(Payload):
    """Something about an account changed: `what` is one of our words, such as password."""

    user: PersonId
    what: Word


class TokenChanged(Payload):
    """A token that speaks for a person was made, or revoked."""

    user: PersonId
    token: Number


class WorkerRegistered(Payload):
    """A worker was let in, for these queues."""

    worker: Number
    queues: list[Number]


class QueueCreated(Payload):
    """A queue was made."""

    queue: Number
    owner: PersonId
    public: bool


class QueueChanged(Payload):
    """What a queue is now; only what was decided is named. Limits are written as in a bundle."""

    queue: Number
    public: bool | None = None
    defaults: str | None = None
    maxima: str | None = None
    network: bool | None = None
    runs_per_person: int | None = None


class QueueOnly(Payload):
    """The queue."""

    queue: Number


class DatasetState(Payload):
    """A dataset of a model board as it is now."""

    dataset: Number
    name: TextRef
    description: TextRef
    task_type: Word
    metric: TextRef
    lower_is_better: bool


class ResultState(Payload):
    """A model's result on a dataset: its revision from 1, its score if it has one, the interval [low, high] that was
    declared, the day, and where it comes from."""

    dataset: Number
    result: Number
    model: TextRef
    revision: Number
    score: float | None
    ci: list[float] | None
    updated: Annotated[str, Field(pattern=r"^(\d{4}-\d\d-\d\d)?$")]
    badge: Word


PAYLOADS: Mapping[EventKind, type[Payload]] = {
    EventKind.COMPETITION_IMPORTED: CompetitionImported,
    EventKind.COMPETITION_CHANGED: CompetitionChanged,
    EventKind.COMPETITION_PUBLISHED: CompetitionOnly,
    EventKind.COMPETITION_UNPUBLISHED: CompetitionOnly,
    EventKind.COMPETITION_DELETED: CompetitionDeleted,
    EventKind.COLLABORATOR_ADDED: CollaboratorChanged,
    EventKind.COLLABORATOR_REMOVED: CollaboratorChanged,
    EventKind.PARTICIPANT_REQUESTED: ParticipantRequested,
    EventKind.PARTICIPANT_APPROVED: UserOnly,
    EventKind.PARTICIPANT_DENIED: UserOnly,
    EventKind.PARTICIPANT_BANNED: UserOnly,
    EventKind.SUBMISSION_RECEIVED: SubmissionReceived,
    EventKind.SUBMISSION_STARTED: SubmissionOnly,
    EventKind.SUBMISSION_FINISHED: SubmissionOnly,
    EventKind.SUBMISSION_FAILED: SubmissionFailed,
    EventKind.SUBMISSION_CANCELLED: SubmissionOnly,
    EventKind.SUBMISSION_DELETED: SubmissionOnly,
    EventKind.SUBMISSION_MADE_PUBLIC: SubmissionOnly,
    EventKind.SUBMISSION_MADE_PRIVATE: SubmissionOnly,
    EventKind.ATTEMPT_STARTED: AttemptStarted,
    EventKind.ATTEMPT_ENDED: AttemptEnded,
    EventKind.ATTEMPT_LOST: AttemptEnded,
    EventKind.SCORES_ACCEPTED: ScoresAccepted,
    EventKind.SCORES_EDITED: ScoresEdited,
    EventKind.SCORES_SUPERSEDED: ScoresSuperseded,
    EventKind.RESCORE_STARTED: RescoreStarted,
    EventKind.RESCORE_APPLIED: RescoreApplied,
    EventKind.RESCORE_CANCELLED: RescoreOnly,
    EventKind.ENTRY_ADDED: EntryMoved,
    EventKind.ENTRY_REMOVED: EntryMoved,
    EventKind.ENTRY_HIDDEN: EntryMarked,
    EventKind.ENTRY_MADE_BASELINE: EntryMarked,
    EventKind.ENTRY_UNMARKED: EntryUnmarked,
    EventKind.BOARD_ADDED: BoardAdded,
    EventKind.BOARD_CHANGED: BoardChanged,
    EventKind.BOARD_REMOVED: BoardRemoved,
    EventKind.PHASE_ADDED: PhaseAdded,
    EventKind.PHASE_CHANGED: PhaseChanged,
    EventKind.PHASE_REMOVED: PhaseRemoved,
    EventKind.PHASE_MIGRATED: PhaseMigrated,
    EventKind.TASK_ADDED: TaskAdded,
    EventKind.TASK_CHANGED: TaskChanged,
    EventKind.TASK_REMOVED: TaskRemoved,
    EventKind.FILES_REMOVED: FilesRemoved,
    EventKind.USER_REGISTERED: UserOnly,
    EventKind.USER_CHANGED: UserChanged,
    EventKind.USER_BANNED: UserOnly,
    EventKind.USER_UNBANNED: UserOnly,
    EventKind.USER_ERASED: UserOnly,
    EventKind.TOKEN_CREATED: TokenChanged,
    EventKind.TOKEN_REVOKED: TokenChanged,
    EventKind.WORKER_REGISTERED: WorkerRegistered,
    EventKind.QUEUE_CREATED: QueueCreated,
    EventKind.QUEUE_CHANGED: QueueChanged,
    EventKind.QUEUE_DELETED: QueueOnly,
    EventKind.DATASET_ADDED: DatasetState,
    EventKind.DATASET_CHANGED: DatasetState,
    EventKind.RESULT_DECLARED: ResultState,
    EventKind.RESULT_REVISED: ResultState,
}
"""The schema of each kind."""


def check_payload(kind: EventKind, payload: Mapping[str, object]) -> None:
    """See whether an event of this kind may say this.

    Raises:
        ValueError: something is missing, unknown, or of another type; the message names it.
    """
    try:
        PAYLOADS[kind].model_validate(payload)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"an event {kind} cannot say this: {place}: {first['msg']}") from error
