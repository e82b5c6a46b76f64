"""A dataset with references and a few models' predictions, and the process that scores within the test's own."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

from tests.integration.server.own_jobs import do_jobs
from tests.integration.server.scene import make_person

from podium.server.accounts.people import Person, person_of
from podium.server.computing import process
from podium.server.computing.files import ORDER, OUTCOME
from podium.server.computing.inside import outcome_of
from podium.server.modelboards.services import (
    DatasetWishes,
    PredictionsWishes,
    SentFile,
    SentPredictions,
    add_dataset,
    put_references,
    submit_predictions,
)

SENTIMENT = "Sentiment"
ITEMS = 263


def person(name: str) -> Person:
    found = person_of(make_person(name))
    assert found is not None
    return found


def compute_here(room: str, place: Path, seconds: int, check: Callable[[], None]) -> int:
    """What the process does, without one: it takes a second to start."""
    check()
    order = json.loads((place / ORDER).read_bytes())
    outcome = outcome_of(order, place, import_module(f"{room}.__main__").doing)
    (place / OUTCOME).write_text(json.dumps(outcome, allow_nan=False), encoding="utf-8")
    return 0


def labels(rows: Sequence[tuple[object, str]]) -> bytes:
    """A CSV of labels."""
    return "\n".join(["id,label", *(f"{name},{label}" for name, label in rows)]).encode()


def gold(count: int = ITEMS) -> list[tuple[object, str]]:
    """Items whose right label is `yes`, but for the last, so that `no` is a label."""
    return [(f"s{number}", "yes" if number < count - 1 else "no") for number in range(count)]


def answers(right: int, count: int = ITEMS, start: int = 0) -> bytes:
    """So many right answers from one item on, and wrong ones for all others."""
    told = []
    for number, (name, label) in enumerate(gold(count)):
        good = start <= number < start + right
        told.append((name, label if good else "no" if label == "yes" else "yes"))
    return labels(told)


def sentiment(owner: Person, count: int = ITEMS, inputs: bytes | None = None) -> None:
    """A dataset of labels whose references are accepted."""
    add_dataset(owner, DatasetWishes(SENTIMENT, "text_classification"))
    asked = None if inputs is None else SentFile("inputs.csv", inputs)
    put_references(owner, SENTIMENT, SentFile("gold.csv", labels(gold(count))), asked)
    do_jobs()


def send(by: Person | None, model: str, content: bytes, name: str = "answers.csv") -> SentPredictions:
    """Send predictions, without scoring them yet."""
    return submit_predictions(by, SENTIMENT, SentFile(name, content), PredictionsWishes(model))


def patched_process() -> tuple[object, str, object]:
    """What a test replaces to compute in its own process."""
    return process, "_run", compute_here
