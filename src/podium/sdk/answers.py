"""What the server's API answers, as far as the client reads it; unknown keys are left alone."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from podium.rules.board.submission_rules import SubmissionRule


class Answer(BaseModel):
    """Base of all answers."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class TokenAnswer(Answer):
    """An API token."""

    token: str


class JoinAnswer(Answer):
    """Where a request to take part stands."""

    participant_status: str


class UploadAnswer(Answer):
    """An announced upload: the key of its data set, and the signed link for its bytes."""

    key: UUID
    sassy_url: str


class ProblemAnswer(Answer):
    """One problem or note about a bundle."""

    severity: str = "error"
    message: str
    hint: str = ""
    file: str | None = None
    line: int | None = None
    column: int | None = None


class ImportAnswer(Answer):
    """An imported competition."""

    id: int
    title: str
    url: str = ""
    published: bool = False
    notes: tuple[ProblemAnswer, ...] = ()


class ImportStarted(Answer):
    """An import that was asked for, by its number."""

    status_id: int


class ProgressAnswer(Answer):
    """How far an import is: bytes stored, of how many, and what is being done."""

    done: int = 0
    total: int = 0
    saying: str = ""


class ImportStatusAnswer(Answer):
    """How an import stands: Starting, Finished or Failed. `error` is what the refusal of a request would have been."""

    id: int
    status: str
    resulting_competition: int | None = None
    title: str = ""
    published: bool = False
    progress: ProgressAnswer = ProgressAnswer()
    error: dict[str, Any] | None = None
    notes: tuple[ProblemAnswer, ...] = ()


class ChangeAnswer(Answer):
    """One change of a competition: of which part, by which name, about what (empty: the part itself), and in words."""

    part: str
    name: str
    key: str
    kind: Literal["added", "removed", "changed"]
    old: str = ""
    new: str = ""


class ProposalAnswer(Answer):
    """What an update would change; `proposal` and `seen` are what confirms it."""

    title: str
    changes: tuple[ChangeAnswer, ...] = ()
    notes: tuple[ProblemAnswer, ...] = ()
    proposal: str
    seen: str


class UpdateAnswer(Answer):
    """An updated competition."""

    id: int
    title: str
    url: str
    changes: tuple[ChangeAnswer, ...] = ()


class ExportAnswer(Answer):
    """The bundle that a competition was made into; the link holds for a while."""

    name: str
    file_name: str
    sha256: str
    size: int
    url: str


class PhaseAnswer(Answer):
    """A phase, as a competition lists it."""

    id: int
    index: int
    name: str
    start: datetime
    end: datetime | None = None
    status: str | None = None


class CompetitionAnswer(Answer):
    """A competition."""

    id: int
    title: str
    phases: tuple[PhaseAnswer, ...] = ()
    participant_status: str | None = None


class ScoreAnswer(Answer):
    """One score of a submission; `precision` is how many decimals the board shows."""

    column_key: str
    score: str
    precision: int


class SubmissionAnswer(Answer):
    """A submission and where it stands."""

    id: int
    phase: int
    status: str
    status_details: str | None = None
    hint: str = ""
    on_leaderboard: bool = False
    leaderboard_rule: SubmissionRule | None = None
    scores: tuple[ScoreAnswer, ...] = ()


class BoardScore(Answer):
    """A cell of a board, as text rounded to the column's precision."""

    column_key: str
    task_id: int | None = None
    score: str


class BoardEntry(Answer):
    """A row of a board; rows come in rank order. `scores` are those of each task, `aggregates` the ones that rank."""

    id: int
    owner: str
    scores: tuple[BoardScore, ...] = ()
    aggregates: tuple[BoardScore, ...] = ()


class BoardColumn(Answer):
    """A column of a board."""

    key: str
    title: str
    index: int
    precision: int


class BoardTask(Answer):
    """A task and its columns."""

    id: int
    name: str
    columns: tuple[BoardColumn, ...]


class BoardAnswer(Answer):
    """The board of a phase."""

    title: str
    id: int
    tasks: tuple[BoardTask, ...]
    submissions: tuple[BoardEntry, ...]
