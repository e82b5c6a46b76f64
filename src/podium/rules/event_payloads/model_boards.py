"""What events say of datasets and of the results of models on them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from podium.rules.event_payloads.fields import Number, Payload, Sha256, TextRef, Word


class DatasetState(Payload):
    """A dataset of a model board as it is now."""

    dataset: Number
    name: TextRef
    description: TextRef
    task_type: Word
    metric: TextRef
    lower_is_better: bool


class ResultState(Payload):
    """A model's result on a dataset: its revision from 1, its score if it has one, the interval [low, high] that was
    declared, the day, and where it comes from."""

    dataset: Number
    result: Number
    model: TextRef
    revision: Number
    score: float | None
    ci: list[float] | None
    updated: Annotated[str, Field(pattern=r"^(\d{4}-\d\d-\d\d)?$")]
    badge: Word


class ReferencesAccepted(Payload):
    """References of a dataset against which predictions are scored from now on: which of all that were sent, the hash
    of their file, and the number of items."""

    dataset: Number
    references: Number
    sha256: Sha256
    items: Number


class PredictionsSent(Payload):
    """What a model answered to the items of a dataset, by the hash of the file."""

    dataset: Number
    predictions: Number
    model: TextRef
    sha256: Sha256


class PredictionsRefused(Payload):
    """Predictions with so many mistakes, which are not scored."""

    dataset: Number
    predictions: Number
    problems: Number


class ResultScored(Payload):
    """A model's result on a dataset that was scored here: its revision from 1, from which predictions and references,
    the score on a metric with its interval [low, high], and whether it counts at once."""

    dataset: Number
    result: Number
    model: TextRef
    revision: Number
    predictions: Number
    references: Number
    metric: TextRef
    score: float | None
    ci: list[float] | None
    items: Number
    badge: Word
    counts: bool


class ResultWithdrawn(Payload):
    """A model's result that no longer counts, because its predictions do not fit the references of today, or because it
    left the leaderboard of the competition that it came from."""

    dataset: Number
    result: Number
    model: TextRef
    revision: Number


class BaselineMarked(Payload):
    """A model that the board of a dataset shows and does not rank, with what it is: `human`, `random` or `other`; empty
    where it is ranked from here on."""

    dataset: Number
    model: TextRef
    baseline: Annotated[str, Field(pattern=r"^(human|random|other)?$")]
