"""Whether models can be told apart where several pairs are looked at."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.rules.modelboards.verdicts import Verdict, holm, verdict

P_VALUES = st.lists(st.one_of(st.none(), st.floats(0, 1)), max_size=12)


def test_holm_multiplies_by_how_many_are_left() -> None:
    # Four tests: 4 * .005, 3 * .01, 2 * .03, 1 * .04 which may not be below the one before it.
    assert holm([0.04, 0.005, 0.03, 0.01]) == pytest.approx([0.06, 0.02, 0.06, 0.03])
    assert holm([None, 0.5, 0.9]) == [None, 1.0, 1.0]
    assert holm([]) == []


@given(P_VALUES)
def test_among_all_nothing_becomes_surer_and_bonferroni_is_never_milder(p_values: list[float | None]) -> None:
    told = [p for p in p_values if p is not None]
    for p, among in zip(p_values, holm(p_values), strict=True):
        assert (p is None) == (among is None)
        if p is not None and among is not None:
            assert p <= among <= min(1.0, p * len(told))


@given(P_VALUES)
def test_whether_any_can_be_told_apart_is_what_bonferroni_says_of_the_smallest(p_values: list[float | None]) -> None:
    told = [p for p in p_values if p is not None]
    any_apart = any(each is not None and each < 0.05 for each in holm(p_values))
    assert any_apart == (bool(told) and min(1.0, min(told) * len(told)) < 0.05)


def test_what_p_values_say() -> None:
    assert verdict(0.001, 0.01) is Verdict.APART
    assert verdict(0.04, 0.12) is Verdict.ALONE
    assert verdict(0.2, 0.2) is Verdict.NOT_APART
    assert verdict(None, None) is Verdict.UNSAID
