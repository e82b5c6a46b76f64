"""Which command runs a program: where it is written, what its variables mean, how it is split into words."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path

from podium.rules.errors import ProgramError
from podium.rules.metadata import FILE_NAMES, LARGEST_BYTES, read_metadata
from podium.rules.runs import Step
from podium.worker.execute.order import Role

_SHELL_WORDS = frozenset({"&&", "||", "|", ";", ">", ">>", "<", "2>&1", "&"})


@dataclass(frozen=True)
class FoundCommand:
    """What a program's folder says about running it: `file` is None without a metadata file, `command` without one."""

    file: str | None
    command: str | None


def find_command(folder: Path) -> FoundCommand:
    """The command in `metadata.yaml`, else `metadata`, at the top of `folder`.

    Raises:
        ProgramError: the file cannot be understood (`no-command`).
    """
    for name in FILE_NAMES:
        path = folder / name
        if path.is_file():
            with path.open("rb") as file:
                return FoundCommand(name, read_metadata(file.read(LARGEST_BYTES + 1)).command)
    return FoundCommand(None, None)


def require_command(folder: Path, who: str) -> str:
    """The command of a program that cannot do without one; `who` is its name for people ("The scoring program").

    Raises:
        ProgramError: there is none (`no-command`); the message says what is there instead.
    """
    found = find_command(folder)
    if found.command is not None:
        return found.command
    if found.file is not None:
        raise ProgramError(
            "no-command",
            f"{who} cannot run: its {found.file} has no command.",
            "Add a line like `command: python3 program.py`.",
        )
    raise ProgramError("no-command", f"{who} cannot run: it has no metadata.yaml.", _where_it_should_be(folder))


def _where_it_should_be(folder: Path) -> str:
    for name in FILE_NAMES:
        deeper = next(iter(sorted(folder.glob(f"*/{name}"))), None)
        if deeper is not None:
            return (
                f"There is one in the folder {deeper.parent.name!r}: pack the content of that folder, not the folder."
            )
    return "Add a file metadata.yaml with a line like `command: python3 program.py` at its top."


def argv_of(command: str, *, role: Role, step: Step, ingestion_only_during_scoring: bool = False) -> tuple[str, ...]:
    """The words of a command after its variables were replaced. No shell ever sees them.

    Raises:
        ProgramError: the command has an open quotation mark or no words (`no-command`).
    """
    variables = _variables(role, step, ingestion_only_during_scoring)
    for variable, value in variables:
        command = command.replace(variable, value)
    try:
        words = tuple(shlex.split(command))
    except ValueError as error:
        raise ProgramError(
            "no-command",
            f"The command cannot be split into words: {str(error).lower()}. It is: {command}",
            "Close the quotation marks in the metadata file.",
        ) from error
    if not words:
        raise ProgramError("no-command", "The command in the metadata file has no words.", "Write a command there.")
    return words


def shell_words(argv: tuple[str, ...]) -> tuple[str, ...]:
    """The words that only a shell would understand; the program gets them as plain arguments."""
    return tuple(word for word in argv[1:] if word in _SHELL_WORDS)


def _variables(role: Role, step: Step, during_scoring: bool) -> tuple[tuple[str, str], ...]:
    """The variables of older bundles in the order in which they are replaced, as plain pieces of text."""
    scoring = step is Step.SCORING
    return (
        ("$input", "/app/input_data" if role is Role.INGESTION else "/app/input"),
        ("$output", "/app/output"),
        ("$program", "/app/ingestion_program" if during_scoring and scoring else "/app/program"),
        ("$ingestion_program", "/app/program"),
        ("$hidden", "/app/input/ref"),
        ("$shared", "/app/shared"),
        ("$submission_program", "/app/ingested_program"),
        ("$tmp", "/app/output"),
        ("$predictions", "/app/input/res" if scoring else "/app/output"),
    )
