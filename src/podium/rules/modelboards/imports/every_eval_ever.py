"""Records of Every Eval Ever, schema 0.2: one object for each model, or a list of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from podium.rules.errors import UserError
from podium.rules.modelboards.imports.imported import (
    Error,
    ImportedDataset,
    ImportedFile,
    ImportedResult,
    day,
    kept,
    mapping,
    number,
    objects,
    result_of,
    text,
    text_or_nothing,
)
from podium.rules.modelboards.imports.wishes import ImportWishes

TOOL = "Every Eval Ever"
HUB_REPOSITORY = "hf_repo"
"""What a dataset's repository on the Hugging Face Hub is kept under, beside the dataset."""
_LEVEL = 0.95
_MOST_RECORDS = 10_000
_OWN = frozenset(("evaluation_name", "source_data", "metric_config", "score_details", "generation_config"))


def is_every_eval_ever(content: Mapping[str, Any]) -> bool:
    """Whether this looks like a record of Every Eval Ever."""
    return "evaluation_results" in content and "schema_version" in content


def read_every_eval_ever(content: Sequence[Mapping[str, Any]], wishes: ImportWishes) -> ImportedFile:
    """Each evaluation of each model; evaluations of one name are one dataset."""
    if len(content) > _MOST_RECORDS:
        raise UserError("import-large", f"The file has more than {_MOST_RECORDS:,} records.", "Divide it.")
    datasets: dict[str, ImportedDataset] = {}
    for index, record in enumerate(content):
        at = f"[{index}]." if len(content) > 1 else ""
        version = record.get("schema_version")
        if not isinstance(version, str) or version.rpartition(".")[0] != "0.2":
            raise UserError(
                "import-version",
                f"{at}schema_version is {str(version)[:20]!r}, and only 0.2 can be read.",
                "Convert the record.",
            )
        for place, dataset in _of_record(record, wishes, at):
            _join(datasets, dataset, place)
    return ImportedFile(TOOL, tuple(datasets.values()))


def _join(datasets: dict[str, ImportedDataset], found: ImportedDataset, place: str) -> None:
    """Put a result to those of its dataset; a further metric of a model goes to the model's first one."""
    there = datasets.get(found.name)
    if there is None:
        datasets[found.name] = found
        return
    new = found.results[0]
    for result in there.results:
        if result.declared.model != new.declared.model:
            continue
        if new.metric in ("", result.metric):
            raise UserError(
                "import-twice",
                f"{place}: {new.declared.model} has a score on {found.name} at {result.place} already.",
                "Leave one of them out, or name their metrics (metric_config.metric_name).",
            )
    if there.lower_is_better != found.lower_is_better:
        raise UserError(
            "import-direction",
            f"{place}.metric_config.lower_is_better says another direction than {there.results[0].place} does.",
            "Leave one of them out.",
        )
    datasets[found.name] = ImportedDataset(
        there.name, there.metric, there.lower_is_better, there.url, there.extra, (*there.results, new)
    )


def _of_record(record: Mapping[str, Any], wishes: ImportWishes, at: str) -> list[tuple[str, ImportedDataset]]:
    told = mapping(record.get("model_info"), f"{at}model_info")
    model = wishes.model or text(told.get("id") or told.get("name"), f"{at}model_info.id")
    source = record.get("source_metadata")
    who = text_or_nothing(source.get("source_organization_name")) if isinstance(source, dict) else ""
    beside = {
        name: record[name]
        for name in ("evaluation_id", "eval_library", "source_metadata", "retrieved_timestamp", "model_info")
        if name in record
    }
    found = []
    for index, each in enumerate(objects(record.get("evaluation_results"), f"{at}evaluation_results")):
        place = f"{at}evaluation_results[{index}]"
        when = day(each.get("evaluation_timestamp") or record.get("evaluation_timestamp"))
        found.append((place, _dataset(each, place, model, {"updated": when, "submitted_by": who}, beside)))
    return found


def _dataset(
    each: Mapping[str, Any], place: str, model: str, told: dict[str, str], beside: Mapping[str, Any]
) -> ImportedDataset:
    config = mapping(each.get("metric_config"), f"{place}.metric_config")
    details = mapping(each.get("score_details"), f"{place}.score_details")
    lower = config.get("lower_is_better")
    if not isinstance(lower, bool):
        raise UserError("import-direction", f"{place}.metric_config.lower_is_better must be true or false.")
    score: float | None = number(details.get("score"), f"{place}.score_details.score")
    if config.get("has_unknown_level") is True and score == -1:
        score = None  # what the schema calls an unknown level
    metric = text_or_nothing(config.get("metric_name"))[:100]
    name, url, extra = _source(each, place)
    result: ImportedResult = result_of(
        place,
        model,
        score,
        _error(details, f"{place}.score_details.uncertainty") if score is not None else Error(),
        metric=metric,
        tool=TOOL,
        **told,
        extra={
            **{key: value for key, value in each.items() if key not in _OWN},
            "score_details": {key: value for key, value in details.items() if key != "score"},
            "metric_config": {key: value for key, value in config.items() if key != "lower_is_better"},
            "generation_config": each.get("generation_config"),
            **beside,
        },
    )
    return ImportedDataset(name, metric, lower, url, extra, (result,))


def _source(each: Mapping[str, Any], place: str) -> tuple[str, str, dict[str, Any]]:
    """The dataset's name, its address where the record has one, and what else is told of it."""
    evaluation = text(each.get("evaluation_name"), f"{place}.evaluation_name")
    source = mapping(each.get("source_data"), f"{place}.source_data")
    dataset = text_or_nothing(source.get("dataset_name"))
    links = source.get("url")
    url = text_or_nothing(links[0] if isinstance(links, list) and links else links)
    name = evaluation if dataset in ("", evaluation) else f"{dataset} - {evaluation}"
    return name, url, kept({key: value for key, value in source.items() if key != "sample_ids"})


def _error(details: Mapping[str, Any], place: str) -> Error:
    """The interval where it is one of 95 %, else the standard error; anything else is kept, and no interval."""
    uncertainty = details.get("uncertainty")
    if not isinstance(uncertainty, dict):
        return Error()
    interval = uncertainty.get("confidence_interval")
    if isinstance(interval, dict) and interval.get("confidence_level", _LEVEL) == _LEVEL:
        at = f"{place}.confidence_interval"
        return Error(
            low=number(interval.get("lower"), f"{at}.lower"), high=number(interval.get("upper"), f"{at}.upper")
        )
    error = uncertainty.get("standard_error")
    value = error.get("value") if isinstance(error, dict) else error
    if value is None:
        return Error()
    standard = number(value, f"{place}.standard_error.value")
    if standard < 0:
        raise UserError("import-number", f"{place}.standard_error.value must not be negative.", "Correct the file.")
    return Error(standard=standard)
