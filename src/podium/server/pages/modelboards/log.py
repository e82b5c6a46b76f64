"""Events of a dataset in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from podium.rules.history import EventKind
from podium.server.modelboards.queries.log import Logged
from podium.server.pages.modelboards.figures import number
from podium.server.pages.wording import counted

_NOBODY = "Somebody without a key"
_ERASED = "(deleted)"


def sentence(event: Logged) -> str:
    """One plain sentence."""
    return _SENTENCES[event.kind](event)


def _who(event: Logged) -> str:
    return event.who or _NOBODY


def _model(event: Logged) -> str:
    return event.texts.get("model", _ERASED)


def _score(event: Logged) -> str:
    """The score and the interval around it, as people write both."""
    score, interval = event.payload["score"], event.payload["ci"]
    if score is None:
        return "without a score"
    around = f" ({number(interval[0])} to {number(interval[1])})" if interval else ""
    return f"{number(score)}{around}"


def _counts(event: Logged) -> str:
    return "" if event.payload["counts"] else ", which does not count yet"


_SENTENCES: Mapping[str, Callable[[Logged], str]] = {
    EventKind.DATASET_ADDED: lambda it: f"{_who(it)} added the dataset.",
    EventKind.DATASET_CHANGED: lambda it: f"{_who(it)} changed what is said of the dataset.",
    EventKind.RESULT_DECLARED: lambda it: f"{_who(it)} declared {_model(it)}: {_score(it)}.",
    EventKind.RESULT_REVISED: lambda it: (
        f"{_who(it)} declared {_model(it)} again: {_score(it)}, revision {it.payload['revision']}."
    ),
    EventKind.REFERENCES_ACCEPTED: lambda it: (
        f"Predictions are scored against references {it.payload['references']} from here on, "
        f"of {counted(it.payload['items'], 'item')}."
    ),
    EventKind.RESULT_SCORED: lambda it: (
        f"{_model(it)} was scored here: {_score(it)}, of {counted(it.payload['items'], 'item')}, "
        f"revision {it.payload['revision']}{_counts(it)}."
    ),
    EventKind.RESULT_WITHDRAWN: lambda it: (
        f"Revision {it.payload['revision']} of {_model(it)} counts no more: its predictions do not fit the references "
        "of today, or it left the leaderboard that it came from."
    ),
    EventKind.BASELINE_MARKED: lambda it: (
        f"{_who(it)} marked {_model(it)} as a baseline, which is not ranked."
        if it.payload["baseline"]
        else f"{_who(it)} has {_model(it)} ranked: it is no baseline any more."
    ),
}
