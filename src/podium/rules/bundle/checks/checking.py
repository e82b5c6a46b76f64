"""All checks of a bundle beyond its YAML, in one pass over its members."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from podium.rules.bundle.checks.contents import Contents
from podium.rules.bundle.checks.places import Places
from podium.rules.bundle.checks.programs import WORDS, ProgramPart, Role, check_program
from podium.rules.bundle.checks.python2 import check_python2
from podium.rules.bundle.checks.scores import check_score_keys
from podium.rules.bundle.expectations import read_expectation
from podium.rules.bundle.extensions import EXTENSIONS
from podium.rules.bundle.files import NOT_A_ZIP_HINT, ZIP_HEAD_BYTES, is_zip, may_be_single_file
from podium.rules.bundle.keys import COMPETITION, LEADERBOARD, PHASE, SOLUTION, TASK, Level
from podium.rules.bundle.reading import BundleReading
from podium.rules.bundle.source import BundleSource
from podium.rules.bundle.spec import CompetitionSpec, FileRef
from podium.rules.bundle.spelling import closest
from podium.rules.errors import BundleError, Problem, TooLarge, UserError

LARGE_LOGO_BYTES = 1024 * 1024
LARGE_PROGRAM_BYTES = 100 * 1024 * 1024
MOST_PARTS = 200
"""How many programs and data sets are looked into: a bound for bundles that were made to take long."""
_COPIED = ("scoring_program", "ingestion_program")
_ROLES: Mapping[str, Role] = {
    "scoring_program": "scoring_program",
    "ingestion_program": "ingestion_program",
    "path": "path",
}


class _Extended(Protocol):
    """A part of a specification that keeps what stands under `podium`."""

    @property
    def extensions(self) -> Mapping[str, object]: ...


@dataclass(frozen=True)
class _Part:
    """A member that a run unpacks: its path, the key that names it, and whether it runs beside the scoring."""

    path: str
    key: str
    during_scoring: bool = False


def check_bundle(source: BundleSource, reading: BundleReading, contents: Contents) -> tuple[Problem, ...]:
    """What a run would stumble over, by file, line and column where there is one.

    Problems that the reading names already do not come again. Nothing is found where the YAML could not be read.
    """
    spec = reading.spec or reading.draft
    if spec is None:
        return ()
    places = Places(source)
    known = {_identity(problem) for problem in reading.problems}
    found: dict[Problem, None] = {}
    texts: dict[str, str] = {}
    scripts: dict[str, str] = {}
    parts = list(dict.fromkeys(_parts(spec)))
    if len(parts) > MOST_PARTS:
        message = f"The bundle names {len(parts):,} programs and data sets; the first {MOST_PARTS} were looked into."
        found[places.problem("too-many-parts", "note", message, None)] = None
    for part in parts[:MOST_PARTS]:
        for problem in _check_part(part, source, reading, contents, places, texts, scripts):
            if _identity(problem) not in known:
                found[problem] = None
    found |= dict.fromkeys(_check_logo(spec, source, reading, contents, places))
    found |= dict.fromkeys(_check_expectations(spec, places))
    found |= dict.fromkeys(_check_extensions(spec, places))
    found |= dict.fromkeys(check_score_keys(spec, texts, places))
    found |= dict.fromkeys(check_python2(scripts))
    return tuple(found)


def _identity(problem: Problem) -> tuple[object, ...]:
    return problem.code, problem.file, problem.line, problem.column


def _parts(spec: CompetitionSpec) -> Iterator[_Part]:
    for task in spec.tasks:
        for key in ("scoring_program", "ingestion_program", "input_data", "reference_data"):
            reference: FileRef | None = getattr(task, key)
            if reference is not None and reference.path is not None:
                during = task.ingestion_only_during_scoring and key.endswith("_program")
                yield _Part(reference.path, key, during)
    for solution in spec.solutions:
        if solution.path is not None and solution.path.path is not None:
            yield _Part(solution.path.path, "path")


def _check_part(
    part: _Part,
    source: BundleSource,
    reading: BundleReading,
    contents: Contents,
    places: Places,
    texts: dict[str, str],
    scripts: dict[str, str],
) -> Iterator[Problem]:
    name = reading.member_name(part.path)
    try:
        if source.kind(name) == "file" and not is_zip(source.head(name, ZIP_HEAD_BYTES)):
            yield _single_file(part, places)
            return
        with contents.inside(name) as inside:
            role = _ROLES.get(part.key)
            if role in _COPIED and (size := contents.size(name)) > LARGE_PROGRAM_BYTES:
                yield _large(part, size, places)
            if not inside.names():
                what = WORDS.get(part.key, "data")
                message = f'The {what} "{part.path}" has no files.'
                yield places.problem("member-empty", "note", message, places.path(part.path, part.key))
            elif role is not None:
                report = check_program(ProgramPart(part.path, role, part.during_scoring, inside))
                for problem in report.problems:
                    yield problem if problem.file else _at_name(problem, part, places)
                scripts |= report.scripts
                if role == "scoring_program" and report.text is not None:
                    texts[part.path] = report.text
    except TooLarge:
        return
    except UserError as failure:
        problems = failure.problems if isinstance(failure, BundleError) else ()
        for problem in problems or (Problem(failure.code, failure.message, failure.hint),):
            yield _at_name(replace(problem, message=f'"{part.path}": {problem.message}'), part, places)


def _single_file(part: _Part, places: Places) -> Problem:
    """A program needs its metadata beside it; data may be one file, unless that was to be a zip."""
    mark = places.path(part.path, part.key)
    if not may_be_single_file(part.key, part.path):
        message = f'"{part.path}" is neither a folder nor a zip.'
        return places.problem("member-not-zip", "error", message, mark, NOT_A_ZIP_HINT)
    message = f'"{part.path}" is a single file; runs find it by its name where the content of a zip would be.'
    hint = "Codabench needs a folder or a zip with that file in it."
    return places.problem("member-single-file", "note", message, mark, hint)


def _large(part: _Part, size_bytes: int, places: Places) -> Problem:
    message = f'The {WORDS[part.key]} "{part.path}" has {size_bytes / 1024**2:,.0f} MiB; it is copied for every run.'
    hint = "Put data into input_data or reference_data: those are not copied."
    return places.problem("program-large", "note", message, places.path(part.path, part.key), hint)


def _at_name(problem: Problem, part: _Part, places: Places) -> Problem:
    """The problem at the place that names the member."""
    mark = places.path(part.path, part.key)
    return places.problem(problem.code, problem.severity, problem.message, mark, problem.hint)


def _check_logo(
    spec: CompetitionSpec, source: BundleSource, reading: BundleReading, contents: Contents, places: Places
) -> Iterator[Problem]:
    name = reading.member_name(spec.image)
    if not spec.image or source.kind(name) != "file":
        return
    size = contents.size(name)
    if size > LARGE_LOGO_BYTES:
        message = f'The logo "{spec.image}" has {size / 1024**2:.1f} MiB; every visitor loads it.'
        yield places.problem(
            "image-large", "note", message, places.path(spec.image, "image"), "256 by 256 pixels are enough."
        )


def _check_expectations(spec: CompetitionSpec, places: Places) -> Iterator[Problem]:
    columns = {column.key for board in spec.leaderboards for column in board.columns}
    for solution in spec.solutions:
        path = solution.path.path if solution.path is not None else None
        name = solution.name or path or f"solution {solution.index}"
        try:
            expected = read_expectation(solution)
        except UserError as failure:
            message = f'The solution "{name}": {failure.message}'
            yield places.problem(failure.code, "error", message, places.path(path or "", "path"), failure.hint)
            continue
        for key in sorted(expected.keys - columns) if expected else ():
            message = f'The solution "{name}" expects a score "{key}", but no column has that key.'
            hint = f"There are: {', '.join(sorted(columns)[:20])}."
            yield places.problem("expected-scores", "error", message, places.path(path or "", "path"), hint)


def _check_extensions(spec: CompetitionSpec, places: Places) -> Iterator[Problem]:
    """A note for each key under `podium` that Podium does not know at that level."""
    levels: tuple[tuple[Level, Sequence[_Extended]], ...] = (
        (COMPETITION, (spec,)),
        (TASK, spec.tasks),
        (SOLUTION, spec.solutions),
        (PHASE, spec.phases),
        (LEADERBOARD, spec.leaderboards),
    )
    for level, parts in levels:
        known = EXTENSIONS.get(level.name, {})
        for name in dict.fromkeys(name for part in parts for name in part.extensions if name not in known):
            likely = closest(name, known)
            message = f'"podium.{name[:60]}" is not an extension of {level.name} and is ignored.'
            hint = f'Did you mean "{likely}"?' if likely else ""
            yield places.problem("extension-unknown", "note", message, places.key(name, "podium"), hint)
