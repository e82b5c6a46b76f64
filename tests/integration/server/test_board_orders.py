"""Boards in any order, by any task and of any people: as sorting them in Python gives them, at any length."""

from __future__ import annotations

import re
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.integration.server.competition_material import make_competition, make_person, two_tasks

from podium.rules.board.marks import Mark
from podium.server.accounts.models import User
from podium.server.competitions.models import Competition, Phase, PhaseTask
from podium.server.leaderboards.candidates import Candidate, TaskScores
from podium.server.leaderboards.models import Leaderboard
from podium.server.leaderboards.queries import Arrangement, board
from podium.server.leaderboards.services.marks import mark_entry
from podium.server.leaderboards.services.refilling import refill

pytestmark = pytest.mark.django_db

START = datetime(2026, 1, 1, tzinfo=UTC)
COLUMNS: list[dict[str, Any]] = [
    {"title": "Time", "key": "time", "index": 0, "sorting": "asc"},
    {"title": "1", "key": "1", "index": 1},
    {"title": "Secret", "key": "secret", "index": 2, "hidden": True},
]
DOWN = {"time": False, "1": True, "secret": True}
"""Which columns have the largest first by themselves."""
NAMES = ("zoe", "Émile", "anna", "Straße", "ANNA maria", "bob_x")
QUESTION = {"key": "method", "question": "Method?", "title": "Method", "type": "text", "is_on_leaderboard": True}
values = (
    st.none()
    | st.sampled_from([-0.0, 0.0, 5e-324, -5e-324, 1e308, -1e308, 0.1, 0.1 + 2**-55, 1.0, 10.0])
    | st.floats(-2, 2)
)


@dataclass(frozen=True)
class Sent:
    """What one submission says, by the number of the task and the key of the column."""

    number: int
    owner: int
    at: datetime
    scores: tuple[Mapping[str, float | None], Mapping[str, float | None]]
    method: str | None
    mark: Mark | None


