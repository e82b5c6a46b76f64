"""Whose turn it is, played through with people, slots and runs of equal length."""

from __future__ import annotations

import heapq
from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.rules.turns import (
    FIRST_STEP,
    IN_SHADOW,
    NEXT_STEP,
    PATIENCE,
    Line,
    Turn,
    jobs_ahead,
    next_turn,
    wait_estimate_s,
)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def turn(
    job: int, owner: int = 1, *, priority: int = 0, running: int = 0, served: float | None = None, since: float = 0
) -> Turn:
    return Turn(job, owner, priority, running, None if served is None else at(served), at(since))


HOUR = PATIENCE.total_seconds()


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (turn(9, running=5, served=99), turn(1, priority=IN_SHADOW)),
        (turn(9, running=0, served=99), turn(1, priority=NEXT_STEP, running=1)),
        (turn(9), turn(1, priority=NEXT_STEP, served=-1000)),
        (turn(9, served=1), turn(1, priority=NEXT_STEP, served=2)),
        (turn(1, served=1), turn(2, priority=NEXT_STEP, served=1)),
        (turn(9, served=-9, since=-HOUR), turn(1, since=1 - HOUR)),
        (turn(9, served=-9, since=-HOUR - 1), turn(1, since=-HOUR)),
        (turn(9, running=0), turn(1, running=1, since=-HOUR)),
    ],
    ids=[
        *("the shadow last", "least running", "never served", "served longest ago", "oldest"),
        *("out of patience", "the longest of those", "never before those with less running"),
    ],
)
def test_what_comes_before_what(first: Turn, second: Turn) -> None:
    assert next_turn([second, first], NOON) == first


def test_whoever_has_as_much_running_as_is_allowed_is_passed_over() -> None:
    busy, other = turn(1, 1, running=1), turn(2, 2, running=2, served=5)
    assert next_turn([busy, other], NOON, limit=3) == busy
    assert next_turn([busy, other], NOON, limit=2) == busy
    assert next_turn([busy, other], NOON, limit=1) is None
    assert next_turn([busy, other], NOON) == busy
    shadow = turn(3, 3, priority=IN_SHADOW)
    assert next_turn([busy, shadow], NOON, limit=1) == shadow
    assert next_turn([], NOON) is None


@dataclass
class Job:
    id: int
    owner: int
    arrives: int
    steps: int


@dataclass
class Waiting:
    """A step of a job that waits since a second."""

    job: Job
    priority: int
    steps_left: int
    since: int


@dataclass
class Play:
    """A queue with slots, where every step takes `length` seconds. What ends first frees its slot first."""

    jobs: list[Job]
    slots: int
    length: int = 10
    limit: int = 0
    begun: dict[int, int] = field(default_factory=dict)
    most: Counter[int] = field(default_factory=Counter)
    """The most steps of a person that ran at once."""
    most_begun: Counter[int] = field(default_factory=Counter)
    """The most jobs of a person that were begun and not ended."""
    most_waiting: int = 0
    """The most people who waited at once."""
    longest: int = 0
    """The longest that somebody who had nothing running waited."""
    _waiting: list[Waiting] = field(default_factory=list)
    _busy: list[tuple[int, int, Job, int]] = field(default_factory=list)
    _served: dict[int, datetime] = field(default_factory=dict)
    _ended: dict[int, int] = field(default_factory=dict)
    _open: Counter[int] = field(default_factory=Counter)
    _taken: int = 0

    def run(self) -> None:
        """Until all is done."""
        coming = deque(sorted(self.jobs, key=lambda job: (job.arrives, job.id)))
        now = 0
        while coming or self._waiting or self._busy:
            while coming and coming[0].arrives <= now:
                job = coming.popleft()
                self._waiting.append(Waiting(job, FIRST_STEP, job.steps, now))
            while len(self._busy) < self.slots and self._take_one(now):
                pass
            times = [self._busy[0][0]] if self._busy else []
            times += [coming[0].arrives] if coming else []
            now = min(times, default=now)
            while self._busy and self._busy[0][0] <= now:
                self._end_one(now)

    def _take_one(self, now: int) -> bool:
        running = Counter(job.owner for _, _, job, _ in self._busy)
        firsts: dict[int, Waiting] = {}
        for each in sorted(self._waiting, key=lambda each: (-each.priority, each.job.id)):
            firsts.setdefault(each.job.owner, each)
        self.most_waiting = max(self.most_waiting, len(firsts))
        turns = {
            Turn(
                each.job.id, owner, each.priority, running[owner], self._served.get(owner), at(self._since(each))
            ): each
            for owner, each in firsts.items()
        }
        chosen = next_turn(turns, at(now), limit=self.limit)
        if chosen is None:
            return False
        entry, owner = turns[chosen], chosen.owner_id
        self._waiting.remove(entry)
        if not running[owner]:
            self.longest = max(self.longest, now - self._since(entry))
        self._taken += 1
        self._served[owner] = at(now) + timedelta(microseconds=self._taken)
        if chosen.job_id not in self.begun:
            self.begun[chosen.job_id] = now
            self._open[owner] += 1
        heapq.heappush(self._busy, (now + self.length, self._taken, entry.job, entry.steps_left - 1))
        self.most[owner] = max(self.most[owner], running[owner] + 1)
        self.most_begun[owner] = max(self.most_begun[owner], self._open[owner])
        return True

    def _since(self, entry: Waiting) -> int:
        return max(entry.since, self._ended.get(entry.job.owner, 0))

    def _end_one(self, now: int) -> None:
        _, _, job, left = heapq.heappop(self._busy)
        self._ended[job.owner] = now
        if left:
            self._waiting.append(Waiting(job, NEXT_STEP, left, now))
        else:
            self._open[job.owner] -= 1


