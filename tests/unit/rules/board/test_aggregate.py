from datetime import UTC, datetime

from podium.rules.board.aggregate import MultiTaskRanking, aggregate, aggregate_all, ranking_columns
from podium.rules.board.columns import Column, Sorting
from podium.rules.board.computation import BoardValues
from podium.rules.board.ranking import Row, rank

COLUMNS = [Column("accuracy", "Accuracy", 0), Column("duration", "Duration", 1)]


def values(accuracy: float | None, duration: float | None) -> BoardValues:
    return BoardValues({"accuracy": accuracy, "duration": duration})


def test_every_column_is_the_mean_over_the_tasks():
    result = aggregate(COLUMNS, ["easy", "hard"], {"easy": values(1.0, 3.0), "hard": values(0.5, 4.0)})
    assert result.values == {"accuracy": 0.75, "duration": 3.5}
    assert result.reasons == {}


def test_one_task_gives_its_own_values():
    only = BoardValues({"accuracy": 0.1, "duration": None}, {"duration": "No such score."}, ("A note.",))
    assert aggregate(COLUMNS, ["easy"], {"easy": only}) is only


def test_a_row_that_lacks_a_task_lacks_every_value_and_says_which_task():
    result = aggregate(COLUMNS, ["easy", "hard"], {"easy": values(1.0, 3.0)})
    assert result.values == {"accuracy": None, "duration": None}
    assert result.reasons["accuracy"] == "Accuracy has no value for hard."


def test_a_column_missing_in_one_task_is_missing_alone():
    result = aggregate(COLUMNS, ["easy", "hard"], {"easy": values(1.0, None), "hard": values(0.5, 4.0)})
    assert result.values == {"accuracy": 0.75, "duration": None}
    assert "easy" in result.reasons["duration"]


def test_notes_name_their_task():
    noted = BoardValues({"accuracy": 1.0, "duration": 1.0}, {}, ("The score x was not used.",))
    assert aggregate(COLUMNS, ["easy", "hard"], {"easy": values(1.0, 1.0), "hard": noted}).notes == (
        "hard: The score x was not used.",
    )


def test_a_result_of_a_task_that_no_longer_belongs_to_the_phase_does_not_count():
    result = aggregate(COLUMNS, ["easy"], {"easy": values(0.2, 1.0), "gone": values(1.0, 1.0)})
    assert result.values["accuracy"] == 0.2


def test_an_incomplete_row_ranks_below_a_poor_complete_one():
    day = datetime(2026, 1, 1, tzinfo=UTC)
    incomplete = aggregate(COLUMNS, ["easy", "hard"], {"easy": values(1.0, 9.0)})
    complete = aggregate(COLUMNS, ["easy", "hard"], {"easy": values(0.0, 1.0), "hard": values(0.0, 1.0)})
    rows = [Row(1, day, incomplete.values), Row(2, day, complete.values)]
    assert [row.submission_id for row in rank(COLUMNS, 0, rows)] == [2, 1]


def test_the_first_task_may_rank_alone_but_only_among_complete_rows():
    both = {"easy": values(1.0, None), "hard": values(0.5, 4.0)}
    first = aggregate(COLUMNS, ["easy", "hard"], both, MultiTaskRanking.FIRST)
    assert first.values == {"accuracy": 1.0, "duration": None}
    assert first.reasons == {"duration": "Duration has no value for easy."}
    lacking = aggregate(COLUMNS, ["easy", "hard"], {"easy": values(1.0, 3.0)}, MultiTaskRanking.FIRST)
    assert lacking.values == {"accuracy": None, "duration": None}


def test_a_mean_of_ranks_is_made_of_the_ranks_of_each_task():
    columns = [Column("accuracy", "Accuracy", 0), Column("duration", "Duration", 1, sorting=Sorting.ASCENDING)]
    rows = [
        {"easy": values(0.9, 3.0), "hard": values(0.2, 1.0)},
        {"easy": values(0.9, 1.0), "hard": values(0.4, None)},
        {"easy": values(0.1, 2.0)},
    ]
    found = aggregate_all(columns, ["easy", "hard"], rows, MultiTaskRanking.MEAN_RANK)
    # Accuracy: ranks on easy 1, 1, 2, on hard 2, 1, none. Duration: on easy 3, 1, 2, on hard 1, none, none.
    assert [row.values for row in found] == [
        {"accuracy": 1.5, "duration": 2.0},
        {"accuracy": 1.0, "duration": None},
        {"accuracy": None, "duration": None},
    ]
    assert found[0].reasons == {}
    assert found[1].reasons == {"duration": "Duration has no value for hard."}
    assert set(found[2].reasons) == {"accuracy", "duration"}


def test_the_smaller_mean_of_ranks_is_the_better_one():
    ranked = ranking_columns(COLUMNS, 2, MultiTaskRanking.MEAN_RANK)
    assert {column.sorting for column in ranked} == {Sorting.ASCENDING}
    assert ranking_columns(COLUMNS, 1, MultiTaskRanking.MEAN_RANK) == tuple(COLUMNS)
    assert ranking_columns(COLUMNS, 2) == tuple(COLUMNS)


def test_one_row_has_no_mean_of_ranks_yet():
    both = {"easy": values(1.0, 1.0), "hard": values(0.5, 4.0)}
    assert aggregate(COLUMNS, ["easy", "hard"], both, MultiTaskRanking.MEAN_RANK).values == {
        "accuracy": None,
        "duration": None,
    }


def test_a_row_that_is_not_ranked_says_so_where_a_mean_of_ranks_would_be():
    both = {"easy": values(1.0, 1.0), "hard": values(0.5, 4.0)}
    reasons = aggregate(COLUMNS, ["easy", "hard"], both, MultiTaskRanking.MEAN_RANK, ranked=False).reasons
    assert set(reasons) == {"accuracy", "duration"}
    assert all(reason.endswith("and this one has no rank: the organizer marked it.") for reason in reasons.values())
