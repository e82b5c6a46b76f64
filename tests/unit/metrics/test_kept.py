"""What is kept of a scoring gives all of it again, and models are compared from it."""

from __future__ import annotations

import io
import random

import numpy as np
import pytest
from tests.unit.metrics.scoring_material import classified, score, tagged

from podium.metrics.kept import Kept
from podium.metrics.registry import task_type, task_types
from podium.metrics.scored import Declared, Scored, compare, detectable, spread
from podium.metrics.task_type import TaskType


@pytest.mark.parametrize("task", task_types(), ids=lambda task: task.slug)
def test_all_comes_again_from_bytes(task: TaskType) -> None:
    gold = task.read_references(*reversed(task.sample("references"))).value
    assert gold is not None
    ours = task.read_predictions(*reversed(task.sample("predictions")), gold).value
    assert ours is not None
    first = task.score(gold, ours)
    stored = first.to_bytes()
    again = task.restore(stored)
    assert again.totals == first.totals
    assert again.tables == first.tables
    assert again.confusion == first.confusion
    assert again.intervals(dataset="d", submission="s") == first.intervals(dataset="d", submission="s")
    assert {name: values.tolist() for name, values in again.per_item.items()} == {
        name: values.tolist() for name, values in first.per_item.items()
    }
    assert again.to_bytes() == stored
    assert again.count == len(gold)


def test_bytes_of_something_else_are_refused() -> None:
    stored = classified(["a", "b"], ["a", "a"]).to_bytes()
    with pytest.raises(ValueError, match="not of retrieval"):
        task_type("retrieval").restore(stored)
    for content in (b"", b"PK\x03\x04", stored[:-30], b"x" * 100):
        with pytest.raises(ValueError, match=r"no kept scores|pickle"):
            task_type("text_classification").restore(content)


def test_no_pickle_is_ever_read() -> None:
    out = io.BytesIO()
    np.savez(out, about=np.array([{"a": 1}], dtype=object))
    with pytest.raises(ValueError, match="pickle"):
        Kept.from_bytes(out.getvalue())


def test_a_million_items_take_little_room() -> None:
    rng = np.random.default_rng(1)
    right = rng.integers(0, 10, 100_000)
    ours = np.where(rng.random(100_000) < 0.8, right, rng.integers(0, 10, 100_000))
    assert len(classified(right.tolist(), ours.tolist()).to_bytes()) < 150_000


def test_models_on_other_items_are_not_compared() -> None:
    first, second = classified(["a", "b"], ["a", "b"]), classified(["a", "b", "b"], ["a", "b", "b"])
    with pytest.raises(ValueError, match="different items"):
        compare(first, second, "accuracy", dataset="d", submissions=("x", "y"))
    with pytest.raises(ValueError, match="different items"):
        spread([first, second], first.task.metric("accuracy"), dataset="d", submissions=["x", "y"])


def models(noises: list[float]) -> list[Scored]:
    draw = random.Random(4)
    right = [draw.choice("abc") for _ in range(600)]
    return [
        classified(right, [each if draw.random() > noise else draw.choice("abc") for each in right]) for noise in noises
    ]


@pytest.mark.parametrize("metric", ["accuracy", "macro_f1", "mcc"])
def test_ranks_of_models_by_any_metric(metric: str) -> None:
    of = task_type("text_classification").metric(metric)
    found = spread(models([0.1, 0.5, 0.12, 0.9]), of, dataset="d", submissions=["1", "2", "3", "4"])
    assert [(place.best, place.worst) for place in found.places] == [(1, 2), (3, 3), (1, 2), (4, 4)]
    assert found.tied_for_first == (0, 2)
    again = spread(models([0.1, 0.5, 0.12, 0.9]), of, dataset="d", submissions=["1", "2", "3", "4"])
    assert again == found


