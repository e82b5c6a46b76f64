"""The run arguments of the contract, as a worker reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from podium.rules.errors import InternalError
from podium.rules.limits import LIMITS
from podium.rules.looking_back import PastScores
from podium.rules.runs import Step

INPUTS = ("program_data", "ingestion_program", "input_data", "reference_data")


@dataclass(frozen=True)
class RunOrder:
    """One run to do. `inputs` are links to read, `uploads` links to write, both by the contract's names. `facts` and
    `past` are what a scoring program is told of this submission and of earlier ones; `past_of` names whose they are."""

    submission_id: int
    owner_id: int
    secret: str
    step: Step
    docker_image: str
    time_limit_s: float
    ingestion_only_during_scoring: bool
    score_failed_predictions: bool
    ingestion_sees_reference_data: bool
    inputs: Mapping[str, str]
    uploads: Mapping[str, str]
    attempt: int
    lease: str
    heartbeat_s: float
    scores_with_status: bool
    predictions_ran: bool
    limits: Mapping[str, float]
    network: bool
    facts: Mapping[str, str]
    past: Sequence[PastScores]
    past_of: str


def read_order(content: Mapping[str, Any]) -> RunOrder:
    """A run order out of the server's answer.

    Raises:
        InternalError: something that must be there is not, or of another kind.
    """
    try:
        step = Step.SCORING if content["is_scoring"] else Step.PREDICTION
        inputs = {name: _link(content[name]) for name in INPUTS if content.get(name)}
        if step is Step.SCORING:
            inputs["prediction_result"] = _link(content["prediction_result"])
        uploads = {
            name: _link(link)
            for name, link in content.items()
            if name.startswith(f"{step}_") or (name == "prediction_result" and step is Step.PREDICTION)
        }
        if content.get("detailed_results_url"):
            uploads["detailed_results_url"] = _link(content["detailed_results_url"])
        return RunOrder(
            submission_id=int(content["id"]),
            owner_id=int(content["user_pk"]),
            secret=str(content["secret"]),
            step=step,
            docker_image=str(content["docker_image"]),
            time_limit_s=float(content["execution_time_limit"]),
            ingestion_only_during_scoring=bool(content["ingestion_only_during_scoring"]),
            score_failed_predictions=bool(content.get("score_failed_predictions", False)),
            ingestion_sees_reference_data=bool(content.get("ingestion_sees_reference_data", False)),
            inputs=inputs,
            uploads=uploads,
            attempt=int(content.get("attempt", 1)),
            lease=str(content.get("lease", "")),
            heartbeat_s=float(content.get("heartbeat_s", 5)),
            scores_with_status=bool(content.get("scores_with_status", False)),
            predictions_ran=bool(content.get("predictions_ran", True)),
            limits=_amounts(content.get("limits") or {}),
            network=content.get("network") is True,
            facts={str(name): str(value) for name, value in (content.get("facts") or {}).items()},
            past=[_past(each) for each in content.get("history") or ()],
            past_of=str(content.get("history_of", "")),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise InternalError(f"The server's run order lacks or garbles something: {error!r}.") from error


def _amounts(content: Mapping[str, Any]) -> Mapping[str, float]:
    """Those limits that this worker knows; the others are of a server that is newer."""
    amounts = {name: content[name] for name in LIMITS if name in content}
    if not all(isinstance(amount, int | float) and amount > 0 for amount in amounts.values()):
        message = "a limit is no number"
        raise ValueError(message)
    return amounts


def _past(content: Any) -> PastScores:
    phase_index, number, text = content
    if phase_index < 0 or number < 1:
        message = f"there is no submission {number} of phase {phase_index}"
        raise ValueError(message)
    return PastScores(int(phase_index), int(number), str(text))


def _link(value: object) -> str:
    if not isinstance(value, str) or not value.startswith(("http://", "https://")):
        message = f"{value!r} is no link"
        raise ValueError(message)
    return value


def content_key(link: str) -> str:
    """What stands for the content behind a signed link: its path, without the signature that changes."""
    return urlsplit(link).path


def file_name(link: str) -> str:
    """The last part of a link's path: a name that may be given to a file."""
    last = unquote(urlsplit(link).path).rsplit("/", 1)[-1]
    return "file" if last in {"", ".", ".."} else last
