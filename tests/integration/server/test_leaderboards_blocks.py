"""Rank blocks: after whatever happened to a board they equal a recount, and ranks and pages go by them."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from tests.integration.server.competition_material import DESCRIPTION, described, make_competition, make_person

import podium
from podium.rules.board.columns import Column, Sorting
from podium.rules.board.ranking import rank_key
from podium.rules.board.submission_rules import Happening
from podium.server.accounts.people import Person
from podium.server.competitions.models import Phase, PhaseTask
from podium.server.leaderboards.candidates import Candidate, TaskScores
from podium.server.leaderboards.models import BoardVersion, Entry, Leaderboard, RankBlock
from podium.server.leaderboards.queries.ranked import RankedEntries
from podium.server.leaderboards.services import hold_board, rank_blocks, rebuild, refresh_entries
from podium.server.leaderboards.services.refilling import refill
from podium.server.leaderboards.services.writing import write_entries

START = datetime(2030, 1, 5, tzinfo=UTC)
COLUMNS = [
    {"title": "Accuracy", "key": "accuracy", "index": 0},
    {"title": "Seconds", "key": "seconds", "index": 1, "sorting": "asc"},
]


class Ground:
    """A board that takes every submission, and what was sent to it."""

    def __init__(self, folder: Path, people: int = 1) -> None:
        board = DESCRIPTION["leaderboards"][0] | {"columns": COLUMNS, "submission_rule": "Force_Latest_Multiple"}
        self.owners: list[Person] = [make_person(f"person{number}") for number in range(people)]
        self.competition_id = make_competition(self.owners[0], folder, described(leaderboards=[board]))
        self.phase_id = Phase.objects.get(competition_id=self.competition_id, index=0).pk
        self.board_id = Leaderboard.objects.get(competition_id=self.competition_id).pk
        self.task_id = PhaseTask.objects.get(phase_id=self.phase_id).task_id
        self.sent: dict[int, Candidate] = {}

    @property
    def ranked(self) -> RankedEntries:
        return RankedEntries(self.board_id, self.phase_id)

    def send(self, submission_id: int, accuracy: float | None, owner: int = 0) -> None:
        """A submission with this score, or another score of one that was sent."""
        values = {} if accuracy is None else {"accuracy": accuracy}
        scores = TaskScores(self.task_id, submission_id, {"seconds": 1.0, **values})
        at = START + timedelta(seconds=submission_id)
        self.sent[submission_id] = Candidate(submission_id, self.owners[owner].id, at, finished=True, tasks=(scores,))

    @transaction.atomic
    def happens(self, what: Happening, submission_id: int) -> None:
        owner_id = self.sent[submission_id].owner_id
        mine = [each for each in self.sent.values() if each.owner_id == owner_id]
        hold_board(self.phase_id)
        # The first person made the competition, and so may delete what stands on its board.
        by = self.owners[0] if what is Happening.DELETED else None
        refresh_entries(self.phase_id, owner_id, mine, what, submission_id, by=by)
        if what is Happening.DELETED:
            del self.sent[submission_id]

    @transaction.atomic
    def fill(self, values: Sequence[float | None]) -> None:
        """The board anew, with one submission for each value."""
        self.sent.clear()
        for number, value in enumerate(values, start=1):
            self.send(number, value, number % len(self.owners))
        hold_board(self.phase_id)
        refill(self.phase_id, list(self.sent.values()), another_rule=[self.board_id])

    def entries(self) -> list[int]:
        """The submissions on the board, the best first."""
        found = Entry.objects.filter(leaderboard_id=self.board_id, phase_id=self.phase_id, ranked=True)
        return list(found.order_by("rank_key").values_list("submission_id", flat=True))

    def version(self) -> int:
        return BoardVersion.objects.get(leaderboard_id=self.board_id, phase_id=self.phase_id).version

    def assert_blocks_fit(self) -> None:
        """Every block has as many entries as it says, is neither empty nor too large, and the first begins with
        nothing."""
        blocks = RankBlock.objects.filter(leaderboard_id=self.board_id, phase_id=self.phase_id).order_by("first_key")
        stored = [(bytes(key), size) for key, size in blocks.values_list("first_key", "size")]
        entries = Entry.objects.filter(leaderboard_id=self.board_id, phase_id=self.phase_id, ranked=True)
        keys = [bytes(key) for key in entries.values_list("rank_key", flat=True)]
        ends = [*(key for key, _ in stored[1:]), b"\xff" * 100][: len(stored)]
        counted = [sum(first <= key < end for key in keys) for (first, _), end in zip(stored, ends, strict=True)]
        assert [size for _, size in stored] == counted
        assert sum(counted) == len(keys)
        assert all(0 < size <= rank_blocks.LARGEST_SIZE for size in counted)
        assert not stored or stored[0][0] == b""


@contextmanager
def small_blocks(size: int = 4) -> Iterator[None]:
    """Blocks of about so many entries, so that few entries make many."""
    with mock.patch.multiple(
        rank_blocks, USUAL_SIZE=size, LARGEST_SIZE=2 * size, _SMALLEST_SIZE=size // 2, _MERGED_SIZE=size + size // 2
    ):
        yield


def boards_machine(ground: Ground) -> type[RuleBasedStateMachine]:
    """Everything that writes entries, in any order."""
    scores = st.none() | st.sampled_from([-0.0, 0.0, 0.25, 5e-324, 1e308]) | st.floats(-9, 9)

    class Boards(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.numbers = itertools.count(1000)

        @initialize(values=st.lists(scores, max_size=30))
        def begins(self, values: list[float | None]) -> None:
            ground.fill(values)

        @rule(values=st.lists(scores, min_size=1, max_size=8))
        def several_are_scored(self, values: list[float | None]) -> None:
            for value in values:
                number = next(self.numbers)
                ground.send(number, value, number % len(ground.owners))
                ground.happens(Happening.SCORED, number)

        @rule(data=st.data(), value=scores)
        def one_is_scored_again(self, data: Any, value: float | None) -> None:
            if ground.sent:
                number = data.draw(st.sampled_from(sorted(ground.sent)))
                ground.send(number, value, ground.owners.index(self.owner_of(number)))
                ground.happens(Happening.SCORED, number)

        @rule(data=st.data())
        def several_are_deleted(self, data: Any) -> None:
            if ground.sent:
                for number in data.draw(st.sets(st.sampled_from(sorted(ground.sent)), max_size=12)):
                    ground.happens(Happening.DELETED, number)

        @rule(value=scores, data=st.data())
        def many_are_scored_again_at_once(self, value: float | None, data: Any) -> None:
            if ground.sent:
                for number in data.draw(st.sets(st.sampled_from(sorted(ground.sent)))):
                    ground.send(number, value, ground.owners.index(self.owner_of(number)))
                with transaction.atomic():
                    hold_board(ground.phase_id)
                    rebuild(ground.phase_id, list(ground.sent.values()))

        @rule(data=st.data(), ranked=st.booleans())
        def entries_leave_the_ranks_or_come_back(self, data: Any, ranked: bool) -> None:
            entries = list(Entry.objects.filter(leaderboard_id=ground.board_id).order_by("pk"))
            if entries:
                chosen = data.draw(st.lists(st.sampled_from(entries), unique_by=lambda each: each.pk))
                for entry in chosen:
                    entry.ranked = ranked
                with transaction.atomic():
                    hold_board(ground.phase_id)
                    write_entries(ground.board_id, ground.phase_id, changed=chosen)

        @rule(values=st.lists(scores, max_size=40))
        def it_is_filled_anew(self, values: list[float | None]) -> None:
            ground.fill(values)

        @invariant()
        def blocks_fit(self) -> None:
            ground.assert_blocks_fit()
            order = ground.entries()
            assert ground.ranked.total() == len(order)

        @invariant()
        def ranks_fit(self) -> None:
            ordered = Entry.objects.filter(leaderboard_id=ground.board_id, ranked=True).order_by("rank_key")
            keys = [bytes(key) for key in ordered.values_list("rank_key", flat=True)]
            assert [ground.ranked.rank_of(key) for key in keys] == list(range(1, len(keys) + 1))

        @staticmethod
        def owner_of(number: int) -> Person:
            return next(each for each in ground.owners if each.id == ground.sent[number].owner_id)

    return Boards


@pytest.mark.slow
@pytest.mark.django_db
def test_blocks_equal_a_recount_after_any_sequence_of_actions(tmp_path: Path) -> None:
    ground = Ground(tmp_path, people=3)
    with small_blocks():
        run_state_machine_as_test(
            boards_machine(ground), settings=settings(max_examples=25, stateful_step_count=12, deadline=None)
        )


accuracies = (
    st.none()
    | st.sampled_from([-0.0, 0.0, 5e-324, -5e-324, 1e308, -1e308, 0.5])
    | st.floats(allow_nan=False, allow_infinity=False)
)


@pytest.mark.slow
@pytest.mark.django_db
def test_the_database_orders_as_python_sorts(tmp_path: Path) -> None:
    ground = Ground(tmp_path)

    @given(st.lists(accuracies, max_size=40))
    @settings(max_examples=60, deadline=None)
    def agrees(values: list[float | None]) -> None:
        ground.fill(values)
        numbered = list(enumerate(values, start=1))
        # Missing last, then the larger value; who sent earlier has the smaller number.
        numbered.sort(key=lambda each: (each[1] is None, -(each[1] or 0.0), each[0]))
        assert ground.entries() == [number for number, _ in numbered]

    agrees()


Sent = tuple[dict[str, float | None], int]


@st.composite
def any_boards(draw: st.DrawFn) -> tuple[list[Column], list[Sent]]:
    """Columns of either direction, and rows that tie in many of them, each with the second when it was sent."""
    directions = draw(st.lists(st.sampled_from(Sorting), min_size=1, max_size=3))
    columns = [Column(f"c{index}", f"C{index}", index, sorting=each) for index, each in enumerate(directions)]
    values = st.fixed_dictionaries({column.key: accuracies for column in columns})
    return columns, draw(st.lists(st.tuples(values, st.integers(0, 3)), max_size=30))


@pytest.mark.slow
@pytest.mark.django_db
def test_the_database_orders_any_columns_as_python_sorts(tmp_path: Path) -> None:
    ground = Ground(tmp_path)

    @given(any_boards(), st.integers(0, 2))
    @settings(max_examples=60, deadline=None)
    def agrees(board: tuple[list[Column], list[Sent]], primary: int) -> None:
        columns, rows = board
        entries = [
            Entry(
                leaderboard_id=ground.board_id,
                phase_id=ground.phase_id,
                owner_id=ground.owners[0].id,
                submission_id=number,
                submitted_at=START + timedelta(seconds=second),
                rank_key=rank_key(columns, primary, values, START + timedelta(seconds=second), number),
                values=values,
                cells={},
            )
            for number, (values, second) in enumerate(rows)
        ]
        with transaction.atomic():
            hold_board(ground.phase_id)
            here = Entry.objects.filter(leaderboard_id=ground.board_id)
            write_entries(ground.board_id, ground.phase_id, removed=list(here.values_list("pk", flat=True)))
            write_entries(ground.board_id, ground.phase_id, added=entries)
        # By what counts least first: every sort keeps the order of those that are equal in it.
        order = sorted(range(len(rows)), key=lambda number: rows[number][1])
        first = [column for column in columns if column.index == primary] or columns[:1]
        for column in reversed([*first, *(column for column in columns if column not in first)]):
            sign = 1 if column.sorting is Sorting.ASCENDING else -1
            order.sort(key=lambda number: _missing_last(rows[number][0][column.key], sign))
        assert ground.entries() == order

    agrees()


def _missing_last(value: float | None, sign: int) -> tuple[bool, float]:
    return (value is None, 0.0 if value is None else sign * value)


@pytest.mark.slow
@pytest.mark.django_db
def test_a_board_rebuilt_from_scratch_equals_the_stored_one(tmp_path: Path) -> None:
    ground = Ground(tmp_path, people=2)

    def stored() -> list[tuple[Any, ...]]:
        rows = Entry.objects.order_by("rank_key").values_list(
            "submission_id", "rank_key", "values", "reasons", "cells", "ranked"
        )
        return [(pk, bytes(key), *rest) for pk, key, *rest in rows]

    scores = st.lists(st.tuples(st.integers(1, 15), accuracies), min_size=1, max_size=25)

    @given(scores)
    @settings(max_examples=20, deadline=None)
    def equals(happened: list[tuple[int, float | None]]) -> None:
        ground.fill([])
        for number, value in happened:
            ground.send(number, value, number % 2)
            ground.happens(Happening.SCORED, number)
        before = stored()
        ground.assert_blocks_fit()
        with transaction.atomic():
            hold_board(ground.phase_id)
            write_entries(ground.board_id, ground.phase_id, removed=list(Entry.objects.values_list("pk", flat=True)))
            refill(ground.phase_id, list(ground.sent.values()), another_rule=[ground.board_id])
        assert stored() == before
        ground.assert_blocks_fit()

    equals()


@pytest.mark.slow
@pytest.mark.django_db
def test_a_long_board_in_blocks_of_the_real_size(tmp_path: Path) -> None:
    ground = Ground(tmp_path, people=3)
    # 4,300 rows, the first sent the worst: by thousands that is 4 blocks, as 300 more are enough for one of their own.
    ground.fill([float(number) for number in range(4300)])
    ground.assert_blocks_fit()
    assert RankBlock.objects.count() == 5
    assert ground.ranked.total() == 4300
    for offset in (0, 999, 1000, 2150, 4299):
        entries, part = ground.ranked.window(offset, 2)
        shown = [row.submission_id for row in entries[part]]
        assert shown == [4300 - offset, 4300 - offset - 1][: len(shown)]
    entries, part = ground.ranked.window(4300, 100)
    assert list(entries[part]) == []
    # The best rows of the three are those with the numbers 4300, 4299 and 4298.
    assert {ground.ranked.best_of(owner.id) for owner in ground.owners} == {1, 2, 3}
    assert ground.ranked.best_of(make_person("nobody").id) is None


@pytest.mark.django_db
def test_a_board_without_entries_has_neither_blocks_nor_ranks(tmp_path: Path) -> None:
    ground = Ground(tmp_path)
    assert ground.ranked.total() == 0
    entries, part = ground.ranked.window(0, 10)
    assert list(entries[part]) == []
    assert ground.ranked.best_of(ground.owners[0].id) is None
    ground.fill([0.5])
    ground.happens(Happening.DELETED, 1)
    assert not RankBlock.objects.filter(leaderboard_id=ground.board_id).exists()


@pytest.mark.django_db
def test_one_score_takes_the_same_queries_on_any_board(tmp_path: Path) -> None:
    ground = Ground(tmp_path, people=2)
    late = make_person("late")
    taken = []
    for size in (10, 1500):
        ground.fill([float(number) for number in range(size)])
        scores = TaskScores(ground.task_id, size + 1, {"accuracy": 7.5})
        mine = Candidate(size + 1, late.id, START, finished=True, tasks=(scores,))
        with CaptureQueriesContext(connection) as queries, transaction.atomic():
            hold_board(ground.phase_id)
            refresh_entries(ground.phase_id, mine.owner_id, [mine], Happening.SCORED, size + 1)
        taken.append(len(queries))
        assert all(" OFFSET " not in each["sql"] and "COUNT(" not in each["sql"] for each in queries)
    assert taken[0] <= 20
    assert taken[1] <= taken[0] + 4


@pytest.mark.django_db
def test_every_change_of_an_entry_is_another_version(tmp_path: Path) -> None:
    ground = Ground(tmp_path)
    ground.fill([0.5])
    seen = [ground.version()]
    ground.send(2, 0.25)
    ground.happens(Happening.SCORED, 2)
    seen.append(ground.version())
    ground.send(2, 0.75)
    ground.happens(Happening.SCORED, 2)
    seen.append(ground.version())
    ground.happens(Happening.DELETED, 2)
    seen.append(ground.version())
    assert len(set(seen)) == 4
    with transaction.atomic():
        hold_board(ground.phase_id)
        write_entries(ground.board_id, ground.phase_id, removed=list(Entry.objects.values_list("pk", flat=True)))
        assert ground.version() != seen[-1]
        transaction.set_rollback(True)
    assert ground.version() == seen[-1]
    ground.assert_blocks_fit()


def test_nothing_but_the_door_writes_entries() -> None:
    """No other module creates, updates or deletes entries: whoever did would leave the blocks behind."""
    writes = {"create", "bulk_create", "update", "bulk_update", "delete", "get_or_create", "update_or_create"}
    source = Path(podium.__file__).parent
    found = set()
    for module in source.rglob("*.py"):
        for call in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in writes):
                continue
            if any(isinstance(part, ast.Name) and part.id == "Entry" for part in ast.walk(call.func)):
                found.add(str(module.relative_to(source)))
    assert found == {"server/leaderboards/services/writing.py"}
