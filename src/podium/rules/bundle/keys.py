"""Every key of `competition.yaml`, version 2, level by level: the one table that readers, messages and docs share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from podium.rules.board.columns import Computation, Sorting
from podium.rules.board.submission_rules import SubmissionRule
from podium.rules.bundle import elsewhere
from podium.rules.bundle.spec import CompetitionType

KeyKind = Literal[
    "text", "whole", "flag", "moment", "uuid", "file", "member", "list", "table", "choice", "version", "unused"
]
Default = str | int | bool | None

DEFAULT_IMAGE = "codalab/codalab-legacy:py3"
LARGEST_WHOLE = 2**31 - 1
LONGEST_NAME = 128
"""Of leaderboards and columns, keys and titles alike."""


@dataclass(frozen=True)
class Key:
    """One key. `kind` "file" is a file of the bundle, "member" a file, a folder or the UUID of a stored data set.

    `limit` is the longest text, in characters, or the largest number; `least` the smallest number. A key of the kind
    "unused" is understood and has no effect; unless it has its default, which asks for nothing, a note says so.
    `portable` is the longest text that Codabench takes, where that is less than the limit: a note says what is longer.
    """

    name: str
    kind: KeyKind
    meaning: str
    required: bool = False
    default: Default = None
    limit: int = 0
    least: int = 0
    choices: tuple[str, ...] = ()
    portable: int = 0


@dataclass(frozen=True)
class Level:
    """The keys allowed in one kind of table; `elsewhere` names keys of other formats and what to do about each."""

    name: str
    keys: tuple[Key, ...]
    elsewhere: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Key:
        return self._by_name[name]

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._by_name)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_name", {key.name: key for key in self.keys})

    _by_name: Mapping[str, Key] = field(init=False, repr=False, compare=False, default_factory=dict)


_PER_ROW = tuple(computation for computation in Computation if not computation.over_ranks)
_EXTENSIONS = Key("podium", "table", "Extensions of Podium at this level.")

COMPETITION = Level(
    "the competition",
    (
        Key("version", "version", "The version of the format: 2.", required=True),
        Key("title", "text", "The name of the competition.", required=True, limit=256),
        Key("description", "text", "One or two sentences for lists and headers.", default=""),
        Key("image", "file", "The logo: JPEG, PNG, GIF or WebP.", required=True),
        Key("terms", "file", "The terms a participant accepts; Markdown or HTML.", required=True),
        Key("pages", "list", "The pages of the competition, in order."),
        Key("docker_image", "text", "The environment programs run in.", default=DEFAULT_IMAGE, limit=128),
        Key("registration_auto_approve", "flag", "Participants join without being approved.", default=False),
        Key("enable_detailed_results", "flag", "Scoring writes a page per submission.", default=False),
        Key("show_detailed_results_in_submission_panel", "flag", "Participants see that page.", default=True),
        Key("show_detailed_results_in_leaderboard", "flag", "The board links that page.", default=True),
        Key("auto_run_submissions", "flag", "Submissions run at once, not when the organizer says.", default=True),
        Key("can_participants_make_submissions_public", "flag", "Participants may publish submissions.", default=True),
        Key("make_programs_available", "flag", "Participants may download the programs.", default=False),
        Key("make_input_data_available", "flag", "Participants may download the input data.", default=False),
        Key(
            "competition_type",
            "choice",
            "Benchmarks are left out of the list of competitions.",
            default="competition",
            choices=tuple(CompetitionType),
        ),
        Key("fact_sheet", "table", "Questions asked with every submission, by key."),
        Key("reward", "text", "What can be won, in words.", default="", limit=256),
        Key("contact_email", "text", "Where participants write to.", default="", limit=254),
        Key("forum_enabled", "flag", "The competition has a forum.", default=True),
        Key("collaborators", "list", "Further organizers, by user name or e-mail address."),
        Key("whitelist_emails", "list", "The e-mail addresses of those who join without being approved."),
        Key("allow_robot_submissions", "flag", "Accounts of programs join without being approved.", default=False),
        Key("queue", "uuid", "The queue whose workers run the submissions, by its vhost."),
        Key("tasks", "list", "The tasks.", required=True),
        Key("solutions", "list", "Sample submissions."),
        Key("phases", "list", "The phases.", required=True),
        Key("leaderboards", "list", "The leaderboards; each is shown and serves all phases.", required=True),
        Key("leaderboard", "list", "Another name of `leaderboards`."),
        _EXTENSIONS,
    ),
    elsewhere.COMPETITION,
)

PAGE = Level(
    "a page",
    (
        Key("title", "text", "The name of the tab.", required=True, limit=256),
        Key("file", "file", "The text: Markdown, or HTML where the name ends in .htm or .html.", required=True),
    ),
    elsewhere.PAGE,
)

TASK = Level(
    "a task",
    (
        Key("index", "whole", "The number phases and solutions name it by.", required=True, limit=LARGEST_WHOLE),
        Key("key", "uuid", "The UUID of a task that exists; all other keys are ignored then."),
        Key("name", "text", "The name; required without `key`.", default="", limit=256),
        Key("description", "text", "What the task is about.", default=""),
        Key("scoring_program", "member", "The program that scores; required without `key`."),
        Key("ingestion_program", "member", "The program that runs the submission."),
        Key("input_data", "member", "The data the prediction step sees."),
        Key("reference_data", "member", "The truth; only the scoring step sees it."),
        Key("ingestion_only_during_scoring", "flag", "Both programs run together, at scoring.", default=False),
        _EXTENSIONS,
    ),
    elsewhere.TASK,
)

SOLUTION = Level(
    "a solution",
    (
        Key("index", "whole", "The number of the solution.", required=True, limit=LARGEST_WHOLE),
        Key("tasks", "list", "The indexes of the tasks it solves.", required=True),
        Key("key", "uuid", "The UUID of a solution that exists."),
        Key("path", "member", "The submission itself; required without `key`."),
        Key("name", "text", "The name.", default="", limit=256),
        Key("description", "text", "What it does.", default=""),
        _EXTENSIONS,
    ),
)

PHASE = Level(
    "a phase",
    (
        Key(
            "index",
            "whole",
            "Orders the phases; equal ones keep the order of the list.",
            default=0,
            limit=LARGEST_WHOLE,
        ),
        Key("name", "text", "The name.", required=True, limit=256),
        Key("description", "text", "What happens in it.", default=""),
        Key("start", "moment", "When it opens.", required=True),
        Key("end", "moment", "When it closes; only the last phase may have none."),
        Key(
            "max_submissions",
            "whole",
            "Submissions per person in all; 0 or null: no limit.",
            default=100,
            limit=LARGEST_WHOLE,
        ),
        Key(
            "max_submissions_per_day",
            "whole",
            "Submissions per person and UTC day; 0 or null: no limit.",
            default=5,
            limit=LARGEST_WHOLE,
        ),
        Key(
            "execution_time_limit",
            "whole",
            "Seconds each step may take; 0 or null: 600.",
            default=600,
            limit=LARGEST_WHOLE,
        ),
        Key(
            "auto_migrate_to_this_phase",
            "flag",
            "At its start, submissions of the phase before run again here.",
            default=False,
        ),
        Key("hide_output", "flag", "Participants see neither logs nor outputs.", default=False),
        Key("hide_prediction_output", "flag", "Participants do not see the output of prediction.", default=False),
        Key("hide_score_output", "flag", "Participants do not see the output of scoring.", default=False),
        Key("starting_kit", "member", "A download to start from."),
        Key("public_data", "member", "A download of data."),
        Key("tasks", "list", "The indexes of its tasks, in order.", required=True),
        _EXTENSIONS,
    ),
    elsewhere.PHASE,
)

LEADERBOARD = Level(
    "a leaderboard",
    (
        Key("title", "text", "The name.", required=True, limit=LONGEST_NAME, portable=64),
        Key("key", "text", "A short name for programs.", required=True, limit=LONGEST_NAME, portable=36),
        Key(
            "submission_rule",
            "choice",
            "Which submissions stand on the board.",
            default="Add",
            choices=tuple(rule for rule in SubmissionRule if rule is not SubmissionRule.BY_ORGANIZERS),
        ),
        Key("hidden", "flag", "Only organizers see it.", default=False),
        Key("primary_index", "whole", "The index of the column that ranks first.", limit=LARGEST_WHOLE),
        Key("columns", "list", "The columns.", required=True),
        _EXTENSIONS,
    ),
    elsewhere.LEADERBOARD,
)

COLUMN = Level(
    "a column",
    (
        Key("title", "text", "The heading.", required=True, limit=LONGEST_NAME, portable=36),
        Key(
            "key",
            "text",
            "The name of the score that the scoring program writes.",
            required=True,
            limit=LONGEST_NAME,
            portable=36,
        ),
        Key(
            "index",
            "whole",
            "Orders the columns; what `computation_indexes` names.",
            required=True,
            limit=LARGEST_WHOLE,
        ),
        Key(
            "sorting",
            "choice",
            "desc: larger is better; asc: smaller is better.",
            default="desc",
            choices=tuple(Sorting),
        ),
        Key("precision", "whole", "Decimals shown; ranking uses the raw value.", default=2, limit=20),
        Key("hidden", "flag", "Only organizers see it.", default=False),
        Key("computation", "choice", "Computes the value from other columns.", choices=_PER_ROW),
        Key("computation_indexes", "list", "The indexes of those columns; required with `computation`."),
    ),
    elsewhere.COLUMN,
)

FACT_SHEET_QUESTION = Level(
    "a question of the fact sheet",
    (
        Key("key", "text", "The same as the key of the question itself."),
        Key("title", "text", "The question; its key where missing.", limit=256),
        Key("type", "choice", "How it is answered.", required=True, choices=("checkbox", "text", "select")),
        Key("selection", "list", "The choices of a select; empty for a text."),
        Key("is_required", "flag", "It must be answered.", default=False),
        Key("is_on_leaderboard", "flag", "The answer is a column of the leaderboard.", default=False),
    ),
)

LEVELS = (COMPETITION, PAGE, TASK, SOLUTION, PHASE, LEADERBOARD, COLUMN, FACT_SHEET_QUESTION)
