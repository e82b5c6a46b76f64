"""Logs of Inspect, version 2: the whole JSON log, or `header.json` of an `.eval` file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from podium.rules.errors import UserError
from podium.rules.modelboards.imports.imported import (
    Error,
    ImportedDataset,
    ImportedFile,
    day,
    detailed,
    mapping,
    number,
    number_or_none,
    objects,
    result_of,
    text,
    text_or_nothing,
)
from podium.rules.modelboards.imports.wishes import ImportWishes

_ERRORS = ("stderr", "bootstrap_stderr")
"""Both are errors of the mean over samples, and so of no other metric than these:"""
_MEANS = frozenset({"accuracy", "mean"})


def is_inspect_log(content: Mapping[str, Any]) -> bool:
    """Whether this looks like a log of Inspect."""
    return isinstance(content.get("eval"), dict) and "version" in content


def read_inspect_log(content: Mapping[str, Any], wishes: ImportWishes) -> ImportedFile:
    """The task as a dataset, with the first metric of the first scorer as its metric."""
    if content["version"] != 2:
        raise UserError(
            "import-version", f"version is {content['version']!r}, and only 2 can be read.", "Convert the log."
        )
    if content.get("status") != "success":
        raise UserError(
            "import-unfinished",
            f"status is {content.get('status')!r}: the evaluation did not end well, so its scores are not final.",
            "Send the log of one that did.",
        )
    ran = mapping(content["eval"], "eval")
    packages = ran.get("packages")
    version = text_or_nothing(packages.get("inspect_ai")) if isinstance(packages, dict) else ""
    tool = f"Inspect {version}".strip()
    results = mapping(content.get("results"), "results")
    scores, places = _scores(results)
    metric = wishes.metric if wishes.metric in scores else next(iter(scores))
    result = result_of(
        "results.scores",
        wishes.model or text(ran.get("model"), "eval.model"),
        number(scores[metric], places[metric]),
        _error(metric, scores),
        metric=metric,
        tool=tool,
        updated=day(ran.get("created")),
        detailed_scores=detailed({name: value for name, value in scores.items() if name != metric}),
        extra={
            "samples": results.get("completed_samples", results.get("total_samples")),
            **{name: value for name, value in ran.items() if name not in ("model", "task", "packages", "dataset")},
        },
    )
    told = ran.get("dataset")
    told = {name: value for name, value in told.items() if name != "sample_ids"} if isinstance(told, dict) else {}
    task = text(ran.get("task"), "eval.task")
    return ImportedFile(tool, (ImportedDataset(task, metric, None, extra=told, results=(result,)),))


def _scores(results: Mapping[str, Any]) -> tuple[dict[str, object], dict[str, str]]:
    """Every metric's value and place, by its name; before that the scorer's, where there are several."""
    scorers = objects(results.get("scores"), "results.scores")
    values: dict[str, object] = {}
    places: dict[str, str] = {}
    for index, scorer in enumerate(scorers):
        place = f"results.scores[{index}].metrics"
        for key, metric in mapping(scorer.get("metrics"), place).items():
            name = key if len(scorers) == 1 else f"{text_or_nothing(scorer.get('name')) or index}/{key}"
            values[name] = mapping(metric, f"{place}.{key}").get("value")
            places[name] = f"{place}.{key}.value"
    named = {name: value for name, value in values.items() if name.rpartition("/")[2] not in _ERRORS}
    if not named:
        raise UserError("import-empty", "results.scores has no metric.", "Send a log that was scored.")
    return named | {name: values[name] for name in values if name not in named}, places


def _error(metric: str, scores: Mapping[str, object]) -> Error:
    scorer, slash, name = metric.rpartition("/")
    if name not in _MEANS:
        return Error()
    for each in _ERRORS:
        found = number_or_none(scores.get(f"{scorer}{slash}{each}"))
        if found is not None and found >= 0:
            return Error(standard=found)
    return Error()
