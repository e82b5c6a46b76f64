"""What a submission was made from: every file that its runs read, by hash, and the environment they ran in."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.html import format_html
from django.utils.safestring import SafeString

from podium.rules.limits import TIME, in_words
from podium.rules.runs import Step
from podium.server.pages.parts import Fact
from podium.server.submissions.queries.detail import SubmissionDetail
from podium.server.submissions.queries.parts import PartDetail

_NAMES = {
    (Step.PREDICTION, "program_data"): "Submission",
    (Step.SCORING, "program_data"): "Scoring program",
    (Step.SCORING, "prediction_result"): "Predictions",
}


def made_from(found: SubmissionDetail) -> list[Fact]:
    """From what the participant said to what the programs read; with several tasks, only what they have in common."""
    facts = [Fact("Phase", found.phase_name)]
    if found.description:
        facts.append(Fact("Note", found.description))
    facts += [Fact(each.title, _answer(each.answer)) for each in found.fact_sheet]
    if len(found.parts) == 1:
        facts += inputs_of(found.parts, found)
    elif found.data is not None:
        facts.append(Fact("Submission", _hash(found.data.sha256)))
    facts += [
        Fact("Runtime", format_html("{} in place of <code>{}</code>", name, found.docker_image))
        for name in _runtimes(found)
    ]
    return facts + [Fact("A run might use", allowed) for allowed in _allowed(found)]


def inputs_of(parts: Sequence[PartDetail], found: SubmissionDetail) -> list[Fact]:
    """What the programs of these parts read, by hash."""
    inputs: dict[str, str] = {}
    for run in (run for part in parts for run in part.runs):
        for name, sha256 in (pair for attempt in run.attempts for pair in attempt.made_from.items()):
            sent = found.data is not None and sha256 == found.data.sha256
            known = "Submission" if sent else _NAMES.get((Step(run.step), name))
            inputs[known or name.replace("_", " ").capitalize()] = sha256
    return [Fact(name, _hash(sha256)) for name, sha256 in inputs.items()]


def _runtimes(found: SubmissionDetail) -> list[str]:
    attempts = [attempt for part in found.parts for run in part.runs for attempt in run.attempts]
    return list(dict.fromkeys(attempt.runtime for attempt in attempts if attempt.runtime))


def _allowed(found: SubmissionDetail) -> list[str]:
    """What the programs might use, each time otherwise than before."""
    attempts = [attempt for part in found.parts for run in part.runs for attempt in run.attempts]
    said = (
        f"{int(attempt.limits[TIME.name])} s, {in_words(attempt.limits, ('memory', 'cpus'))}, "
        f"{'the network' if attempt.network else 'no network'}"
        for attempt in attempts
        if attempt.limits
    )
    return list(dict.fromkeys(said))


def _hash(sha256: str) -> SafeString:
    return format_html('<code title="{}">{}…</code>', sha256, sha256[:12])


def _answer(answer: object) -> str:
    if answer is None or answer == "":
        return "not answered"
    if isinstance(answer, bool):
        return "yes" if answer else "no"
    return str(answer)
