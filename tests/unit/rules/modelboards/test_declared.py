"""What may be declared about a model, and what is said where it does not do."""

from __future__ import annotations

import math
from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.rules.errors import UserError
from podium.rules.modelboards.dates import read_date
from podium.rules.modelboards.declared import Interval, read_declared

FINITE = st.floats(allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(
    ("ci", "score", "low", "high"),
    [
        ("0.93 - 0.97", 0.95, 0.93, 0.97),
        ("0.93-0.97", 0.95, 0.93, 0.97),
        ("0.93 – 0.97", 0.95, 0.93, 0.97),
        ("0.93–0.97", 0.95, 0.93, 0.97),
        ("0.93, 0.97", 0.95, 0.93, 0.97),
        ("[0.93, 0.97]", 0.95, 0.93, 0.97),
        ("(0.93 - 0.97)", 0.95, 0.93, 0.97),
        ("-0.5 - -0.1", -0.2, -0.5, -0.1),
        ("[-0.5, 0.5]", 0.0, -0.5, 0.5),
        ("1e-3 to 2e-3", 0.0015, 0.001, 0.002),
        ("95 - 95", 95, 95.0, 95.0),
        ([0.9, 1], 0.95, 0.9, 1.0),
    ],
)
def test_an_interval_is_read_as_people_write_it(ci: object, score: float, low: float, high: float) -> None:
    assert read_declared({"model": "m", "score": score, "ci": ci}).interval == Interval(low, high)


@pytest.mark.parametrize("ci", [None, "", "  "])
def test_no_interval_is_invented(ci: object) -> None:
    declared = read_declared({"model": "m", "score": 0.5, "ci": ci})
    assert (declared.interval, declared.ci) == (None, "")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"ci": "0.96 - 0.97"}, "ci must lie around the score; 0.95 is not between 0.96 and 0.97."),
        ({"ci": "0.97 - 0.93"}, "ci must name its lower bound first, and both must be finite."),
        ({"ci": "0.9 - 1e999"}, "ci must name its lower bound first, and both must be finite."),
        ({"ci": "about 0.9"}, "ci must name two bounds, such as 0.93 - 0.97."),
        ({"ci": 0.9}, "ci must be a text of at most 100 letters."),
        ({"ci": ["a", "b"]}, "ci must be a text of at most 100 letters."),
        ({"score": None, "ci": "0 - 1"}, "ci must lie around the score; there is none."),
        ({"score": "0.95"}, "score must be a finite number, or null for a model without a score."),
        ({"score": True}, "score must be a finite number, or null for a model without a score."),
        ({"score": math.nan}, "score must be a finite number, or null for a model without a score."),
        ({"score": -math.inf}, "score must be a finite number, or null for a model without a score."),
        ({"score": 10**400}, "score must be a finite number, or null for a model without a score."),
        ({"score": [1]}, "score must be a finite number, or null for a model without a score."),
        ({"rank": 0}, "rank must be a whole number from 1, or null."),
        ({"rank": -1}, "rank must be a whole number from 1, or null."),
        ({"rank": 1.5}, "rank must be a whole number from 1, or null."),
        ({"rank": "1"}, "rank must be a whole number from 1, or null."),
        ({"rank": True}, "rank must be a whole number from 1, or null."),
        ({"rank": 2**63}, "rank must be a whole number from 1, or null."),
        ({"model": "x" * 201}, "model must be a text of 1 to 200 visible letters."),
        ({"model": "x" * 10_000_000}, "model must be a text of 1 to 200 visible letters."),
        ({"model": "a\u202eb"}, "model must be a text of 1 to 200 visible letters."),
        ({"model": 5}, "model must be a text of 1 to 200 visible letters."),
        ({"model": "  "}, "model must be a text of 1 to 200 visible letters."),
        ({"updated": 2024}, "updated must be a text of at most 100 letters."),
        ({"source": "javascript:alert(1)"}, "source must be an http or https address."),
        ({"source": "https://a b"}, "source must be an http or https address."),
        ({"detailed_scores": [1]}, "detailed_scores must be an object of at most 100 numbers."),
        ({"detailed_scores": {"f1": "0.9"}}, "detailed_scores.f1 must be a finite number."),
        ({"notes": "x" * 30_000}, "The request has more than 20000 letters of further fields."),
    ],
)
def test_what_does_not_do_is_named(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError) as refused:
        read_declared({"model": "m", "score": 0.95, **fields})
    assert refused.value.message == message


