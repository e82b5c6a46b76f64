"""What is known of a dataset's references, without any of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from podium.rules.errors import NotAllowed, Problem
from podium.server.accounts.people import Person
from podium.server.jobs.internal.problems import read_problems
from podium.server.modelboards.models import ReferenceSet, ReferencesState
from podium.server.modelboards.queries.datasets import DatasetRow, may_manage


@dataclass(frozen=True)
class ReferencesRow:
    """References as they were sent. `counts` says whether predictions are scored against them now; `problems` are the
    first of `problem_count` where they were refused. `inputs_name` is empty without public inputs."""

    number: int
    state: ReferencesState
    counts: bool
    name: str
    inputs_name: str
    count: int
    languages: tuple[str, ...]
    clusters: bool
    problems: tuple[Problem, ...]
    problem_count: int
    created_at: datetime


def references_of(dataset: DatasetRow, person: Person | None) -> list[ReferencesRow]:
    """All references that a dataset was sent, the newest first.

    Raises:
        NotAllowed: they are told to the dataset's owner and to administrators only.
    """
    if not may_manage(dataset, person):
        raise NotAllowed("not-your-dataset", "The references of a dataset are its owner's.", "Ask the owner.")
    found = ReferenceSet.objects.filter(dataset_id=dataset.id).order_by("-number")
    return references_rows(found)


def references_rows(found: Iterable[ReferenceSet]) -> list[ReferencesRow]:
    """References as their owner may see them, of whom the caller knows that it is them."""
    return [_row(each) for each in found]


def has_inputs(dataset: DatasetRow) -> bool:
    """Whether everybody may read what models are asked on a dataset."""
    return _current(dataset.id).exclude(inputs=None).exists()


def _current(dataset_id: int) -> QuerySet[ReferenceSet]:
    return ReferenceSet.objects.filter(dataset_id=dataset_id, state=ReferencesState.ACCEPTED, superseded_at=None)


def _row(found: ReferenceSet) -> ReferencesRow:
    return ReferencesRow(
        number=found.number,
        state=ReferencesState(found.state),
        counts=found.state == ReferencesState.ACCEPTED and found.superseded_at is None,
        name=found.name,
        inputs_name=found.inputs_name,
        count=found.count,
        languages=tuple(found.languages),
        clusters=found.clusters,
        problems=read_problems(found.problems),
        problem_count=found.problem_count,
        created_at=found.created_at,
    )
