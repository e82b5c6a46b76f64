"""Results in the files of other tools. The files are shaped as the tools' own documentation and examples are."""

from __future__ import annotations

import json
from datetime import date
from itertools import pairwise
from typing import Any

import pytest

from podium.rules.errors import TooLarge, UserError
from podium.rules.modelboards.declared import Interval
from podium.rules.modelboards.imports import MOST_BYTES, ImportedFile, ImportWishes, read_results


def read(content: object, name: str = "results.json", **wishes: Any) -> ImportedFile:
    held = content if isinstance(content, bytes) else json.dumps(content).encode()
    return read_results(held, name, ImportWishes(**wishes))


def refused(content: object, name: str = "results.json", **wishes: Any) -> str:
    with pytest.raises(UserError) as raised:
        read(content, name, **wishes)
    return raised.value.message


def lm_eval(**changed: Any) -> dict[str, Any]:
    return {
        "results": {
            "arc_easy": {
                "alias": "arc_easy",
                "acc,none": 0.6,
                "acc_stderr,none": 0.01,
                "acc_norm,none": 0.5,
                "acc_norm_stderr,none": 0.02,
            },
            "wikitext": {"alias": "wikitext", "word_perplexity,none": 12.5, "word_perplexity_stderr,none": "N/A"},
        },
        "group_subtasks": {"arc_easy": [], "wikitext": []},
        "configs": {"arc_easy": {"task": "arc_easy", "dataset_path": "allenai/ai2_arc", "test_split": "test"}},
        "versions": {"arc_easy": 1.0, "wikitext": 2.0},
        "n-shot": {"arc_easy": 0, "wikitext": 0},
        "higher_is_better": {"arc_easy": {"acc": True, "acc_norm": True}, "wikitext": {"word_perplexity": False}},
        "n-samples": {"arc_easy": {"original": 2376, "effective": 2376}},
        "config": {"model": "hf", "model_args": "pretrained=tiny/model,dtype=auto", "limit": None},
        "date": 1768964383.8593218,
        "pretty_env_info": "x" * 5000,
        "lm_eval_version": "0.4.9.2",
        "model_name": "tiny/model",
        **changed,
    }


def inspect_log(**changed: Any) -> dict[str, Any]:
    return {
        "version": 2,
        "status": "success",
        "eval": {
            "created": "2025-07-03T16:44:30+02:00",
            "task": "inspect_evals/pubmedqa",
            "dataset": {"name": "bigbio/pubmed_qa", "samples": 500, "sample_ids": ["1", "2"]},
            "model": "openai/gpt-4o-mini",
            "packages": {"inspect_ai": "0.3.108"},
        },
        "results": {
            "total_samples": 500,
            "completed_samples": 499,
            "scores": [
                {
                    "name": "choice",
                    "scorer": "choice",
                    "metrics": {
                        "accuracy": {"name": "accuracy", "value": 0.75},
                        "stderr": {"name": "stderr", "value": 0.02},
                    },
                }
            ],
        },
        "samples": [{"id": "1", "input": "\ud800"}],
        **changed,
    }


def record(score: float = 0.8, **changed: Any) -> dict[str, Any]:
    evaluation = {
        "evaluation_name": "physics",
        "source_data": {"source_type": "hf_dataset", "dataset_name": "mmlu", "hf_repo": "cais/mmlu"},
        "metric_config": {"lower_is_better": False, "score_type": "continuous", "min_score": 0, "max_score": 1},
        "score_details": {"score": score, **changed.pop("details", {})},
        **changed.pop("evaluation", {}),
    }
    return {
        "schema_version": "0.2.1",
        "evaluation_id": "mmlu/org_model/1770344141",
        "evaluation_timestamp": "1770344141.0",
        "retrieved_timestamp": "1770603535",
        "source_metadata": {
            "source_type": "evaluation_run",
            "source_organization_name": "A laboratory",
            "evaluator_relationship": "third_party",
        },
        "eval_library": {"name": "helm", "version": "1"},
        "model_info": {"name": "Model", "id": "org/model"},
        "evaluation_results": [evaluation],
        **changed,
    }


def test_the_harness_gives_a_dataset_for_each_task_with_its_first_metric() -> None:
    found = read(lm_eval())
    assert found.tool == "lm-evaluation-harness 0.4.9.2"
    easy, wikitext = found.datasets
    assert (easy.name, easy.metric, easy.lower_is_better) == ("arc_easy", "acc", False)
    assert easy.extra == {"dataset_path": "allenai/ai2_arc", "test_split": "test"}
    result = easy.results[0].declared
    assert (result.model, result.score, dict(result.detailed_scores)) == ("tiny/model", 0.6, {"acc_norm": 0.5})
    # 1768964383 s after 1970 is 2026-01-21T02:59:43Z (`date -ud @1768964383`).
    assert result.updated_on == date(2026, 1, 21)
    assert (wikitext.metric, wikitext.lower_is_better) == ("word_perplexity", True)