def test_lower_is_better_is_turned_round() -> None:
    draw = random.Random(5)
    right = [{"transcript": " ".join(draw.choices("abcdef", k=8))} for _ in range(200)]

    def heard(noise: float) -> list[dict[str, str]]:
        return [
            {"transcript": " ".join("x" if draw.random() < noise else w for w in row["transcript"].split())}
            for row in right
        ]

    found = spread(
        [score("multimodal_speech", right, heard(noise)) for noise in (0.6, 0.1, 0.3)],
        task_type("multimodal_speech").metric("wer"),
        dataset="d",
        submissions=["1", "2", "3"],
    )
    assert [place.rank for place in found.places] == [3, 1, 2]
    assert found.surely_better[1] == frozenset({0, 2})


def test_a_model_without_the_metric_has_no_place() -> None:
    with pytest.raises(ValueError, match="no log_loss"):
        spread(
            models([0.1, 0.2]), task_type("text_classification").metric("log_loss"), dataset="d", submissions=["1", "2"]
        )


def test_declared_results_stand_among_scored_ones() -> None:
    of = task_type("text_classification").metric("accuracy")
    declared = [Declared(0.99, 0.002), Declared(0.5, None), Declared(None, None), Declared(0.85, 0.04)]
    found = spread(models([0.1, 0.5]), of, dataset="d", submissions=["1", "2"], declared=declared)
    assert [place.rank for place in found.places] == [2, 4, 1, 5, None, 3]
    sure = [(2, 3), (4, 4), (1, 1), (None, None), (None, None), (2, 3)]
    assert [(place.best, place.worst) for place in found.places] == sure
    alone = spread([], of, dataset="d", submissions=[], declared=declared[:2])
    assert [place.rank for place in alone.places] == [1, 2]
    assert alone.critical is None


def test_declared_errors_turn_round_with_the_metric() -> None:
    of = task_type("multimodal_speech").metric("wer")
    found = spread([], of, dataset="d", submissions=[], declared=[Declared(0.3, 0.01), Declared(0.1, 0.01)])
    assert [(place.rank, place.best, place.worst) for place in found.places] == [(2, 2, 2), (1, 1, 1)]


def test_the_smallest_difference_that_items_can_show() -> None:
    of = task_type("text_classification").metric("accuracy")
    first, second = (
        classified(["a"] * 400 + ["b"] * 400, ours)
        for ours in (
            ["a"] * 360 + ["b"] * 40 + ["b"] * 400,
            ["a"] * 400 + ["b"] * 360 + ["a"] * 40,
        )
    )
    # They differ by -1, 0 and 1 on 40, 720 and 40 of 800 items: variance .1 * 800 / 799, error sqrt(.1 / 799),
    # times 1.95996 + .84162.
    assert detectable([first, second], of) == pytest.approx(2.80158 * (0.1 / 799) ** 0.5, abs=1e-6)
    # One model: as if another differed on one item in eight.
    assert detectable([first], of) == pytest.approx(2.80158 * (0.125 / 800) ** 0.5, abs=1e-6)
    assert detectable([first, first], of) == detectable([first], of)
    assert detectable([first], of.__class__("macro_f1", "", "", "corpus")) is None


def test_comparing_the_other_way_round_turns_the_sign() -> None:
    first, second = models([0.2, 0.3])
    for metric in ("accuracy", "macro_f1"):
        one = compare(first, second, metric, dataset="d", submissions=("1", "2"))
        other = compare(second, first, metric, dataset="d", submissions=("2", "1"))
        assert one is not None
        assert other is not None
        assert one.estimate == pytest.approx(-other.estimate)
        assert one.p_value == pytest.approx(other.p_value, abs=0.01)


@pytest.mark.parametrize("metric", ["entity_f1", "precision", "recall", "partial_f1", "token_accuracy"])
def test_values_of_items_have_the_total_as_their_mean(metric: str) -> None:
    draw = random.Random(6)
    tags = ["O", "B-PER", "I-PER", "B-LOC"]
    right = [[draw.choice(tags) for _ in range(draw.randint(1, 9))] for _ in range(80)]
    right[0] = ["B-PER", "B-LOC"]
    ours = [[tag if draw.random() < 0.8 else draw.choice(tags) for tag in row] for row in right]
    scored = tagged(right, ours)
    assert scored.bases[metric].values().mean() == pytest.approx(scored.totals[metric], abs=1e-12)
