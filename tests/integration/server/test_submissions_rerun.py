"""Running submissions again: one, many, a phase, one task."""

from __future__ import annotations

from uuid import uuid4

import pytest
from tests.integration.server.competition_material import make_person
from tests.integration.server.flow import CODE, Flow, SteppedClock, claimed, finish_scoring, status_of, worker

from podium.rules.errors import Conflict, NotAllowed, NotFound, UserError
from podium.server.accounts.people import Person
from podium.server.competitions.models import Phase, Task
from podium.server.competitions.services import register
from podium.server.history.models import Event
from podium.server.jobs.models import Job
from podium.server.leaderboards.queries import contract_json
from podium.server.submissions.models import Submission
from podium.server.submissions.queries.contract import submission_json
from podium.server.submissions.queries.quota import used_quota
from podium.server.submissions.services.board import add_to_board
from podium.server.submissions.services.claim import claim
from podium.server.submissions.services.lifecycle import delete, delete_many, delete_own
from podium.server.submissions.services.rerun import MOST_AT_ONCE, rerun, rerun_many, rerun_phase


@pytest.fixture
def bea(flow: Flow) -> Person:
    person = make_person("bea")
    register(person, flow.competition_id, accepts_terms=True)
    return person


def test_a_rerun_is_a_new_submission_of_its_owner_from_the_same_file(flow: Flow, time: SteppedClock) -> None:
    first = flow.scored({"accuracy": 0.5})
    again = rerun(flow.otto, first)
    old, new = Submission.objects.get(pk=first), Submission.objects.get(pk=again)
    assert (new.owner_id, new.data_id, new.number, new.rerun_of_id) == (old.owner_id, old.data_id, 2, first)
    assert (old.status, new.status) == ("Finished", "Scoring")
    order = claimed(worker())
    assert order["id"] == again
    finish_scoring(order, {"accuracy": 0.7})
    assert status_of(again) == "Finished"
    received = Event.objects.filter(kind="submission-received").order_by("pk").last()
    assert received is not None
    assert f'"rerun_of":{first}' in received.payload


def test_no_limit_and_no_date_counts_and_no_quota_is_used(flow: Flow, time: SteppedClock) -> None:
    first = flow.scored({"accuracy": 0.5})
    Phase.objects.filter(pk=flow.phase_id).update(max_submissions=1, max_submissions_per_day=1, end=time())
    before = used_quota(flow.anna.id, flow.phase_id, time())
    rerun(flow.otto, first)
    assert used_quota(flow.anna.id, flow.phase_id, time()) == before == {"used_total": 1, "used_today": 1}


def test_it_is_the_turn_of_whoever_asks(flow: Flow) -> None:
    first = flow.scored({"accuracy": 0.5})
    made = rerun_many(flow.otto, [first] * 3).made
    assert len(made) == 1
    for _ in range(3):
        rerun(flow.otto, first)
    own = flow.take_in()
    assert set(Job.objects.filter(state="waiting").values_list("owner_id", flat=True)) == {flow.otto.id, flow.anna.id}
    # Otto was never served, anna was: one of his four is first, then anna's.
    assert [claimed(worker(), slot)["id"] for slot in range(2)] == [made[0], own]


@pytest.mark.parametrize("status", ["waiting", "leased"])
def test_what_has_not_ended_is_not_run_again(flow: Flow, status: str) -> None:
    made = flow.take_in()
    if status == "leased":
        claimed(worker())
    with pytest.raises(Conflict):
        rerun(flow.otto, made)
    assert rerun_many(flow.otto, [made]).left == (made,)
    assert Submission.objects.count() == 1


def test_who_does_not_run_the_competition_runs_nothing_again(flow: Flow, bea: Person) -> None:
    first = flow.scored({"accuracy": 0.5})
    for ask in (lambda: rerun(flow.anna, first), lambda: rerun_many(flow.anna, [first])):
        with pytest.raises(NotAllowed):
            ask()
    for ask in (lambda: rerun(bea, first), lambda: rerun_many(bea, [first])):
        with pytest.raises(NotFound):
            ask()
    with pytest.raises(NotAllowed):
        rerun_phase(bea, flow.phase_id)
    with pytest.raises(NotFound):
        rerun_phase(flow.otto, 10**6)
    with pytest.raises(NotFound):
        rerun_many(flow.otto, [first, 10**6])
    with pytest.raises(UserError):
        rerun_many(flow.otto, range(1, MOST_AT_ONCE + 2))
    assert Submission.objects.count() == 1


