"""Seeing whether references can be scored against, and laying out their items."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from podium.metrics.reading.items import References, text_value
from podium.metrics.reading.problems import Problems, shown
from podium.metrics.reading.tables import read_table
from podium.metrics.registry import task_type
from podium.server.modelboards.items.archives import write_items
from podium.server.modelboards.scoring.files import ITEMS, content_of, refused, shortened


@dataclass(frozen=True)
class _InputColumn:
    name: str
    aliases: tuple[str, ...] = ()


_INPUTS = (
    _InputColumn("id", ("item", "item_id", "sentence_id", "question_id")),
    _InputColumn("input", ("text", "sentence", "source", "source_text", "question", "prompt", "query", "utterance")),
    _InputColumn("context", ("document", "passage")),
    _InputColumn("options", ("choices",)),
    _InputColumn("file", ("image", "audio", "url")),
)


def check_references(order: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """The number of items, the digest of their ids, their languages, and the file of items."""
    task = task_type(order["task_type"])
    found = task.read_references(*content_of(order["references"]))
    if found.value is None:
        return refused(found.problems, found.total)
    references = found.value
    inputs: Sequence[Any] | None = None
    if order["inputs"] is not None:
        content, name = content_of(order["inputs"])
        problems = Problems(name)
        inputs = _inputs(content, name, references, problems)
        if problems.total:
            return refused(problems.listed(), problems.total)
    write_items(folder / ITEMS, _items(references, inputs))
    languages = sorted(set(references.languages or ()))
    return {
        "count": len(references),
        "digest": references.digest(),
        "languages": languages,
        "clusters": references.clusters is not None,
    }


def _inputs(content: bytes, name: str, references: References, problems: Problems) -> list[Any]:
    """What is asked of each item of the references, in their order."""
    table = read_table(content, name, _INPUTS, problems)
    if table is None:
        return []
    if "id" not in table.columns or len(table.columns) < 2:
        problems.add(
            "column-missing",
            "There is no column id, or none of input, context, options and file.",
            1,
            "Name the item and what is asked.",
        )
        return []
    ids = [text_value(value) or "" for value in table.columns["id"]]
    places: dict[str, int] = {}
    for number, each in enumerate(ids):
        if each in places:
            problems.add("duplicate-id", f"The item {shown(each)} stands here again.", table.lines[number])
        places.setdefault(each, number)
    known = set(references.ids)
    for each, number in places.items():
        if each not in known:
            problems.add("unknown-id", f"There is no item {shown(each)}.", table.lines[number], "Leave it out.")
    for each in references.ids:
        if each not in places:
            problems.add("missing-input", f"The item {shown(each)} has no input.", None, "Every item needs one.")
    if problems.total:
        return []
    columns = {name: values for name, values in table.columns.items() if name != "id"}
    return [_input({name: values[places[each]] for name, values in columns.items()}) for each in references.ids]


def _input(row: Mapping[str, object]) -> object:
    told = {name: shortened(value) for name, value in row.items() if value not in (None, "")}
    return told["input"] if set(told) == {"input"} else told


def _items(references: References, inputs: Sequence[Any] | None) -> Iterator[dict[str, Any]]:
    for number, each in enumerate(references.ids):
        item: dict[str, Any] = {"id": each, "gold": shortened(references.gold.values[number])}
        if inputs is not None:
            item["input"] = inputs[number]
        if references.clusters is not None:
            item["cluster"] = references.clusters[number]
        if references.languages is not None:
            item["language"] = references.languages[number]
        yield item
