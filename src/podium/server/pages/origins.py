"""What a submission was made from: every file that its runs read, by hash, and the environment they ran in."""

from __future__ import annotations

from django.utils.html import format_html
from django.utils.safestring import SafeString

from podium.rules.runs import Step
from podium.server.pages.parts import Fact
from podium.server.submissions.queries.detail import SubmissionDetail

_NAMES = {
    (Step.PREDICTION, "program_data"): "Submission",
    (Step.SCORING, "program_data"): "Scoring program",
    (Step.SCORING, "prediction_result"): "Predictions",
}


def made_from(found: SubmissionDetail) -> list[Fact]:
    """The facts, from what the participant said to what the programs read."""
    facts = [Fact("Phase", found.phase_name)]
    if found.description:
        facts.append(Fact("Note", found.description))
    facts += [Fact(name, _answer(answer)) for name, answer in (found.fact_sheet_answers or {}).items() if answer != ""]
    facts += [Fact(name, _hash(sha256)) for name, sha256 in _inputs(found).items()]
    return facts + [
        Fact("Runtime", format_html("{} in place of <code>{}</code>", name, found.docker_image))
        for name in _runtimes(found)
    ]


def _inputs(found: SubmissionDetail) -> dict[str, str]:
    inputs: dict[str, str] = {}
    for part in found.parts:
        of_task = f", {part.task_name}" if len(found.parts) > 1 else ""
        for run in part.runs:
            for attempt in run.attempts:
                for name, sha256 in attempt.made_from.items():
                    sent = found.data is not None and sha256 == found.data.sha256
                    known = "Submission" if sent else _NAMES.get((Step(run.step), name))
                    inputs[(known or name.replace("_", " ").capitalize()) + ("" if sent else of_task)] = sha256
    return inputs


def _runtimes(found: SubmissionDetail) -> list[str]:
    attempts = [attempt for part in found.parts for run in part.runs for attempt in run.attempts]
    return list(dict.fromkeys(attempt.runtime for attempt in attempts if attempt.runtime))


def _hash(sha256: str) -> SafeString:
    return format_html('<code title="{}">{}…</code>', sha256, sha256[:12])


def _answer(answer: object) -> str:
    if isinstance(answer, bool):
        return "yes" if answer else "no"
    return str(answer)
