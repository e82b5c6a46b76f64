"""What is wrong with a bundle, by itself and on this site: for whoever makes a competition of it, or updates one."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Protocol
from uuid import UUID

from podium.blobs.archives import MemberSource
from podium.rules.bundle.checks.places import Places
from podium.rules.bundle.limits import limits_of
from podium.rules.bundle.reading import BundleReading, read_bundle
from podium.rules.bundle.spec import CompetitionSpec
from podium.rules.errors import BundleError, Problem, UserError
from podium.runtimes import ImageRules
from podium.server.accounts.people import Person
from podium.server.imports.members import check_members, look_inside
from podium.server.imports.naming import find_existing
from podium.server.queues.allowance import allowance
from podium.server.queues.queries import queue_of_vhost


@dataclass(frozen=True)
class CheckedBundle:
    """A bundle that can be read. `problems` may have errors all the same: what this site does not take; `inside` is
    what runs would stumble over, as notes."""

    reading: BundleReading
    spec: CompetitionSpec
    problems: tuple[Problem, ...]
    inside: tuple[Problem, ...]


class _Extended(Protocol):
    """A part of a specification that keeps what stands under `podium`."""

    @property
    def extensions(self) -> Mapping[str, object]: ...


def check_for_site(by: Person, source: MemberSource, *, competition_id: int | None = None) -> CheckedBundle:
    """Read a bundle and look for all that is wrong with it; `competition_id` is the competition that it updates.

    Raises:
        BundleError: it cannot be read; with everything that was found.
    """
    reading = read_bundle(source)
    seen_inside = look_inside(source, reading)
    if reading.spec is None:
        raise BundleError([*reading.problems, *seen_inside])
    spec = reading.spec
    _, missing = find_existing(by, spec, competition_id=competition_id, places=Places(source))
    problems = [*reading.problems, *_site_problems(spec), *check_members(source, reading, spec), *missing]
    # Programs that cannot run keep nobody from importing: their owner replaces them afterwards.
    inside = tuple(replace(problem, severity="note") for problem in seen_inside)
    return CheckedBundle(reading, spec, tuple(problems), inside)


def refuse_errors(problems: Sequence[Problem]) -> None:
    """Raises BundleError with all the problems where one of them is an error."""
    if any(problem.severity == "error" for problem in problems):
        raise BundleError(problems)


@contextmanager
def called(spooled: str, file_name: str) -> Iterator[None]:
    """Let problems name the zip as its owner does, not as it lies on our disk."""
    try:
        yield
    except BundleError as error:
        raise type(error)(renamed(error.problems, spooled, file_name)) from error


def renamed(problems: Iterable[Problem], spooled: str, file_name: str) -> list[Problem]:
    """The problems with the owner's name of the zip in the place of ours."""
    return [
        replace(
            problem,
            file=file_name if problem.file == spooled else problem.file,
            message=problem.message.replace(spooled, file_name),
        )
        for problem in problems
    ]


def _site_problems(spec: CompetitionSpec) -> Iterator[Problem]:
    """What this site in particular has to say about a competition."""
    try:
        choice = ImageRules.from_environment(os.environ).choose(spec.docker_image)
    except UserError as error:
        yield Problem(error.code, error.message, error.hint)
    else:
        if choice.note is not None:
            yield choice.note
    yield from _limit_notes(spec)
    parts: list[_Extended] = [spec, *spec.tasks, *spec.solutions, *spec.phases, *spec.leaderboards]
    if any(_has_nul(part.extensions) for part in parts):
        yield Problem("text-characters", 'A text under "podium" holds a character of code 0.', "Remove it.")
    if any(_has_nul(question.model_dump()) for question in spec.fact_sheet):
        yield Problem("text-characters", 'A text under "fact_sheet" holds a character of code 0.', "Remove it.")


def _limit_notes(spec: CompetitionSpec) -> Iterator[Problem]:
    """What runs will not be given in full. It keeps nobody from importing: an administrator may give more later."""
    queue = None
    with suppress(UserError):
        queue = queue_of_vhost(UUID(spec.queue)) if spec.queue else None
    tasks = {task.index: task for task in spec.tasks}
    pairs = [(phase, tasks[index]) for phase in spec.phases for index in phase.tasks if index in tasks]
    remarks = [
        remark
        for phase, task in pairs
        for remark in allowance(queue, limits_of(spec, phase, task), phase.execution_time_limit_s).remarks
    ]
    for remark in dict.fromkeys(remarks):
        yield Problem("limits-beyond", remark, "Ask for less, or ask the administrator for more.", severity="note")


def _has_nul(value: object) -> bool:
    """Whether a text somewhere in a JSON-like value holds what PostgreSQL does not store."""
    if isinstance(value, Mapping):
        return any(_has_nul(key) or _has_nul(each) for key, each in value.items())
    if isinstance(value, (list, tuple)):
        return any(_has_nul(each) for each in value)
    return isinstance(value, str) and "\0" in value
