"""Whose turn it is, played through with people, slots and runs of equal length."""

from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.rules.turns import FIRST_STEP, NEXT_STEP, Line, Turn, jobs_ahead, next_turn, wait_estimate_s

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def turn(job: int, owner: int = 1, *, priority: int = 0, running: int = 0, served: float | None = None) -> Turn:
    return Turn(job, owner, priority, running, None if served is None else NOON + timedelta(seconds=served))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (turn(9, priority=10, running=5, served=99), turn(1)),
        (turn(9, running=0, served=99), turn(1, running=1)),
        (turn(9), turn(1, served=-1000)),
        (turn(9, served=1), turn(1, served=2)),
        (turn(1, served=1), turn(2, served=1)),
    ],
    ids=["priority", "least running", "never served", "served longest ago", "oldest"],
)
def test_what_comes_before_what(first: Turn, second: Turn) -> None:
    assert next_turn([second, first]) == first


def test_whoever_has_as_much_running_as_is_allowed_is_passed_over() -> None:
    busy, other = turn(1, 1, priority=10, running=2), turn(2, 2, running=1, served=5)
    assert next_turn([busy, other], limit=3) == busy
    assert next_turn([busy, other], limit=2) == other
    assert next_turn([busy, other], limit=1) is None
    assert next_turn([busy, other]) == busy
    assert next_turn([]) is None


@dataclass
class Job:
    id: int
    owner: int
    arrives: int
    steps: int


@dataclass
class Play:
    """A queue with slots, where every step takes `length`. What ends first frees its slot first."""

    jobs: list[Job]
    slots: int
    length: int = 10
    limit: int = 0
    begun: dict[int, int] = field(default_factory=dict)
    most: Counter[int] = field(default_factory=Counter)

    def run(self) -> None:
        """Until all is done."""
        coming = sorted(self.jobs, key=lambda job: (job.arrives, job.id))
        waiting: list[tuple[int, Job, int]] = []
        busy: list[tuple[int, int, Job, int]] = []
        served: dict[int, datetime] = {}
        now = count = 0
        while coming or waiting or busy:
            while coming and coming[0].arrives <= now:
                waiting.append((FIRST_STEP, coming[0], coming.pop(0).steps))
            while len(busy) < self.slots:
                running = Counter(job.owner for _, _, job, _ in busy)
                chosen = next_turn(
                    (
                        Turn(job.id, job.owner, priority, running[job.owner], served.get(job.owner))
                        for priority, job, _ in waiting
                    ),
                    limit=self.limit,
                )
                if chosen is None:
                    break
                entry = next(each for each in waiting if each[1].id == chosen.job_id)
                waiting.remove(entry)
                count += 1
                served[chosen.owner_id] = NOON + timedelta(microseconds=count)
                self.begun.setdefault(chosen.job_id, now)
                heapq.heappush(busy, (now + self.length, count, entry[1], entry[2] - 1))
                self.most[chosen.owner_id] = max(self.most[chosen.owner_id], running[chosen.owner_id] + 1)
            times = [busy[0][0]] if busy else []
            times += [coming[0].arrives] if coming else []
            now = min(times, default=now)
            while busy and busy[0][0] <= now:
                _, _, job, left = heapq.heappop(busy)
                if left:
                    waiting.append((NEXT_STEP, job, left))


@given(
    flood=st.integers(1, 60),
    others=st.dictionaries(st.integers(0, 8), st.integers(0, 9), min_size=1, max_size=4),
    slots=st.integers(1, 4),
    steps=st.integers(1, 2),
)
def test_a_flood_delays_the_first_of_another_by_no_more_than_one_run(
    flood: int, others: dict[int, int], slots: int, steps: int
) -> None:
    # Everybody else sends one of one step, at a time when the first of nobody else waits.
    arrivals = [40 * window + offset for window, offset in others.items()]
    jobs = [Job(number, 0, 0, steps) for number in range(flood)]
    jobs += [Job(1000 + number, number + 1, arrival, 1) for number, arrival in enumerate(arrivals)]
    play = Play(jobs, slots)
    play.run()
    for job in jobs[flood:]:
        assert play.begun[job.id] - job.arrives <= steps * play.length


@given(people=st.integers(2, 6), each=st.integers(1, 10), slots=st.integers(1, 4))
def test_people_who_send_equally_much_are_served_equally(people: int, each: int, slots: int) -> None:
    # All of one person's jobs are older than all of the next person's.
    jobs = [Job(owner * 100 + number, owner, 0, 1) for owner in range(people) for number in range(each)]
    play = Play(jobs, slots)
    play.run()
    order = [job // 100 for job, _ in sorted(play.begun.items(), key=lambda entry: entry[1])]
    for end in range(1, len(order)):
        so_far = Counter(order[:end])
        served = [so_far[owner] for owner in range(people)]
        # A round of one for each, and nobody is a whole slotful ahead.
        assert max(served) - min(served) <= 1 + (slots > 1)


@given(counts=st.lists(st.integers(1, 12), min_size=1, max_size=5), slots=st.integers(1, 6), limit=st.integers(0, 3))
def test_nothing_is_left_and_no_limit_is_passed(counts: list[int], slots: int, limit: int) -> None:
    jobs = [Job(owner * 100 + number, owner, 0, 1) for owner, count in enumerate(counts) for number in range(count)]
    play = Play(jobs, slots, limit=limit)
    play.run()
    assert set(play.begun) == {job.id for job in jobs}
    assert max(play.most.values()) <= (limit or slots)


@given(
    counts=st.lists(st.integers(1, 8), min_size=1, max_size=5),
    data=st.data(),
)
def test_the_place_in_the_queue_is_how_many_are_taken_before(counts: list[int], data: st.DataObject) -> None:
    jobs = [Job(owner * 100 + number, owner, 0, 1) for owner, count in enumerate(counts) for number in range(count)]
    owner = data.draw(st.integers(0, len(counts) - 1))
    place = data.draw(st.integers(0, counts[owner] - 1))
    play = Play(jobs, slots=1)
    play.run()
    before = sum(begun < play.begun[owner * 100 + place] for begun in play.begun.values())
    lines = [Line(who, count, who * 100, 0, None) for who, count in enumerate(counts)]
    assert jobs_ahead(lines[owner], place, [line for line in lines if line.owner_id != owner]) == before


def test_whoever_has_work_running_comes_later() -> None:
    # Two of mine run, nothing of theirs: they have had two rounds less, and in the third I am first.
    mine, theirs = Line(1, 5, 1, 2, None), Line(2, 9, 2, 0, None)
    assert jobs_ahead(mine, 0, [theirs]) == 2
    assert jobs_ahead(mine, 1, [theirs]) == 1 + 3
    assert jobs_ahead(theirs, 0, [mine]) == 0
    assert jobs_ahead(theirs, 3, [mine]) == 3 + 2


def test_an_estimate_is_the_share_of_the_slots() -> None:
    # Five before it and itself, two at a time, 30 s each: the slot for it is free after 90 s.
    assert wait_estimate_s(5, 2, 30.0) == 90.0
    with pytest.raises(ValueError, match="slot"):
        wait_estimate_s(5, 0, 30.0)
