"""The command of a program: what its variables mean, how it is split into words, and which of its files it starts."""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Iterable

from podium.rules.errors import ProgramError

PROGRAM_FOLDER = "/app/program"
INGESTION_FOLDER = "/app/ingestion_program"

_SHELL_WORDS = frozenset({"&&", "||", "|", ";", ">", ">>", "<", "2>&1", "&"})
# Interpreters, and the options after which there is code or the name of a module instead of a file.
_INTERPRETERS = (
    (re.compile(r"(?:python|pypy)[\d.]*"), re.compile(r"-[a-zA-Z]*[cm]")),
    (re.compile(r"(?:ba|da|z)?sh"), re.compile(r"-[a-z]*c")),
    (re.compile(r"Rscript|perl|ruby|node|julia|php|lua"), re.compile(r"-[eErR]|--eval|--print")),
)
_WITH_VALUE = frozenset({"-W", "-X"})


def variables_of(*, ingestion: bool, scoring: bool, during_scoring: bool) -> tuple[tuple[str, str], ...]:
    """The variables of older bundles in the order in which they are replaced, as plain pieces of text.

    `ingestion`: the command is that of the ingestion program; `scoring`: it runs in the scoring step;
    `during_scoring`: the task has `ingestion_only_during_scoring`.
    """
    return (
        ("$input", "/app/input_data" if ingestion else "/app/input"),
        ("$output", "/app/output"),
        ("$program", INGESTION_FOLDER if during_scoring and scoring else PROGRAM_FOLDER),
        ("$ingestion_program", PROGRAM_FOLDER),
        ("$hidden", "/app/input/ref"),
        ("$shared", "/app/shared"),
        ("$submission_program", "/app/ingested_program"),
        ("$tmp", "/app/output"),
        ("$predictions", "/app/input/res" if scoring else "/app/output"),
    )


def words_of(command: str, variables: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """The words of a command after its variables were replaced. No shell ever sees them.

    Raises:
        ProgramError: the command has an open quotation mark or no words (`no-command`).
    """
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


def started_file(argv: tuple[str, ...], homes: Iterable[str] = (PROGRAM_FOLDER,)) -> str | None:
    """The file of the program's own folder that the command starts, relative to it; None where it cannot be told.

    `homes` are the places where the folder is mounted; relative names start from it as well.
    """
    first = argv[0]
    name = posixpath.basename(first)
    code = next((option for interpreter, option in _INTERPRETERS if interpreter.fullmatch(name)), None)
    if code is None:
        return _inside(first, homes) if "/" in first else None
    rest = iter(argv[1:])
    for word in rest:
        if code.fullmatch(word):
            return None
        if word in _WITH_VALUE:
            next(rest, None)
        elif not word.startswith("-"):
            return _inside(word, homes)
    return None


def _inside(path: str, homes: Iterable[str]) -> str | None:
    normal = posixpath.normpath(path)
    for home in homes:
        if normal.startswith(f"{home}/"):
            return normal.removeprefix(f"{home}/")
    return None if normal.startswith(("/", "..")) or normal == "." else normal
