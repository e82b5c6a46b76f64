"""Reading run orders."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podium.rules.errors import InternalError
from podium.rules.looking_back import PastScores
from podium.rules.runs import Step
from podium.worker.transport.orders import RunOrder, content_key, file_name, read_order

LINK = "http://server/blobs/"
# The run arguments of the contract (section 2.3), with the two keys of ours.
SCORING: dict[str, Any] = {
    "user_pk": 1,
    "id": 7,
    "secret": "s",
    "submissions_api_url": "http://server/api",
    "docker_image": "podium/science",
    "execution_time_limit": 600,
    "is_scoring": True,
    "ingestion_only_during_scoring": False,
    "program_data": f"{LINK}scoring",
    "reference_data": f"{LINK}truth",
    "input_data": None,
    "prediction_result": f"{LINK}prediction",
    "scoring_result": f"{LINK}upload/1",
    "scoring_stdout": f"{LINK}upload/2",
    "detailed_results_url": f"{LINK}upload/3",
    "attempt": 2,
    "heartbeat_s": 2.5,
}
PREDICTION = {
    **{key: value for key, value in SCORING.items() if not key.startswith(("scoring_", "detailed", "reference"))},
    "is_scoring": False,
    "prediction_result": f"{LINK}upload/4",
    "prediction_stdout": f"{LINK}upload/5",
}
NEEDED = (
    "user_pk",
    "id",
    "secret",
    "docker_image",
    "execution_time_limit",
    "is_scoring",
    "ingestion_only_during_scoring",
    "prediction_result",
)


def test_a_scoring_order_reads_the_predictions_and_writes_scores_and_logs() -> None:
    order = read_order(SCORING)
    assert (order.step, order.submission_id, order.attempt, order.heartbeat_s) == (Step.SCORING, 7, 2, 2.5)
    assert set(order.inputs) == {"program_data", "reference_data", "prediction_result"}
    assert set(order.uploads) == {"scoring_result", "scoring_stdout", "detailed_results_url"}


def test_a_prediction_order_writes_the_predictions() -> None:
    order = read_order(PREDICTION)
    assert order.step is Step.PREDICTION
    assert set(order.inputs) == {"program_data"}
    assert order.uploads["prediction_result"] == f"{LINK}upload/4"


@pytest.mark.parametrize("name", NEEDED)
def test_an_order_that_lacks_something_is_our_fault_and_names_it(name: str) -> None:
    lacking = {key: value for key, value in SCORING.items() if key != name}
    with pytest.raises(InternalError, match=name):
        read_order(lacking)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("id", "seven"),
        ("execution_time_limit", None),
        ("prediction_result", None),
        ("program_data", "/etc/passwd"),
        ("scoring_result", 3),
    ],
)
def test_an_order_with_a_wrong_kind_of_value_is_our_fault(name: str, value: object) -> None:
    with pytest.raises(InternalError, match="garbles"):
        read_order({**SCORING, name: value})


def test_a_scoring_order_brings_facts_and_the_past() -> None:
    order = read_order(
        {**SCORING, "facts": {"submitted-by": "ada"}, "history": [[0, 1, "a:1.0\n"]], "history_of": "1-2-3"}
    )
    assert (order.facts, order.past_of) == ({"submitted-by": "ada"}, "1-2-3")
    assert order.past == [PastScores(0, 1, "a:1.0\n")]
    older = read_order(SCORING)
    assert (older.facts, older.past, older.past_of) == ({}, [], "")


@pytest.mark.parametrize(
    "history", [[[0, 0, "a"]], [[-1, 1, "a"]], [["../..", 1, "a"]], [[0, "1/../..", "a"]], [[0, 1]], [7], "x", {"a": 1}]
)
def test_a_past_that_would_lie_elsewhere_is_our_fault(history: object) -> None:
    with pytest.raises(InternalError, match="garbles"):
        read_order({**SCORING, "history": history})


VALUES = st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.lists(st.integers(), max_size=2)


@settings(deadline=None)
@given(st.fixed_dictionaries({}, optional={name: VALUES | st.just(value) for name, value in SCORING.items()}))
def test_any_object_is_an_order_or_our_fault(content: dict[str, Any]) -> None:
    with suppress(InternalError):
        assert isinstance(read_order(content), RunOrder)


def test_the_signature_is_no_part_of_what_stands_for_the_content() -> None:
    one, other = f"{LINK}aa/data.zip?expires=1&signature=x", f"{LINK}aa/data.zip?expires=2&signature=y"
    assert content_key(one) == content_key(other) == "/blobs/aa/data.zip"


def test_a_file_is_named_by_the_last_part_of_its_link() -> None:
    assert file_name(f"{LINK}aa/a%20b.zip?expires=1") == "a b.zip"
