from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.rules.bundle.spec import PhaseSpec
from podium.rules.errors import UserError
from podium.rules.phases import (
    PhaseStatus,
    check_submission_allowed,
    current_phase,
    phase_status,
    phase_to_show,
    quota_day,
    submissions_left,
)

OPENS = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
CLOSES = datetime(2026, 3, 31, 18, tzinfo=UTC)
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)


def phase(start: datetime = OPENS, end: datetime | None = CLOSES, index: int = 0, **limits: int | None) -> PhaseSpec:
    return PhaseSpec(index=index, name="Final", start=start, end=end, tasks=(0,), **limits)


@pytest.mark.parametrize(
    ("now", "status"),
    [
        (OPENS - INSTANT, PhaseStatus.NEXT),
        (OPENS, PhaseStatus.CURRENT),
        (CLOSES - INSTANT, PhaseStatus.CURRENT),
        (CLOSES, PhaseStatus.PREVIOUS),
    ],
)
def test_a_phase_is_open_from_its_start_until_just_before_its_end(now, status):
    assert phase_status(phase(), now) is status


def test_a_phase_without_end_stays_open():
    assert phase_status(phase(end=None), datetime(2999, 1, 1, tzinfo=UTC)) is PhaseStatus.CURRENT


FIRST = phase(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC), 0)
SECOND = phase(datetime(2026, 3, 1, tzinfo=UTC), None, 1)


@pytest.mark.parametrize(
    ("now", "current", "shown"),
    [
        (datetime(2025, 12, 1, tzinfo=UTC), None, FIRST),
        (datetime(2026, 1, 15, tzinfo=UTC), FIRST, FIRST),
        (datetime(2026, 2, 15, tzinfo=UTC), None, SECOND),
        (datetime(2026, 4, 1, tzinfo=UTC), SECOND, SECOND),
    ],
)
def test_between_phases_none_is_current_and_the_next_one_is_shown(now, current, shown):
    assert current_phase([FIRST, SECOND], now) == current
    assert phase_to_show([FIRST, SECOND], now) == shown


def test_after_all_phases_the_last_is_shown():
    assert phase_to_show([FIRST], NOON) == FIRST


def test_without_phases_there_is_nothing_to_show():
    assert phase_to_show([], NOON) is None
    assert current_phase([], NOON) is None


def refusal(spec: PhaseSpec, now: datetime = NOON, *, used_total: int = 0, used_today: int = 0) -> UserError:
    with pytest.raises(UserError) as error:
        check_submission_allowed(spec, now, used_total=used_total, used_today=used_today)
    return error.value


def test_a_submission_too_early_hears_when_the_phase_opens():
    error = refusal(phase(), OPENS - INSTANT)
    assert error.code == "phase-not-open"
    assert "2026-03-01 at 09:30 UTC" in error.hint


def test_a_submission_too_late_hears_when_the_phase_closed():
    error = refusal(phase(), CLOSES)
    assert error.code == "phase-closed"
    assert "2026-03-31 at 18:00 UTC" in error.message


def test_times_are_told_in_utc():
    india = timezone(timedelta(hours=5, minutes=30))
    error = refusal(phase(start=datetime(2026, 3, 1, 15, tzinfo=india)), OPENS - INSTANT)
    assert "2026-03-01 at 09:30 UTC" in error.hint


def test_the_last_submission_of_a_quota_is_allowed():
    check_submission_allowed(phase(max_submissions=10, max_submissions_per_day=5), NOON, used_total=9, used_today=4)


def test_a_used_up_total_says_how_many_were_made():
    error = refusal(phase(max_submissions=10), used_total=10)
    assert error.code == "quota-total"
    assert "10 of 10" in error.message


def test_a_used_up_day_says_when_the_next_is_possible():
    error = refusal(phase(max_submissions_per_day=5), used_total=5, used_today=5)
    assert error.code == "quota-day"
    assert "5 of 5" in error.message
    assert "2026-03-11 at 00:00 UTC" in error.hint


def test_on_the_last_day_there_is_no_next_one():
    error = refusal(phase(max_submissions_per_day=1), CLOSES - timedelta(hours=1), used_today=1)
    assert "2026-03-31 at 18:00 UTC" in error.hint


@pytest.mark.parametrize("unlimited", [0, None])
def test_nought_and_nothing_are_no_limit(unlimited):
    spec = phase(max_submissions=unlimited, max_submissions_per_day=unlimited)
    check_submission_allowed(spec, NOON, used_total=10**6, used_today=10**5)
    assert submissions_left(spec, used_total=10**6, used_today=10**5) is None


@pytest.mark.parametrize(
    ("used_total", "used_today", "left"), [(0, 0, 5), (0, 2, 3), (97, 1, 3), (100, 0, 0), (120, 7, 0)]
)
def test_what_is_left_today_is_the_smaller_of_both_quotas(used_total, used_today, left):
    spec = phase(max_submissions=100, max_submissions_per_day=5)
    assert submissions_left(spec, used_total=used_total, used_today=used_today) == left


def test_the_day_of_a_quota_is_that_of_utc():
    late_in_new_york = datetime(2026, 3, 9, 22, tzinfo=timezone(timedelta(hours=-4)))
    assert quota_day(late_in_new_york) == (
        datetime(2026, 3, 10, tzinfo=UTC),
        datetime(2026, 3, 11, tzinfo=UTC),
    )


@given(total=st.integers(0, 8), today=st.integers(0, 8), used_total=st.integers(0, 8), used_today=st.integers(0, 8))
def test_submitting_is_allowed_exactly_while_something_is_left(total, today, used_total, used_today):
    spec = phase(max_submissions=total, max_submissions_per_day=today)
    left = submissions_left(spec, used_total=used_total, used_today=used_today)
    if left == 0:
        assert refusal(spec, used_total=used_total, used_today=used_today).code in {"quota-total", "quota-day"}
    else:
        check_submission_allowed(spec, NOON, used_total=used_total, used_today=used_today)
