"""The examples of model boards: all of them score, as other tools and arithmetic say they do."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from podium.metrics.registry import task_type, task_types

FOLDER = Path(__file__).parents[3] / "examples" / "modelboards"
SCORED = sorted(path.parent.name for path in FOLDER.glob("*/references.*"))


def rows(path: Path) -> list[dict[str, Any]]:
    (file,) = path.parent.glob(f"{path.name}.*")
    text = file.read_text(encoding="utf-8")
    if file.suffix == ".csv":
        return list(csv.DictReader(text.splitlines()))
    return [json.loads(line) for line in text.splitlines()]


def column(folder: str, file: str, name: str) -> list[Any]:
    return [row[name] for row in rows(FOLDER / folder / file)]


def totals(folder: str, model: str) -> Mapping[str, float | None]:
    about = json.loads((FOLDER / folder / "dataset.json").read_text(encoding="utf-8"))
    task = task_type(about["task_type"])
    (references,) = (FOLDER / folder).glob("references.*")
    (predictions,) = (FOLDER / folder / "predictions").glob(f"{model}.*")
    gold = task.read_references(references.read_bytes(), references.name)
    assert gold.value is not None, gold.problems
    answers = task.read_predictions(predictions.read_bytes(), predictions.name, gold.value)
    assert answers.value is not None, answers.problems
    return task.score(gold.value, answers.value).totals


def test_there_is_a_dataset_for_each_task_type_with_three_models() -> None:
    there = {json.loads((FOLDER / name / "dataset.json").read_text(encoding="utf-8"))["task_type"] for name in SCORED}
    plain = {each.slug for each in task_types() if not each.slug.startswith("multilingual_")}
    assert there == plain | {"multilingual_text_classification"}
    for name in SCORED:
        assert len(list((FOLDER / name / "predictions").iterdir())) == 3, name
        assert column(name, "inputs", "id") == column(name, "references", "id")


@pytest.mark.parametrize("model", ["careful", "hasty", "praises-all"])
def test_classification_is_as_scikit_learn_has_it(model: str) -> None:
    from sklearn.metrics import accuracy_score, f1_score

    right, ours = column("shop-mail", "references", "label"), column("shop-mail", f"predictions/{model}", "label")
    found = totals("shop-mail", model)
    assert found["accuracy"] == pytest.approx(accuracy_score(right, ours))
    assert found["macro_f1"] == pytest.approx(f1_score(right, ours, average="macro", zero_division=0))


@pytest.mark.parametrize("model", ["careful", "hasty", "single-words"])
def test_names_are_as_seqeval_has_them(model: str) -> None:
    from seqeval.metrics import f1_score

    right, ours = column("news-names", "references", "tags"), column("news-names", f"predictions/{model}", "tags")
    assert totals("news-names", model)["entity_f1"] == pytest.approx(f1_score(right, ours))


@pytest.mark.parametrize("model", ["careful", "word-by-word", "copies"])
def test_translations_are_as_sacrebleu_has_them(model: str) -> None:
    from sacrebleu.metrics import BLEU, CHRF

    right = [each[0] for each in column("into-german", "references", "references")]
    ours = column("into-german", f"predictions/{model}", "translation")
    found = totals("into-german", model)
    assert found["chrf"] == pytest.approx(CHRF().corpus_score(ours, [right]).score)
    assert found["bleu"] == pytest.approx(BLEU().corpus_score(ours, [right]).score)


@pytest.mark.parametrize("model", ["careful", "hasty"])
def test_rankings_are_as_trec_eval_has_them(model: str) -> None:
    import pytrec_eval

    grades = {row["id"]: row["relevant"] for row in rows(FOLDER / "pantry-search" / "references")}
    run = {
        row["id"]: {each: 1.0 / (place + 1) for place, each in enumerate(row["ranking"])}
        for row in rows(FOLDER / "pantry-search" / "predictions" / model)
    }
    by_query = pytrec_eval.RelevanceEvaluator(grades, {"ndcg_cut_10"}).evaluate(run)
    mean = sum(each["ndcg_cut_10"] for each in by_query.values()) / len(by_query)
    assert totals("pantry-search", model)["ndcg_10"] == pytest.approx(mean)


@pytest.mark.parametrize(
    ("folder", "model", "metric", "expected"),
    [
        # 11 of 12 right: 3 to the power of 4 is 81, and 64 was said.
        ("one-liners", "careful", "exact_match", 11 / 12),
        # Only 17 + 25 is 42.
        ("one-liners", "always-42", "exact_match", 1 / 12),
        # "nine kinds" for "nine" is no exact match: 11 of 12.
        ("small-documents", "careful", "exact_match", 11 / 12),
        # "nine kinds" for "nine": precision 1/2, recall 1, F1 = 2/3; all others 1: (11 + 2/3) / 12.
        ("small-documents", "careful", "f1", (11 + 2 / 3) / 12),
        # At least four of ten say what the model says: 1 each. "the table" and "a ladder" lose the article.
        ("described-pictures", "careful", "vqa_accuracy", 1.0),
        # One of ten says "yes" to one of twelve questions. Averaged over the ten ways to leave one person out, that is
        # nine times 1/3 and once 0: 0.3; over twelve items 0.025.
        ("described-pictures", "says-yes", "vqa_accuracy", 0.3 / 12),
        # One word of 62 is missing ("the" before "list").
        ("voice-commands", "careful", "wer", 1 / 62),
        # One mistake of six in Italian: mean of 1, 1 and 5/6.
        ("three-languages", "careful", "accuracy_language_mean", (1 + 1 + 5 / 6) / 3),
        # Mistakes in items 8 and 11 of six German, and 14, 16 and 18 of six Italian ones.
        ("three-languages", "english-first", "accuracy_language_mean", (1 + 4 / 6 + 3 / 6) / 3),
        ("three-languages", "english-first", "accuracy_worst_language", 3 / 6),
    ],
)
def test_scores_that_can_be_counted(folder: str, model: str, metric: str, expected: float) -> None:
    assert totals(folder, model)[metric] == pytest.approx(expected)


def test_declared_results_are_those_of_the_contract() -> None:
    about = json.loads((FOLDER / "financial-phrasebank" / "dataset.json").read_text(encoding="utf-8"))
    assert [(each["rank"], each["model"], each["score"], each["ci"], each["updated"]) for each in about["models"]] == [
        (1, "Gemini", 0.95, "0.93 - 0.97", "Sep 2024"),
        (4, "Llama3", 0.92, "0.90 - 0.94", "Sep 2024"),
    ]
