"""Against the examples of scikit-learn's documentation, and scikit-learn itself on random data."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as theirs
from tests.unit.metrics.scoring_material import classified, score

from podium.metrics.scored import compare


def test_the_f1_of_the_documentation() -> None:
    # f1_score([0, 1, 2, 0, 1, 2], [0, 2, 1, 0, 0, 1]): macro .2667, micro .3333 (which is accuracy), weighted .2667
    totals = classified([0, 1, 2, 0, 1, 2], [0, 2, 1, 0, 0, 1]).totals
    assert totals["macro_f1"] == pytest.approx(0.2667, abs=5e-5)
    assert totals["accuracy"] == pytest.approx(0.3333, abs=5e-5)
    assert totals["weighted_f1"] == pytest.approx(0.2667, abs=5e-5)


def test_the_other_numbers_of_the_documentation() -> None:
    assert classified([1, 1, 1, -1], [1, -1, 1, 1]).totals["mcc"] == pytest.approx(-0.3333, abs=5e-5)
    assert classified([0, 1, 0, 0, 1, 0], [0, 1, 0, 0, 0, 1]).totals["balanced_accuracy"] == pytest.approx(0.625)


def with_chances(right: list[str], chances: list[dict[str, float]]) -> dict[str, float | None]:
    ours = [{"label": max(row, key=lambda each: row[each]), "probabilities": row} for row in chances]
    return score("text_classification", [{"label": label} for label in right], ours).totals


def test_probabilities_of_the_documentation() -> None:
    # log_loss(["spam", "ham", "ham", "spam"], [[.1, .9], [.9, .1], [.8, .2], [.35, .65]]) = .21616
    chances = [{"ham": h, "spam": s} for h, s in [(0.1, 0.9), (0.9, 0.1), (0.8, 0.2), (0.35, 0.65)]]
    assert with_chances(["spam", "ham", "ham", "spam"], chances)["log_loss"] == pytest.approx(0.21616, abs=5e-6)
    # brier_score_loss([0, 1, 1, 0], [.1, .9, .8, .3]) = .0375
    chances = [{"0": 1 - p, "1": p} for p in (0.1, 0.9, 0.8, 0.3)]
    assert with_chances(["0", "1", "1", "0"], chances)["brier"] == pytest.approx(0.0375)
    # roc_auc_score([0, 0, 1, 1], [.1, .4, .35, .8]) = .75
    chances = [{"0": 1 - p, "1": p} for p in (0.1, 0.4, 0.35, 0.8)]
    assert with_chances(["0", "0", "1", "1"], chances)["roc_auc"] == pytest.approx(0.75)


@pytest.mark.parametrize(("labels", "items", "seed"), [(2, 30, 1), (3, 200, 2), (7, 500, 3), (30, 90, 4), (12, 3, 5)])
def test_labels_as_scikit_learn_has_them(labels: int, items: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    right = [f"l{number:02}" for number in rng.integers(0, labels, items)]
    known = sorted(set(right))
    ours = [label if rng.random() < 0.6 else known[int(rng.integers(len(known)))] for label in right]
    scored = classified(right, ours)
    expected = {
        "accuracy": theirs.accuracy_score(right, ours),
        "macro_f1": theirs.f1_score(right, ours, average="macro", zero_division=0),
        "weighted_f1": theirs.f1_score(right, ours, average="weighted", zero_division=0),
        "balanced_accuracy": theirs.balanced_accuracy_score(right, ours),
        "mcc": theirs.matthews_corrcoef(right, ours),
        "kappa": theirs.cohen_kappa_score(right, ours),
    }
    assert {name: scored.totals[name] for name in expected} == pytest.approx(expected, abs=1e-12)
    assert scored.confusion is not None
    assert scored.confusion.labels == tuple(known)
    assert np.array(scored.confusion.counts).tolist() == theirs.confusion_matrix(right, ours, labels=known).tolist()
    precision, recall, f1, support = theirs.precision_recall_fscore_support(right, ours, labels=known, zero_division=0)
    (table,) = scored.tables
    assert [row[0] for row in table.rows] == known
    found = np.array([row[1:] for row in table.rows], dtype=float)
    assert found[:, [0, 2, 3, 4]] == pytest.approx(np.column_stack([support, precision, recall, f1]))


@pytest.mark.parametrize(("labels", "seed"), [(2, 1), (4, 2)])
def test_probabilities_as_scikit_learn_has_them(labels: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    names = [f"l{number}" for number in range(labels)]
    right = [names[number] for number in rng.integers(0, labels, 300)]
    # Rounded, so that there are ties.
    chances = rng.dirichlet(np.ones(labels), 300).round(2)
    chances[:, 0] += 1 - chances.sum(axis=1)
    chances = np.clip(chances, 0, 1).round(2)
    totals = with_chances(right, [dict(zip(names, row, strict=True)) for row in chances.tolist()])
    assert totals["log_loss"] == pytest.approx(theirs.log_loss(right, chances, labels=names), rel=1e-6)
    brier = (
        theirs.brier_score_loss(right, chances, labels=names, scale_by_half=True)
        if labels > 2
        else (theirs.brier_score_loss(right, chances[:, 1], pos_label="l1"))
    )
    assert totals["brier"] == pytest.approx(brier, rel=1e-6)
    auc = theirs.roc_auc_score(right, chances if labels > 2 else chances[:, 1], multi_class="ovr", labels=names)
    assert totals["roc_auc"] == pytest.approx(auc, abs=1e-6)


def test_without_probabilities_there_is_no_number_of_them() -> None:
    scored = classified(["a", "b"], ["a", "a"])
    assert scored.totals["log_loss"] is None
    assert scored.interval("log_loss", dataset="d", submission="s") is None


def test_accuracy_has_wilsons_interval_and_mcnemars_test() -> None:
    first = classified(["a"] * 30 + ["b"] * 10, ["a"] * 30 + ["b"] * 10)
    second = classified(["a"] * 30 + ["b"] * 10, ["a"] * 20 + ["b"] * 20)
    interval = second.interval("accuracy", dataset="d", submission="s")
    assert interval is not None
    # Wilson of 30 of 40, by hand: (.75 + 3.8415/80 -+ 1.96 * sqrt(.75 * .25/40 + 3.8415/6400)) / (1 + 3.8415/40)
    assert (interval.low, interval.high) == (pytest.approx(0.5981, abs=1e-4), pytest.approx(0.8581, abs=1e-4))
    found = compare(first, second, "accuracy", dataset="d", submissions=("x", "y"))
    assert found is not None
    assert (found.estimate, found.method) == (0.25, "mcnemar")
    assert found.p_value == pytest.approx(2 / 2**10)


def test_the_interval_of_f1_follows_the_confusion_matrix() -> None:
    rng = np.random.default_rng(8)
    right = rng.integers(0, 3, 400)
    ours = np.where(rng.random(400) < 0.7, right, rng.integers(0, 3, 400))
    scored = classified(right.tolist(), ours.tolist())
    interval = scored.interval("macro_f1", dataset="d", submission="s")
    assert interval is not None
    # By hand: resample items and score them with scikit-learn.
    drawn = [
        theirs.f1_score(right[at], ours[at], average="macro") for at in (rng.integers(0, 400, 400) for _ in range(400))
    ]
    low, high = np.quantile(drawn, [0.025, 0.975])
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=0.012)
    assert (interval.method, interval.resamples) == ("bca", 10_000)
    # To first order the values of items have the same error.
    assert scored.bases["macro_f1"].values().std() / 20 == pytest.approx(np.std(drawn), rel=0.15)
    assert scored.bases["macro_f1"].values().mean() == pytest.approx(scored.totals["macro_f1"])


def test_many_labels_are_resampled_in_blocks() -> None:
    rng = np.random.default_rng(9)
    right = rng.integers(0, 200, 5000)
    ours = np.where(rng.random(5000) < 0.5, right, rng.integers(0, 200, 5000))
    scored = classified(right.tolist(), ours.tolist())
    interval = scored.interval("macro_f1", dataset="d", submission="s")
    assert interval is not None
    assert (interval.resamples, interval.units) == (2000, 5000)
    assert interval.low < (scored.totals["macro_f1"] or 0) < interval.high


def test_clusters_are_resampled_whole() -> None:
    rng = np.random.default_rng(10)
    clusters = np.repeat(np.arange(40), 10)
    hard = rng.random(40)[clusters]
    right = rng.integers(0, 2, 400)
    ours = np.where(rng.random(400) < hard, right, 1 - right)
    alone = classified(right.tolist(), ours.tolist())
    grouped = classified(right.tolist(), ours.tolist(), cluster=[f"c{each}" for each in clusters])
    for metric in ("accuracy", "macro_f1"):
        narrow = alone.interval(metric, dataset="d", submission="s")
        wide = grouped.interval(metric, dataset="d", submission="s")
        assert narrow is not None
        assert wide is not None
        assert wide.high - wide.low > 1.4 * (narrow.high - narrow.low)
        assert wide.units == 40


def test_lower_is_better_where_it_is() -> None:
    directions = {metric.name: metric.direction for metric in classified(["a"], ["a"]).task.metrics}
    assert {name for name, direction in directions.items() if direction == "asc"} == {"log_loss", "brier"}


def test_other_labels_are_wrong_where_the_owner_wants_it_so() -> None:
    right, ours = ["a", "b", "a", "b"], ["a", "I think a", "b", "none of these"]
    rows = [{"label": label} for label in right], [{"label": label} for label in ours]
    scored = score("text_classification", *rows, opened=True)
    other = ["a", "(other)", "b", "(other)"]
    assert scored.totals["accuracy"] == 0.25
    assert scored.totals["macro_f1"] == pytest.approx(theirs.f1_score(right, other, average="macro", zero_division=0))
    assert scored.totals["mcc"] == pytest.approx(theirs.matthews_corrcoef(right, other))
    assert scored.confusion is not None
    assert scored.confusion.labels == ("a", "b", "(other)")
    assert scored.confusion.counts == ((1, 1, 0), (0, 0, 2), (0, 0, 0))
    # Beside a model that knows its labels, too.
    plain = score("text_classification", rows[0], [{"label": label} for label in right])
    found = compare(plain, scored, "macro_f1", dataset="d", submissions=("x", "y"))
    assert found is not None
    assert found.estimate == pytest.approx(1 - (scored.totals["macro_f1"] or 0))
