"""The typed content of a competition bundle, free of how it was written down."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from podium.rules.board.columns import Column
from podium.rules.board.submission_rules import SubmissionRule


class CompetitionType(StrEnum):
    """Benchmarks are kept out of the default list of competitions."""

    COMPETITION = "competition"
    BENCHMARK = "benchmark"


class Frozen(BaseModel):
    """Base of all parts of a specification: immutable, no keys beyond those declared."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class FileRef(Frozen):
    """A file of the bundle (`path`, relative to the folder of competition.yaml, `/` between parts, no slash at the
    end even for a folder) or an existing data set of the server (`key`). Exactly one of the two is set.
    """

    path: str | None = None
    key: UUID | None = None


class PageSpec(Frozen):
    """A page of the competition: `content` is the text of `file`, Markdown unless the name ends in .htm or .html."""

    index: int
    title: str
    file: str
    content: str


class TaskSpec(Frozen):
    """A task: an existing one (`key`, everything else default) or one that the bundle defines."""

    index: int
    key: UUID | None = None
    name: str = ""
    description: str = ""
    scoring_program: FileRef | None = None
    ingestion_program: FileRef | None = None
    input_data: FileRef | None = None
    reference_data: FileRef | None = None
    ingestion_only_during_scoring: bool = False
    extensions: Mapping[str, object] = {}


class SolutionSpec(Frozen):
    """A sample submission of the organizer, for the tasks whose indexes it names."""

    index: int
    tasks: tuple[int, ...]
    key: UUID | None = None
    path: FileRef | None = None
    name: str = ""
    description: str = ""
    extensions: Mapping[str, object] = {}


class PhaseSpec(Frozen):
    """A phase. Its window is [start, end), both UTC; only the last may lack an end. `index` counts from 0 without
    gaps in the order of the phases. `max_submissions` and `max_submissions_per_day` of None mean unlimited.
    """

    index: int
    name: str
    start: datetime
    tasks: tuple[int, ...]
    description: str = ""
    end: datetime | None = None
    max_submissions: int | None = 100
    max_submissions_per_day: int | None = 5
    execution_time_limit_s: int = 600
    auto_migrate_to_this_phase: bool = False
    hide_output: bool = False
    hide_prediction_output: bool = False
    hide_score_output: bool = False
    starting_kit: FileRef | None = None
    public_data: FileRef | None = None
    extensions: Mapping[str, object] = {}


class LeaderboardSpec(Frozen):
    """A leaderboard, which serves all phases; `columns` in order of their index."""

    title: str
    key: str
    columns: tuple[Column, ...]
    submission_rule: SubmissionRule = SubmissionRule.ADD
    hidden: bool = False
    primary_index: int = 0
    extensions: Mapping[str, object] = {}


class FactSheetQuestion(Frozen):
    """One question of the fact sheet; `selection` holds the choices of a select."""

    key: str
    title: str
    type: Literal["checkbox", "text", "select"]
    selection: tuple[str, ...] = ()
    is_required: bool = False
    is_on_leaderboard: bool = False


class CompetitionSpec(Frozen):
    """A whole competition as its bundle describes it. `extensions`, here and in its parts, is what stands under
    `podium` at that level, as plain JSON-like values. `version` is the one the bundle is written in: "2" or "1.5".
    `collaborators` are user names or e-mail addresses, as written; `whitelist_emails` are in lower case. `image` is the
    path of the logo; empty for the one of `logo`, which a bundle of CodaLab without a logo gets.
    """

    version: str
    title: str
    image: str
    terms: str
    terms_file: str = ""
    pages: tuple[PageSpec, ...] = ()
    tasks: tuple[TaskSpec, ...] = ()
    solutions: tuple[SolutionSpec, ...] = ()
    phases: tuple[PhaseSpec, ...] = ()
    leaderboards: tuple[LeaderboardSpec, ...] = ()
    description: str = ""
    docker_image: str = "codalab/codalab-legacy:py3"
    competition_type: CompetitionType = CompetitionType.COMPETITION
    registration_auto_approve: bool = False
    enable_detailed_results: bool = False
    show_detailed_results_in_submission_panel: bool = True
    show_detailed_results_in_leaderboard: bool = True
    auto_run_submissions: bool = True
    can_participants_make_submissions_public: bool = True
    make_programs_available: bool = False
    make_input_data_available: bool = False
    forum_enabled: bool = True
    reward: str = ""
    contact_email: str = ""
    queue: str | None = None
    collaborators: tuple[str, ...] = ()
    whitelist_emails: tuple[str, ...] = ()
    allow_robot_submissions: bool = False
    fact_sheet: tuple[FactSheetQuestion, ...] = ()
    extensions: Mapping[str, object] = {}


SWITCHES = (
    "registration_auto_approve",
    "enable_detailed_results",
    "show_detailed_results_in_submission_panel",
    "show_detailed_results_in_leaderboard",
    "auto_run_submissions",
    "can_participants_make_submissions_public",
    "make_programs_available",
    "make_input_data_available",
    "forum_enabled",
    "allow_robot_submissions",
)
"""The fields of a competition that are on or off, by the one name that they have everywhere."""
