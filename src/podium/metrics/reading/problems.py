"""What is wrong with a file: the first hundred problems in full, the rest as a number."""

from __future__ import annotations

from podium.rules.errors import Problem

MOST_LISTED = 100


class Problems:
    """Problems of one file, as they are found."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.total = 0
        self._listed: list[Problem] = []

    def add(self, code: str, message: str, line: int | None = None, hint: str = "") -> None:
        """One more; `line` counts from 1."""
        self.total += 1
        if len(self._listed) < MOST_LISTED:
            self._listed.append(Problem(code, message, hint, self.file, line))

    def listed(self) -> tuple[Problem, ...]:
        """Those that are listed, by line."""
        return tuple(sorted(self._listed, key=lambda problem: problem.line or 0))


def shown(value: object) -> str:
    """A value from a file within a message: short, and in quotation marks."""
    text = value if isinstance(value, str) else repr(value)
    return repr(text if len(text) <= 60 else f"{text[:57]}...")
