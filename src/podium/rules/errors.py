"""Every exception Podium raises on purpose.

    PodiumError
    ├── UserError            somebody can act: carries a stable code, a message and a hint
    │   ├── BundleError      a bundle cannot be used; carries every problem found, with file:line:column
    │   │   ├── ArchiveError     a zip or folder cannot be used: damaged, too large, or unsafe; names the member
    │   │   └── BoardError       a leaderboard cannot be made what an editor wants; carries every problem found
    │   ├── NotAllowed       the person may not do this (403), or must sign in first (401)
    │   ├── NotFound         there is no such thing, or not for this person (404)
    │   ├── Conflict         true a moment ago, no longer (409): a lost lease, a state that does not allow the change
    │   ├── TooLarge         more bytes than the limit (413)
    │   └── OutOfSpace       the disk or the person's quota is full (507)
    ├── ProgramError         the organizer's or the participant's program failed
    └── InternalError        our fault: logged under an id that the person sees
        └── SandboxUnavailable   programs cannot be isolated on this machine; nothing was run

Libraries' errors are translated into one of these where they leave the library.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import uuid4

Severity = Literal["error", "note"]


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong (or worth knowing) in a bundle, and where.

    `line` and `column` count from 1; both are None where the problem is not in a text file.
    A problem of severity "note" never prevents anything.
    """

    code: str
    message: str
    hint: str = ""
    file: str | None = None
    line: int | None = None
    column: int | None = None
    severity: Severity = "error"

    @property
    def place(self) -> str:
        """`file:line:column`, as far as known; empty where nothing is."""
        if self.file is None:
            return ""
        return ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)

    def __str__(self) -> str:
        text = f"{self.place}: {self.message}" if self.place else self.message
        return f"{text} {self.hint}" if self.hint else text


class PodiumError(Exception):
    """The root of every exception Podium raises on purpose."""


class UserError(PodiumError):
    """Shown to the person who can act on it.

    `code` is stable and meant for programs; `message` says what happened; `hint` says what to do.
    """

    status = 400

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(f"{message} {hint}".strip())
        self.code = code
        self.message = message
        self.hint = hint


class BundleError(UserError):
    """A bundle or archive cannot be used; `problems` holds everything that was found, errors first."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        errors = [problem for problem in problems if problem.severity == "error"]
        count = f"{len(errors)} problems" if len(errors) != 1 else "1 problem"
        super().__init__("bundle-invalid", f"The bundle has {count}.", "Correct what is named below and try again.")
        self.problems = tuple(errors) + tuple(problem for problem in problems if problem.severity == "note")


class ArchiveError(BundleError):
    """A zip or folder cannot be used, whatever it was sent for; speaks with the words of its first problem."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(problems)
        first = self.problems[0]
        more = len([problem for problem in self.problems if problem.severity == "error"]) - 1
        self.code = first.code
        self.message = f"{first.message} (And {more} more.)" if more else first.message
        self.hint = first.hint
        self.args = (f"{self.message} {self.hint}".strip(),)


class BoardError(BundleError):
    """A leaderboard cannot be made what its editor wants; `problems` holds everything that was found."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(problems)
        errors = [problem for problem in self.problems if problem.severity == "error"]
        self.code = errors[0].code if len(errors) == 1 else "board-invalid"
        self.message = errors[0].message if len(errors) == 1 else f"The leaderboard has {len(errors)} problems."
        self.hint = errors[0].hint if len(errors) == 1 else "Correct what is named below and try again."
        self.args = (f"{self.message} {self.hint}".strip(),)


class NotAllowed(UserError):
    """The person may not do this; `sign_in` is true where signing in would change that."""

    status = 403

    def __init__(self, code: str, message: str, hint: str = "", *, sign_in: bool = False) -> None:
        super().__init__(code, message, hint)
        self.sign_in = sign_in


class NotFound(UserError):
    """There is no such thing, or not for this person: the two are not told apart."""

    status = 404


class Conflict(UserError):
    """What was asked no longer fits the state it was asked about."""

    status = 409


class TooLarge(UserError):
    """More bytes than the limit that the message names."""

    status = 413


class OutOfSpace(UserError):
    """The disk or the person's quota is full."""

    status = 507


class ProgramError(PodiumError):
    """The organizer's or the participant's program failed.

    `code` names the way it failed (`exit-code`, `time-limit`, `memory-limit`, `output-limit`, `log-limit`,
    `no-command`, `scores-missing`, `scores-invalid`, `runtime-unavailable`, ...); `message` is one sentence with
    the cause, `hint` says what to do; `log_tail` holds the last lines the program wrote; `program` is whose it was, a
    word of podium.rules.runs.Program.
    """

    def __init__(
        self,
        code: str,
        message: str,
        hint: str = "",
        *,
        exit_code: int | None = None,
        log_tail: str = "",
        program: str = "",
    ) -> None:
        super().__init__(f"{message} {hint}".strip())
        self.code = code
        self.message = message
        self.hint = hint
        self.exit_code = exit_code
        self.log_tail = log_tail
        self.program = program


class InternalError(PodiumError):
    """Our own failure. `reference` is what the person sees and what stands in the log."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.reference = uuid4().hex[:12]


class SandboxUnavailable(InternalError):
    """Programs cannot be isolated on this machine. Nothing was run; `hint` tells the administrator what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(f"{message} {hint}".strip())
        self.hint = hint
