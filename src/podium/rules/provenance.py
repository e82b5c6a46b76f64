"""What made a score, and in what two makings of the same score differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from podium.rules.runs import Step

PREDICTIONS = "prediction_result"
PROGRAM = "program_data"
_PROGRAM_OF = {Step.PREDICTION: "submission", Step.SCORING: "scoring_program"}


@dataclass(frozen=True)
class StepRecord:
    """How one step was done: written down when a worker took it and when it told the end, and never changed.

    `read` and `wrote` are sha256 in hex by what they are of. `runtime_digest` names what the programs ran in: what it
    was built of, or the id of the container image. `limits` are amounts by the names of podium.rules.limits.
    """

    step: Step
    attempt: int
    read: Mapping[str, str]
    wrote: Mapping[str, str] = field(default_factory=dict)
    runtime: str = ""
    runtime_digest: str = ""
    sandbox: str = ""
    worker: str = ""
    worker_version: str = ""
    host: str = ""
    limits: Mapping[str, float] = field(default_factory=dict)
    network: bool = False
    started_at: datetime | None = None
    ended_at: datetime | None = None
    exit_code: int | None = None


@dataclass(frozen=True)
class Making:
    """How the scores of a submission on one task were made: its steps in order, and what came of them."""

    steps: Sequence[StepRecord]
    scores: Mapping[str, float]


@dataclass(frozen=True)
class ScoreDifference:
    """A score that came out otherwise; None where there was none. `by` is how far the two are apart."""

    key: str
    before: float | None
    now: float | None

    @property
    def by(self) -> float | None:
        """The absolute difference; None where one of them is missing."""
        return None if self.before is None or self.now is None else abs(self.now - self.before)


@dataclass(frozen=True)
class Difference:
    """Something else than a score that differs: `what` of which step, as text; empty where there was none."""

    step: Step
    what: str
    before: str
    now: str


@dataclass(frozen=True)
class Comparison:
    """Two makings beside each other. Who did it, where and when is told, but makes no difference by itself: `where`
    says what differs there, `inputs` what differs in anything that was read or that limits a program."""

    scores: tuple[ScoreDifference, ...]
    inputs: tuple[Difference, ...]
    where: tuple[Difference, ...]

    @property
    def agrees(self) -> bool:
        """Whether the same was made of the same."""
        return not self.scores and not self.inputs


def named_inputs(step: Step, made_from: Mapping[str, str], *, predicted: bool) -> dict[str, str]:
    """What a step read, by what it is instead of by the names of the contract. What was sent is scored as it is where
    no prediction step was done before: it was not `predicted`."""
    named = {}
    for name, sha256 in made_from.items():
        if name == PROGRAM:
            named[_PROGRAM_OF[step]] = sha256
        elif name == PREDICTIONS:
            named["predictions" if predicted else "submission"] = sha256
        else:
            named[name] = sha256
    return named


def compare(before: Making, now: Making) -> Comparison:
    """In what a making differs from an earlier one."""
    keys = dict.fromkeys((*before.scores, *now.scores))
    scores = [ScoreDifference(key, before.scores.get(key), now.scores.get(key)) for key in keys]
    inputs: list[Difference] = []
    where: list[Difference] = []
    old, new = ({each.step: each for each in making.steps} for making in (before, now))
    for step in (Step.PREDICTION, Step.SCORING):
        if step in old or step in new:
            was, is_now = old.get(step, _NOTHING), new.get(step, _NOTHING)
            inputs += _differences(step, _of_content(was), _of_content(is_now))
            where += _differences(step, _of_place(was), _of_place(is_now))
    return Comparison(tuple(each for each in scores if each.before != each.now), tuple(inputs), tuple(where))


_NOTHING = StepRecord(Step.SCORING, 0, {})


def _of_content(record: StepRecord) -> dict[str, str]:
    return {
        **record.read,
        "runtime": record.runtime_digest or record.runtime,
        **{f"limit of {name}": f"{amount:g}" for name, amount in record.limits.items()},
        "network": "yes" if record.network else "",
    }


def _of_place(record: StepRecord) -> dict[str, str]:
    return {
        "sandbox": record.sandbox,
        "worker": record.worker,
        "worker version": record.worker_version,
        "machine": record.host,
        "exit code": "" if record.exit_code is None else str(record.exit_code),
    }


def _differences(step: Step, before: Mapping[str, str], now: Mapping[str, str]) -> list[Difference]:
    names = dict.fromkeys((*before, *now))
    pairs = ((name, before.get(name, ""), now.get(name, "")) for name in names)
    return [Difference(step, name.replace("_", " "), was, is_now) for name, was, is_now in pairs if was != is_now]
