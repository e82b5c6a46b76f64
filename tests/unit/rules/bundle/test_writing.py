"""Writing competition.yaml: what is written reads back as it was, and is good to read."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from tests.unit.rules.bundle.bundles import SMALL, MemorySource, changed, errors_of, spec_of
from tests.unit.rules.bundle.specifications import HOSTILE, files_of, specifications

from podium.rules.board.columns import Computation
from podium.rules.board.submission_rules import SubmissionRule
from podium.rules.bundle import read_bundle
from podium.rules.bundle.spec import CompetitionSpec
from podium.rules.bundle.writing import write_competition


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(specifications())
def test_whatever_is_written_reads_back_as_it_was(spec: CompetitionSpec) -> None:
    text = write_competition(spec)
    reading = read_bundle(MemorySource({**files_of(spec), "competition.yaml": text.encode()}))
    assert reading.spec == spec, (reading.problems, text)


@pytest.mark.parametrize("text", [text.strip() for text in HOSTILE])
def test_a_title_stays_what_it_is(text: str) -> None:
    spec = spec_of(SMALL).model_copy(update={"title": text})
    assert spec_of(write_competition(spec)).title == text


def test_the_small_bundle_is_written_as_a_person_would() -> None:
    text = """\
# Dates without an offset are UTC.
version: 2
title: Small
image: logo.png
terms: terms.md
docker_image: codalab/codalab-legacy:py3

tasks:
  - index: 0
    name: The task
    scoring_program: scoring

phases:
  - index: 0
    name: The phase
    start: 2026-01-01
    max_submissions: 100
    max_submissions_per_day: 5
    execution_time_limit: 600
    tasks: [0]

leaderboards:
  - title: Results
    key: main
    submission_rule: Add
    primary_index: 0
    columns:
      - title: Accuracy
        key: accuracy
        index: 0
        sorting: desc
        precision: 2
"""
    assert write_competition(spec_of(SMALL)) == text


def test_several_lines_are_a_block() -> None:
    spec = spec_of(changed("    name: The task\n", '    name: The task\n    description: "One.\\n\\nTwo: 2."\n'))
    assert "    description: |-\n      One.\n\n      Two: 2.\n" in write_competition(spec)


def test_times_of_day_are_utc_and_no_limit_is_null() -> None:
    phase = "    start: 2026-01-01T14:00:00+02:00\n    max_submissions: 0\n    max_submissions_per_day: null\n"
    text = write_competition(spec_of(changed("    start: 2026-01-01\n", phase)))
    assert "    start: 2026-01-01 12:00:00\n    max_submissions: null\n    max_submissions_per_day: null\n" in text


def test_a_day_that_only_an_offset_puts_before_1970_reads_back() -> None:
    spec = spec_of(changed("start: 2026-01-01", "start: 1970-01-01 01:00:00+05:00"))
    assert spec.phases[0].start == datetime(1969, 12, 31, 20, tzinfo=UTC)
    assert spec_of(write_competition(spec)).phases == spec.phases


def test_what_only_codalab_and_we_know_has_its_nearest_relative_beside_it() -> None:
    computed = "      - {title: Mean, key: mean, index: 1, computation: avg, computation_indexes: [0]}\n"
    own = "    podium: {submission_rule: By_Organizers, mean_of_ranks: [mean], ours: 1}\n"
    spec = spec_of(SMALL + computed + own)
    board = spec.leaderboards[0]
    assert board.submission_rule is SubmissionRule.BY_ORGANIZERS
    assert [column.computation for column in board.columns] == [None, Computation.AVERAGE_RANK]
    assert board.extensions == {"ours": 1}
    written = yaml.safe_load(write_competition(spec))["leaderboards"][0]
    assert (written["submission_rule"], written["columns"][1]["computation"]) == ("Add", "avg")


def test_a_column_is_over_ranks_in_one_way_only() -> None:
    columns = (
        "      - {title: Mean, key: mean, index: 1, computation: avg, computation_indexes: [0]}\n"
        "      - {title: Inverse, key: inverse, index: 2, computation: avg, computation_indexes: [0]}\n"
    )
    both = "    podium: {mean_of_ranks: [mean], mean_reciprocal_rank: [inverse]}\n"
    spec = spec_of(SMALL + columns + both)
    computations = [column.computation for column in spec.leaderboards[0].columns]
    assert computations == [None, Computation.AVERAGE_RANK, Computation.RECIPROCAL_RANK]
    assert spec_of(write_competition(spec)).leaderboards == spec.leaderboards
    twice = both.replace("[inverse]", "[mean]")
    assert [code for code, _, _ in errors_of(SMALL + columns + twice)] == ["mean-reciprocal-rank"]


def test_questions_are_written_as_codabench_demands_them() -> None:
    spec = spec_of(
        SMALL + "fact_sheet:\n  open: {type: checkbox, title: Open?, is_required: true}\n  how: {type: text}\n"
    )
    assert yaml.safe_load(write_competition(spec))["fact_sheet"] == {
        "open": {
            "key": "open",
            "type": "checkbox",
            "title": "Open?",
            "selection": [True, False],
            "is_required": "true",
            "is_on_leaderboard": "false",
        },
        "how": {
            "key": "how",
            "type": "text",
            "title": "how",
            "selection": "",
            "is_required": "false",
            "is_on_leaderboard": "false",
        },
    }


@pytest.mark.parametrize(
    ("own", "code"),
    [
        ("submission_rule: Force_Best", "not-a-choice"),
        ("mean_of_ranks: [accuracy]", "mean-of-ranks"),
        ("mean_of_ranks: []", "mean-of-ranks"),
        ("mean_of_ranks: accuracy", "mean-of-ranks"),
        ("mean_reciprocal_rank: [accuracy]", "mean-reciprocal-rank"),
    ],
)
def test_a_wrong_rule_of_ours_is_an_error_at_its_place(own: str, code: str) -> None:
    # The value of `podium` begins on line 20, column 13.
    assert errors_of(SMALL + f"    podium: {{{own}}}\n") == [(code, 20, 13)]
