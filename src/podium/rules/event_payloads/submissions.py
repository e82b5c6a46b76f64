"""What events say of submissions, of their runs, and of their scores."""

from __future__ import annotations

from podium.rules.event_payloads.fields import Key, Moment, Number, Payload, PersonId, Sha256, TextRef, Word


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


class FilesRemoved(Payload):
    """Files of submissions that were older than the site keeps them were removed: `files` says which kind, `before`
    until when the submissions had ended. Scores stay."""

    files: Word
    before: Moment
    submissions: list[Number]
