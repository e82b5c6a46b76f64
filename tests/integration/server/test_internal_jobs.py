"""The site's own jobs: leased, fenced, tried again, ended exactly once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from django.db import transaction
from tests.integration.server.competition_material import make_person
from tests.integration.server.flow import SteppedClock

from podium.rules.errors import BundleError, Conflict, OutOfSpace, Problem, UserError
from podium.rules.runs import RunState
from podium.server.accounts.models import User
from podium.server.duties.internal import carry_out, renew, sweep_internal_jobs
from podium.server.jobs.internal import services
from podium.server.jobs.internal.models import InternalJob
from podium.server.jobs.internal.problems import MOST_PROBLEMS, kept_problems, read_problems
from podium.server.jobs.internal.queries import job_about, job_status
from podium.server.jobs.internal.services import Order, ask_for, take_next
from podium.server.jobs.internal.work import Interrupted, JobKind, Work

pytestmark = pytest.mark.django_db
KIND = "knit"


@dataclass
class Knitting:
    """A kind of job that does what a test says, and keeps a record of it."""

    does: Callable[[Work], None]
    tidied: list[int] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)

    @property
    def kinds(self) -> dict[str, JobKind]:
        return {KIND: JobKind(KIND, self.does, lambda order: self.tidied.append(order.job_id))}

    def take(self) -> Work | None:
        order = take_next([KIND])
        return None if order is None else Work(order, self.stopping)

    def do(self) -> bool:
        """Do the next job; whether there was one."""
        work = self.take()
        if work is not None:
            carry_out(self.kinds[KIND], work, self.stopping)
        return work is not None


def finish(work: Work) -> None:
    with transaction.atomic():
        work.finish({"rows": 3}, [Problem("loose", "A loose stitch.", severity="note")])


def fail(error: Exception) -> Callable[[Work], None]:
    def work(work: Work) -> None:
        raise error

    return work


def row() -> InternalJob:
    return InternalJob.objects.get()


def taken() -> Order:
    order = take_next([KIND])
    assert order is not None
    return order


def test_what_is_asked_for_is_done_once_and_its_result_kept() -> None:
    anna = make_person("anna")
    number = ask_for(KIND, anna, {"yarn": "red"}, subject="scarf 1")
    seen: list[Order] = []
    knitting = Knitting(lambda work: (seen.append(work.order), finish(work))[1])
    assert knitting.do()
    assert not knitting.do()
    (order,) = seen
    assert (order.job_id, order.attempt, order.payload, order.owner) == (number, 1, {"yarn": "red"}, anna)
    status = job_status(anna, KIND, number)
    assert (status.state, status.ended, status.result) == (RunState.FINISHED, True, {"rows": 3})
    assert [note.message for note in status.problems] == ["A loose stitch."]
    assert knitting.tidied == []
    assert job_about(KIND, "scarf 1") == number


def test_the_oldest_comes_first_and_only_kinds_that_are_known() -> None:
    numbers = [ask_for(KIND, None, {}) for _ in range(3)]
    ask_for("purl", None, {})
    done: list[int] = []
    knitting = Knitting(lambda work: (done.append(work.order.job_id), finish(work))[1])
    while knitting.do():
        pass
    assert done == numbers
    assert InternalJob.objects.get(kind="purl").state == RunState.WAITING


def test_a_lost_job_is_tried_again_and_the_lost_attempt_writes_nothing(time: SteppedClock) -> None:
    ask_for(KIND, None, {})
    knitting = Knitting(finish)
    lost = knitting.take()
    assert lost is not None
    time.add(seconds=19)
    assert sweep_internal_jobs(knitting.kinds) == 0
    time.add(seconds=2)
    assert sweep_internal_jobs(knitting.kinds) == 1
    assert row().reason == "The process that worked on this was ended by force."
    again = knitting.take()
    assert again is not None
    assert again.order.attempt == 2
    with pytest.raises(Interrupted):
        finish(lost)
    assert row().result == {}
    finish(again)
    assert row().result == {"rows": 3}
    with pytest.raises(Interrupted):
        finish(again)


def test_a_job_that_is_lost_three_times_has_failed_with_a_reference(time: SteppedClock) -> None:
    anna = make_person("anna")
    number = ask_for(KIND, anna, {})
    knitting = Knitting(finish)
    for attempt in (1, 2, 3):
        # Tried again at once, and after the second time 5 s later.
        time.add(seconds=6)
        assert taken().attempt == attempt
        time.add(seconds=21)
        assert sweep_internal_jobs(knitting.kinds) == 1
    assert not knitting.do()
    status = job_status(anna, KIND, number)
    assert status.state is RunState.FAILED
    (problem,) = status.problems
    assert problem.code == "internal"
    assert "(reference " in problem.message
    assert knitting.tidied == [number]
    assert sweep_internal_jobs(knitting.kinds) == 0


def test_a_lease_that_is_renewed_is_not_lost(time: SteppedClock) -> None:
    ask_for(KIND, None, {})
    knitting = Knitting(finish)
    work = knitting.take()
    assert work is not None
    for _ in range(5):
        time.add(seconds=15)
        renew(work)
        assert sweep_internal_jobs(knitting.kinds) == 0
    assert not work.over.is_set()
    finish(work)
    renew(work)
    assert work.over.is_set()


def test_what_cannot_be_done_ends_at_once_with_every_problem() -> None:
    anna = make_person("anna")
    number = ask_for(KIND, anna, {})
    problems = [Problem("hole", "A hole.", "Mend it.", file="a.yaml", line=3, column=1), Problem("knot", "A knot.")]
    knitting = Knitting(fail(BundleError(problems)))
    assert knitting.do()
    assert not knitting.do()
    status = job_status(anna, KIND, number)
    assert (status.state, status.attempts) == (RunState.FAILED, 1)
    assert list(status.problems) == problems
    assert knitting.tidied == [number]


def test_any_other_error_of_a_person_is_its_one_problem() -> None:
    ask_for(KIND, None, {})
    Knitting(fail(OutOfSpace("disk-full", "The disk is full.", "Free some."))).do()
    assert read_problems(row().problems) == (Problem("disk-full", "The disk is full.", "Free some."),)
    assert row().reason == "The disk is full."


def test_a_failure_of_ours_is_tried_three_times_and_told_without_its_details(time: SteppedClock) -> None:
    ask_for(KIND, None, {})
    knitting = Knitting(fail(RuntimeError("password=hunter2 is wrong")))
    for attempt in (1, 2, 3):
        assert knitting.do()
        assert row().attempts == attempt
        assert bool(knitting.tidied) == (attempt == 3)
        time.add(seconds=6)
    assert not knitting.do()
    assert row().state == RunState.FAILED
    assert "hunter2" not in f"{row().problems} {row().reason}"
    assert "reference" in row().problems[0]["message"]


def test_a_job_that_is_not_finished_by_its_kind_is_a_failure_of_ours(time: SteppedClock) -> None:
    ask_for(KIND, None, {})
    assert Knitting(lambda work: None).do()
    assert row().state == RunState.WAITING
    assert "Something failed on our side" in row().reason


def test_a_process_that_ends_in_good_order_gives_back_and_no_attempt_is_lost(time: SteppedClock) -> None:
    ask_for(KIND, None, {})
    for _ in range(5):
        knitting = Knitting(lambda work: work.advance(1, 2, "Knitting"))
        work = knitting.take()
        assert work is not None
        knitting.stopping.set()
        carry_out(knitting.kinds[KIND], work, knitting.stopping)
        assert (row().state, row().reason) == (RunState.WAITING, "The site was stopped while it worked on this.")
    assert (row().attempts, row().excused) == (5, 5)
    assert Knitting(finish).do()
    assert row().state == RunState.FINISHED


def test_who_works_on_a_cancelled_job_is_told_and_writes_nothing() -> None:
    anna = make_person("anna")
    number = ask_for(KIND, anna, {})
    knitting = Knitting(finish)
    work = knitting.take()
    assert work is not None
    with transaction.atomic():
        assert services.cancel(number)
        assert not services.cancel(number)
    with pytest.raises(Interrupted):
        work.advance(1, 2, "Knitting")
    carry_out(knitting.kinds[KIND], work, knitting.stopping)
    status = job_status(anna, KIND, number)
    assert (status.state, status.result) == (RunState.CANCELLED, {})
    assert [problem.code for problem in status.problems] == ["cancelled"]
    # Whoever cancelled tidied up.
    assert knitting.tidied == []


def test_progress_is_written_and_not_too_often() -> None:
    anna = make_person("anna")
    number = ask_for(KIND, anna, {})
    work = Knitting(finish).take()
    assert work is not None
    for done in range(1000):
        work.advance(done, 1000, "Knitting")
    status = job_status(anna, KIND, number)
    assert (status.total, status.saying) == (1000, "Knitting")
    # A thousand steps take far less than the many seconds that writing each would.
    assert status.done < 999
    finish(work)
    assert (row().done, row().saying) == (1000, "")


def test_the_owner_of_a_job_who_may_not_act_any_more_is_nobody() -> None:
    anna, otto = make_person("anna"), make_person("otto")
    ask_for(KIND, anna, {})
    ask_for(KIND, otto, {})
    User.objects.filter(pk=anna.id).update(is_banned=True)
    User.objects.filter(pk=otto.id).delete()
    assert [taken().owner, taken().owner] == [None, None]


def test_nobody_else_learns_of_a_job() -> None:
    number = ask_for(KIND, make_person("anna"), {})
    for person in (make_person("otto"), make_person("root", is_admin=True)):
        with pytest.raises(UserError) as caught:
            job_status(person, KIND, number)
        assert caught.value.code == "no-such-knit"


def test_a_lost_job_of_a_kind_that_is_gone_ends_all_the_same(time: SteppedClock) -> None:
    ask_for(KIND, None, {})
    for _ in range(3):
        time.add(seconds=6)
        taken()
        time.add(seconds=21)
        assert sweep_internal_jobs({}) == 1
    assert row().state == RunState.FAILED


def test_texts_that_no_database_takes_are_kept_without_what_is_wrong_with_them() -> None:
    ask_for(KIND, None, {})
    problem = Problem("odd", "A \0 and half a \ud83d.", "Re\0move.", file="a\0.yaml")
    Knitting(fail(BundleError([problem]))).do()
    assert read_problems(row().problems) == (Problem("odd", "A  and half a ?.", "Remove.", file="a.yaml"),)


def test_of_very_many_problems_the_first_are_kept_and_the_rest_counted() -> None:
    kept = kept_problems([Problem("hole", f"Hole {number}.") for number in range(MOST_PROBLEMS + 234)])
    assert len(kept) == MOST_PROBLEMS + 1
    assert kept[-1]["message"] == "There are 234 more."


def test_a_job_whose_asker_fails_does_not_exist() -> None:
    with transaction.atomic():
        ask_for(KIND, None, {})
        transaction.set_rollback(True)
    assert not InternalJob.objects.exists()


def test_a_lease_that_is_over_can_be_neither_ended_nor_given_back(time: SteppedClock) -> None:
    ask_for(KIND, None, {})
    order = taken()
    time.add(seconds=21)
    sweep_internal_jobs({})
    for deed in (services.renew, lambda order: services.give_back(order, "")):
        with pytest.raises(Conflict):
            deed(order)
    assert row().state == RunState.WAITING
