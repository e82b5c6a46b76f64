"""All problems of a bundle, as `podium lint` shows them: the YAML, its files, and what this machine makes of them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from podium.blobs.archives import MemberSource, NestedContents, open_source
from podium.rules.bundle import BundleReading, read_bundle
from podium.rules.bundle.checks import check_bundle
from podium.rules.bundle.checks.places import Places
from podium.rules.bundle.spec import CompetitionSpec
from podium.rules.errors import BundleError, Problem, UserError
from podium.runtimes import ImageRules


@dataclass(frozen=True)
class LintReport:
    """Everything found in a bundle, errors first, each kind in the order of its places."""

    problems: tuple[Problem, ...]

    @property
    def errors(self) -> int:
        """How many prevent the bundle from being used."""
        return sum(problem.severity == "error" for problem in self.problems)

    @property
    def notes(self) -> int:
        """How many are only worth knowing."""
        return len(self.problems) - self.errors


def lint_path(path: Path) -> LintReport:
    """Lint the bundle at `path`, a folder or zip. What cannot be opened as one is a problem of the report.

    Raises:
        NotFound: there is nothing at `path`.
    """
    try:
        with open_source(path) as source:
            return lint_source(source, read_bundle(source))
    except BundleError as failure:
        return _report(failure.problems)


def lint_source(source: MemberSource, reading: BundleReading) -> LintReport:
    """Lint a bundle that is open and read already."""
    found = [*reading.problems, *check_bundle(source, reading, NestedContents(source))]
    spec = reading.spec or reading.draft
    if spec is not None:
        wrong = {problem.place for problem in found if problem.severity == "error" and problem.line is not None}
        found += [note for note in _check_machine(spec, Places(source)) if note.place not in wrong]
    return _report(found)


def _check_machine(spec: CompetitionSpec, places: Places) -> Iterator[Problem]:
    """What depends on the machine or site that runs the bundle: always notes."""
    note: UserError | Problem | None
    try:
        note = ImageRules.from_environment(os.environ).choose(spec.docker_image).note
    except UserError as refusal:
        note = refusal
    if note is not None:
        image = spec.docker_image
        mark = places.text(image, "docker_image") or places.text(image, "competition_docker_image")
        yield places.problem(note.code, "note", note.message, mark, note.hint)
    if spec.queue is not None:
        message = f"The queue {spec.queue} is one of a site: whether it exists cannot be seen here."
        yield places.problem("queue-unknown", "note", message, places.text(spec.queue, "queue"))
    for task in spec.tasks:
        if task.key is not None:
            message = f"The task {task.key} is one of a site: it cannot be checked here, nor run."
            yield places.problem("task-on-server", "note", message, places.text(str(task.key), "key"))


def _report(problems: list[Problem] | tuple[Problem, ...]) -> LintReport:
    def rank(problem: Problem) -> tuple[bool, bool, str, int, int]:
        is_yaml = (problem.file or "").endswith((".yaml", ".yml")) and problem.line is not None
        return (problem.severity == "note", not is_yaml, problem.file or "", problem.line or 0, problem.column or 0)

    return LintReport(tuple(sorted(dict.fromkeys(problems), key=rank)))
