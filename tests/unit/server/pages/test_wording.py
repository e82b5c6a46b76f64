from datetime import UTC, datetime, timedelta, timezone

import pytest

from podium.server.pages import wording

NOON = datetime(2026, 11, 18, 12, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0.0 s"),
        (0.44, "0.4 s"),
        (9.96, "10 s"),
        (41.2, "41 s"),
        (59.7, "1 min"),  # rounds to 60 s
        (200, "3 min 20 s"),
        (3600, "1 h"),
        (3600 + 20, "1 h"),  # only the two largest neighbouring units are said
        (7500, "2 h 5 min"),
        (3 * 86400 + 4 * 3600 + 59, "3 days 4 h"),
        (86400 + 3600, "1 day 1 h"),
        (-3, "0.0 s"),
    ],
)
def test_a_duration_is_said_in_its_two_largest_units(seconds: float, said: str) -> None:
    assert wording.duration(seconds) == said


@pytest.mark.parametrize(
    ("size_bytes", "said"),
    [
        (1, "1 byte"),
        (830, "830 bytes"),
        (8_340, "8.3 kB"),
        (99_999, "100.0 kB"),
        (2_400_000, "2.4 MB"),
        (1_234_500_000, "1,234.5 MB"),
        (20 * 10**9, "20.0 GB"),
    ],
)
def test_sizes_are_said_in_decimal_megabytes(size_bytes: int, said: str) -> None:
    assert wording.size(size_bytes) == said


def test_a_moment_is_written_in_utc_whatever_zone_it_is_given_in() -> None:
    east = NOON.astimezone(timezone(timedelta(hours=9)))
    assert wording.moment_text(east) == "18 Nov 2026, 12:05 UTC"
    assert str(wording.ago(east)) == '<time datetime="2026-11-18T12:05:00Z" data-ago>18 Nov 2026, 12:05 UTC</time>'


def test_time_since_never_runs_backwards() -> None:
    assert ">0.0 s<" in wording.since(NOON + timedelta(seconds=5), NOON)


def test_counts_have_the_right_form_and_thousands_marks() -> None:
    assert wording.counted(1, "entry", "entries") == "1 entry"
    assert wording.counted(0, "entry", "entries") == "0 entries"
    assert wording.counted(1204, "participant") == "1,204 participants"


@pytest.mark.parametrize(
    ("number", "text"),
    [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (13, "13th"), (21, "21st"), (1112, "1,112th")],
)
def test_places_are_told_as_people_say_them(number: int, text: str) -> None:
    assert wording.ordinal(number) == text
