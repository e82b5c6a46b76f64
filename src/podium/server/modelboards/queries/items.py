"""What a browser of items shows: what was asked, what is right, what the model said, and its scores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from podium.metrics.registry import task_type
from podium.rules.errors import NotAllowed, NotFound
from podium.server.accounts.people import Person
from podium.server.files.services import store
from podium.server.modelboards.items.archives import Items
from podium.server.modelboards.models import ReferenceSet, ReferencesState, Result
from podium.server.modelboards.queries.datasets import DatasetRow, may_manage

PER_PAGE = 50
_LOOKED_AT = 1000


@dataclass(frozen=True)
class Item:
    """One item of a result: `number` counts from 1; `input` is None where there are no public inputs."""

    number: int
    id: str
    input: Any
    gold: Any
    answer: Any
    cluster: str
    language: str
    scores: Mapping[str, float | None]


@dataclass(frozen=True)
class ItemsPage:
    """A page of the items of a model's result. `shown` of `count` items are on all pages together."""

    model: str
    items: tuple[Item, ...]
    page: int
    pages: int
    shown: int
    count: int


@dataclass(frozen=True)
class SourceItem:
    """An item as everybody may see it who sends predictions."""

    id: str
    input: Any


def may_browse(dataset: DatasetRow, person: Person | None) -> bool:
    """Whether a person may see single items with what is right: everybody where the owner made them public."""
    return dataset.items_public or may_manage(dataset, person)


def items_of(
    dataset: DatasetRow, result_id: int, person: Person | None, *, page: int = 1, worst_first: bool = False
) -> ItemsPage:
    """A page of the items of a result, in the order of the references, or those with the lowest scores first.

    Raises:
        NotAllowed: the owner has not made items public.
        NotFound: there is no such result with items, or no such page.
    """
    if not may_browse(dataset, person):
        raise NotAllowed("items-private", "The items of this dataset are private.", "Ask its owner.")
    result = Result.objects.filter(pk=result_id, dataset_id=dataset.id).select_related("references").first()
    if result is None or result.items_id is None or result.references is None or result.references.items_id is None:
        raise NotFound(
            "no-items", "There are no items to browse here.", "Only results that were scored here have them."
        )
    with store().open(result.items_id) as said_file, store().open(result.references.items_id) as right_file:
        said, right = Items(said_file), Items(right_file)
        order = said.about["worst"] if worst_first else range(len(said))
        pages = max(1, -(-len(order) // PER_PAGE))
        if not 1 <= page <= pages:
            raise NotFound("no-such-page", f"There are {pages} pages of items.", "Go back to the first.")
        numbers = list(order[(page - 1) * PER_PAGE : page * PER_PAGE])
        items = tuple(
            Item(
                number=number + 1,
                id=asked["id"],
                input=asked.get("input"),
                gold=asked["gold"],
                answer=told["answer"],
                cluster=asked.get("cluster", ""),
                language=asked.get("language", ""),
                scores=told["scores"],
            )
            for number, asked, told in zip(numbers, right.at(numbers), said.at(numbers), strict=True)
        )
        return ItemsPage(result.model, items, page, pages, len(order), len(said))


def source_items(dataset: DatasetRow, count: int, offset: int = 0) -> list[SourceItem]:
    """So many items of a dataset from a place on, as predictions have to name them; never what is right. Empty where
    it has no references.
    """
    return [SourceItem(each["id"], each.get("input")) for each in _current_items(dataset, count, offset)]


def answer_field(dataset: DatasetRow) -> str:
    """What predictions of a dataset call an answer. Those of entities have the form of its references, spans or tags.

    Raises:
        UserError: the task type is not known any more.
    """
    names = [field.name for field in task_type(dataset.task_type).predictions]
    if "tags" not in names:
        return names[1]
    for each in _current_items(dataset, _LOOKED_AT, 0):
        if each["gold"]:
            return "tags" if all(isinstance(part, str) for part in each["gold"]) else "entities"
    return "entities"


def _current_items(dataset: DatasetRow, count: int, offset: int) -> list[dict[str, Any]]:
    current = ReferenceSet.objects.filter(
        dataset_id=dataset.id, state=ReferencesState.ACCEPTED, superseded_at=None
    ).first()
    if current is None or current.items_id is None:
        return []
    with store().open(current.items_id) as file:
        return list(islice(Items(file), offset, offset + count))