STEPS = st.integers(1, 2)


@given(
    floods=st.lists(st.lists(STEPS, min_size=1, max_size=40), min_size=1, max_size=3),
    others=st.dictionaries(st.integers(1, 8), st.tuples(st.integers(0, 9), STEPS), min_size=1, max_size=4),
    slots=st.integers(1, 4),
)
def test_floods_delay_the_first_of_another_by_no_more_than_one_run(
    floods: list[list[int]], others: dict[int, tuple[int, int]], slots: int
) -> None:
    # Up to three people send many at once. Everybody else sends one later, when the first of nobody else waits.
    jobs = [Job(100 * who + n, who, 0, steps) for who, flood in enumerate(floods) for n, steps in enumerate(flood)]
    newcomers = [Job(1000 + n, 10 + n, 40 * n + offset, steps) for n, (offset, steps) in others.items()]
    play = Play([*jobs, *newcomers], slots)
    play.run()
    for job in newcomers:
        assert play.begun[job.id] - job.arrives <= play.length


@given(
    people=st.lists(
        st.lists(st.tuples(st.integers(0, 90), st.integers(1, 3)), min_size=1, max_size=12), min_size=1, max_size=5
    ),
    slots=st.integers(1, 4),
    limit=st.integers(0, 3),
)
def test_nobody_has_more_half_done_than_slots_can_work_on(
    people: list[list[tuple[int, int]]], slots: int, limit: int
) -> None:
    jobs = [
        Job(100 * who + n, who, arrives, steps)
        for who, sent in enumerate(people)
        for n, (arrives, steps) in enumerate(sent)
    ]
    play = Play(jobs, slots, limit=limit)
    play.run()
    assert set(play.begun) == {job.id for job in jobs}
    assert max(play.most_begun.values()) <= min(slots, limit or slots)


@given(slots=st.integers(1, 3), first=STEPS, rounds=st.integers(8, 40), more=st.integers(0, 3), steps=STEPS)
def test_nobody_waits_for_ever_while_newcomers_stream_in(
    slots: int, first: int, rounds: int, more: int, steps: int
) -> None:
    # Newcomers enough for all slots, and some more, arrive whenever a run ends; the earliest has sent two.
    length = 600
    jobs = [Job(1, 1, 0, first), Job(2, 1, 0, 2)]
    jobs += [
        Job(100 * (round_ + 1) + number, 100 * (round_ + 1) + number, round_ * length, steps)
        for round_ in range(rounds)
        for number in range(slots + (more if round_ < 3 else 0))
    ]
    play = Play(jobs, slots, length)
    play.run()
    # Whoever is out of patience has before him at most the others who wait then, as many at a time as there are slots.
    rounds_ahead = -(-play.most_waiting // slots)
    assert play.longest <= PATIENCE.total_seconds() + (rounds_ahead + 1) * length


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
    lines = [Line(count, turn(who * 100, who)) for who, count in enumerate(counts)]
    own = lines.pop(owner)
    assert jobs_ahead(own, place, lines, NOON) == before


def test_whoever_has_work_running_comes_later() -> None:
    # Two of mine run, nothing of theirs: they have had two rounds less, and in the third I am first.
    mine, theirs = Line(5, turn(1, 1, running=2)), Line(9, turn(2, 2))
    assert jobs_ahead(mine, 0, [theirs], NOON) == 2
    assert jobs_ahead(mine, 1, [theirs], NOON) == 1 + 3
    assert jobs_ahead(theirs, 0, [mine], NOON) == 0
    assert jobs_ahead(theirs, 3, [mine], NOON) == 3 + 2


def test_whoever_is_out_of_patience_comes_sooner() -> None:
    mine, theirs = Line(1, turn(1, 1, served=-9, since=-HOUR)), Line(9, turn(2, 2, since=-5))
    assert jobs_ahead(mine, 0, [theirs], at(-1)) == 1
    assert jobs_ahead(mine, 0, [theirs], NOON) == 0


def test_an_estimate_is_the_share_of_the_slots() -> None:
    # Five before it and itself, two at a time, 30 s each: the slot for it is free after 90 s.
    assert wait_estimate_s(5, 2, 30.0) == 90.0
    with pytest.raises(ValueError, match="slot"):
        wait_estimate_s(5, 0, 30.0)
