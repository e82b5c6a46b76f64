"""YAML files of the folder `.eval_results` of a model on the Hugging Face Hub."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from podium.rules.errors import UserError
from podium.rules.flat_yaml import DEEPEST, compose_flat
from podium.rules.modelboards.imports.every_eval_ever import HUB_REPOSITORY
from podium.rules.modelboards.imports.imported import (
    Error,
    ImportedDataset,
    ImportedFile,
    check_plain,
    mapping,
    number,
    objects,
    result_of,
    text,
    text_or_nothing,
)
from podium.rules.modelboards.imports.wishes import ImportWishes

TOOL = "Hugging Face eval results"
ONLY_TASK = "default"
_MOST_NODES = 20_000
_TAG = "tag:yaml.org,2002:"


def read_hub_results(content: bytes, wishes: ImportWishes) -> ImportedFile:
    """Each entry as a result. Whose it is says the repository, not the file, so that the model must be named."""
    if not wishes.model:
        raise UserError("import-model", "Such a file does not name its model.", "Name the model.")
    datasets: dict[str, ImportedDataset] = {}
    values = _values(content)
    check_plain(values)
    for index, entry in enumerate(objects(values, "")):
        dataset = _dataset(entry, f"[{index}]", wishes)
        if dataset.name in datasets:
            first = datasets[dataset.name].results[0].place
            raise UserError(
                "import-twice", f"[{index}]: {dataset.name} is at {first} already.", "Leave one of the two out."
            )
        datasets[dataset.name] = dataset
    return ImportedFile(TOOL, tuple(datasets.values()))


def _dataset(entry: Mapping[str, Any], place: str, wishes: ImportWishes) -> ImportedDataset:
    told = mapping(entry.get("dataset"), f"{place}.dataset")
    repository = text(told.get("id"), f"{place}.dataset.id")
    task = text_or_nothing(told.get("task_id") or told.get("config")) or ONLY_TASK
    source = mapping(entry.get("source") or {}, f"{place}.source")
    result = result_of(
        place,
        wishes.model,
        number(entry.get("value"), f"{place}.value"),
        Error(),
        metric=wishes.metric,
        tool=TOOL,
        updated=text_or_nothing(entry.get("date"))[:10],
        source=text_or_nothing(source.get("url")),
        submitted_by=text_or_nothing(source.get("user")),
        extra={
            **{key: value for key, value in entry.items() if key not in ("dataset", "value", "date", "source")},
            "source_name": source.get("name"),
            "revision": told.get("revision"),
        },
    )
    name = repository if task == ONLY_TASK else f"{repository} - {task}"
    extra = {HUB_REPOSITORY: repository, "task_id": task}
    return ImportedDataset(name, wishes.metric, None, extra=extra, results=(result,))


def _values(content: bytes) -> object:
    try:
        root = compose_flat(content)
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f" on line {mark.line + 1}" if mark else ""
        why = getattr(error, "problem", None) or error
        raise UserError("import-yaml", f"The file is no YAML{place}: {why}.", "Correct the file.") from error
    return None if root is None else _Reading().value(root, 0)


class _Reading:
    """Plain values of nodes, at most so many: what an alias repeats counts each time."""

    def __init__(self) -> None:
        self._left = _MOST_NODES

    def value(self, node: yaml.Node, depth: int) -> object:
        self._left -= 1
        if self._left < 0 or depth > DEEPEST:
            raise UserError("import-large", f"The file holds more than {_MOST_NODES:,} values.", "Divide it.")
        if isinstance(node, yaml.MappingNode):
            return {
                str(key.value): self.value(value, depth + 1)
                for key, value in node.value
                if isinstance(key, yaml.ScalarNode)
            }
        if isinstance(node, yaml.SequenceNode):
            return [self.value(each, depth + 1) for each in node.value]
        return _scalar(str(node.value), str(node.tag))


def _scalar(written: str, tag: str) -> object:
    if tag == f"{_TAG}null":
        return None
    if tag == f"{_TAG}bool":
        return written.lower() in ("yes", "true", "on", "y")
    if tag in (f"{_TAG}int", f"{_TAG}float"):
        try:
            # YAML writes infinity as `.inf` and what is no number as `.nan`.
            return float(written.replace("_", "").lower().replace(".inf", "inf").replace(".nan", "nan"))
        except ValueError:
            return written  # an octal number, a time in sixties, and the like: no score is written so
    return written
