"""Writing competition.yaml, version 2: what reads back as the same specification, in the order of the key table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from enum import Enum
from uuid import UUID

from podium.rules.board.columns import Column, Computation
from podium.rules.board.submission_rules import SubmissionRule
from podium.rules.bundle.keys import (
    COLUMN,
    COMPETITION,
    FACT_SHEET_QUESTION,
    LEADERBOARD,
    PAGE,
    PHASE,
    SOLUTION,
    TASK,
    Key,
    Level,
)
from podium.rules.bundle.leaderboards import OVER_RANKS, OWN_RULE
from podium.rules.bundle.notation import dump_section
from podium.rules.bundle.spec import (
    CompetitionSpec,
    FactSheetQuestion,
    FileRef,
    LeaderboardSpec,
    PageSpec,
    PhaseSpec,
    SolutionSpec,
    TaskSpec,
)

# Written even where they have their defaults: organizers look for them first, and other platforms have other defaults.
_ALWAYS = frozenset(
    {
        "docker_image",
        "index",
        "max_submissions",
        "max_submissions_per_day",
        "execution_time_limit",
        "submission_rule",
        "sorting",
        "precision",
    }
)
_ATTRIBUTES = {"execution_time_limit": "execution_time_limit_s", "podium": "extensions"}
# The reader takes no year before 1970, but an offset may lead there: 1970-01-01 00:00+23:59 is in 1969.
_EASTERNMOST = timezone(timedelta(hours=23, minutes=59))
_HEAD = "# Dates without an offset are UTC.\n"


def write_competition(spec: CompetitionSpec) -> str:
    """The text of a competition.yaml, version 2, that reads back as `spec` beside the files that `spec` names.

    A specification that was read from CodaLab's format becomes one of version 2, and `version` is all that differs.
    """
    values = _table(
        COMPETITION,
        spec,
        {
            "version": 2,
            "terms": _path(spec.terms_file),
            "image": _path(spec.image),
            "pages": [_page(page) for page in spec.pages],
            "fact_sheet": {question.key: _question(question) for question in spec.fact_sheet},
            "tasks": [_task(task) for task in spec.tasks],
            "solutions": [_solution(solution) for solution in spec.solutions],
            "phases": [_phase(phase) for phase in spec.phases],
            "leaderboards": [_board(board) for board in spec.leaderboards],
            "leaderboard": None,
        },
    )
    sections = [dump_section({name: value}) for name, value in values.items()]
    lines = [
        section if _is_short(section) and _is_short(before) else f"\n{section}"
        for before, section in zip(["", *sections[:-1]], sections, strict=True)
    ]
    return _HEAD + "".join(lines)


def _is_short(section: str) -> bool:
    return section.count("\n") <= 1


def _page(page: PageSpec) -> dict[str, object]:
    return _table(PAGE, page, {"file": _path(page.file)})


def _task(task: TaskSpec) -> dict[str, object]:
    if task.key is not None:
        kept = {"index": task.index, "key": str(task.key)}
        return {**kept, "podium": task.extensions} if task.extensions else kept
    return _table(TASK, task)


def _solution(solution: SolutionSpec) -> dict[str, object]:
    return _table(SOLUTION, solution)


def _phase(phase: PhaseSpec) -> dict[str, object]:
    return _table(PHASE, phase)


def _board(board: LeaderboardSpec) -> dict[str, object]:
    """What only CodaLab and we know stands under `podium`, beside the nearest that version 2 has."""
    extensions = dict(board.extensions)
    rule = board.submission_rule
    if rule is SubmissionRule.BY_ORGANIZERS:
        extensions[OWN_RULE] = rule.value
        rule = SubmissionRule.ADD
    for name, computation in OVER_RANKS.items():
        ranked = [column.key for column in board.columns if column.computation is computation]
        if ranked:
            extensions[name] = ranked
    columns = [_column(column) for column in board.columns]
    return _table(LEADERBOARD, board, {"submission_rule": rule, "columns": columns, "podium": extensions})


def _column(column: Column) -> dict[str, object]:
    computation = column.computation
    if computation is not None and computation.over_ranks:
        computation = Computation.AVERAGE
    return _table(COLUMN, column, {"computation": computation})


def _question(question: FactSheetQuestion) -> dict[str, object]:
    """All six keys, because Codabench demands them; a checkbox lists both answers there, a text none, and what is true
    or false is a text.
    """
    selection: object = [True, False] if question.type == "checkbox" else list(question.selection) or ""
    given: dict[str, object] = {"selection": selection}
    given |= {key: "true" if getattr(question, key) else "false" for key in ("is_required", "is_on_leaderboard")}
    return {key.name: _plain(given.get(key.name, getattr(question, key.name))) for key in FACT_SHEET_QUESTION.keys}


def _table(level: Level, part: object, given: Mapping[str, object] | None = None) -> dict[str, object]:
    """The keys of the level in their order, by the attributes of `part`; `given` comes before those.

    Left out are defaults, save those that are worth being seen.
    """
    given = given or {}
    table: dict[str, object] = {}
    for key in level.keys:
        value = given[key.name] if key.name in given else getattr(part, _ATTRIBUTES.get(key.name, key.name))
        if key.required or key.name in _ALWAYS or not _says_nothing(key, value):
            table[key.name] = _plain(value)
    return table


def _says_nothing(key: Key, value: object) -> bool:
    if key.kind in ("list", "table"):
        return not value
    return value == key.default


def _plain(value: object) -> object:
    """The value as YAML has it."""
    for kind, write in _NOTATIONS:
        if isinstance(value, kind):
            return write(value)
    return value


def _reference(ref: FileRef) -> str:
    return str(ref.key) if ref.path is None else _path(ref.path)


def _path(path: str) -> str:
    """The reader drops spaces around a name, unless a folder and a slash protect them."""
    return path if path == path.strip() else f"./{path}/"


def _moment(moment: datetime) -> object:
    """A day alone stands for its first instant."""
    utc = moment.astimezone(UTC)
    if utc.year < datetime.fromtimestamp(0, UTC).year:
        return utc.astimezone(_EASTERNMOST)
    naive = utc.replace(tzinfo=None)
    return naive.date() if naive.time() == datetime.min.time() else naive


def _mapping(value: Mapping[str, object]) -> dict[str, object]:
    return {str(key): _plain(item) for key, item in value.items()}


def _sequence(value: Sequence[object]) -> list[object]:
    return [_plain(item) for item in value]


_NOTATIONS: tuple[tuple[type | tuple[type, ...], Callable[..., object]], ...] = (
    (Enum, lambda value: value.value),
    (FileRef, _reference),
    (UUID, str),
    (datetime, _moment),
    (Mapping, _mapping),
    ((list, tuple), _sequence),
)
