"""Means of ranks. The worked examples are computed by hand in the comments, by CodaLab's rule for equal values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.rules.board.columns import Column, Computation, Sorting
from podium.rules.board.computation import compute
from podium.rules.board.ranks import dense_ranks, rank_columns, with_ranks, without_ranks


def column(index, computation=None, of=(), sorting=Sorting.DESCENDING):
    return Column(f"c{index}", f"C{index}", index, sorting, computation=computation, computation_indexes=of)


def computed(columns, *rows):
    return with_ranks(columns, [compute(columns, row) for row in rows])


ACCURACY = column(0)
SECONDS = column(1, sorting=Sorting.ASCENDING)
MEAN = column(2, Computation.AVERAGE_RANK, (0, 1), Sorting.ASCENDING)
INVERSE = column(3, Computation.RECIPROCAL_RANK, (0, 1))


def test_every_column_ranks_in_its_own_direction_and_equal_values_share_a_rank():
    rows = computed(
        [ACCURACY, SECONDS, MEAN, INVERSE],
        {"c0": 0.9, "c1": 30.0},
        {"c0": 0.9, "c1": 10.0},
        {"c0": 0.7, "c1": 20.0},
        {"c0": 0.5, "c1": 10.0},
    )
    # Accuracy, higher first: 0.9 and 0.9 are both 1, 0.7 the next whole number 2, 0.5 is 3.
    # Seconds, lower first: 10 and 10 are both 1, 20 is 2, 30 is 3.
    # Means: (1+3)/2 = 2, (1+1)/2 = 1, (2+2)/2 = 2, (3+1)/2 = 2.
    assert [row.values["c2"] for row in rows] == [2.0, 1.0, 2.0, 2.0]
    # Means of the inverses: (1 + 1/3)/2 = 2/3, (1+1)/2 = 1, (1/2 + 1/2)/2 = 1/2, (1/3 + 1)/2 = 2/3.
    assert [row.values["c3"] for row in rows] == [2 / 3, 1.0, 0.5, 2 / 3]
    assert all(not row.reasons for row in rows)


def test_a_row_without_an_operand_has_no_mean_and_leaves_the_ranks_of_others_alone():
    rows = computed([ACCURACY, SECONDS, MEAN], {"c0": 0.1, "c1": 1.0}, {"c0": 0.9}, {"c0": 0.5, "c1": 2.0})
    # 0.9 still takes the first rank of accuracy, so the means are (3+1)/2 = 2 and (2+2)/2 = 2.
    assert [row.values["c2"] for row in rows] == [2.0, None, 2.0]
    assert rows[1].reasons["c2"] == "C2 needs C1."


def test_ranks_of_ranks_and_what_is_computed_from_them_follow_in_order():
    largest = column(4, Computation.MAXIMUM, (2, 0))
    again = column(5, Computation.AVERAGE_RANK, (2,), Sorting.ASCENDING)
    columns = [again, largest, ACCURACY, SECONDS, MEAN]
    assert {each.key for each in rank_columns(columns)} == {"c2", "c4", "c5"}
    rows = computed(columns, {"c0": 3.0, "c1": 1.0}, {"c0": 1.0, "c1": 2.0})
    # Means of ranks 1 and 2, lower first: ranked 1 and 2. Largest of (1, 3.0) and of (2, 1.0).
    assert [row.values["c5"] for row in rows] == [1.0, 2.0]
    assert [row.values["c4"] for row in rows] == [3.0, 2.0]


def test_an_operand_that_does_not_exist_is_named():
    (row,) = computed([ACCURACY, column(1, Computation.AVERAGE_RANK, (0, 7))], {"c0": 1.0})
    assert row.values["c1"] is None
    assert row.reasons["c1"] == "C1 needs column 7, which does not exist."


def test_a_board_without_such_columns_is_left_as_it_is():
    rows = [compute([ACCURACY], {"c0": 1.0})]
    assert with_ranks([ACCURACY], rows) == rows
    assert rank_columns([ACCURACY, SECONDS]) == ()


def test_no_rows_make_no_values():
    assert with_ranks([ACCURACY, MEAN], []) == []


@pytest.mark.parametrize(("sorting", "ranks"), [("desc", [2, None, 1, 2]), ("asc", [1, None, 2, 1])])
def test_minus_zero_equals_zero(sorting, ranks):
    assert dense_ranks([-0.0, None, 1.0, 0.0], Sorting(sorting)) == ranks


SCORES = st.fixed_dictionaries({}, optional={"c0": st.integers(0, 3), "c1": st.floats(-2, 2)})


@given(st.lists(SCORES, max_size=8))
def test_made_again_from_what_was_made_before_the_values_stay(scores):
    columns = [ACCURACY, SECONDS, MEAN, INVERSE, column(4, Computation.SUM, (2, 3))]
    once = computed(columns, *scores)
    assert with_ranks(columns, once) == once


@given(st.lists(SCORES, min_size=1, max_size=8))
def test_a_rank_is_one_more_than_the_number_of_better_values(scores):
    rows = computed([ACCURACY, column(1, Computation.AVERAGE_RANK, (0,))], *scores)
    present = {row["c0"] for row in scores if "c0" in row}
    for given_scores, row in zip(scores, rows, strict=True):
        expected = 1 + sum(value > given_scores["c0"] for value in present) if "c0" in given_scores else None
        assert row.values["c1"] == expected


def test_a_row_that_is_taken_out_of_the_ranks_shows_none_and_says_why():
    half = column(4, Computation.SUM, (2, 0))
    columns = [ACCURACY, SECONDS, MEAN, half]
    first, _ = computed(columns, {"c0": 0.5, "c1": 10.0}, {"c0": 0.25, "c1": 20.0})
    # Rank 1 in both columns; and 1 + 0.5.
    assert first.values == {"c0": 0.5, "c1": 10.0, "c2": 1.0, "c4": 1.5}
    alone = without_ranks(columns, first)
    assert alone.values == {"c0": 0.5, "c1": 10.0, "c2": None, "c4": None}
    assert alone.reasons == {
        "c2": "C2 comes from the ranks of all rows, and this one has no rank: the organizer marked it.",
        "c4": "C4 needs C2.",
    }
    assert without_ranks(columns, compute(columns, {"c0": 0.5})).reasons["c2"] == "C2 needs C1."
