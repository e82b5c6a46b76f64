"""The problems collected while a bundle is read."""

from __future__ import annotations

from dataclasses import dataclass

from podium.rules.errors import Problem, Severity

MAX_PROBLEMS = 200


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in the text of a file; both numbers count from 1."""

    line: int
    column: int


class Findings:
    """Collects problems of one YAML file (and of files it names); the same problem counts once.

    At most MAX_PROBLEMS errors and as many notes are kept, so that no note pushes an error out.
    """

    def __init__(self, file: str) -> None:
        self.file = file
        self._kept: dict[Severity, dict[Problem, None]] = {"error": {}, "note": {}}
        self._overflowing: set[Severity] = set()

    @property
    def has_errors(self) -> bool:
        """Whether anything found prevents the bundle from being used."""
        return bool(self._kept["error"])

    def is_full(self, severity: Severity) -> bool:
        """Whether more problems of this severity will not be shown: work for their hints is lost then."""
        return len(self._kept[severity]) >= MAX_PROBLEMS

    def error(self, code: str, message: str, at: Mark | None = None, hint: str = "") -> None:
        """Something that prevents the bundle from being used."""
        self._keep("error", code, message, at, hint)

    def note(self, code: str, message: str, at: Mark | None = None, hint: str = "") -> None:
        """Something worth knowing that prevents nothing."""
        self._keep("note", code, message, at, hint)

    def add(self, problem: Problem) -> None:
        """A problem that already knows its place."""
        kept = self._kept[problem.severity]
        if not self.is_full(problem.severity):
            kept[problem] = None
        elif problem not in kept:
            self._overflowing.add(problem.severity)

    def sorted(self) -> tuple[Problem, ...]:
        """All problems in the order of their places: the container first, then the lines of the file."""
        problems = [*self._kept["error"], *self._kept["note"]]
        problems.sort(key=lambda problem: (problem.line or 0, problem.column or 0))
        for severity in sorted(self._overflowing):
            message = f"There are more {severity}s; the first {MAX_PROBLEMS} are shown."
            problems.append(Problem("too-many-problems", message, file=self.file, severity=severity))
        return tuple(problems)

    def _keep(self, severity: Severity, code: str, message: str, at: Mark | None, hint: str) -> None:
        line, column = (at.line, at.column) if at else (None, None)
        self.add(Problem(code, message, hint, file=self.file, line=line, column=column, severity=severity))
