"""Each language counts alike, and the worst is shown."""

from __future__ import annotations

import random

import numpy as np
import pytest
from tests.unit.metrics.scoring_material import score

from podium.metrics.bases import Items
from podium.metrics.multilingual.bases import Language, LanguageMean, WorstLanguage
from podium.metrics.registry import task_type
from podium.metrics.scored import Scored, compare
from podium.stats.proportions import wilson

RIGHT = {"en": 90, "de": 6, "sw": 3}
"""Of 100, 10 and 10 items."""
MANY = {"en": 100, "de": 10, "sw": 10}


def languages(right: dict[str, int], slug: str = "multilingual_text_classification", cluster: bool = False) -> Scored:
    rows, ours = [], []
    for language, many in MANY.items():
        for number in range(many):
            rows.append({"label": "a", "language": language, **({"cluster": f"c{number % 5}"} if cluster else {})})
            ours.append({"label": "a" if number < right[language] else "b"})
    # A last item of another label, right everywhere, so that "b" is one.
    for language in MANY:
        rows.append({"label": "b", "language": language, **({"cluster": "c0"} if cluster else {})})
        ours.append({"label": "b"})
    return score(slug, rows, ours)


def test_a_small_language_counts_as_much_as_a_large_one() -> None:
    totals = languages(RIGHT).totals
    # 91 of 101, 7 of 11 and 4 of 11.
    assert totals["accuracy_language_mean"] == pytest.approx((91 / 101 + 7 / 11 + 4 / 11) / 3)
    assert totals["accuracy_worst_language"] == pytest.approx(4 / 11)


def test_the_table_shows_each_language() -> None:
    table = next(table for table in languages(RIGHT).tables if table.name == "language")
    assert table.columns[:3] == ("language", "items", "accuracy")
    assert [row[:3] for row in table.rows] == [("de", 11, 7 / 11), ("en", 101, 91 / 101), ("sw", 11, 4 / 11)]


def test_the_plain_task_has_that_table_too_where_languages_are_named() -> None:
    names = [table.name for table in languages(RIGHT, "text_classification").tables]
    assert names == ["class", "language"]


def test_the_interval_of_the_mean_is_put_together_from_those_of_languages() -> None:
    found = languages(RIGHT).interval("accuracy_language_mean", dataset="d", submission="s")
    assert found is not None
    # Zou and Donner: the root of the squared distances to the lower ends, and to the upper ones, over 3.
    parts = [(91 / 101, wilson(91, 101)), (7 / 11, wilson(7, 11)), (4 / 11, wilson(4, 11))]
    mean = sum(share for share, _ in parts) / 3
    below = sum((share - part.low) ** 2 for share, part in parts) ** 0.5 / 3
    above = sum((part.high - share) ** 2 for share, part in parts) ** 0.5 / 3
    assert (found.low, found.high) == (pytest.approx(mean - below), pytest.approx(mean + above))
    assert found.method == "mover"


def test_the_interval_of_the_worst_holds_for_all_languages_at_once() -> None:
    found = languages(RIGHT).interval("accuracy_worst_language", dataset="d", submission="s")
    assert found is not None
    parts = [wilson(91, 101, 1 - 0.05 / 3), wilson(7, 11, 1 - 0.05 / 3), wilson(4, 11, 1 - 0.05 / 3)]
    assert (found.low, found.high) == (
        pytest.approx(min(p.low for p in parts)),
        pytest.approx(min(p.high for p in parts)),
    )


def test_clusters_over_several_languages_are_kept_together() -> None:
    found = languages(RIGHT, cluster=True).interval("accuracy_language_mean", dataset="d", submission="s")
    assert found is not None
    assert (found.method, found.units) == ("t-clustered", 5)


def test_models_are_compared_by_language() -> None:
    better, worse = languages({"en": 90, "de": 9, "sw": 9}), languages({"en": 92, "de": 3, "sw": 2})
    mean = compare(better, worse, "accuracy_language_mean", dataset="d", submissions=("a", "b"))
    assert mean is not None
    assert mean.estimate == pytest.approx((-2 / 101 + 6 / 11 + 7 / 11) / 3)
    assert mean.distinguishable
    worst = compare(better, worse, "accuracy_worst_language", dataset="d", submissions=("a", "b"))
    assert worst is not None
    assert worst.estimate == pytest.approx(10 / 11 - 3 / 11 if 91 / 101 > 10 / 11 else 91 / 101 - 3 / 11)


def test_lower_is_better_makes_the_largest_the_worst() -> None:
    rows = [{"transcript": "a b", "language": "en"}, {"transcript": "a b", "language": "de"}]
    totals = score("multilingual_multimodal_speech", rows, [{"transcript": "a b"}, {"transcript": "a x"}]).totals
    assert (totals["wer_language_mean"], totals["wer_worst_language"]) == (0.25, 0.5)


def test_a_metric_that_one_language_lacks_has_no_mean() -> None:
    rows = [{"answers": ["x"], "language": "en"}, {"answers": [], "language": "de"}]
    totals = score("multilingual_document_qa", rows, [{"answer": "x"}, {"answer": ""}]).totals
    assert totals["f1_language_mean"] == 1
    assert totals["no_answer_accuracy_language_mean"] is None
    assert totals["no_answer_accuracy_worst_language"] is None


def test_references_must_name_languages() -> None:
    read = task_type("multilingual_retrieval").read_references(b'{"id": 1, "relevant": ["a"]}', "r.jsonl")
    assert [problem.code for problem in read.problems] == ["column-missing"]


@pytest.mark.slow
def test_intervals_over_languages_hold_the_truth() -> None:
    """Three languages of 150, 100 and 50 items: 2,000 draws; nominal 95 %, as for single ones."""
    rng = np.random.default_rng(7)
    sizes, shares = (150, 100, 50), (0.9, 0.8, 0.6)
    items = np.split(np.arange(300), np.cumsum(sizes)[:-1])
    held = {"mean": 0, "worst": 0}
    for _ in range(2000):
        parts = [
            Language(Items((rng.random(size) < share).astype(float), binary=True), where, None)
            for size, share, where in zip(sizes, shares, items, strict=True)
        ]
        mean, worst = (
            LanguageMean(parts, 300).interval(0, None, 0.95),
            WorstLanguage(parts, 300, False).interval(0, None, 0.95),
        )
        assert mean is not None
        assert worst is not None
        held["mean"] += mean.low <= 2.3 / 3 <= mean.high
        held["worst"] += worst.low <= 0.6 <= worst.high
    assert held["mean"] / 2000 == pytest.approx(0.95, abs=0.01)
    assert held["worst"] / 2000 >= 0.95


def test_values_of_items_carry_the_error_of_the_mean_over_languages() -> None:
    draw = random.Random(1)
    scores = np.array([draw.random() for _ in range(100)])
    items = np.split(np.arange(100), [70])
    mean = LanguageMean([Language(Items(scores[where]), where, None) for where in items], 100)
    values = mean.values()
    assert values.mean() == pytest.approx(mean.estimate())
    # (s1^2 / 70 + s2^2 / 30) / 4, with variances over n
    expected = sum(scores[where].var() / len(where) for where in items) / 4
    assert values.var() / 100 == pytest.approx(expected)
