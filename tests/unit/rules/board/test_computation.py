import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.rules.board.columns import Column, Computation
from podium.rules.board.computation import circular_columns, compute


def column(index: int, computation: Computation | None = None, of: tuple[int, ...] = ()) -> Column:
    return Column(key=f"c{index}", title=f"C{index}", index=index, computation=computation, computation_indexes=of)


@pytest.mark.parametrize(
    ("computation", "expected"),
    [
        (Computation.AVERAGE, 3.0),  # (1 + 2 + 6) / 3
        (Computation.SUM, 9.0),
        (Computation.MINIMUM, 1.0),
        (Computation.MAXIMUM, 6.0),
    ],
)
def test_a_column_is_computed_from_those_it_names(computation, expected):
    columns = [column(0), column(1), column(2), column(3), column(9, computation, (0, 1, 2))]
    result = compute(columns, {"c0": 1.0, "c1": 2.0, "c2": 6.0, "c3": 100.0})
    assert result.values["c9"] == expected
    assert result.notes == ()
    assert result.reasons == {}


def test_one_row_makes_no_mean_of_ranks_and_no_other_number_is_put_in_its_place():
    columns = [column(0), column(1, Computation.AVERAGE_RANK, (0,)), column(2, Computation.MAXIMUM, (1,))]
    result = compute(columns, {"c0": 1.0})
    assert result.values == {"c0": 1.0, "c1": None, "c2": None}
    assert result.reasons["c1"] == "C1 comes from the ranks of all rows, which are made in a moment."


def test_the_average_is_the_double_nearest_to_the_true_one():
    # The doubles 0.1, 0.2 and 0.3 add up to 0.6 + 1.7e-17; a third of it is nearest to the double 0.2, while
    # (0.1 + 0.2 + 0.3) / 3 in floating point is 0.20000000000000004 (or 0.19999999999999998 from the rounded sum).
    columns = [column(0), column(1), column(2), column(3, Computation.AVERAGE, (0, 1, 2))]
    assert compute(columns, {"c0": 0.1, "c1": 0.2, "c2": 0.3}).values["c3"] == 0.2


def test_one_missing_operand_makes_the_value_missing_and_says_which():
    columns = [column(0), column(1), column(2, Computation.AVERAGE, (0, 1))]
    result = compute(columns, {"c0": 1.0})
    assert result.values == {"c0": 1.0, "c1": None, "c2": None}
    assert result.reasons["c2"] == "C2 needs C1."
    assert "c1" in result.reasons["c1"]


def test_computed_columns_follow_each_other_whatever_their_place():
    # c0 = max(c1, c3), c1 = c2 + c3 = 5, so c0 = 5
    columns = [column(0, Computation.MAXIMUM, (1, 3)), column(1, Computation.SUM, (2, 3)), column(2), column(3)]
    assert compute(columns, {"c2": 2.0, "c3": 3.0}).values == {"c0": 5.0, "c1": 5.0, "c2": 2.0, "c3": 3.0}


def test_a_score_sent_for_a_computed_column_is_not_used_and_noted():
    columns = [column(0), column(1, Computation.SUM, (0,))]
    result = compute(columns, {"c0": 2.0, "c1": 99.0})
    assert result.values["c1"] == 2.0
    assert len(result.notes) == 1
    assert "c1" in result.notes[0]


def test_a_score_without_a_column_is_noted():
    result = compute([column(0)], {"c0": 2.0, "extra": 1.0})
    assert result.values == {"c0": 2.0}
    assert "extra" in result.notes[0]


def test_a_sum_beyond_all_numbers_is_missing():
    columns = [column(0), column(1), column(2, Computation.SUM, (0, 1))]
    result = compute(columns, {"c0": 1.7e308, "c1": 1.7e308})
    assert result.values["c2"] is None
    assert "too large" in result.reasons["c2"]


def test_the_average_of_the_largest_numbers_is_a_number():
    columns = [column(0), column(1), column(2, Computation.AVERAGE, (0, 1))]
    assert compute(columns, {"c0": 1.7e308, "c1": 1.7e308}).values["c2"] == 1.7e308


def test_columns_that_need_each_other_are_found_and_stay_missing():
    columns = [
        column(0),
        column(1, Computation.SUM, (0, 2)),
        column(2, Computation.SUM, (1,)),
        column(3, Computation.SUM, (2,)),
    ]
    assert {found.key for found in circular_columns(columns)} == {"c1", "c2", "c3"}
    result = compute(columns, {"c0": 1.0})
    assert result.values == {"c0": 1.0, "c1": None, "c2": None, "c3": None}
    assert "itself" in result.reasons["c1"]


def test_an_operand_that_does_not_exist_is_named():
    result = compute([column(0), column(1, Computation.SUM, (0, 7))], {"c0": 1.0})
    assert result.values["c1"] is None
    assert "column 7" in result.reasons["c1"]


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=8))
def test_an_average_lies_between_the_smallest_and_the_largest(numbers):
    columns = [column(i) for i in range(len(numbers))]
    columns.append(column(99, Computation.AVERAGE, tuple(range(len(numbers)))))
    value = compute(columns, {f"c{i}": number for i, number in enumerate(numbers)}).values["c99"]
    assert value is not None
    assert min(numbers) <= value <= max(numbers)


def test_a_chain_of_ten_thousand_columns_is_computed_in_a_moment():
    # Each is the sum of the one after it, so that the first can be computed last; looking through all that wait again
    # and again would take fifty million looks.
    number = 10_000
    columns = [column(index, Computation.SUM, (index + 1,)) for index in range(number - 1)] + [column(number - 1)]
    started = time.process_time()
    result = compute(columns, {f"c{number - 1}": 1.5})
    assert time.process_time() - started < 1
    assert set(result.values.values()) == {1.5}
