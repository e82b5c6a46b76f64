import random
from datetime import UTC, datetime, timedelta
from functools import cmp_to_key

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podium.rules.board.columns import Column, Computation, Sorting
from podium.rules.board.computation import compute
from podium.rules.board.ranking import Row, column_order, rank, rank_key

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


def column(index: int, sorting: Sorting = Sorting.DESCENDING, *, hidden: bool = False) -> Column:
    return Column(key=f"c{index}", title=f"C{index}", index=index, sorting=sorting, hidden=hidden)


def by_comparison(columns, primary_index, rows):
    """The documented order, comparing row by row and column by column, without any keys."""
    order = [c for c in columns if c.index == primary_index]
    order += sorted((c for c in columns if c.index != primary_index and not c.hidden), key=lambda c: c.index)

    def compare(a, b):
        for c in order:
            x, y = a.values.get(c.key), b.values.get(c.key)
            if x is None and y is None:
                continue
            if x is None or y is None:
                return 1 if x is None else -1
            if x != y:
                return -1 if (x < y) == (c.sorting is Sorting.ASCENDING) else 1
        if a.submitted_at != b.submitted_at:
            return -1 if a.submitted_at < b.submitted_at else 1
        return a.submission_id - b.submission_id

    return sorted(rows, key=cmp_to_key(compare))


numbers = st.one_of(
    st.sampled_from([0.0, -0.0, 5e-324, -5e-324, 1e308, -1e308, 0.5, 1.0, 2.2250738585072014e-308]),
    st.floats(allow_nan=False, allow_infinity=False),
    st.none(),
)
instants = st.one_of(
    st.sampled_from([NEW_YEAR, NEW_YEAR + timedelta(microseconds=1), datetime(1969, 12, 31, 23, tzinfo=UTC)]),
    st.datetimes(timezones=st.just(UTC)),
)


@st.composite
def boards(draw):
    count = draw(st.integers(1, 4))
    columns = [
        column(i, draw(st.sampled_from(Sorting)), hidden=draw(st.booleans()))
        for i in draw(st.permutations(range(count)))
    ]
    rows = [
        Row(submission_id, draw(instants), {c.key: draw(numbers) for c in columns})
        for submission_id in range(draw(st.integers(0, 12)))
    ]
    return columns, draw(st.integers(0, count - 1)), draw(st.permutations(rows))


@given(boards())
@settings(max_examples=300)
def test_the_order_of_the_keys_is_the_order_of_the_comparison(board):
    columns, primary_index, rows = board
    assert rank(columns, primary_index, rows) == by_comparison(columns, primary_index, rows)


@given(boards())
def test_no_two_submissions_have_the_same_key(board):
    columns, primary_index, rows = board
    keys = {rank_key(columns, primary_index, row.values, row.submitted_at, row.submission_id) for row in rows}
    assert len(keys) == len(rows)


def test_the_documented_worked_example_ranks_as_documented():
    columns = [
        column(0),
        column(1),
        Column("max", "Max Accuracy", 2, computation=Computation.MAXIMUM, computation_indexes=(0, 1)),
        Column("duration", "Duration", 3),
    ]
    sent = [
        (1, NEW_YEAR, (0.5, 0.75, 123.45)),
        (2, NEW_YEAR, (0.43, 0.75, 123.45)),
        (3, NEW_YEAR, (0.6, 0.6, 100.0)),
        (4, NEW_YEAR + timedelta(days=1), (0.6, 0.6, 100.0)),
    ]
    rows = [
        Row(number, day, compute(columns, dict(zip(("c0", "c1", "duration"), scores, strict=True))).values)
        for number, day, scores in sent
    ]
    assert [row.values["max"] for row in rows] == [0.75, 0.75, 0.6, 0.6]
    assert [row.submission_id for row in rank(columns, 2, rows[::-1])] == [1, 2, 3, 4]


