"""Two makings of the same score beside each other."""

from __future__ import annotations

from dataclasses import replace

from podium.rules.provenance import Difference, Making, ScoreDifference, StepRecord, compare, named_inputs
from podium.rules.runs import Step

SCORING = StepRecord(
    Step.SCORING,
    1,
    {"submission": "aa", "scoring_program": "bb"},
    runtime="science 12",
    runtime_digest="12" * 32,
    sandbox="bubblewrap",
    worker="lab-1",
    limits={"memory": 4.0, "time": 600},
    exit_code=0,
)
BEFORE = Making([SCORING], {"correct": 1.0, "share": 1 / 3})


def test_the_same_agrees_in_any_order_of_scores() -> None:
    found = compare(BEFORE, Making([SCORING], {"share": 1 / 3, "correct": 1.0}))
    assert found.agrees
    assert (found.scores, found.inputs, found.where) == ((), (), ())


def test_a_last_bit_is_a_difference() -> None:
    found = compare(BEFORE, Making([SCORING], {"correct": 1.0, "share": 0.33333333333333337}))
    # The numbers next to 1/3 lie 2**-54 away.
    assert found.scores == (ScoreDifference("share", 1 / 3, 0.33333333333333337),)
    assert found.scores[0].by == 2**-54
    assert not found.agrees


def test_scores_that_come_or_go_are_told_without_a_distance() -> None:
    found = compare(BEFORE, Making([SCORING], {"correct": 1.0, "new": 2.0}))
    assert found.scores == (ScoreDifference("share", 1 / 3, None), ScoreDifference("new", None, 2.0))
    assert [each.by for each in found.scores] == [None, None]


def test_what_was_read_the_runtime_and_limits_make_a_difference() -> None:
    now = replace(SCORING, read={"submission": "aa", "history": "cc"}, runtime_digest="", limits={"memory": 2.0})
    found = compare(BEFORE, Making([now], BEFORE.scores))
    assert not found.agrees
    assert found.inputs == (
        Difference(Step.SCORING, "scoring program", "bb", ""),
        Difference(Step.SCORING, "runtime", "12" * 32, "science 12"),
        Difference(Step.SCORING, "limit of memory", "4", "2"),
        Difference(Step.SCORING, "limit of time", "600", ""),
        Difference(Step.SCORING, "history", "", "cc"),
    )


def test_another_worker_or_sandbox_is_told_and_is_no_difference() -> None:
    now = replace(SCORING, worker="lab-2", sandbox="docker", attempt=3)
    found = compare(BEFORE, Making([now], BEFORE.scores))
    assert found.agrees
    assert found.where == (
        Difference(Step.SCORING, "sandbox", "bubblewrap", "docker"),
        Difference(Step.SCORING, "worker", "lab-1", "lab-2"),
    )


def test_a_step_that_was_not_done_before_is_a_difference() -> None:
    prediction = StepRecord(Step.PREDICTION, 1, {"submission": "aa"})
    found = compare(BEFORE, Making([prediction, SCORING], BEFORE.scores))
    assert found.inputs == (Difference(Step.PREDICTION, "submission", "", "aa"),)


def test_inputs_are_named_by_what_they_are() -> None:
    read = {"program_data": "aa", "reference_data": "bb", "prediction_result": "cc"}
    assert named_inputs(Step.SCORING, read, predicted=True) == {
        "scoring_program": "aa",
        "reference_data": "bb",
        "predictions": "cc",
    }
    assert named_inputs(Step.SCORING, read, predicted=False)["submission"] == "cc"
    assert named_inputs(Step.PREDICTION, {"program_data": "aa"}, predicted=True) == {"submission": "aa"}