def test_a_standard_error_becomes_an_interval_that_says_how() -> None:
    result = read(lm_eval()).datasets[0].results[0].declared
    # 0.6 - 1.96 * 0.01 = 0.5804 and 0.6 + 1.96 * 0.01 = 0.6196
    assert result.interval is not None
    assert (result.interval.low, result.interval.high) == (pytest.approx(0.5804), pytest.approx(0.6196))
    assert result.extra["interval"] == "the score plus and minus 1.96 standard errors"
    assert result.extra["standard_error"] == 0.01


@pytest.mark.parametrize("error", ["N/A", None, 0.0, -0.1, True, [0.1]])
def test_no_interval_is_made_of_what_is_no_standard_error(error: object) -> None:
    content = lm_eval()
    content["results"]["arc_easy"]["acc_stderr,none"] = error
    result = read(content).datasets[0].results[0].declared
    assert result.interval is None
    assert "interval" not in result.extra


def test_unknown_keys_are_kept_and_long_ones_are_named() -> None:
    result = read(lm_eval(my_note="as it was", long_note="x" * 3000)).datasets[0].results[0].declared
    assert result.extra["my_note"] == "as it was"
    assert result.extra["left_out"] == ["long_note"]
    assert result.extra["samples"] == {"original": 2376, "effective": 2376}
    assert result.extra["imported_from"] == "lm-evaluation-harness 0.4.9.2"


def test_the_harness_before_filters_is_read_too() -> None:
    content = {
        "results": {"sciq": {"acc": 0.891, "acc_stderr": 0.0099, "acc_norm": 0.816, "acc_norm_stderr": 0.0123}},
        "versions": {"sciq": 0},
        "config": {"model": "gpt2", "model_args": "use_fast=True,pretrained=org/small-3b,dtype=auto"},
    }
    found = read(content).datasets[0]
    assert (found.metric, found.lower_is_better) == ("acc", None)
    assert (found.results[0].declared.model, found.results[0].declared.updated) == ("org/small-3b", "")
    # 0.891 - 1.96 * 0.0099 = 0.871596
    assert found.results[0].declared.interval is not None
    assert found.results[0].declared.interval.low == pytest.approx(0.871596)


def test_a_filter_is_part_of_the_metrics_name_and_a_metric_can_be_chosen() -> None:
    row = {"exact_match,strict-match": 0.4, "exact_match_stderr,strict-match": 0.1, "exact_match,flexible-extract": 0.5}
    content = lm_eval(results={"gsm8k": row})
    assert read(content).datasets[0].metric == "exact_match,strict-match"
    chosen = read(content, metric="exact_match,flexible-extract").datasets[0]
    assert (chosen.metric, chosen.results[0].declared.score) == ("exact_match,flexible-extract", 0.5)
    assert chosen.results[0].declared.interval is None


def test_parts_of_a_group_are_left_out_unless_they_are_wished_for() -> None:
    content = lm_eval(
        results={
            "mmlu": {"acc,none": 0.5, "alias": "mmlu"},
            "mmlu_physics": {"acc,none": 0.4, "alias": " - physics"},
            "other": {"alias": "other", " ": " "},
        },
        group_subtasks={"mmlu": ["mmlu_physics"], "mmlu_physics": []},
    )
    found = read(content)
    assert [each.name for each in found.datasets] == ["mmlu"]
    assert [(each.place, each.reason) for each in found.left_out] == [
        ("results.mmlu_physics", "It is a part of mmlu."),
        ("results.other", "It has no scores of its own."),
    ]
    assert [each.name for each in read(content, parts=True).datasets] == ["mmlu", "mmlu_physics"]


def test_a_log_of_inspect_is_one_result_with_the_error_of_its_mean() -> None:
    found = read(inspect_log())
    assert found.tool == "Inspect 0.3.108"
    dataset = found.datasets[0]
    assert (dataset.name, dataset.metric, dataset.lower_is_better) == ("inspect_evals/pubmedqa", "accuracy", None)
    assert dataset.extra == {"name": "bigbio/pubmed_qa", "samples": 500}
    result = dataset.results[0].declared
    assert (result.model, result.score, result.updated) == ("openai/gpt-4o-mini", 0.75, "2025-07-03")
    # 0.75 - 1.96 * 0.02 = 0.7108 and 0.75 + 1.96 * 0.02 = 0.7892
    assert result.interval is not None
    assert (result.interval.low, result.interval.high) == (pytest.approx(0.7108), pytest.approx(0.7892))
    assert (result.extra["samples"], dict(result.detailed_scores)) == (499, {"stderr": 0.02})


