"""What the server's API answers, as far as the client reads it; unknown keys are left alone."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict


class Answer(BaseModel):
    """Base of all answers."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class ProblemAnswer(Answer):
    """One problem or note about a bundle."""

    severity: str
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
    """One score of a submission."""

    column_key: str
    score: str


class SubmissionAnswer(Answer):
    """A submission and where it stands."""

    id: int
    phase: int
    status: str
    status_details: str | None = None
    hint: str = ""
    on_leaderboard: bool = False
    scores: tuple[ScoreAnswer, ...] = ()


class BoardScore(Answer):
    """A cell of a board, as text with the column's decimals."""

    column_key: str
    task_id: int | None = None
    score: str


class BoardEntry(Answer):
    """A row of a board; rows come in rank order."""

    id: int
    owner: str
    scores: tuple[BoardScore, ...] = ()


class BoardColumn(Answer):
    """A column of a board."""

    key: str
    title: str
    index: int


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
