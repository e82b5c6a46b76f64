"""Which submissions stand on a board: the six rules of the bundle format, through the services."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.integration.server.competition_material import (
    DESCRIPTION,
    described,
    make_competition,
    make_person,
    two_tasks,
)

from podium.rules.board.submission_rules import Happening
from podium.rules.errors import Conflict, NotAllowed, NotFound
from podium.server.accounts.people import Person
from podium.server.competitions.models import Phase, PhaseTask
from podium.server.competitions.services import publish, register
from podium.server.leaderboards.candidates import Candidate, EntryChanges, TaskScores
from podium.server.leaderboards.models import Column, Entry
from podium.server.leaderboards.services import hold_board, rebuild, refresh_entries

pytestmark = pytest.mark.django_db

START = datetime(2030, 1, 5, tzinfo=UTC)
RULES = ["Add", "Add_And_Delete", "Add_And_Delete_Multiple", "Force_Last", "Force_Latest_Multiple", "Force_Best"]


@dataclass
class Course:
    """A published competition with one participant, and what that participant sent to its first phase."""

    organizer: Person
    participant: Person
    phase_id: int
    task_ids: Sequence[int]
    sent: dict[int, Candidate]

    def send(self, submission_id: int, *scores: dict[str, float], finished: bool = True) -> Candidate:
        """A submission one minute after the one before, with its scores for each task in order."""
        tasks = tuple(
            TaskScores(task, submission_id * 100 + place, values, dict.fromkeys(values, submission_id))
            for place, (task, values) in enumerate(zip(self.task_ids, scores, strict=False))
        )
        at = START + timedelta(minutes=submission_id)
        self.sent[submission_id] = Candidate(submission_id, self.participant.id, at, finished, tasks)
        return self.sent[submission_id]

    def happens(self, what: Happening, submission_id: int, by: Person | None = None) -> EntryChanges:
        """Let it happen, as the services of submissions do."""
        hold_board(self.phase_id)
        candidates = list(self.sent.values())
        changed = refresh_entries(self.phase_id, self.participant.id, candidates, what, submission_id, by=by)
        if what is Happening.DELETED:
            del self.sent[submission_id]
        return changed[0] if changed else EntryChanges(0)

    def board(self) -> list[int]:
        """The submissions on the board, the best first."""
        entries = Entry.objects.filter(phase_id=self.phase_id).order_by("rank_key")
        return list(entries.values_list("submission_id", flat=True))


def make_course(folder: Path, rule: str = "Add", *, several_tasks: bool = False) -> Course:
    board = DESCRIPTION["leaderboards"][0] | {"submission_rule": rule}
    description = (two_tasks if several_tasks else described)(leaderboards=[board])
    anna, bert = make_person("anna"), make_person("bert")
    made = make_competition(anna, folder, description)
    publish(anna, made)
    register(bert, made, accepts_terms=True)
    phase = Phase.objects.get(competition_id=made, index=0)
    tasks = PhaseTask.objects.filter(phase=phase).order_by("order_index").values_list("task_id", flat=True)
    return Course(anna, bert, phase.pk, list(tasks), {})


def scored_three_times(folder: Path, rule: str) -> Course:
    """Accuracies 0.5, 0.9 and 0.7, in this order of time and of arrival."""
    course = make_course(folder, rule)
    for number, accuracy in enumerate((0.5, 0.9, 0.7), start=1):
        course.send(number, {"accuracy": accuracy, "seconds": 1.0})
        course.happens(Happening.SCORED, number)
    return course


@pytest.mark.parametrize(
    ("rule", "standing"),
    [
        ("Add", []),
        ("Add_And_Delete", []),
        ("Add_And_Delete_Multiple", []),
        ("Force_Last", [3]),
        ("Force_Latest_Multiple", [2, 3, 1]),
        ("Force_Best", [2]),
    ],
)
def test_scores_put_on_the_board_what_the_rule_wants(tmp_path: Path, rule: str, standing: list[int]) -> None:
    assert scored_three_times(tmp_path, rule).board() == standing


@pytest.mark.parametrize(
    ("rule", "standing"),
    [("Add", [1]), ("Add_And_Delete", [1]), ("Add_And_Delete_Multiple", [3, 1])],
)
def test_adding_by_hand_replaces_or_keeps_the_others(tmp_path: Path, rule: str, standing: list[int]) -> None:
    course = scored_three_times(tmp_path, rule)
    course.happens(Happening.ADDED, 3, by=course.participant)
    changes = course.happens(Happening.ADDED, 1, by=course.participant)
    assert course.board() == standing
    assert changes.added == (1,)
    assert changes.removed == (() if rule.endswith("Multiple") else (3,))


@pytest.mark.parametrize("rule", ["Force_Last", "Force_Latest_Multiple", "Force_Best"])
@pytest.mark.parametrize("what", [Happening.ADDED, Happening.REMOVED])
def test_nobody_but_an_admin_overrules_a_board_that_fills_itself(tmp_path: Path, rule: str, what: Happening) -> None:
    course = scored_three_times(tmp_path, rule)
    before = course.board()
    for person in (course.participant, course.organizer):
        with pytest.raises(NotAllowed):
            course.happens(what, before[0], by=person)
    assert course.board() == before
    course.happens(what, before[0], by=make_person("root", is_admin=True))


def test_the_best_is_chosen_by_the_whole_order_hidden_columns_aside(tmp_path: Path) -> None:
    course = make_course(tmp_path, "Force_Best")
    # Equal in the first column: the second one decides, fewer seconds first.
    course.send(1, {"accuracy": 0.5, "seconds": 9.0})
    course.send(2, {"accuracy": 0.5, "seconds": 1.0})
    for number in (1, 2):
        course.happens(Happening.SCORED, number)
    assert course.board() == [2]
    # Where nobody sees the seconds, nobody could see why: the earlier one stands, as it would rank.
    Column.objects.filter(key="seconds").update(hidden=True)
    course.happens(Happening.RESCORED, 2)
    assert course.board() == [1]
    # A missing value is no better than a poor one.
    course.send(3, {"seconds": 0.1})
    course.happens(Happening.SCORED, 3)
    assert course.board() == [1]


@pytest.mark.parametrize("rule", ["Add_And_Delete", "Add_And_Delete_Multiple"])
def test_participants_remove_their_entry_where_the_rule_says_delete(tmp_path: Path, rule: str) -> None:
    course = scored_three_times(tmp_path, rule)
    course.happens(Happening.ADDED, 1, by=course.participant)
    assert course.happens(Happening.REMOVED, 1, by=course.participant).removed == (1,)
    assert course.board() == []


def test_under_add_only_the_organizer_removes(tmp_path: Path) -> None:
    course = scored_three_times(tmp_path, "Add")
    course.happens(Happening.ADDED, 1, by=course.participant)
    with pytest.raises(NotAllowed):
        course.happens(Happening.REMOVED, 1, by=course.participant)
    course.happens(Happening.REMOVED, 1, by=course.organizer)
    assert course.board() == []


def test_a_submission_without_scores_cannot_be_added(tmp_path: Path) -> None:
    course = make_course(tmp_path)
    course.send(1, finished=False)
    with pytest.raises(Conflict):
        course.happens(Happening.ADDED, 1, by=course.participant)
    assert course.board() == []


def test_a_stranger_does_not_learn_of_a_submission_by_adding_it(tmp_path: Path) -> None:
    course = scored_three_times(tmp_path, "Add")
    with pytest.raises(NotFound):
        course.happens(Happening.ADDED, 1, by=make_person("stranger"))
    assert course.board() == []


def test_a_board_that_is_not_there_cannot_change() -> None:
    with pytest.raises(NotFound):
        refresh_entries(404, 1, [], Happening.SCORED, 1)
    hold_board(404)


def test_deleting_the_best_lets_the_second_best_stand(tmp_path: Path) -> None:
    course = scored_three_times(tmp_path, "Force_Best")
    changes = course.happens(Happening.DELETED, 2, by=course.organizer)
    assert (changes.added, changes.removed) == ((3,), (2,))
    assert course.board() == [3]


def test_owners_do_not_delete_what_stands_on_the_board(tmp_path: Path) -> None:
    course = scored_three_times(tmp_path, "Force_Best")
    with pytest.raises(NotAllowed):
        course.happens(Happening.DELETED, 2, by=course.participant)
    course.happens(Happening.DELETED, 1, by=course.participant)
    assert course.board() == [2]


def test_scores_that_are_corrected_move_the_row(tmp_path: Path) -> None:
    course = scored_three_times(tmp_path, "Force_Best")
    course.send(1, {"accuracy": 0.99, "seconds": 1.0})
    course.happens(Happening.RESCORED, 1)
    assert course.board() == [1]


def test_the_same_scores_once_more_change_nothing(tmp_path: Path) -> None:
    course = scored_three_times(tmp_path, "Force_Latest_Multiple")
    assert course.happens(Happening.SCORED, 2) == EntryChanges(0)


def test_equal_rows_rank_by_the_earlier_submission(tmp_path: Path) -> None:
    course = make_course(tmp_path, "Force_Latest_Multiple")
    for number in (2, 1, 3):
        course.send(number, {"accuracy": 0.5, "seconds": 1.0})
        course.happens(Happening.SCORED, number)
    assert course.board() == [1, 2, 3]


def test_the_second_column_decides_between_equal_ones_in_its_own_direction(tmp_path: Path) -> None:
    course = make_course(tmp_path, "Force_Latest_Multiple")
    for number, seconds in ((1, 3.0), (2, 1.0), (3, 2.0)):
        course.send(number, {"accuracy": 0.5, "seconds": seconds})
        course.happens(Happening.SCORED, number)
    assert course.board() == [2, 3, 1]


def test_missing_values_rank_last_in_either_direction(tmp_path: Path) -> None:
    course = make_course(tmp_path, "Force_Latest_Multiple")
    for number, scores in enumerate(({"seconds": 0.1}, {"accuracy": 0.1}, {"accuracy": 0.1, "seconds": 99.0}), start=1):
        course.send(number, scores)
        course.happens(Happening.SCORED, number)
    assert course.board() == [3, 2, 1]
    assert Entry.objects.get(submission_id=2).reasons == {
        "seconds": "The scoring program wrote no score named seconds."
    }


def test_several_tasks_rank_by_the_mean_of_each_column(tmp_path: Path) -> None:
    course = make_course(tmp_path, "Force_Latest_Multiple", several_tasks=True)
    # Means of accuracy: (1.0 + 0.0) / 2 = 0.5 and (0.6 + 0.8) / 2 = 0.7.
    course.send(1, {"accuracy": 1.0, "seconds": 1.0}, {"accuracy": 0.0, "seconds": 1.0})
    course.happens(Happening.SCORED, 1)
    course.send(2, {"accuracy": 0.6, "seconds": 1.0}, {"accuracy": 0.8, "seconds": 2.0})
    course.happens(Happening.SCORED, 2)
    assert course.board() == [2, 1]
    assert Entry.objects.get(submission_id=2).values == {"accuracy": pytest.approx(0.7), "seconds": 1.5}


def test_a_submission_that_lacks_a_task_ranks_below_the_complete_ones(tmp_path: Path) -> None:
    course = make_course(tmp_path, "Force_Latest_Multiple", several_tasks=True)
    course.send(1, {"accuracy": 1.0, "seconds": 1.0})
    course.happens(Happening.SCORED, 1)
    course.send(2, {"accuracy": 0.1, "seconds": 9.0}, {"accuracy": 0.1, "seconds": 9.0})
    course.happens(Happening.SCORED, 2)
    assert course.board() == [2, 1]
    assert Entry.objects.get(submission_id=1).values == {"accuracy": None, "seconds": None}


@pytest.mark.parametrize("rule", RULES)
def test_a_board_made_again_from_scratch_is_the_same(tmp_path: Path, rule: str) -> None:
    course = scored_three_times(tmp_path, rule)
    if not rule.startswith("Force"):
        course.happens(Happening.ADDED, 2, by=course.participant)
    before = list(Entry.objects.order_by("rank_key").values_list("submission_id", "values", "cells"))
    assert rebuild(course.phase_id, course.sent.values()) == ()
    Entry.objects.update(rank_key=b"", values={}, reasons={}, cells={})
    rebuild(course.phase_id, course.sent.values())
    assert list(Entry.objects.order_by("rank_key").values_list("submission_id", "values", "cells")) == before


def test_boards_of_two_people_do_not_touch_each_other(tmp_path: Path) -> None:
    course = scored_three_times(tmp_path, "Force_Best")
    carl = make_person("carl")
    other = Candidate(9, carl.id, START, True, (TaskScores(course.task_ids[0], 9, {"accuracy": 0.8}),))
    refresh_entries(course.phase_id, carl.id, [other], Happening.SCORED, 9)
    assert course.board() == [2, 9]