@pytest.mark.parametrize(
    ("fields", "missing"),
    [({}, "model, score"), ({"model": "m"}, "score"), ({"model": "", "score": 1}, "model")],
)
def test_missing_fields_are_named_in_the_words_of_the_contract(fields: dict[str, Any], missing: str) -> None:
    with pytest.raises(UserError) as refused:
        read_declared(fields)
    assert refused.value.message == f"Missing required fields: {missing}"


def test_the_place_of_a_model_in_a_list_is_told() -> None:
    with pytest.raises(UserError, match=r"^models\[3\]\.score must be a finite number"):
        read_declared({"model": "m", "score": "high"}, "models[3].")


def test_unknown_keys_are_kept_and_what_json_does_not_know_is_spelt_out() -> None:
    declared = read_declared({"model": "m", "score": 1, "notes": {"a": [math.nan, 2]}, "temperature": 0.1})
    assert declared.extra == {"notes": {"a": ["nan", 2]}, "temperature": 0.1}


@given(score=FINITE, below=FINITE, above=FINITE)
def test_an_interval_is_kept_exactly_when_the_score_lies_in_it(score: float, below: float, above: float) -> None:
    fields = {"model": "m", "score": score, "ci": f"[{below!r}, {above!r}]"}
    if below <= score <= above:
        assert read_declared(fields).interval == Interval(below, above)
    else:
        with pytest.raises(UserError):
            read_declared(fields)


def test_a_rank_that_is_sent_as_a_float_is_the_whole_number_that_it_is() -> None:
    assert read_declared({"model": "m", "score": 0.5, "rank": 4.0}).rank == 4


@given(
    st.dictionaries(st.text(max_size=12), st.one_of(st.none(), st.booleans(), FINITE, st.text(), st.lists(st.text())))
)
def test_nothing_raises_anything_but_our_errors(fields: dict[str, Any]) -> None:
    for given_fields in (fields, {"model": "m", "score": 1.0, **fields}):
        with suppress(UserError):
            read_declared(given_fields)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Sep 2024", date(2024, 9, 1)),
        ("Sept. 2024", date(2024, 9, 1)),
        ("September 2024", date(2024, 9, 1)),
        ("Oct-2024", date(2024, 10, 1)),
        ("2024-09", date(2024, 9, 1)),
        ("2024-09-30", date(2024, 9, 30)),
        ("2024-09-30T10:00:00Z", date(2024, 9, 30)),
        ("2024", date(2024, 1, 1)),
        ("May 5, 2024", date(2024, 5, 5)),
        ("5 May 2024", date(2024, 5, 5)),
        ("2024-02-30", None),
        ("2024-13", None),
        ("Foo 2024", None),
        ("0000", None),
        ("soon", None),
        ("", None),
    ],
)
def test_a_day_is_read_as_people_write_it(text: str, day: date | None) -> None:
    assert read_date(text) == day


@given(st.text(max_size=30))
def test_any_text_is_a_day_or_none(text: str) -> None:
    assert read_date(text) is None or isinstance(read_date(text), date)


def test_a_secondary_score_that_was_not_measured_is_left_out() -> None:
    assert read_declared(
        {"model": "m", "score": 1, "detailed_scores": {"f1": None, "recall": 0.5}}
    ).detailed_scores == {"recall": 0.5}
