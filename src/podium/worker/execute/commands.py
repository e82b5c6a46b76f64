"""Which command runs a program: where it is written, and its words in a step."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from podium.rules.commands import shell_words, variables_of, words_of
from podium.rules.errors import ProgramError
from podium.rules.metadata import FILE_NAMES, LARGEST_BYTES, read_metadata
from podium.rules.runs import Program, Step
from podium.worker.execute.order import Role

__all__ = ["FoundCommand", "argv_of", "find_command", "require_command", "shell_words"]


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


def require_command(folder: Path, program: Program) -> str:
    """The command of a program that cannot do without one.

    Raises:
        ProgramError: there is none (`no-command`); the message says what is there instead.
    """
    found = find_command(folder)
    if found.command is not None:
        return found.command
    if found.file is not None:
        raise ProgramError(
            "no-command",
            f"{program.named} cannot run: its {found.file} has no command.",
            "Add a line like `command: python3 program.py`.",
            program=program,
        )
    message = f"{program.named} cannot run: it has no metadata.yaml."
    raise ProgramError("no-command", message, _where_it_should_be(folder), program=program)


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
    variables = variables_of(
        ingestion=role is Role.INGESTION,
        scoring=step is Step.SCORING,
        during_scoring=ingestion_only_during_scoring,
    )
    return words_of(command, variables)