def test_several_scorers_of_inspect_keep_their_names_and_their_own_errors() -> None:
    scores = [
        {"name": "match", "metrics": {"mean": {"value": 0.5}, "stderr": {"value": 0.1}}},
        {"name": "judge", "metrics": {"f1": {"value": 0.6}, "stderr": {"value": 0.2}}},
    ]
    found = read(inspect_log(results={"scores": scores})).datasets[0]
    assert found.metric == "match/mean"
    assert dict(found.results[0].declared.detailed_scores) == {
        "judge/f1": 0.6,
        "match/stderr": 0.1,
        "judge/stderr": 0.2,
    }
    # The error beside f1 is that of a mean over samples, which F1 is not.
    assert (
        read(inspect_log(results={"scores": scores}), metric="judge/f1").datasets[0].results[0].declared.interval
        is None
    )


def test_a_record_names_its_dataset_with_the_evaluation_and_gives_what_it_says() -> None:
    found = read(record())
    dataset = found.datasets[0]
    assert (dataset.name, dataset.url, dataset.lower_is_better) == (
        "mmlu - physics",
        "",
        False,
    )
    assert dataset.extra == {"source_type": "hf_dataset", "dataset_name": "mmlu", "hf_repo": "cais/mmlu"}
    result = dataset.results[0].declared
    assert (result.model, result.score, result.interval, result.submitted_by) == (
        "org/model",
        0.8,
        None,
        "A laboratory",
    )
    # `date -ud @1770344141` is 2026-02-06T02:15:41Z.
    assert result.updated == "2026-02-06"
    assert result.extra["eval_library"] == {"name": "helm", "version": "1"}


def test_a_record_of_a_95_percent_interval_keeps_it_and_no_other() -> None:
    interval = {"lower": 0.7, "upper": 0.95}
    given = read(record(details={"uncertainty": {"confidence_interval": interval}})).datasets[0].results[0].declared
    assert given.interval == Interval(0.7, 0.95)
    assert given.extra["interval"] == "as the file gives it"
    narrow = {"confidence_interval": {**interval, "confidence_level": 0.9}}
    kept = read(record(details={"uncertainty": narrow})).datasets[0].results[0].declared
    assert kept.interval is None
    assert kept.extra["score_details"] == {"uncertainty": narrow}
    both = {**narrow, "standard_error": {"value": 0.05}}
    made = read(record(details={"uncertainty": both})).datasets[0].results[0].declared
    # 0.8 - 1.96 * 0.05 = 0.702
    assert made.interval is not None
    assert made.interval.low == pytest.approx(0.702)


def test_an_unknown_level_is_no_score() -> None:
    config = {"lower_is_better": False, "score_type": "levels", "level_names": ["a"], "has_unknown_level": True}
    found = read(record(-1, evaluation={"metric_config": config}))
    assert found.datasets[0].results[0].declared.score is None


def test_records_of_several_models_meet_on_their_datasets() -> None:
    other = record(0.7, model_info={"name": "Other", "id": "org/other"})
    found = read([record(), other])
    assert [each.declared.model for each in found.datasets[0].results] == ["org/model", "org/other"]
    assert "org/model has a score on mmlu - physics at [0].evaluation_results[0] already" in refused(
        [record(), record(0.7)]
    )
    turned = record(
        0.7, model_info={"id": "org/other", "name": "Other"}, evaluation={"metric_config": {"lower_is_better": True}}
    )
    assert refused([record(), turned]).startswith("[1].evaluation_results[0].metric_config.lower_is_better says")


HUB = b"""
- dataset:
    id: cais/hle
    task_id: default
    revision: abc123
  value: 20.90
  date: "2025-01-15"
  source:
    url: https://hub.example.org/someone/traces
    name: Eval traces
    user: someone
  notes: no-tools
- dataset:
    id: Idavidrein/gpqa
    task_id: gpqa_diamond
  value: 0.412
"""


