"""Every submission rule on a real board: action by actor, with one task and with two (Codabench's issue 2211)."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import transaction
from tests.integration.server.competition_material import make_person
from tests.integration.server.test_leaderboards_entries import Course, make_course

from podium.rules.board.submission_rules import Happening, SubmissionRule
from podium.rules.errors import NotAllowed
from podium.server.leaderboards.models import Leaderboard

pytestmark = pytest.mark.django_db

R = SubmissionRule
NO = "refused"
Outcome = set[int] | str
ACTORS = ("owner", "organizer", "admin")

# Of two tasks, the first submission has the best single score and the worst mean: 0.5, 0.9, 0.7.
SCORES = {1: (1.0, 0.0), 2: (0.9, 0.9), 3: (0.7, 0.7)}
MEANS = {1: 0.5, 2: 0.9, 3: 0.7}
# Submitted in the order of their numbers, scored in this one: the last one submitted is not the last one scored.
SCORED = (1, 3, 2)

# What stands at first; then (which one, the boards that the owner, an organizer and an admin make of it). The first one
# is rescored to 0.99 at last. Where somebody chooses, the first one was chosen.
TABLE: dict[SubmissionRule, tuple[set[int], dict[str, tuple[int, tuple[Outcome, Outcome, Outcome]]], set[int]]] = {
    R.ADD: (
        {1},
        {"add": (2, ({2}, {2}, {2})), "remove": (1, (NO, set(), set())), "delete": (1, (NO, set(), set()))},
        {1},
    ),
    R.ADD_AND_DELETE: (
        {1},
        {"add": (2, ({2}, {2}, {2})), "remove": (1, (set(), set(), set())), "delete": (1, (NO, set(), set()))},
        {1},
    ),
    R.ADD_AND_DELETE_MULTIPLE: (
        {1},
        {
            "add": (2, ({1, 2}, {1, 2}, {1, 2})),
            "remove": (1, (set(), set(), set())),
            "delete": (1, (NO, set(), set())),
        },
        {1},
    ),
    R.FORCE_LAST: (
        {3},
        {
            "add": (2, (NO, NO, {2})),
            "remove": (3, (NO, NO, set())),
            "delete": (3, (NO, {2}, {2})),
        },
        {3},
    ),
    R.FORCE_LATEST_MULTIPLE: (
        {1, 2, 3},
        {
            "add": (2, (NO, NO, {1, 2, 3})),
            "remove": (1, (NO, NO, {2, 3})),
            "delete": (1, (NO, {2, 3}, {2, 3})),
        },
        {1, 2, 3},
    ),
    R.FORCE_BEST: (
        {2},
        {
            "add": (3, (NO, NO, {3})),
            "remove": (2, (NO, NO, set())),
            "delete": (2, (NO, {3}, {3})),
        },
        {1},
    ),
    R.BY_ORGANIZERS: (
        {1},
        {
            "add": (2, (NO, {2}, {2})),
            "remove": (1, (NO, set(), set())),
            "delete": (1, (NO, set(), set())),
        },
        {1},
    ),
}
HAPPENINGS = {"add": Happening.ADDED, "remove": Happening.REMOVED, "delete": Happening.DELETED}


def prepared(folder: Path, rule: SubmissionRule, *, several_tasks: bool) -> Course:
    course = make_course(folder, several_tasks=several_tasks)
    Leaderboard.objects.update(submission_rule=rule.value)
    for number, of_tasks in SCORES.items():
        values = of_tasks if several_tasks else (MEANS[number],)
        course.send(number, *({"accuracy": value, "seconds": 1.0} for value in values), finished=False)
    finished = dict(course.sent)
    for number in SCORED:
        sent = finished[number]
        course.sent[number] = type(sent)(sent.submission_id, sent.owner_id, sent.submitted_at, True, sent.tasks)
        course.happens(Happening.SCORED, number)
    if not rule.automatic:
        course.happens(Happening.ADDED, 1, by=course.organizer)
    return course


@pytest.mark.parametrize("several_tasks", [False, True])
@pytest.mark.parametrize("rule", list(SubmissionRule))
def test_the_board_after_each_action_of_each_actor(tmp_path: Path, rule: SubmissionRule, several_tasks: bool) -> None:
    first, actions, rescored = TABLE[rule]
    course = prepared(tmp_path, rule, several_tasks=several_tasks)
    people = dict(zip(ACTORS, (course.participant, course.organizer, make_person("root", is_admin=True)), strict=True))
    assert set(course.board()) == first
    sent = dict(course.sent)
    for action, (number, outcomes) in actions.items():
        for actor, expected in zip(ACTORS, outcomes, strict=True):
            found: Outcome = NO
            with transaction.atomic():
                try:
                    course.happens(HAPPENINGS[action], number, by=people[actor])
                    found = set(course.board())
                except NotAllowed:
                    assert set(course.board()) == first
                transaction.set_rollback(True)
            course.sent = dict(sent)
            assert found == expected, (action, actor)
    course.send(1, *({"accuracy": 0.99, "seconds": 1.0} for _ in course.task_ids))
    course.happens(Happening.RESCORED, 1)
    assert set(course.board()) == rescored
