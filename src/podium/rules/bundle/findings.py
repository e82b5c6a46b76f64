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
    """Collects problems of one YAML file (and of files it names); the same problem counts once."""

    def __init__(self, file: str) -> None:
        self.file = file
        self._problems: dict[Problem, None] = {}
        self._overflow = False
        self.has_errors = False

    def error(self, code: str, message: str, at: Mark | None = None, hint: str = "") -> None:
        """Something that prevents the bundle from being used."""
        self._keep("error", code, message, at, hint)

    def note(self, code: str, message: str, at: Mark | None = None, hint: str = "") -> None:
        """Something worth knowing that prevents nothing."""
        self._keep("note", code, message, at, hint)

    def add(self, problem: Problem) -> None:
        """A problem that already knows its place."""
        self.has_errors = self.has_errors or problem.severity == "error"
        if len(self._problems) >= MAX_PROBLEMS:
            self._overflow = self._overflow or problem not in self._problems
        else:
            self._problems[problem] = None

    def sorted(self) -> tuple[Problem, ...]:
        """All problems in the order of their places: the container first, then the lines of the file."""
        problems = sorted(self._problems, key=lambda problem: (problem.line or 0, problem.column or 0))
        if self._overflow:
            # An error, so that a file whose errors were all cut off by notes is still refused with a reason.
            message = f"There are more problems; the first {MAX_PROBLEMS} are shown."
            problems.append(Problem("too-many-problems", message, "Correct these first.", file=self.file))
        return tuple(problems)

    def _keep(self, severity: Severity, code: str, message: str, at: Mark | None, hint: str) -> None:
        line, column = (at.line, at.column) if at else (None, None)
        self.add(Problem(code, message, hint, file=self.file, line=line, column=column, severity=severity))
