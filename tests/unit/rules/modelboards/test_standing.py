"""Who stands where, which way metrics go, and the addresses of datasets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.rules.errors import UserError
from podium.rules.modelboards.direction import lower_is_better, read_direction
from podium.rules.modelboards.names import RESERVED, clean_name, free_slug, is_name
from podium.rules.modelboards.standing import ranks, sort_key

SCORES = st.lists(st.one_of(st.none(), st.floats(allow_nan=False)))


def test_equal_scores_share_a_rank_and_the_next_one_counts_them() -> None:
    assert ranks([0.9, 0.8, 0.8, 0.7], lower_is_better=False) == [1, 2, 2, 4]
    assert ranks([0.9, 0.8, 0.8, 0.7], lower_is_better=True) == [4, 2, 2, 1]
    assert ranks([None, 0.5], lower_is_better=False) == [None, 1]
    assert ranks([0.0, -0.0], lower_is_better=False) == [1, 1]


@given(SCORES, st.booleans())
def test_a_rank_is_one_more_than_there_are_better_scores(scores: list[float | None], lower: bool) -> None:
    for score, rank in zip(scores, ranks(scores, lower_is_better=lower), strict=True):
        if score is None:
            assert rank is None
        else:
            better = [each for each in scores if each is not None and (each < score if lower else each > score)]
            assert rank == 1 + len(better)


@given(SCORES, st.booleans())
def test_the_worst_never_comes_first(scores: list[float | None], lower: bool) -> None:
    ordered = sorted(scores, key=lambda score: sort_key(score, lower_is_better=lower))
    there = [score for score in ordered if score is not None]
    assert there == sorted(there, reverse=not lower)
    assert ordered == there + [None] * (len(ordered) - len(there))


@pytest.mark.parametrize(
    ("metric", "dataset", "lower"),
    [
        ("accuracy", "", False),
        ("word_error_rate", "", True),
        ("WER", "", True),
        ("cer", "", True),
        ("log loss", "", True),
        ("Perplexity", "", True),
        ("edit distance", "", True),
        ("lowercase accuracy", "", False),
        ("error detection F1", "", False),
        ("", "LibriSpeech - Word Error Rate", True),
        ("", "Financial Phrasebank - Classification Accuracy", False),
        ("", "Error Analysis", False),
        ("bleu", "Losses - loss", False),
        ("power", "", False),
        ("", "", False),
    ],
)
def test_the_name_of_a_metric_tells_its_direction(metric: str, dataset: str, lower: bool) -> None:
    assert lower_is_better(metric, dataset) is lower


@pytest.mark.parametrize(
    ("said", "lower"), [("asc", True), ("DESC", False), ("lower-is-better", True), (None, None), ("", None)]
)
def test_a_direction_is_read(said: object, lower: bool | None) -> None:
    assert read_direction(said) is lower


@pytest.mark.parametrize("said", ["up", 1, True, ["asc"]])
def test_another_direction_is_refused(said: object) -> None:
    with pytest.raises(UserError, match=r"metric_direction must be asc or desc\."):
        read_direction(said)


@given(st.text(max_size=300), st.sets(st.text(alphabet="abc-123", max_size=5)))
def test_an_address_is_free_short_and_plain(name: str, taken: set[str]) -> None:
    slug = free_slug(name, taken)
    assert slug not in taken | RESERVED
    assert 0 < len(slug) <= 80
    assert set(slug) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


@given(st.text())
def test_a_cleaned_name_stays_as_it_is(name: str) -> None:
    assert clean_name(clean_name(name)) == clean_name(name)
    assert not is_name("")
