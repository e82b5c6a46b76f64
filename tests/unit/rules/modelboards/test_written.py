"""Results in the formats of others, read back by the readers of those formats."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import yaml

from podium.rules.modelboards.declared import Interval
from podium.rules.modelboards.imports import ImportWishes, read_results
from podium.rules.modelboards.written import WrittenResult, every_eval_ever, hub_results


def result(**changed: Any) -> WrittenResult:
    plain: dict[str, Any] = {
        "dataset": "Phrases",
        "dataset_url": "https://data.example.org/phrases",
        "hub_repository": "org/phrases",
        "task": "",
        "metric": "accuracy",
        "lower_is_better": False,
        "model": "A/1",
        "score": 0.9,
        "low": 0.8,
        "high": 0.95,
        "day": "2024-09-01",
        "source": "https://example.org/a",
        "submitted_by": "Ada",
        "badge": "declared",
        "at": datetime(2026, 1, 2, tzinfo=UTC),
        "bounds": (0.0, 1.0),
    }
    return WrittenResult(**(plain | changed))


NOISE: dict[str, Any] = {
    "dataset": "Noise",
    "dataset_url": "https://data.example.org/noise",
    "hub_repository": "",
    "metric": "wer",
    "lower_is_better": True,
    "low": None,
    "high": None,
    "bounds": None,
}


def test_a_record_has_what_the_schema_demands() -> None:
    (record,) = every_eval_ever([result()], site="https://podium.example.org", version="1")
    # The required keys of eval.schema.json, version 0.2.1.
    assert {"schema_version", "evaluation_id", "retrieved_timestamp", "source_metadata", "model_info"} <= record.keys()
    assert {"eval_library", "evaluation_results"} <= record.keys()
    assert {"source_type", "source_organization_name", "evaluator_relationship"} <= record["source_metadata"].keys()
    assert record["source_metadata"]["source_type"] in {"documentation", "evaluation_run"}
    # `date -ud 2026-01-02 +%s`
    assert record["retrieved_timestamp"] == "1767312000"
    (evaluation,) = record["evaluation_results"]
    assert {"evaluation_name", "source_data", "metric_config", "score_details"} <= evaluation.keys()
    config = evaluation["metric_config"]
    assert (config["score_type"], config["min_score"], config["max_score"]) == ("continuous", 0.0, 1.0)
    assert all(isinstance(value, str) for value in evaluation["score_details"]["details"].values())


def test_records_read_back_say_the_same() -> None:
    sent = [
        result(),
        result(model="B", score=0.7, low=None, high=None),
        result(
            dataset="Noise",
            dataset_url="https://data.example.org/noise",
            hub_repository="",
            metric="wer",
            lower_is_better=True,
            low=None,
            high=None,
            bounds=None,
        ),
        result(model="C", score=None, low=None, high=None),
    ]
    content = json.dumps(every_eval_ever(sent, site="https://podium.example.org", version="1")).encode()
    found = read_results(content, "x.json", ImportWishes())
    assert [
        (each.name, each.metric, each.lower_is_better, each.url, [one.declared.model for one in each.results])
        for each in found.datasets
    ] == [
        ("Phrases", "accuracy", False, "", ["A/1", "B"]),
        ("Noise", "wer", True, "https://data.example.org/noise", ["A/1"]),
    ]
    first = found.datasets[0].results[0].declared
    assert (first.score, first.interval, first.updated) == (0.9, Interval(0.8, 0.95), "2024-09-01")


def test_the_hub_is_told_of_its_own_datasets_and_of_how_many_others_there_are() -> None:
    sent = [
        result(),
        result(task="hard", score=20.9),
        result(hub_repository=""),
        result(score=None),
    ]
    content = hub_results(sent)
    assert content.startswith(b"# 2 results are left out")
    assert yaml.safe_load(content) == [
        {
            "dataset": {"id": "org/phrases", "task_id": "default"},
            "value": 0.9,
            "date": "2024-09-01",
            "source": {"url": "https://example.org/a"},
        },
        {
            "dataset": {"id": "org/phrases", "task_id": "hard"},
            "value": 20.9,
            "date": "2024-09-01",
            "source": {"url": "https://example.org/a"},
        },
    ]
    found = read_results(content, "x.yaml", ImportWishes(model="A/1"))
    assert [(each.name, each.results[0].declared.score) for each in found.datasets] == [
        ("org/phrases", 0.9),
        ("org/phrases - hard", 20.9),
    ]
    assert yaml.safe_load(hub_results([])) == []
