"""Results in the formats of others: records of Every Eval Ever, and YAML for the Hugging Face Hub."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import yaml

from podium.rules.modelboards.imports.hub_results import ONLY_TASK

_SCHEMA = "0.2.1"


@dataclass(frozen=True)
class WrittenResult:
    """One model on one dataset, as far as other formats have words for it. `hub_repository` is the dataset's on the
    Hugging Face Hub; empty for any other."""

    dataset: str
    dataset_url: str
    hub_repository: str
    task: str
    metric: str
    lower_is_better: bool
    model: str
    score: float | None
    low: float | None
    high: float | None
    day: str
    source: str
    submitted_by: str
    badge: str
    at: datetime
    bounds: tuple[float, float] | None = None
    """Between what the metric lies; None where that is not known."""
    details: Mapping[str, str] = field(default_factory=dict)


def every_eval_ever(results: Sequence[WrittenResult], *, site: str, version: str) -> list[dict[str, Any]]:
    """A record for each model with all its results that have a score, by schema 0.2."""
    records: dict[str, dict[str, Any]] = {}
    for result in results:
        if result.score is None:
            continue  # the schema demands a number
        record = records.setdefault(result.model, _record(result, site, version))
        record["evaluation_results"].append(_evaluation(result, result.score))
        record["retrieved_timestamp"] = max(record["retrieved_timestamp"], f"{result.at.timestamp():.0f}")
    return list(records.values())


def _record(result: WrittenResult, site: str, version: str) -> dict[str, Any]:
    seconds = f"{result.at.timestamp():.0f}"
    return {
        "schema_version": _SCHEMA,
        "evaluation_id": f"podium/{result.model.replace('/', '_')}/{seconds}",
        "retrieved_timestamp": seconds,
        "source_metadata": {
            "source_name": f"Model boards of {site}",
            "source_type": "documentation",
            "source_organization_name": site,
            "source_organization_url": site,
            "evaluator_relationship": "other",
        },
        "eval_library": {"name": "podium", "version": version},
        "model_info": {"name": result.model, "id": result.model},
        "evaluation_results": [],
    }


def _evaluation(result: WrittenResult, score: float) -> dict[str, Any]:
    details: dict[str, Any] = {"score": score}
    more = {**result.details, "badge": result.badge, "source": result.source, "submitted_by": result.submitted_by}
    details["details"] = {key: value for key, value in more.items() if value}
    if result.low is not None and result.high is not None:
        details["uncertainty"] = {"confidence_interval": {"lower": result.low, "upper": result.high}}
    config: dict[str, Any] = {"lower_is_better": result.lower_is_better}
    if result.metric:
        config["metric_name"] = result.metric
    if result.bounds is not None:
        config |= {"score_type": "continuous", "min_score": result.bounds[0], "max_score": result.bounds[1]}
    told = {
        "evaluation_name": result.dataset,
        "source_data": _source(result),
        "metric_config": config,
        "score_details": details,
    }
    return told | ({"evaluation_timestamp": result.day} if result.day else {})


def _source(result: WrittenResult) -> dict[str, Any]:
    if result.hub_repository:
        return {"source_type": "hf_dataset", "dataset_name": result.dataset, "hf_repo": result.hub_repository}
    if result.dataset_url:
        return {"source_type": "url", "dataset_name": result.dataset, "url": [result.dataset_url]}
    return {"source_type": "other", "dataset_name": result.dataset}


def hub_results(results: Sequence[WrittenResult]) -> bytes:
    """YAML for the folder `.eval_results` of one model's repository. The Hub ranks on datasets of its own; the first
    line says how many others were left out."""
    entries = []
    for result in results:
        if not result.hub_repository or result.score is None:
            continue
        entry: dict[str, Any] = {
            "dataset": {"id": result.hub_repository, "task_id": result.task or ONLY_TASK},
            "value": result.score,
        }
        if result.day:
            entry["date"] = result.day
        if result.source:
            entry["source"] = {"url": result.source}
        entries.append(entry)
    left = len(results) - len(entries)
    head = f"# {left} results are left out: they have no score, or are on no dataset of the Hugging Face Hub.\n"
    body = yaml.safe_dump(entries, sort_keys=False, allow_unicode=True, width=1000)
    return ((head if left else "") + body).encode()