def test_with_the_maximum_as_primary_column_it_counts_before_what_stands_left_of_it():
    columns = [column(0), column(1)]
    left = Row(1, NEW_YEAR, {"c0": 0.9, "c1": 0.1})
    right = Row(2, NEW_YEAR, {"c0": 0.1, "c1": 0.9})
    assert rank(columns, 1, [left, right]) == [right, left]
    assert rank(columns, 0, [left, right]) == [left, right]


@pytest.mark.parametrize("sorting", Sorting)
def test_a_missing_value_is_last_in_either_direction(sorting):
    present = Row(2, NEW_YEAR, {"c0": -1e308 if sorting is Sorting.DESCENDING else 1e308})
    missing = Row(1, NEW_YEAR, {"c0": None})
    assert rank([column(0, sorting)], 0, [missing, present]) == [present, missing]


def test_minus_zero_equals_zero_so_that_the_earlier_submission_wins():
    early = Row(1, NEW_YEAR, {"c0": -0.0})
    late = Row(2, NEW_YEAR + timedelta(seconds=1), {"c0": 0.0})
    assert rank([column(0)], 0, [late, early]) == [early, late]
    assert rank([column(0, Sorting.ASCENDING)], 0, [late, early]) == [early, late]


def test_values_that_look_alike_when_rounded_still_differ():
    better = Row(2, NEW_YEAR + timedelta(days=1), {"c0": 0.9349})
    worse = Row(1, NEW_YEAR, {"c0": 0.9348})
    assert rank([column(0)], 0, [worse, better]) == [better, worse]


def test_a_hidden_column_breaks_no_tie_unless_it_is_primary():
    columns = [column(0), column(1, hidden=True), column(2)]
    assert [c.key for c in column_order(columns, 0)] == ["c0", "c2"]
    assert [c.key for c in column_order(columns, 1)] == ["c1", "c0", "c2"]


def test_columns_count_by_index_and_not_by_place():
    assert [c.key for c in column_order([column(2), column(0), column(1)], 1)] == ["c1", "c0", "c2"]


def test_without_a_column_of_the_primary_index_the_first_is_primary():
    assert [c.key for c in column_order([column(3), column(1)], 0)] == ["c1", "c3"]


def test_a_board_without_columns_ranks_by_time():
    late = Row(1, NEW_YEAR + timedelta(seconds=1), {})
    early = Row(2, NEW_YEAR, {})
    assert rank([], 0, [late, early]) == [early, late]


def test_a_key_has_nine_bytes_for_a_column_and_sixteen_for_time_and_id():
    columns = [column(0), column(1, hidden=True), column(2)]
    assert len(rank_key(columns, 0, {"c0": 1.0}, NEW_YEAR, 7)) == 2 * 9 + 16


def test_the_same_instant_in_another_zone_gives_the_same_key():
    elsewhere = NEW_YEAR.astimezone(datetime.fromisoformat("2026-01-01T00:00:00+05:30").tzinfo)
    assert rank_key([column(0)], 0, {}, NEW_YEAR, 1) == rank_key([column(0)], 0, {}, elsewhere, 1)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_what_is_not_finite_cannot_be_ranked(value):
    with pytest.raises(ValueError, match="cannot be ranked"):
        rank_key([column(0)], 0, {"c0": value}, NEW_YEAR, 1)


def test_a_time_without_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        rank_key([column(0)], 0, {}, datetime(2026, 1, 1), 1)  # noqa: DTZ001


def test_computed_values_rank_like_any_other():
    columns = [column(0), column(1), Column("sum", "Sum", 2, computation=Computation.SUM, computation_indexes=(0, 1))]
    scores = {1: {"c0": 1.0, "c1": 1.0}, 2: {"c0": 0.0, "c1": 3.0}, 3: {"c0": 5.0}}
    rows = [Row(number, NEW_YEAR, compute(columns, each).values) for number, each in scores.items()]
    random.Random(0).shuffle(rows)
    assert [row.submission_id for row in rank(columns, 2, rows)] == [2, 1, 3]