def test_yaml_of_the_hub_is_read_with_the_model_that_is_named_beside_it() -> None:
    found = read(HUB, "results.yaml", model="org/model")
    first, second = found.datasets
    assert (first.name, first.extra) == ("cais/hle", {"hf_repo": "cais/hle", "task_id": "default"})
    result = first.results[0].declared
    assert (result.model, result.score, result.updated, result.source) == (
        "org/model",
        20.9,
        "2025-01-15",
        "https://hub.example.org/someone/traces",
    )
    assert (result.interval, result.submitted_by) == (None, "someone")
    assert {key: result.extra[key] for key in ("notes", "source_name", "revision")} == {
        "notes": "no-tools",
        "source_name": "Eval traces",
        "revision": "abc123",
    }
    assert (second.name, second.results[0].declared.score) == ("Idavidrein/gpqa - gpqa_diamond", 0.412)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (HUB.replace(b"20.90", b".nan"), "[0].value must be a finite number"),
        (HUB.replace(b"20.90", b"many"), "[0].value must be a finite number, and is 'many'."),
        (HUB.replace(b"id: cais/hle", b"name: cais/hle"), "[0].dataset.id must be a text, and is missing."),
        (HUB + HUB.replace(b"default", b"default"), "[2]: cais/hle is at [0] already."),
        (b"value: 3", "The file must be a list"),
        (b"- [", "The file is no YAML on line 2"),
        (b"", "The file must be a list, and is missing."),
        (b"[" * 100, "The file is no YAML"),
        (b"- &a [" + b"*a," * 10 + b"]", "The file"),
        (b"- !!python/object/apply:os.system [ls]", "[0] must be an object"),
        (HUB.replace(b"https://hub.example.org", b"javascript:"), "[0]: source must be an http or https address"),
    ],
)
def test_yaml_that_does_not_do_is_refused_by_its_place(content: bytes, said: str) -> None:
    assert refused(content, "results.yml", model="m").startswith(said)


def test_yaml_that_repeats_itself_ends() -> None:
    names = "abcdefghij"
    lines = ["a: &a [x,x,x,x,x,x,x,x,x]"]
    for before, name in pairwise(names):
        lines.append(f"{name}: &{name} [{','.join([f'*{before}'] * 9)}]")
    assert "holds more than 20,000 values" in refused("\n".join(lines).encode(), "bomb.yaml", model="m")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            lm_eval(results={"arc_easy": {"acc,none": float("nan")}}),
            "results.arc_easy.acc,none must be a finite number",
        ),
        (
            lm_eval(results={"arc_easy": {"acc,none": "0.5"}}),
            "results.arc_easy.acc,none must be a finite number, and is '0",
        ),
        (lm_eval(results={"arc_easy": [0.5]}), "results.arc_easy must be an object"),
        (lm_eval(results={}), "The file holds no result."),
        (lm_eval(results={"a\u202eb": {"acc": 1}}), "A dataset's name must be a text"),
        (lm_eval(results={"arc": {"acc": 10**400}}), "results.arc.acc must be a finite number"),
        (lm_eval(model_name=None, config={}), "The file does not name the model"),
        (lm_eval(note="a\0b"), "A text in the file has a NUL"),
        (lm_eval(note="\ud800"), "A text in the file has a NUL"),
        (inspect_log(version=1), "version is 1, and only 2 can be read."),
        (inspect_log(status="error"), "status is 'error'"),
        (inspect_log(results={"scores": []}), "results.scores has no metric."),
        (
            inspect_log(results={"scores": [{"metrics": {"accuracy": {"value": float("inf")}}}]}),
            "results.scores[0].metrics.accuracy.value must be a finite number",
        ),
        (record(schema_version="1.0"), "schema_version is '1.0', and only 0.2 can be read."),
        (record(model_info={"name": ""}), "model_info.id must be a text"),
        (record(evaluation={"metric_config": {}}), "evaluation_results[0].metric_config.lower_is_better must be"),
        (
            record(details={"uncertainty": {"confidence_interval": {"lower": 0.9, "upper": 0.95}}}),
            "evaluation_results[0]: ci must lie around the score",
        ),
        (
            record(details={"uncertainty": {"standard_error": {"value": -1}}}),
            "evaluation_results[0].score_details.uncertainty.standard_error.value must not be negative.",
        ),
        ({"results": 3}, "The file is of no tool that is known here."),
        ([], "The file is of no tool that is known here."),
        (b"{", "The file is no JSON"),
        (b"\xff\xfe", "The file is no JSON"),
        (b"[" * 100_000, "The file is no JSON"),
    ],
)
def test_a_file_that_does_not_do_is_refused_by_its_place(content: object, said: str) -> None:
    assert refused(content).startswith(said)


def test_a_file_that_lies_deep_is_refused() -> None:
    deep = b'{"results": {"a": {"acc": 1}}, "versions": {}, "x": ' + b"[" * 80 + b"]" * 80 + b"}"
    assert refused(deep) == "The file is nested deeper than 60 levels."


def test_a_large_file_is_refused_before_it_is_read() -> None:
    with pytest.raises(TooLarge):
        read(b" " * (MOST_BYTES + 1))


def test_the_only_dataset_can_be_named_and_several_cannot() -> None:
    assert read(inspect_log(), dataset="PubMedQA").datasets[0].name == "PubMedQA"
    assert "2 datasets" in refused(lm_eval(), dataset="One")
    assert read(lm_eval(), model="Mine").datasets[0].results[0].declared.model == "Mine"
