from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podium.rules.bundle.dates import read_moment


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
        ("2026-1-5", datetime(2026, 1, 5, tzinfo=UTC)),
        ("2024-12-31 14:30:00", datetime(2024, 12, 31, 14, 30, tzinfo=UTC)),
        ("2024-12-31T14:30", datetime(2024, 12, 31, 14, 30, tzinfo=UTC)),
        ("2024-12-31 14:30:00.25Z", datetime(2024, 12, 31, 14, 30, 0, 250_000, tzinfo=UTC)),
        # 13:00 two hours east of Greenwich is 11:00 there.
        ("2026-05-01T13:00:00+02:00", datetime(2026, 5, 1, 11, tzinfo=UTC)),
        ("2026-05-01 13:00 +2", datetime(2026, 5, 1, 11, tzinfo=UTC)),
        # Half past five hours east: 02:00 there is 20:30 of the day before.
        ("2026-05-01 02:00:00 +0530", datetime(2026, 4, 30, 20, 30, tzinfo=UTC)),
        ("2026-05-01 23:00:00-03:00", datetime(2026, 5, 2, 2, tzinfo=UTC)),
        ("2026-05-01 23:00 UTC", datetime(2026, 5, 1, 23, tzinfo=UTC)),
        ("20240131", datetime(2024, 1, 31, tzinfo=UTC)),
        ("9-30-2019", datetime(2019, 9, 30, tzinfo=UTC)),
        ("1/1/2026", datetime(2026, 1, 1, tzinfo=UTC)),
        ("June 1, 2024", datetime(2024, 6, 1, tzinfo=UTC)),
        ("31 Dec 2024 11:59 pm", datetime(2024, 12, 31, 23, 59, tzinfo=UTC)),
        ("Dec 31 2024 12:05 am", datetime(2024, 12, 31, 0, 5, tzinfo=UTC)),
    ],
)
def test_a_clear_date_is_read_without_a_note(text: str, expected: datetime) -> None:
    moment = read_moment(text)

    assert moment.value == expected
    assert moment.value.tzinfo is UTC
    assert moment.note == ""


def test_a_date_that_could_be_two_days_is_month_first_and_says_so() -> None:
    moment = read_moment("8-7-2019")

    assert moment.value == datetime(2019, 8, 7, tzinfo=UTC)
    assert moment.note == "is ambiguous and is read month-first, as 2019-08-07"


def test_a_first_number_beyond_twelve_is_the_day_and_the_note_says_so() -> None:
    moment = read_moment("30-9-2019")

    assert moment.value == datetime(2019, 9, 30, tzinfo=UTC)
    assert "day-first" in moment.note


@pytest.mark.parametrize(
    "text",
    [
        "", "soon", "2026-02-30", "2026-13-01", "31-31-2026", "8-7-19", "2026-01-01 25:00", "2026-01-01 13:00 pm",
        "2026-01-01 10:00 CEST", "2026-01-01 10:00 +02:75", "2026-01-01 10:00 +30:00", "0001-01-01", "9" * 5000,
        "9999-12-31 23:00 -10:00", "\u0662026-01-01",
    ],
)  # fmt: skip
def test_what_is_no_date_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"^(it is|there is|the year|the offset|am and pm)"):
        read_moment(text)


@settings(deadline=None)
@given(
    st.datetimes(
        min_value=datetime(1971, 1, 1),  # noqa: DTZ001
        max_value=datetime(9990, 1, 1),  # noqa: DTZ001
        timezones=st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes))),
    )
)
def test_what_python_writes_as_iso_is_read_as_the_same_moment(moment: datetime) -> None:
    assert read_moment(moment.isoformat()).value == moment
    assert read_moment(moment.isoformat(" ")).value == moment


@settings(deadline=None)
@given(st.text(alphabet="0123456789-/.: TZ+apmJunDec", max_size=30))
def test_any_text_is_a_moment_or_a_value_error(text: str) -> None:
    with suppress(ValueError):
        assert read_moment(text).value.utcoffset() == timedelta(0)
