"""The schema of each kind of event, and the check of what one is to say."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import ValidationError

from podium.rules.event_payloads.boards import (
    BoardAdded,
    BoardChanged,
    BoardPublished,
    BoardRemoved,
    EntryMarked,
    EntryMoved,
    EntryUnmarked,
)
from podium.rules.event_payloads.competitions import (
    CollaboratorChanged,
    CompetitionChanged,
    CompetitionDeleted,
    CompetitionImported,
    CompetitionOnly,
    ParticipantRequested,
    PhaseAdded,
    PhaseChanged,
    PhaseMigrated,
    PhaseRemoved,
    TaskAdded,
    TaskChanged,
    TaskRemoved,
)
from podium.rules.event_payloads.fields import Payload
from podium.rules.event_payloads.model_boards import (
    BaselineMarked,
    DatasetState,
    PredictionsRefused,
    PredictionsSent,
    ReferencesAccepted,
    ResultScored,
    ResultState,
    ResultWithdrawn,
)
from podium.rules.event_payloads.site import (
    QueueChanged,
    QueueCreated,
    QueueOnly,
    TokenChanged,
    UserChanged,
    UserOnly,
    WorkerRegistered,
)
from podium.rules.event_payloads.submissions import (
    AttemptEnded,
    AttemptStarted,
    FilesRemoved,
    RescoreApplied,
    RescoreOnly,
    RescoreStarted,
    ScoresAccepted,
    ScoresEdited,
    ScoresSuperseded,
    SubmissionFailed,
    SubmissionOnly,
    SubmissionReceived,
)
from podium.rules.history import EventKind

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
    EventKind.BOARD_PUBLISHED: BoardPublished,
    EventKind.BOARD_UNPUBLISHED: BoardPublished,
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
    EventKind.REFERENCES_ACCEPTED: ReferencesAccepted,
    EventKind.PREDICTIONS_SENT: PredictionsSent,
    EventKind.PREDICTIONS_REFUSED: PredictionsRefused,
    EventKind.RESULT_SCORED: ResultScored,
    EventKind.RESULT_WITHDRAWN: ResultWithdrawn,
    EventKind.BASELINE_MARKED: BaselineMarked,
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
