"""Say in one sentence why a program failed, and what to do about it."""

from __future__ import annotations

import re
import signal
from collections.abc import Mapping

from podium.rules.errors import ProgramError
from podium.rules.limits import size
from podium.rules.runs import Program
from podium.sandbox.interface import Ending, Limits
from podium.worker.execute.order import ProgramRun

_TAIL_CHARACTERS = 4000
_LONGEST_QUOTE = 100
_MISSING_MODULE = re.compile(r"No module named '?([\w.]+)'?")
_PYTHON_2 = re.compile(
    r"SyntaxError: (Missing parentheses in call to '(print|exec)'|multiple exception types must be parenthesized"
    r"|leading zeros in decimal integer literals|invalid decimal literal)"
)
_REMOVED_FROM_NUMPY = re.compile(r"module 'numpy' has no attribute '(\w+)'")


def failure_of(run: ProgramRun, *, program: Program, limits: Limits, runtime: str) -> ProgramError | None:
    """Why the program failed, None where it did not. The advice is for whoever wrote it."""
    outcome = run.outcome
    if outcome.ending is Ending.EXITED:
        return None if outcome.exit_code == 0 else _exited(run, program, runtime)
    template, hint, hint_to_organizer = _STOPPED[outcome.ending]
    if program is not Program.SUBMISSION:
        hint = hint_to_organizer or hint
    message = template.format(
        who=program.named,
        seconds=limits.wall_s,
        memory=size(limits.memory_bytes),
        output=size(limits.output_bytes),
        entries=limits.output_entries,
        log=size(limits.log_bytes),
        program=repr(shortened(run.argv[0])),
        runtime=repr(runtime),
    )
    return ProgramError(
        str(outcome.ending), message, hint, exit_code=outcome.exit_code, log_tail=_log_tail(run), program=program
    )


_STOPPED: Mapping[Ending, tuple[str, str, str]] = {
    Ending.TIME_LIMIT: (
        "{who} was stopped: it did not end within the time limit of {seconds:g} seconds.",
        "Make it faster, or ask the organizer for a longer time limit.",
        "Make it faster, or give the phase a longer `execution_time_limit` in competition.yaml.",
    ),
    Ending.MEMORY_LIMIT: (
        "{who} was stopped: it needed more than the {memory} of memory it may use.",
        "Load less at once, or ask the organizer for more memory.",
        "Load less at once, or ask for more under `podium: {limits: ...}` in competition.yaml.",
    ),
    Ending.OUTPUT_LIMIT: (
        "{who} was stopped: it wrote more than {output} or more than {entries} files.",
        "Write only what is needed to /app/output.",
        "Write only what is needed to /app/output, or ask for more under `podium: {limits: ...}` in competition.yaml.",
    ),
    Ending.LOG_LIMIT: ("{who} was stopped: it printed far more than the {log} that are kept.", "Print less.", ""),
    Ending.CANCELLED: ("{who} was stopped: the run was cancelled.", "", ""),
    Ending.NOT_FOUND: (
        "{who} cannot run: there is no program {program} in the runtime {runtime}.",
        "Correct the command in its metadata file; a script of its own is called as `python3 script.py`.",
        "",
    ),
}


def _exited(run: ProgramRun, program: Program, runtime: str) -> ProgramError:
    code, message, hint = _recognised(run, program.named, runtime)
    exit_code = run.outcome.exit_code
    return ProgramError(code, message, hint, exit_code=exit_code, log_tail=_log_tail(run), program=program)


def _recognised(run: ProgramRun, who: str, runtime: str) -> tuple[str, str, str]:
    exit_code = run.outcome.exit_code or 0
    last = _last_line(run.stderr)
    if found := _MISSING_MODULE.search(last):
        return (
            "module-missing",
            f"{who} could not import {found[1]!r}: it is neither in the runtime {runtime!r} nor among its own files.",
            "Put the file beside the program, do without the package, or ask the administrator for a runtime with it.",
        )
    if _PYTHON_2.search(last):
        return (
            "python-2",
            f"{who} is written for Python 2; the runtime {runtime!r} has Python 3.",
            "Convert it, for example print x to print(x).",
        )
    if found := _REMOVED_FROM_NUMPY.search(last):
        return (
            "exit-code",
            f"{who} uses numpy.{found[1]}, which the numpy of the runtime {runtime!r} does not have.",
            "Programs for older numpy run with `docker_image: codalab/codalab-legacy:py3` in competition.yaml.",
        )
    if last.startswith("MemoryError"):
        return ("memory-limit", f"{who} ran out of memory.", "Load less at once.")
    cause = f": {last}{'' if last.endswith(('.', '!', '?')) else '.'}" if last else "."
    if exit_code > 128:
        return ("exit-code", f"{who} was ended by {_signal_name(exit_code - 128)}{cause}", _SEE_LOG)
    return ("exit-code", f"{who} ended with exit code {exit_code}{cause}", _SEE_LOG)


_SEE_LOG = "Its log shows more."


def _signal_name(number: int) -> str:
    try:
        return f"the signal {signal.Signals(number).name}"
    except ValueError:
        return f"signal {number}"


def _last_line(text: str) -> str:
    """The last line that says something, at most 300 characters of it: where Python names the exception."""
    line = next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "")
    return "".join(character for character in line[:300] if character.isprintable())


def shortened(text: str) -> str:
    """At most 100 characters of a text that somebody else wrote, for a sentence."""
    return text if len(text) <= _LONGEST_QUOTE else f"{text[: _LONGEST_QUOTE - 3]}..."


def _log_tail(run: ProgramRun) -> str:
    return (run.stderr if run.stderr.strip() else run.stdout)[-_TAIL_CHARACTERS:]
