"""Arbitrary specifications: everything that a reader of version 2 can make of a bundle."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath

from hypothesis import strategies as st
from tests.small_bundles import PNG

from podium.rules.board.columns import Column, Computation, Sorting
from podium.rules.board.submission_rules import SubmissionRule
from podium.rules.bundle.keys import LARGEST_WHOLE
from podium.rules.bundle.paths import is_clutter, tidy_path
from podium.rules.bundle.spec import (
    CompetitionSpec,
    CompetitionType,
    FactSheetQuestion,
    FileRef,
    LeaderboardSpec,
    PageSpec,
    PhaseSpec,
    SolutionSpec,
    TaskSpec,
)

# What YAML 1.1 takes for something else, or for its own signs, where it stands without quotes.
HOSTILE = (
    "yes", "no", "on", "~", "null", "Null", "true", "1e3", "0x1F", "1_000", "12:30:45", ".inf", ".nan", "010", "=",
    "<<", "2026-01-01", "2026-01-01 10:00:00", "a: b", "a #b", "# a", "- a", "? a", "&a", "*a", "!a", "!!str a", "|",
    ">", "%a", "@a", "`a`", "{a: 1}", "[1, 2]", "'", '"', "\\", "'a' \"b\"", "---", "...", "a\nb", "a\n\n  b\n c",
    "a \nb", "a:\n- b", "a\tb", "a\rb", "a\r\nb", "a\x85b", "a\u2028b", "\ufeffa", "é ü ß 中文 العربية", "🦊 fox",
    "a\U0001f469\u200d\U0001f52c b", "{{ a }}",
)  # fmt: skip

_CONTROLS = [chr(code) for code in (*range(9), 11, 12, *range(14, 32), 127)]
_LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters=_CONTROLS)


def _texts(longest: int = 80, *, least: int = 0) -> st.SearchStrategy[str]:
    made = st.one_of(st.sampled_from(HOSTILE), st.text(_LETTERS, max_size=longest))
    return made.map(lambda text: text[:longest].strip()).filter(lambda text: len(text) >= least)


# What stands under `podium` keeps spaces at its ends, and control characters.
_ANY_TEXT = st.one_of(
    st.sampled_from(HOSTILE), st.sampled_from([" a", "a ", "a\n", "\na\n\n", "\t"]), st.text(max_size=30)
)
_PLAIN = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(10**20), 10**20),
        st.floats(allow_nan=False, allow_infinity=False),
        _ANY_TEXT,
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_ANY_TEXT, inner, max_size=3)),
    max_leaves=8,
)
_EXTENSIONS = st.dictionaries(
    _ANY_TEXT.filter(lambda key: key not in ("submission_rule", "mean_of_ranks", "mean_reciprocal_rank")),
    _PLAIN,
    max_size=3,
)
_WHOLE = st.integers(0, LARGEST_WHOLE)
_LIMITS = st.one_of(st.none(), st.integers(1, LARGEST_WHOLE))
_NAMES = st.one_of(st.sampled_from(HOSTILE), st.text(_LETTERS, min_size=1, max_size=20)).filter(
    lambda name: tidy_path(f"a/{name}") == f"a/{name}" and "/" not in name and not is_clutter(name)
)


@st.composite
def _paths(draw: st.DrawFn, extension: str = "") -> str:
    """Paths in folders of which each holds one file, so that no file stands in the way of another."""
    number = draw(st.integers(0, 10**9))
    return f"{number}/{draw(_NAMES)}{extension}"


_MEMBERS = st.one_of(_paths().map(lambda path: FileRef(path=path)), st.uuids().map(lambda key: FileRef(key=key)))
_MAYBE_MEMBER = st.one_of(st.none(), _MEMBERS)
_CONTENT = st.text(_LETTERS, min_size=1, max_size=60).map(lambda text: re.sub("\r\n?", "\n", text))
_PAGE_TEXT = _CONTENT.filter(lambda text: bool(text.strip()) and not text.startswith("\ufeff"))


@st.composite
def _tasks(draw: st.DrawFn) -> tuple[TaskSpec, ...]:
    tasks = []
    for index in draw(st.lists(_WHOLE, min_size=1, max_size=3, unique=True)):
        if draw(st.integers(0, 3)) == 0:
            tasks.append(TaskSpec(index=index, key=draw(st.uuids()), extensions=draw(_EXTENSIONS)))
            continue
        task = TaskSpec(
            index=index,
            name=draw(_texts(256, least=1)),
            description=draw(_texts()),
            scoring_program=draw(_MEMBERS),
            ingestion_program=draw(_MAYBE_MEMBER),
            input_data=draw(_MAYBE_MEMBER),
            reference_data=draw(_MAYBE_MEMBER),
            ingestion_only_during_scoring=draw(st.booleans()),
            extensions=draw(_EXTENSIONS),
        )
        tasks.append(task)
    return tuple(tasks)


def _some(indexes: Sequence[int]) -> st.SearchStrategy[tuple[int, ...]]:
    return st.lists(st.sampled_from(indexes), min_size=1, max_size=3, unique=True).map(tuple)


@st.composite
def _solutions(draw: st.DrawFn, tasks: Sequence[int]) -> tuple[SolutionSpec, ...]:
    solutions = []
    for index in draw(st.lists(_WHOLE, max_size=2, unique=True)):
        key = draw(st.one_of(st.none(), st.uuids()))
        solution = SolutionSpec(
            index=index,
            tasks=draw(_some(tasks)),
            key=key,
            path=draw(_MAYBE_MEMBER if key else _MEMBERS),
            name=draw(_texts(256)),
            description=draw(_texts()),
            extensions=draw(_EXTENSIONS),
        )
        solutions.append(solution)
    return tuple(solutions)


@st.composite
def _phases(draw: st.DrawFn, tasks: Sequence[int]) -> tuple[PhaseSpec, ...]:
    count = draw(st.integers(1, 3))
    # A day before 1970 is possible by an offset; steps of a microsecond, a second and a day.
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(
        seconds=draw(st.integers(-(23 * 60 + 59) * 60, 5 * 10**9)), microseconds=draw(st.sampled_from([0, 1, 999_999]))
    )
    if draw(st.booleans()):
        moment = moment.replace(hour=0, minute=0, second=0, microsecond=0, year=max(1970, moment.year))
    phases = []
    for index in range(count):
        steps = st.sampled_from(
            [timedelta(microseconds=1), timedelta(seconds=1), timedelta(days=1), timedelta(days=9999)]
        )
        is_last = index == count - 1
        end = None if is_last and draw(st.booleans()) else moment + draw(steps)
        phase = PhaseSpec(
            index=index,
            name=draw(_texts(256, least=1)),
            description=draw(_texts()),
            start=moment,
            end=end,
            tasks=draw(_some(tasks)),
            max_submissions=draw(_LIMITS),
            max_submissions_per_day=draw(_LIMITS),
            execution_time_limit_s=draw(st.integers(1, LARGEST_WHOLE)),
            auto_migrate_to_this_phase=index > 0 and draw(st.booleans()),
            hide_output=draw(st.booleans()),
            hide_prediction_output=draw(st.booleans()),
            hide_score_output=draw(st.booleans()),
            starting_kit=draw(_MAYBE_MEMBER),
            public_data=draw(_MAYBE_MEMBER),
            extensions=draw(_EXTENSIONS),
        )
        phases.append(phase)
        moment = (end or moment) + draw(st.sampled_from([timedelta(0), timedelta(hours=1)]))
    return tuple(phases)


@st.composite
def _columns(draw: st.DrawFn) -> tuple[Column, ...]:
    """Columns in order of their indexes; a computed one names some that are not computed."""
    indexes = sorted(draw(st.lists(_WHOLE, min_size=1, max_size=4, unique=True)))
    keys = draw(st.lists(_texts(36, least=1), min_size=len(indexes), max_size=len(indexes), unique=True))
    computed = set(draw(st.lists(st.sampled_from(indexes), max_size=len(indexes) - 1, unique=True)))
    given = [index for index in indexes if index not in computed]
    columns = []
    for index, key in zip(indexes, keys, strict=True):
        column = Column(
            key=key,
            title=draw(_texts(36, least=1)),
            index=index,
            sorting=draw(st.sampled_from(Sorting)),
            precision=draw(st.integers(0, 20)),
            hidden=draw(st.booleans()),
            computation=draw(st.sampled_from(Computation)) if index in computed else None,
            computation_indexes=draw(_some(given)) if index in computed else (),
        )
        columns.append(column)
    return tuple(columns)


@st.composite
def _boards(draw: st.DrawFn) -> tuple[LeaderboardSpec, ...]:
    boards = []
    for key in draw(st.lists(_texts(36, least=1), min_size=1, max_size=2, unique=True)):
        columns = draw(_columns())
        board = LeaderboardSpec(
            title=draw(_texts(64, least=1)),
            key=key,
            columns=columns,
            submission_rule=draw(st.sampled_from(SubmissionRule)),
            hidden=draw(st.booleans()),
            primary_index=draw(st.sampled_from([column.index for column in columns])),
            extensions=draw(_EXTENSIONS),
        )
        boards.append(board)
    return tuple(boards)


@st.composite
def _questions(draw: st.DrawFn) -> tuple[FactSheetQuestion, ...]:
    keys = st.one_of(st.sampled_from(HOSTILE), st.text(_LETTERS, min_size=1, max_size=10)).filter(
        lambda key: not any(character.isspace() for character in key)
    )
    questions = []
    for key in draw(st.lists(keys, max_size=3, unique=True)):
        type_ = draw(st.sampled_from(["checkbox", "text", "select"]))
        choices = st.lists(_ANY_TEXT, min_size=1, max_size=3, unique=True).map(tuple)
        question = FactSheetQuestion(
            key=key,
            title=draw(_texts(256, least=1)),
            type=type_,
            selection=draw(choices) if type_ == "select" else (),
            is_required=draw(st.booleans()),
            is_on_leaderboard=draw(st.booleans()),
        )
        questions.append(question)
    return tuple(questions)


_PEOPLE = st.lists(st.sampled_from(["ana", "Bo B.", "c@example.org", "null", "17"]), max_size=3, unique=True).map(tuple)
_ADDRESSES = st.lists(st.sampled_from(["a@example.org", "b+c@example.org"]), max_size=2, unique=True).map(tuple)
_FLAGS = (
    "registration_auto_approve", "enable_detailed_results", "show_detailed_results_in_submission_panel",
    "show_detailed_results_in_leaderboard", "auto_run_submissions", "can_participants_make_submissions_public",
    "make_programs_available", "make_input_data_available", "forum_enabled", "allow_robot_submissions",
)  # fmt: skip


@st.composite
def specifications(draw: st.DrawFn) -> CompetitionSpec:
    """Any competition of version 2."""
    tasks = draw(_tasks())
    indexes = [task.index for task in tasks]
    pages = draw(st.lists(st.tuples(_texts(256, least=1), _paths(".md"), _PAGE_TEXT), max_size=2))
    queue = draw(st.one_of(st.none(), st.uuids()))
    return CompetitionSpec(
        version="2",
        title=draw(_texts(256, least=1)),
        description=draw(_texts()),
        image=draw(_paths(".png")),
        terms_file=draw(_paths(".html")),
        terms=draw(_PAGE_TEXT),
        pages=tuple(
            PageSpec(index=index, title=title, file=f"{index}/{file}", content=content)
            for index, (title, file, content) in enumerate(pages)
        ),
        tasks=tasks,
        solutions=draw(_solutions(indexes)),
        phases=draw(_phases(indexes)),
        leaderboards=draw(_boards()),
        docker_image=draw(st.sampled_from(["codalab/codalab-legacy:py3", "python:3.11", "1e3", "no", "2024-01-01"])),
        competition_type=draw(st.sampled_from(CompetitionType)),
        reward=draw(_texts(256)),
        contact_email=draw(st.sampled_from(["", "a@example.org"])),
        queue=str(queue) if queue else None,
        collaborators=draw(_PEOPLE),
        whitelist_emails=draw(_ADDRESSES),
        fact_sheet=draw(_questions()),
        extensions=draw(_EXTENSIONS),
        **{flag: draw(st.booleans()) for flag in _FLAGS},
    )


def files_of(spec: CompetitionSpec) -> dict[str, bytes]:
    """A file, or a folder with one, for everything that the specification names."""
    parts = [*spec.tasks, *spec.solutions, *spec.phases]
    slots = (
        "scoring_program",
        "ingestion_program",
        "input_data",
        "reference_data",
        "path",
        "starting_kit",
        "public_data",
    )
    members = [getattr(part, slot, None) for part in parts for slot in slots]
    files = {str(PurePosixPath(ref.path) / "metadata"): b"command: a" for ref in members if ref and ref.path}
    files |= {page.file: page.content.encode() for page in spec.pages}
    return {**files, spec.terms_file: spec.terms.encode(), spec.image: PNG}
