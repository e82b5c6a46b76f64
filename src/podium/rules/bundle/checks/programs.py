"""Programs: whether their command can be understood, starts a file that is there, and what their text says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from podium.rules.bundle.files import decode_text
from podium.rules.bundle.paths import is_clutter
from podium.rules.bundle.source import BundleSource
from podium.rules.bundle.spelling import closest
from podium.rules.commands import INGESTION_FOLDER, PROGRAM_FOLDER, shell_words, started_file, variables_of, words_of
from podium.rules.errors import Problem, ProgramError, Severity, UserError
from podium.rules.metadata import FILE_NAMES, LARGEST_BYTES, read_metadata

Role = Literal["scoring_program", "ingestion_program", "path"]
"""The key of competition.yaml that names the program; `path` is that of a solution."""

WORDS = {"scoring_program": "scoring program", "ingestion_program": "ingestion program", "path": "solution"}
_COMMAND = re.compile(r"^[ \t]*command[ \t]*:[ \t]*", re.MULTILINE)
_CODING = re.compile(rb"^[ \t\f]*#.*?coding[:=]", re.MULTILINE)
_LARGEST_TEXT_BYTES = 512 * 1024
_MOST_TEXT_BYTES = 1024 * 1024
_MOST_FILES = 500


@dataclass(frozen=True)
class ProgramPart:
    """A program of a bundle: its path there, what it is for, and what is inside."""

    path: str
    role: Role
    during_scoring: bool
    inside: BundleSource


@dataclass
class ProgramReport:
    """What was found in a program. `text` is all its text, None where it is too long or not only text; `scripts` are
    the texts of its Python files, by their names in the bundle.
    """

    problems: list[Problem] = field(default_factory=list)
    text: str | None = None
    scripts: dict[str, str] = field(default_factory=dict)


def check_program(program: ProgramPart) -> ProgramReport:
    """Look at the metadata file, the file that the command starts, and the text of the program.

    A problem without a file is one of the place in competition.yaml that names the program.
    """
    report = ProgramReport(list(_check_command(program)))
    if program.role == "path":
        return report
    texts = _texts(program, report)
    report.text = "\n".join(texts) if texts else None
    return report


def _check_command(program: ProgramPart) -> Iterator[Problem]:
    names = [name for name in FILE_NAMES if program.inside.kind(name) == "file"]
    severity: Severity = "note" if program.role == "path" else "error"
    if not names:
        if program.role != "path":
            message = f'The {WORDS[program.role]} "{program.path}" has no metadata.yaml, so it cannot run.'
            yield Problem("program-no-metadata", message, _where_it_should_be(program))
        return
    file = f"{program.path}/{names[0]}"
    try:
        content = program.inside.read(names[0], limit_bytes=LARGEST_BYTES)
        command = read_metadata(content).command
    except (ProgramError, UserError) as failure:
        yield Problem("program-metadata", failure.message, failure.hint, file=file, severity=severity)
        return
    if command is None:
        if program.role != "path":
            message = f"The {WORDS[program.role]} cannot run: its {names[0]} has no command."
            yield Problem("program-no-command", message, "Add a line like `command: python3 score.py`.", file=file)
        return
    line, column = _place_of_command(content)
    for code, kind, message, hint in _judge(program, command, severity):
        yield Problem(code, message, hint, file=file, line=line, column=column, severity=kind)


def _judge(program: ProgramPart, command: str, severity: Severity) -> Iterator[tuple[str, Severity, str, str]]:
    """Code, severity, message and hint of everything that is wrong with a command."""
    is_ingestion = program.role == "ingestion_program"
    scoring = program.role == "scoring_program" or (is_ingestion and program.during_scoring)
    variables = variables_of(ingestion=is_ingestion, scoring=scoring, during_scoring=program.during_scoring)
    try:
        argv = words_of(command, variables)
    except ProgramError as failure:
        yield "program-command", severity, failure.message, failure.hint
        return
    if strange := shell_words(argv):
        message = f"No shell runs the command: {' '.join(strange)} are plain arguments of the program."
        yield "program-shell", "note", message, "Write what the shell should do into a script and start that."
    homes = [PROGRAM_FOLDER]
    if is_ingestion or program.during_scoring:
        homes.append(INGESTION_FOLDER)
    script = started_file(argv, homes)
    if script is not None and program.inside.kind(script) is None:
        message = f'The command starts "{script}", which is not in "{program.path}".'
        yield "program-no-script", severity, message, _likely(program.inside, script)


def _place_of_command(content: bytes) -> tuple[int | None, int | None]:
    text, _ = decode_text(content)
    found = _COMMAND.search(text)
    if found is None:
        return None, None
    return text.count("\n", 0, found.end()) + 1, found.end() - (text.rfind("\n", 0, found.end()) + 1) + 1


def _where_it_should_be(program: ProgramPart) -> str:
    deeper = next((name for name in sorted(program.inside.names()) if _is_deeper_metadata(name)), None)
    if deeper is not None:
        folder = deeper.partition("/")[0]
        return f'There is one in the folder "{folder}": name the content of that folder, not the folder around it.'
    return "Add a file metadata.yaml with a line like `command: python3 score.py` at its top."


def _is_deeper_metadata(name: str) -> bool:
    return name.count("/") == 1 and name.partition("/")[2] in FILE_NAMES and not is_clutter(name)


def _likely(inside: BundleSource, script: str) -> str:
    names = [name for name in inside.names() if not is_clutter(name)]
    same = [name for name in names if name.rpartition("/")[2] == script.rpartition("/")[2]]
    likely = same[0] if same else closest(script, names[:_MOST_FILES])
    return f'Did you mean "{likely}"?' if likely else "Add it, or correct the command."


def _texts(program: ProgramPart, report: ProgramReport) -> list[str]:
    """The text of every file of the program; nothing where there is too much of it, or something that is no text."""
    names = [name for name in sorted(program.inside.names()) if not is_clutter(name)]
    texts: list[str] = []
    complete = len(names) <= _MOST_FILES
    total = 0
    for name in names[:_MOST_FILES]:
        try:
            content = program.inside.read(name, limit_bytes=_LARGEST_TEXT_BYTES)
        except UserError:
            complete = False
            continue
        total += len(content)
        if total > _MOST_TEXT_BYTES or b"\0" in content[:1024]:
            complete = False
            continue
        text, is_unicode = decode_text(content)
        texts.append(text)
        if not name.endswith(".py"):
            continue
        report.scripts[f"{program.path}/{name}"] = text
        if not is_unicode and not _CODING.search(b"\n".join(content.splitlines()[:2])):
            report.problems.append(_not_utf8(f"{program.path}/{name}", content))
    return texts if complete else []


def _not_utf8(file: str, content: bytes) -> Problem:
    try:
        content.decode("utf-8")
        line = None
    except UnicodeDecodeError as failure:
        line = content.count(b"\n", 0, failure.start) + 1
    message = "The file is not UTF-8, and Python 3 refuses to run such a file."
    return Problem("text-encoding", message, "Save it as UTF-8.", file=file, line=line, severity="note")
