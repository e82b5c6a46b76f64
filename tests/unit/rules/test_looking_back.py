"""What a scoring program finds of earlier submissions."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import PurePosixPath

import pytest

from podium.rules.looking_back import (
    PastScores,
    newest_that_fit,
    part_to_see,
    past_hash,
    past_scores,
    submission_facts,
)


def test_the_past_is_written_as_programs_read_it() -> None:
    past = past_scores(1, 12, {"correct": 1.0, "a b": 0.1, "count": 3})
    assert past.path == PurePosixPath("001/012/output/scores.txt")
    assert past.text == "correct:1.0\na b:0.1\ncount:3.0\n"
    assert float(past.text.splitlines()[0].split(":")[1]) == 1.0


def test_the_hash_is_of_numbers_sizes_and_texts_in_order() -> None:
    first, second = PastScores(0, 1, "a:1.0\n"), PastScores(0, 2, "ä:2.0\n")
    # Written out by hand: the second text has 7 bytes.
    expected = hashlib.sha256(b"0 1 6\na:1.0\n0 2 7\n\xc3\xa4:2.0\n").hexdigest()
    assert past_hash([second, first]) == expected
    assert past_hash([first]) != past_hash([PastScores(1, 1, "a:1.0\n")])


def test_the_oldest_are_left_out_where_all_are_too_large() -> None:
    past = [PastScores(0, 1, "x" * 4), PastScores(0, 2, "y" * 4), PastScores(1, 1, "z" * 4)]
    assert newest_that_fit(past, 12) == past
    assert newest_that_fit(past, 11) == past[1:]
    assert newest_that_fit(past, 4) == past[2:]
    assert newest_that_fit(past, 3) == []


@pytest.mark.parametrize(
    ("task", "place", "parts", "seen"),
    [
        (7, 0, [7], 0),
        (7, 1, [5, 7], 1),
        (7, 1, [7, 5], 0),
        (7, 2, [5], 0),  # a phase whose only task is another one
        (7, 1, [4, 5], 1),  # a phase with two other tasks: the one in the same place
        (7, 2, [4, 5], None),
        (7, 0, [], None),
    ],
)
def test_which_scores_of_an_earlier_submission_a_task_sees(
    task: int, place: int, parts: list[int], seen: int | None
) -> None:
    assert part_to_see(task, place, parts) == seen


def test_the_facts_have_the_names_and_the_order_of_the_contract() -> None:
    at = datetime(2030, 1, 10, 12, tzinfo=UTC)
    facts = submission_facts(submitted_by="ada", submitted_at=at, number=3, phase_index=1, automatic=True)
    assert list(facts.items()) == [
        ("submitted-by", "ada"),
        ("submitted-at", "2030-01-10T12:00:00+00:00"),
        ("competition-submission", "3"),
        ("competition-phase", "1"),
        ("automatic-submission", "True"),
    ]
