"""What events say of a competition, of those who take part, and of its phases and tasks."""

from __future__ import annotations

from podium.rules.event_payloads.fields import Key, Moment, Number, Payload, PersonId, Sha256, TextRef, Word


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


class PhaseMigrated(Payload):
    """Submissions of the phase `source` were run again in the phase: `migrate` says which, `submissions` how many."""

    source: Number
    phase: Number
    migrate: Word
    submissions: int


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
