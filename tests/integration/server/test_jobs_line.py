"""Whose job is taken next, out of the database."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.integration.server.competition_material import make_person
from tests.integration.server.flow import NOON, SteppedClock, begin, worker

from podium.rules.turns import IN_SHADOW, NEXT_STEP, PATIENCE
from podium.server import clock
from podium.server.competitions.models import Phase
from podium.server.jobs import leases
from podium.server.jobs.line import next_in_line, turns
from podium.server.jobs.models import Job
from podium.server.jobs.place import place_of
from podium.server.queues.models import Queue
from podium.server.submissions.services.claim import claim

pytestmark = pytest.mark.django_db

KINDS = ("prediction", "scoring")


def job(owner: int | None, *, priority: int = 0, queue: Queue | None = None, kind: str = "scoring") -> int:
    return leases.create_job(kind, owner_id=owner, priority=priority, queue_id=queue.pk if queue else None).pk


@pytest.fixture
def people() -> list[int]:
    return [make_person(name).id for name in ("ann", "ben", "cyd")]


def taken(count: int, queues: tuple[int, ...] = ()) -> list[int]:
    """The jobs that so many slots take, one after the other."""
    order = []
    for slot in range(count):
        found = found_next(queues)
        leases.take(found, worker(), slot)
        order.append(found)
    return order


def found_next(queues: tuple[int, ...] = ()) -> int:
    found = next_in_line(KINDS, queues)
    assert found is not None
    return found


def test_people_take_turns(people: list[int], time: SteppedClock) -> None:
    ann, ben, cyd = people
    flood = [job(ann) for _ in range(4)]
    others = [job(ben), job(cyd), job(ben)]
    assert taken(6) == [flood[0], others[0], others[1], flood[1], others[2], flood[2]]


def test_of_one_person_what_goes_on_comes_before_what_begins(people: list[int], time: SteppedClock) -> None:
    ann, ben, _ = people
    first, second, third = job(ann), job(ann), job(ben)
    assert taken(2) == [first, third]
    last = job(ben)
    going_on = [job(who, priority=NEXT_STEP) for who in (ann, ben)]
    assert taken(4) == [going_on[0], going_on[1], second, last]


def test_what_goes_on_of_one_person_waits_for_the_first_of_another(people: list[int], time: SteppedClock) -> None:
    ann, ben, cyd = people
    first = job(ann)
    assert taken(1) == [first]
    newcomer, shadow, going_on = job(ben), job(cyd, priority=IN_SHADOW), job(ann, priority=NEXT_STEP)
    assert taken(3) == [newcomer, going_on, shadow]


def test_newcomers_do_not_pass_over_somebody_for_ever(people: list[int], time: SteppedClock) -> None:
    ann, ben, cyd = people
    job(ann)
    first = leases.take(found_next(), worker(), 0)
    time.add(seconds=60)
    leases.end_attempt(first, leases.runs.Outcome.FINISHED)
    going_on = job(ann, priority=NEXT_STEP)
    time.add(seconds=PATIENCE.total_seconds() - 1)
    newcomers = [job(ben), job(cyd)]
    assert next_in_line(KINDS) == newcomers[0]
    time.add(seconds=1)
    assert taken(3) == [going_on, *newcomers]


def test_the_place_in_the_queue_is_how_many_are_taken_before(people: list[int], time: SteppedClock) -> None:
    ann, ben, cyd = people
    first = job(ann)
    lease = leases.take(first, worker(), 0)
    leases.end_attempt(lease, leases.runs.Outcome.FINISHED)
    shadows = [job(ann, priority=IN_SHADOW), job(cyd, priority=IN_SHADOW)]
    begun = [job(ann), job(ben), job(ben), job(ann)]
    going_on = job(ann, priority=NEXT_STEP)
    # Ben was never served, then they take turns: ann goes on with hers before she begins anything.
    order = [begun[1], going_on, begun[2], begun[0], begun[3]]
    places = {pk: place_of(Job.objects.get(pk=pk), KINDS).ahead for pk in [*order, *shadows]}
    assert [places[pk] for pk in order] == [0, 1, 2, 3, 4]
    # In the shadow cyd is first, who was never served.
    assert [places[pk] for pk in shadows] == [6, 5]
    assert taken(5) == order


def test_a_finished_run_puts_its_owner_behind_who_was_not_served(people: list[int], time: SteppedClock) -> None:
    ann, ben, _ = people
    flood = [job(ann) for _ in range(3)]
    first = next_in_line(KINDS)
    assert first == flood[0]
    lease = leases.take(first, worker(), 0)
    newcomer = job(ben)
    leases.end_attempt(lease, leases.runs.Outcome.FINISHED)
    # Nobody has anything running; ann's are older, but she has just been served.
    assert next_in_line(KINDS) == newcomer


def test_only_due_jobs_of_the_right_kind_and_queue(people: list[int], time: SteppedClock) -> None:
    ann, ben, _ = people
    queue = Queue.objects.create(name="gpu", owner_id=ann, created_at=NOON)
    job(None, kind="import")
    job(ann, kind="mail")
    later = job(ann)
    Job.objects.filter(pk=later).update(not_before=clock.now() + timedelta(seconds=10))
    assert next_in_line(KINDS) is None
    elsewhere = job(ben, queue=queue)
    assert next_in_line(KINDS) is None
    assert next_in_line(KINDS, [queue.pk]) == elsewhere
    time.add(seconds=11)
    assert next_in_line(KINDS) == later


def test_a_queue_bounds_the_runs_of_one_person(people: list[int], time: SteppedClock) -> None:
    ann, ben, _ = people
    queue = Queue.objects.create(name="gpu", owner_id=ann, created_at=NOON, runs_per_person=1)
    own = [job(ann, queue=queue) for _ in range(3)]
    other = job(ben, queue=queue)
    assert taken(2, (queue.pk,)) == [own[0], other]
    assert next_in_line(KINDS, [queue.pk]) is None


def test_whose_turn_it_is_is_found_by_indexes_alone(people: list[int], time: SteppedClock) -> None:
    Job.objects.bulk_create(
        Job(kind="scoring", owner_id=people[number % 3], state=state, created_at=NOON, taken_at=taken_at)
        for state, taken_at in (("waiting", None), ("finished", NOON))
        for number in range(1500)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    with CaptureQueriesContext(connection) as asked:
        found = turns(KINDS, None)
    assert len(found) == 3
    (question,) = (each["sql"] for each in asked.captured_queries)
    explain = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
    with connection.cursor() as cursor:
        cursor.execute(f"{explain} {question}")
        plan = "\n".join(str(row[-1]) for row in cursor)
    # A table that is read whole is "SCAN jobs_job" to SQLite and "Seq Scan on jobs_job" to PostgreSQL.
    assert "SCAN jobs_job" not in plan, plan
    assert "Seq Scan on jobs_job" not in plan, plan
    assert "jobs_in_line" in plan, plan


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_hundred_claims_at_once_take_no_run_twice(tmp_path: Path) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("The tests' SQLite lives in memory, where threads share one connection's locks.")
    with clock.clock_at(SteppedClock()):
        flow = begin(tmp_path)
        Phase.objects.update(max_submissions_per_day=None, max_submissions=None)
        expected = {flow.take_in() for _ in range(20)}
        lab = worker()
        together = threading.Barrier(20)

        def ask(slot: int) -> list[int]:
            """Five slots' claims, one after the other."""
            try:
                together.wait()
                orders = [claim(lab, slot * 5 + number) for number in range(5)]
                return [int(order["id"]) for order in orders if order is not None]
            finally:
                connection.close()

        with ThreadPoolExecutor(20) as threads:
            taken_ = [made for each in threads.map(ask, range(20)) for made in each]
        assert sorted(taken_) == sorted(expected)
        assert set(Job.objects.values_list("attempts", flat=True)) == {1}