def test_a_phase_is_run_again_without_its_reruns_and_what_was_deleted(flow: Flow, bea: Person) -> None:
    kept = [flow.scored({"accuracy": 0.5}), flow.scored({"accuracy": 0.4}, by=bea)]
    gone = flow.scored({"accuracy": 0.1})
    delete(flow.otto, gone)
    busy = flow.take_in()
    first = rerun_phase(flow.otto, flow.phase_id)
    assert [Submission.objects.get(pk=pk).rerun_of_id for pk in first.made] == kept
    assert first.left == (busy,)
    assert len(rerun_phase(flow.otto, flow.phase_id).made) == 2


def test_one_task_alone_is_run_again_and_never_stands_on_the_board(two: Flow) -> None:
    made = two.take_in()
    for _ in range(2):
        finish_scoring(claimed(worker()), {"accuracy": 0.5})
    assert status_of(made) == "Finished"
    board = contract_json(two.phase_id, two.otto)
    task = Task.objects.order_by("pk").last()
    assert task is not None
    again = rerun(two.otto, made, task_key=task.key)
    row = Submission.objects.get(pk=again)
    assert (row.task_id, row.parent_id, row.children.count(), row.is_task_rerun) == (task.pk, None, 0, True)
    assert submission_json(two.otto, again)["is_specific_task_re_run"]
    finish_scoring(claimed(worker()), {"accuracy": 0.9})
    assert status_of(again) == "Finished"
    with pytest.raises(Conflict, match="one task alone"):
        add_to_board(two.otto, again)
    assert contract_json(two.phase_id, two.otto) == board
    assert claim(worker(), 0) is None


def test_a_task_that_the_phase_has_no_more_is_named(flow: Flow) -> None:
    first = flow.scored({"accuracy": 0.5})
    with pytest.raises(NotFound) as refused:
        rerun(flow.otto, first, task_key=uuid4())
    assert refused.value.code == "task-unknown"
    assert Submission.objects.count() == 1


def test_a_child_is_run_again_as_its_parent(two: Flow) -> None:
    made = two.take_in(CODE)
    for child in Submission.objects.filter(parent_id=made):
        Submission.objects.filter(pk=child.pk).update(status="Failed")
    Submission.objects.filter(pk=made).update(status="Failed")
    child = Submission.objects.filter(parent_id=made).first()
    assert child is not None
    again = Submission.objects.get(pk=rerun(two.otto, child.pk))
    assert (again.rerun_of_id, again.children.count()) == (made, 2)


class TestDeletingMany:
    def test_all_are_deleted_or_none(self, flow: Flow) -> None:
        first, second = flow.scored({"accuracy": 0.5}), flow.scored({"accuracy": 0.4})
        busy = flow.take_in()
        with pytest.raises(Conflict):
            delete_many(flow.otto, [first, second, busy])
        with pytest.raises(NotFound):
            delete_many(flow.otto, [first, 10**6])
        assert Submission.objects.filter(is_deleted=True).count() == 0
        delete_many(flow.otto, [second, first, first])
        assert set(Submission.objects.filter(is_deleted=True).values_list("pk", flat=True)) == {first, second}

    def test_nobody_deletes_what_belongs_to_others(self, flow: Flow, bea: Person) -> None:
        first = flow.scored({"accuracy": 0.5})
        with pytest.raises(NotFound):
            delete_many(bea, [first])
        with pytest.raises(NotFound):
            delete_own(bea, first)
        with pytest.raises(NotAllowed, match="not yours"):
            delete_own(flow.otto, first)

    def test_an_owner_deletes_what_is_neither_busy_nor_on_the_board(self, flow: Flow) -> None:
        first = flow.scored({"accuracy": 0.5})
        Submission.objects.filter(pk=first).update(on_board=True)
        with pytest.raises(NotAllowed, match="leaderboard"):
            delete_own(flow.anna, first)
        Submission.objects.filter(pk=first).update(on_board=False)
        delete_own(flow.anna, first)
        assert Submission.objects.get(pk=first).is_deleted
        with pytest.raises(NotAllowed, match="worked on"):
            delete_own(flow.anna, flow.take_in())
