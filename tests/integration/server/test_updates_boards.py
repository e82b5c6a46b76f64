"""What an update makes of the boards of a competition."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.integration.server.competition_material import make_person
from tests.integration.server.flow import TWO_TASKS, Flow, claimed, finish_scoring, kinds, worker
from tests.integration.server.new_versions import changed, codes, lines, update

from podium.rules.board.submission_rules import SubmissionRule
from podium.server.accounts.people import Person
from podium.server.competitions.services import register
from podium.server.leaderboards.models import Column, Entry, Leaderboard
from podium.server.submissions.models import Submission
from podium.server.submissions.services.board import add_to_board

pytestmark = pytest.mark.django_db


def with_rule(rule: SubmissionRule, **changes: Any) -> dict[str, Any]:
    return changed(leaderboards__0__submission_rule=rule.value, **changes)


def ranked(flow: Flow) -> list[int]:
    """The submissions on the board of the open phase, the best first."""
    entries = Entry.objects.filter(phase_id=flow.phase_id, leaderboard__index=0).order_by("rank_key")
    return list(entries.values_list("submission_id", flat=True))


def on_board() -> set[int]:
    return set(Submission.objects.filter(on_board=True).values_list("pk", flat=True))


@pytest.fixture
def bea(flow: Flow) -> Person:
    person = make_person("bea")
    register(person, flow.competition_id, accepts_terms=True)
    return person


def test_another_direction_turns_the_board_round(flow: Flow, bea: Person, tmp_path: Path) -> None:
    low = flow.scored({"accuracy": 0.2, "seconds": 9.0})
    high = flow.scored({"accuracy": 0.8, "seconds": 1.0}, by=bea)
    add_to_board(flow.anna, low)
    add_to_board(bea, high)
    assert ranked(flow) == [high, low]
    done = update(flow.otto, flow.competition_id, tmp_path, changed(leaderboards__0__columns__0__sorting="asc"))
    assert lines(done) == ["column accuracy: sorting: desc -> asc"]
    assert ranked(flow) == [low, high]
    assert on_board() == {low, high}


def test_another_primary_column_ranks_by_it(flow: Flow, bea: Person, tmp_path: Path) -> None:
    slow = flow.scored({"accuracy": 0.8, "seconds": 9.0})
    quick = flow.scored({"accuracy": 0.2, "seconds": 1.0}, by=bea)
    add_to_board(flow.anna, slow)
    add_to_board(bea, quick)
    assert ranked(flow) == [slow, quick]
    update(flow.otto, flow.competition_id, tmp_path, changed(leaderboards__0__primary_index=1))
    assert ranked(flow) == [quick, slow]


def test_a_computed_column_has_values_at_once_and_goes_again(flow: Flow, tmp_path: Path) -> None:
    sent = flow.scored({"accuracy": 0.5, "seconds": 2.0})
    add_to_board(flow.anna, sent)
    total = {"title": "Sum", "key": "sum", "index": 5, "computation": "sum", "computation_indexes": [0, 1]}
    ids = dict(Column.objects.values_list("key", "pk"))
    done = update(flow.otto, flow.competition_id, tmp_path, changed(leaderboards__0__columns__2=total))
    assert lines(done) == ["column sum: added"]
    # 0.5 + 2.0
    assert Entry.objects.get().values["sum"] == 2.5
    assert {key: pk for key, pk in Column.objects.values_list("key", "pk") if key != "sum"} == ids
    update(flow.otto, flow.competition_id, tmp_path, changed())
    assert "sum" not in Entry.objects.get().values


def test_columns_that_change_places_keep_their_values(flow: Flow, tmp_path: Path) -> None:
    sent = flow.scored({"accuracy": 0.5, "seconds": 2.0})
    add_to_board(flow.anna, sent)
    turned = changed(leaderboards__0__columns__0__index=1, leaderboards__0__columns__1__index=0)
    done = update(flow.otto, flow.competition_id, tmp_path, turned)
    assert any("order" in line or "primary" in line for line in lines(done)), lines(done)
    assert list(Column.objects.order_by("index").values_list("key", flat=True)) == ["seconds", "accuracy"]
    assert Entry.objects.get().values == {"accuracy": 0.5, "seconds": 2.0}


@pytest.mark.parametrize(
    ("rule", "stand"),
    [
        # Sent in this order, with 0.9, 0.1 and 0.5; the second was chosen.
        (SubmissionRule.FORCE_BEST, {0}),
        (SubmissionRule.FORCE_LAST, {2}),
        (SubmissionRule.FORCE_LATEST_MULTIPLE, {0, 1, 2}),
        (SubmissionRule.ADD_AND_DELETE_MULTIPLE, {1}),
        (SubmissionRule.ADD_AND_DELETE, {1}),
    ],
)
def test_another_rule_fills_the_board_anew(flow: Flow, tmp_path: Path, rule: SubmissionRule, stand: set[int]) -> None:
    sent = [flow.scored({"accuracy": value, "seconds": 1.0}) for value in (0.9, 0.1, 0.5)]
    add_to_board(flow.anna, sent[1])
    events = len(kinds(flow.competition_id))
    done = update(flow.otto, flow.competition_id, tmp_path, with_rule(rule))
    assert codes(done)[0] == "board-filled-anew"
    assert set(ranked(flow)) == on_board() == {sent[index] for index in stand}
    came, went = len(stand - {1}), len({1} - stand)
    assert sorted(kinds(flow.competition_id)[events:]) == sorted(
        ["competition-changed", "board-changed", *["entry-added"] * came, *["entry-removed"] * went]
    )


def test_where_several_stood_and_one_may_the_last_one_stays(flow: Flow, tmp_path: Path) -> None:
    update(flow.otto, flow.competition_id, tmp_path, with_rule(SubmissionRule.ADD_AND_DELETE_MULTIPLE))
    sent = [flow.scored({"accuracy": value, "seconds": 1.0}) for value in (0.9, 0.1)]
    for pk in sent:
        add_to_board(flow.anna, pk)
    update(flow.otto, flow.competition_id, tmp_path, with_rule(SubmissionRule.ADD))
    assert ranked(flow) == [sent[1]]


def test_a_direction_changes_what_is_best(flow: Flow, tmp_path: Path) -> None:
    update(flow.otto, flow.competition_id, tmp_path, with_rule(SubmissionRule.FORCE_BEST))
    high, low = (flow.scored({"accuracy": value, "seconds": 1.0}) for value in (0.9, 0.1))
    assert ranked(flow) == [high]
    version = with_rule(SubmissionRule.FORCE_BEST, leaderboards__0__columns__0__sorting="asc")
    update(flow.otto, flow.competition_id, tmp_path, version)
    assert ranked(flow) == [low]


def test_a_new_task_ranks_those_without_it_below(flow: Flow, bea: Person, tmp_path: Path) -> None:
    old = flow.scored({"accuracy": 0.9, "seconds": 1.0})
    add_to_board(flow.anna, old)
    yard = {"index": 1, "name": "Yard", "scoring_program": "scoring_program"}
    done = update(flow.otto, flow.competition_id, tmp_path, changed(tasks__1=yard, phases__0__tasks=[0, 1]))
    assert codes(done)[0] == "task-added"
    assert ranked(flow) == [old]
    new = flow.take_in(by=bea)
    for _ in range(2):
        finish_scoring(claimed(worker()), {"accuracy": 0.1, "seconds": 5.0})
    add_to_board(bea, new)
    # 0.1 on both tasks stands above 0.9 on one of them.
    assert ranked(flow) == [new, old]


def test_boards_keep_their_rows_under_their_keys_in_another_order(flow: Flow, tmp_path: Path) -> None:
    sent = flow.scored({"accuracy": 0.5, "seconds": 2.0})
    add_to_board(flow.anna, sent)
    main = Leaderboard.objects.get()
    automatic = changed()["leaderboards"][0] | {"key": "last", "title": "Last", "submission_rule": "Force_Last"}
    version = changed()
    version["leaderboards"] = [automatic, *version["leaderboards"]]
    update(flow.otto, flow.competition_id, tmp_path, version)
    assert list(Leaderboard.objects.order_by("index").values_list("key", flat=True)) == ["last", "main"]
    assert Leaderboard.objects.get(key="main").pk == main.pk
    # The new board fills itself from what there is.
    assert set(Entry.objects.values_list("leaderboard__key", "submission_id")) == {("last", sent), ("main", sent)}


def test_tasks_in_another_order_and_under_other_names_keep_their_scores(two: Flow, tmp_path: Path) -> None:
    sent = two.take_in()
    finish_scoring(claimed(worker()), {"accuracy": 0.2, "seconds": 1.0})
    finish_scoring(claimed(worker()), {"accuracy": 0.4, "seconds": 1.0})
    add_to_board(two.anna, sent)
    before = Entry.objects.get().cells
    version = changed(TWO_TASKS, phases__0__tasks=[1, 0])
    update(two.otto, two.competition_id, tmp_path, version)
    assert Entry.objects.get().cells == before
    # The mean of 0.2 and 0.4.
    assert Entry.objects.get().values["accuracy"] == pytest.approx(0.3)