@st.composite
def boards(draw: st.DrawFn) -> list[Sent]:
    marks = st.sampled_from([None, None, None, Mark.BASELINE, Mark.HIDDEN])
    scores = st.fixed_dictionaries(dict.fromkeys(DOWN, values))
    rows = draw(st.lists(st.tuples(scores, scores, st.sampled_from([None, "", "b", "B", "a ü", "A Ü"]), marks)))
    return [
        Sent(number, number % len(NAMES), START + timedelta(seconds=number // 3), (first, second), method, mark)
        for number, (first, second, method, mark) in enumerate(rows, start=1)
    ]


class Ground:
    """A board over two tasks on which everything stands that was sent."""

    def __init__(self, folder: Path) -> None:
        self.people = [make_person(f"name{number}") for number in range(len(NAMES))]
        for person, name in zip(self.people, NAMES, strict=True):
            user = User.objects.get(pk=person.id)
            user.display_name = name
            user.save()
        made = two_tasks()
        shown = made["leaderboards"][0] | {"columns": COLUMNS, "submission_rule": "Force_Latest_Multiple"}
        self.competition_id = make_competition(self.people[0], folder, {**made, "leaderboards": [shown]})
        Competition.objects.update(fact_sheet=[QUESTION], published=True)
        Leaderboard.objects.update(extensions={"board_per_task": True})
        self.board_id = Leaderboard.objects.get(competition_id=self.competition_id).pk
        self.phase_id = Phase.objects.get(competition_id=self.competition_id, index=0).pk
        tasks = PhaseTask.objects.filter(phase_id=self.phase_id).order_by("order_index")
        self.tasks = list(tasks.values_list("task_id", flat=True))

    @transaction.atomic
    def fill(self, sent: Sequence[Sent]) -> None:
        Leaderboard.objects.get(pk=self.board_id).marks.all().delete()
        refill(self.phase_id, [], another_rule=[self.board_id])
        refill(self.phase_id, [self._candidate(each) for each in sent], another_rule=[self.board_id])
        for each in sent:
            if each.mark is not None:
                mark_entry(self.people[0], self.board_id, each.number, each.mark, "So.")

    def _candidate(self, sent: Sent) -> Candidate:
        tasks = tuple(
            TaskScores(task, sent.number, {key: value for key, value in scores.items() if value is not None})
            for task, scores in zip(self.tasks, sent.scores, strict=True)
        )
        answers = None if sent.method is None else {"method": sent.method}
        owner = self.people[sent.owner].id
        return Candidate(sent.number, owner, sent.at, finished=True, tasks=tasks, fact_sheet_answers=answers)


def by_hand(sent: Sequence[Sent], task: int | None, sort: str, who: str, *, sees_hidden: bool) -> list[Any]:
    """(rank, submission) of every row as it should stand, worked out without keys."""
    value = {
        each.number: {key: _whole(each, key) if task is None else each.scores[task][key] for key in DOWN}
        for each in sent
    }

    def rank_order(each: Sent) -> Any:
        # `secret` is hidden, and so ranks for nobody.
        held = [_placed(value[each.number][key], down=DOWN[key]) for key in ("time", "1")]
        return (*held, each.at, each.number)

    rows = sorted((each for each in sent if sees_hidden or each.mark is not Mark.HIDDEN), key=rank_order)
    ranks, count = {}, 0
    for each in rows:
        count += each.mark is None
        ranks[each.number] = None if each.mark else count
    rows = [each for each in rows if who.casefold() in NAMES[each.owner].casefold()]
    down, name = sort.startswith("-"), sort.removeprefix("-")
    kind, _, key = name.partition(".")
    if name:
        found: dict[int, Any] = {}
        for each in rows:
            if name == "participant":
                found[each.number] = NAMES[each.owner].casefold()
            elif name == "submitted":
                found[each.number] = each.at
            elif kind == "answer":
                found[each.number] = each.method.casefold() if each.method else None
            elif kind == "score":
                found[each.number] = value[each.number][key]
            else:
                found[each.number] = each.scores[int(kind.removeprefix("task"))][key]
        there = [each for each in rows if found[each.number] is not None]
        there.sort(key=lambda each: found[each.number], reverse=down)
        rows = there + [each for each in rows if found[each.number] is None]
    return [(ranks[each.number], each.number) for each in rows]


def _whole(sent: Sent, key: str) -> float | None:
    first, second = (scores[key] for scores in sent.scores)
    # Where both are 1e308, their sum is more than a number can be; their mean is not.
    return None if first is None or second is None else statistics.mean([first, second])


def _placed(value: float | None, *, down: bool) -> tuple[bool, float]:
    return (value is None, 0.0 if value is None else -value if down else value)


@pytest.mark.slow
def test_every_order_is_that_of_a_plain_sort(tmp_path: Path) -> None:
    ground = Ground(tmp_path)
    names = ["score.time", "score.1", "score.secret", "participant", "submitted", "answer.method"]

    @given(
        sent=boards(),
        task=st.sampled_from([None, 0, 1]),
        sort=st.sampled_from(["", *names, "task0.1", "task1.time", "task1.secret"]),
        down=st.booleans(),
        who=st.sampled_from(["", "", "ANNA", "é", "strasse", "_", "%"]),
        staff=st.booleans(),
    )
    @settings(max_examples=40, deadline=None)
    def compare(sent: list[Sent], task: int | None, sort: str, down: bool, who: str, staff: bool) -> None:
        hidden = sort.endswith("secret") and not staff
        if task is not None and sort.startswith(f"task{1 - task}"):
            sort = ""
        ground.fill(sent)
        asked = re.sub(r"^task(\d)", lambda found: f"task{ground.tasks[int(found[1])]}", sort)
        wish = ("-" if down and asked else "") + asked
        plain = by_hand(sent, task, "" if hidden else ("-" if down and sort else "") + sort, who, sees_hidden=staff)
        rows = []
        for offset in range(0, len(sent) + 1, 4):
            page = board(
                ground.people[0] if staff else None,
                ground.phase_id,
                limit=4,
                offset=offset,
                arrangement=Arrangement(wish, who),
                task_id=None if task is None else ground.tasks[task],
            )
            rows += [(row.rank, row.submission_id) for row in page.rows]
        if (task, who) == (None, "") and (not sort or hidden):
            # Marked ones stand on the page of whoever they stand between, beside the four of it.
            assert sorted(rows, key=lambda row: row[1]) == sorted(plain, key=lambda row: row[1])
            rows, plain = ([row for row in each if row[0] is not None] for each in (rows, plain))
        assert rows == plain

    compare()
