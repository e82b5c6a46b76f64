"""What workers of Codabench say of a failure, for the people who have to do with it.

They tell it in a few words of their own; a kind of trouble may come in a message before. Our own workers explain what
they found, and nothing here is asked about them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from podium.rules.runs import Outcome, Step

IMAGE_TROUBLE = "Docker_Image_Pull_Fail"
TIME_TROUBLE = "Execution_Time_Limit_Exceeded"
_LONGEST_QUOTATION = 300
_SEE_LOG = "Its log shows more."


@dataclass(frozen=True)
class Explained:
    """A failure in the terms of our own workers."""

    outcome: Outcome
    code: str
    message: str
    hint: str = ""
    exit_code: int | None = None


def explain(step: Step, said: str, trouble: str = "", noted: str = "") -> Explained | None:
    """The failure of a step. `said` came with it; `noted` and `trouble`, a kind of the contract's, came before.

    None where the words are nobody's that we know: they are then shown as they are.
    """
    if trouble == IMAGE_TROUBLE:
        return _image(noted or said)
    everything = f"{said}\n{noted}"
    if trouble == TIME_TROUBLE or "Execution Time Limit exceeded" in everything:
        return _time_limit(step, everything)
    if found := _EXIT_CODE.search(said):
        return _exit_code(step, found[1])
    if found := _FETCHING.search(said):
        return _fetching(found[1] or "")
    return next((meaning for words, meaning in _MEANINGS if words in said), None)


def _image(noted: str) -> Explained:
    why = f": {noted[:_LONGEST_QUOTATION]}" if noted else "."
    return Explained(
        Outcome.FAILED,
        "runtime-unavailable",
        f"The worker could not fetch the container image of the competition{why}",
        "Ask the organizer to check `docker_image`, and whether the worker reaches the registry.",
    )


def _time_limit(step: Step, text: str) -> Explained:
    named = re.search(r"Limit was (\d+(?:\.\d+)?) seconds", text)
    limit = f" of {named[1]} seconds" if named else ""
    return Explained(
        Outcome.TIME_LIMIT,
        "time-limit",
        f"The {step} step was stopped: it did not end within the time limit{limit}.",
        "Make it faster, or ask the organizer for a longer time limit.",
    )


def _exit_code(step: Step, text: str) -> Explained:
    who = "The scoring program" if step is Step.SCORING else "The submission"
    if not text.lstrip("-").isdecimal():
        return Explained(Outcome.FAILED, "exit-code", f"{who} did not run to its end.", _SEE_LOG)
    return Explained(Outcome.FAILED, "exit-code", f"{who} ended with exit code {text}.", _SEE_LOG, int(text))


def _fetching(folder: str) -> Explained:
    # The address in a worker's words would let its readers fetch the file.
    place = f" for the folder {folder}" if folder else ""
    return Explained(Outcome.INFRASTRUCTURE, "internal", f"The worker could not fetch what it needs{place}.")


_EXIT_CODE = re.compile(r"program_rc=(-?\d{1,9}|None)")
_FETCHING = re.compile(r"Problem fetching \S*(?: to put in ([\w/.-]{1,60}))?")
_MEANINGS: Sequence[tuple[str, Explained]] = (
    (
        "Could not find scores file",
        Explained(
            Outcome.FAILED,
            "scores-missing",
            "The scoring program ended well but wrote neither scores.json nor scores.txt.",
            "It must write one of them to /app/output.",
        ),
    ),
    (
        "Could not decode scores json",
        Explained(
            Outcome.FAILED,
            "scores-invalid",
            "The scoring program wrote a file scores.json that is no JSON.",
            'It must be one object, such as {"accuracy": 0.93}.',
        ),
    ),
    (
        "already contains a metadata file",
        Explained(
            Outcome.FAILED,
            "metadata-taken",
            "The program wrote a file called metadata into its output, which the worker needs for itself.",
            "Give the file another name.",
        ),
    ),
    (
        "Program directory missing",
        Explained(
            Outcome.FAILED,
            "no-command",
            "The metadata file of a program of the competition is missing or names no command.",
            "Ask the organizer to add it.",
        ),
    ),
    (
        "non-zero return code",
        Explained(Outcome.FAILED, "exit-code", "A program of the step failed.", _SEE_LOG),
    ),
    (
        "Bad or empty zip file",
        Explained(Outcome.INFRASTRUCTURE, "internal", "The worker was given an archive that it could not read."),
    ),
    (
        "Soft time limit exceeded",
        Explained(
            Outcome.INFRASTRUCTURE, "internal", "The worker had this for much longer than the time limit allows."
        ),
    ),
    (
        "Failure updating submission data",
        Explained(Outcome.INFRASTRUCTURE, "internal", "The worker could not reach this site."),
    ),
)
