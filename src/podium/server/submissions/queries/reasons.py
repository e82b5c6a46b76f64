"""Why a submission failed, as far as a person may know: an explanation may quote what a hidden program wrote."""

from __future__ import annotations

from dataclasses import dataclass

from podium.rules.runs import OURS, Program
from podium.server.competitions.models import Phase
from podium.server.submissions.models import Submission

_NOT_THE_PARTICIPANTS = {
    Program.SCORING.value: "The scoring program is the organizer's, and so is a mistake in it. Compare your files with "
    "what the competition asks for; if they are right, tell the organizer.",
    Program.INGESTION.value: "The ingestion program is the organizer's, and it runs what you sent. If the log names "
    "one of your files, correct that; if it does not, tell the organizer.",
}
"""What participants are advised where the program that failed is not theirs; organizers get the advice on it."""
_OF_THE_ENVIRONMENT = frozenset({"image-unknown", "runtime-unavailable"})
_WHATEVER_IS_SENT = {
    Program.SCORING.value: frozenset({"no-command", "not-found", "python-2", "module-missing"}),
    # It runs the participant's code, which may be what is old or lacks a package.
    Program.INGESTION.value: frozenset({"no-command", "not-found"}),
}
"""Codes of failures of the organizer's programs in which what was sent plays no part."""
_LIMITS = "To let programs use more, say so under `podium: {limits: ...}` in competition.yaml."
_TO_ORGANIZER_OF_ANOTHERS_PROGRAM = {
    "time-limit": "To give programs more time, give the phase a longer `execution_time_limit` in competition.yaml.",
    "memory-limit": _LIMITS,
    "output-limit": _LIMITS,
    "log-limit": _LIMITS,
    "module-missing": "To let everybody use the package, name a `docker_image` in competition.yaml that has it.",
    "python-2": "To take old programs, name a `docker_image` in competition.yaml that runs them.",
}
"""What whoever runs the competition may do about a participant's program that failed."""
_HIDDEN_BY = {"prediction": "hide_prediction_output", "scoring": "hide_score_output"}


@dataclass(frozen=True)
class Reason:
    """What happened, and what to do about it."""

    message: str
    hint: str


def output_is_hidden(phase: Phase, step: str) -> bool:
    """Whether the organizer keeps the logs and results of a step from participants."""
    return phase.hide_output or bool(getattr(phase, _HIDDEN_BY[step]))


def hidden_reason(step: str) -> Reason:
    """What participants read in place of a reason that quotes a hidden program."""
    return Reason(
        f"The {step} step failed. The organizer keeps its output from participants.",
        "Ask the organizer for the reason.",
    )


def reason_of(row: Submission, *, sees_output: bool, own: bool) -> Reason:
    """The reason that a submission stands where it does, for the person who sent it (`own`) or another; `sees_output`
    is true for who runs the competition."""
    if row.failed_step and not sees_output and output_is_hidden(row.phase, row.failed_step):
        return hidden_reason(row.failed_step)
    if not sees_output:
        return Reason(row.status_details, _advice_to_participant(row))
    if row.failed_program == Program.SUBMISSION and not own:
        return Reason(row.status_details, _advice_on_anothers_program(row))
    return Reason(row.status_details, row.reason_hint)


def _advice_to_participant(row: Submission) -> str:
    if row.reason_code in _OF_THE_ENVIRONMENT | _WHATEVER_IS_SENT.get(row.failed_program, frozenset()):
        return "Nothing that you send can change that: tell the organizer."
    return _NOT_THE_PARTICIPANTS.get(row.failed_program, row.reason_hint)


def _advice_on_anothers_program(row: Submission) -> str:
    told = f"The program is the participant's, who is told: {row.reason_hint}" if row.reason_hint else ""
    more = _TO_ORGANIZER_OF_ANOTHERS_PROGRAM.get(row.reason_code, "")
    return " ".join(part for part in (told, more) if part)


def told_reason(reason: str, outcome: str, step: str, *, sees_output: bool) -> str:
    """The reason of one run or attempt for a person: what happened to a worker hides nothing, a program's end may."""
    if sees_output or not reason or outcome in OURS:
        return reason
    return hidden_reason(step).message
