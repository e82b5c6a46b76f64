"""What events say of datasets and of the results of models on them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from podium.rules.event_payloads.fields import Number, Payload, TextRef, Word


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
