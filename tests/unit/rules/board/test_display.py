import pytest

from podium.rules.board.display import aligned, shown


@pytest.mark.parametrize(
    ("value", "precision", "text"),
    [
        (0.9333333333, 2, "0.93"),
        (1.0, 2, "1.0"),
        (1, 2, "1.0"),
        (0.999, 2, "1.0"),
        (0.12345, 4, "0.1235"),  # 0.12345 as a double is 0.123450000000000004174
        (2.675, 2, "2.67"),  # 2.675 as a double is 2.67499999999999982236
        (123.45, 0, "123.0"),
        (1e22, 2, "1e+22"),
        (-5.5, 1, "-5.5"),
    ],
)
def test_a_value_is_written_as_clients_of_codabench_expect(value, precision, text):
    assert shown(value, precision) == text


@pytest.mark.parametrize(
    ("value", "precision", "text"),
    [
        (1.0, 3, "1.000"),
        (0.9304, 3, "0.930"),
        (123.4, 2, "123.40"),
        (2.5, 0, "2"),
        (-0.125, 2, "-0.12"),
        (0.125, 4, "0.1250"),
        (None, 2, "\N{EN DASH}"),
    ],
)
def test_in_tables_all_numbers_of_a_column_have_the_same_number_of_decimals(
    value: float | None, precision: int, text: str
) -> None:
    assert aligned(value, precision) == text
