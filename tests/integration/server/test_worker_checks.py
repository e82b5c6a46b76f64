"""The workers of a site, compared by one known submission."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from tests.integration.server.competition_material import make_person
from tests.integration.server.flow import Flow, SteppedClock, begin, claimed, say, score, worker

from podium.rules.errors import Conflict, NotAllowed, NotFound, UserError
from podium.server.accounts.models import User
from podium.server.accounts.people import Person
from podium.server.jobs.models import Job
from podium.server.jobs.services import greet_worker, note_worker_seen
from podium.server.leaderboards.models import Entry
from podium.server.submissions.models import Score, Verification, WorkerCheck
from podium.server.submissions.queries.worker_checks import check_plan, checks_of_workers
from podium.server.submissions.services.claim import claim
from podium.server.submissions.services.lifecycle import delete
from podium.server.submissions.services.worker_checks import KEPT, check_workers, end_checks, plan_check

pytestmark = pytest.mark.django_db


@pytest.fixture
def flow(tmp_path: Path, time: SteppedClock) -> Flow:
    return begin(tmp_path)


@pytest.fixture
def ada(flow: Flow) -> Person:
    return make_person("ada", is_admin=True)


def alive(name: str, *, refusal: str = "") -> None:
    greet_worker(
        worker(name), slots=2, report=[], sandbox="bubblewrap", version="1", host=name, refusal=refusal, time_s=None
    )


def known(flow: Flow) -> int:
    """A submission that lab-1 scored; afterwards lab-1 and lab-2 are alive."""
    made = flow.take_in()
    alive("lab-1")
    done(claimed(worker("lab-1")))
    alive("lab-2")
    return made


def done(order: dict[str, Any], accuracy: float = 0.5, digest: str = "5c" * 32) -> None:
    score(order, {"accuracy": accuracy})
    say(order, "Finished", exit_code=0, runtime="science", runtime_digest=digest)


def page(by: Person) -> str:
    client = Client()
    client.force_login(User.objects.get(pk=by.id), backend="django.contrib.auth.backends.ModelBackend")
    answer = client.get("/workers/")
    assert answer.status_code == 200
    return answer.text


def test_each_worker_scores_it_and_those_that_agree_are_told_so(flow: Flow, ada: Person) -> None:
    made = known(flow)
    before = (list(Entry.objects.values()), list(Score.objects.values()))
    plan_check(ada, made, 24)
    for name in ("lab-1", "lab-2"):
        order = claimed(worker(name))
        assert (order["id"], order["is_scoring"]) == (made, True)
        done(order)
    found = checks_of_workers()
    assert [found[worker(name).pk].last.comparison.agrees for name in ("lab-1", "lab-2")] == [True, True]
    assert page(ada).count("Agrees") == 2
    assert (list(Entry.objects.values()), list(Score.objects.values())) == before


def test_a_worker_that_scores_otherwise_is_flagged_with_both_provenances(flow: Flow, ada: Person) -> None:
    made = known(flow)
    plan_check(ada, made, 24)
    done(claimed(worker("lab-1")))
    done(claimed(worker("lab-2")), accuracy=0.75, digest="77" * 32)
    shown = page(ada)
    assert shown.count("Differs") == 1
    assert "accuracy is 0.75 here and 0.5 in the submission, 0.25 apart." in shown
    assert "77" * 32 in shown
    assert "5c" * 32 in shown
    client = Client()
    client.force_login(User.objects.get(pk=ada.id), backend="django.contrib.auth.backends.ModelBackend")
    told = {row["name"]: row["check"] for row in client.get("/api/v1/workers/").json()["workers"]}
    assert told["lab-1"]["agrees"] is True
    assert told["lab-2"]["agrees"] is False
    assert told["lab-2"]["differences"]["scores"] == [{"key": "accuracy", "before": 0.5, "now": 0.75, "by": 0.25}]


def test_a_check_is_for_one_worker_and_nobody_else_takes_it(flow: Flow, ada: Person) -> None:
    made = known(flow)
    plan_check(ada, made, 24)
    alive("lab-3")
    assert claim(worker("lab-3"), 0) is None
    assert claimed(worker("lab-1"))["id"] == made
    assert claim(worker("lab-1"), 1) is None


def test_a_check_that_was_lost_is_tried_again_by_the_same_worker(flow: Flow, ada: Person) -> None:
    made = known(flow)
    plan_check(ada, made, 24)
    first = claimed(worker("lab-2"))
    again = claimed(worker("lab-2"))  # a slot that asks holds nothing
    assert (again["attempt"], again["secret"] == first["secret"]) == (2, False)
    done(again)
    assert checks_of_workers()[worker("lab-2").pk].last is not None


def test_checks_come_at_the_interval_and_only_after_the_last_has_ended(
    flow: Flow, ada: Person, time: SteppedClock
) -> None:
    made = known(flow)
    plan_check(ada, made, 2)
    assert Verification.objects.count() == 2
    assert check_workers() == 0
    done(claimed(worker("lab-1")))
    time.add(hours=1, minutes=59)
    for name in ("lab-1", "lab-2"):
        note_worker_seen(worker(name))
    assert check_workers() == 0
    time.add(minutes=2)
    for name in ("lab-1", "lab-2"):
        note_worker_seen(worker(name))
    assert check_workers() == 1  # that of lab-2 has not ended
    assert Verification.objects.filter(worker=worker("lab-1")).count() == 2


def test_workers_that_are_away_or_take_nothing_are_not_asked(flow: Flow, ada: Person, time: SteppedClock) -> None:
    made = known(flow)
    time.add(minutes=10)
    alive("lab-2", refusal="No sandbox.")
    alive("lab-3")
    plan_check(ada, made, 24)
    assert list(Verification.objects.values_list("worker__name", flat=True)) == ["lab-3"]


def test_another_submission_is_checked_at_once(flow: Flow, ada: Person) -> None:
    made = known(flow)
    plan_check(ada, made, 24)
    for name in ("lab-1", "lab-2"):
        done(claimed(worker(name)))
    other = flow.take_in()
    done(claimed(worker("lab-1")), accuracy=0.9)
    plan_check(ada, other, 24)
    assert WorkerCheck.objects.count() == 1
    assert claimed(worker("lab-1"))["id"] == other
    plan = check_plan()
    assert plan is not None
    assert (plan.submission_id, plan.every_h) == (other, 24)


def test_old_checks_are_forgotten_with_all_that_they_left(flow: Flow, ada: Person, time: SteppedClock) -> None:
    made = known(flow)
    jobs = Job.objects.count()
    plan_check(ada, made, 1)
    for _ in range(KEPT + 3):
        done(claimed(worker("lab-1")))
        time.add(hours=2)
        note_worker_seen(worker("lab-1"))
        check_workers()
    assert Verification.objects.filter(worker=worker("lab-1")).count() == KEPT
    # And the one of lab-2, which was alive once and never came.
    assert Job.objects.count() == jobs + KEPT + 1


def test_a_submission_that_is_deleted_compares_nobody_and_holds_up_no_worker(
    flow: Flow, ada: Person, time: SteppedClock
) -> None:
    made = known(flow)
    plan_check(ada, made, 1)
    delete(flow.otto, made)
    assert claim(worker("lab-1"), 0) is None
    time.add(hours=2)
    alive("lab-1")
    assert check_workers() == 0
    assert check_plan() is None
    other = flow.take_in()
    assert claimed(worker("lab-1"))["id"] == other


def test_a_failure_is_told_and_is_no_agreement(flow: Flow, ada: Person) -> None:
    made = known(flow)
    plan_check(ada, made, 24)
    say(claimed(worker("lab-2")), "Failed", details="No such image.", code="runtime-missing", outcome="failed")
    shown = page(ada)
    assert "Could not be checked" in shown
    assert "No such image." in shown


def test_it_ends_when_an_administrator_says_so(flow: Flow, ada: Person, time: SteppedClock) -> None:
    made = known(flow)
    plan_check(ada, made, 1)
    end_checks(ada)
    time.add(hours=3)
    alive("lab-1")
    assert check_workers() == 0
    assert check_plan() is None


def test_what_cannot_be_a_plan_is_refused(flow: Flow, ada: Person) -> None:
    made = known(flow)
    with pytest.raises(NotAllowed):
        plan_check(flow.otto, made, 24)
    with pytest.raises(NotAllowed):
        end_checks(flow.otto)
    for hours in (0, -1, 24 * 366 + 1):
        with pytest.raises(UserError):
            plan_check(ada, made, hours)
    with pytest.raises(NotFound):
        plan_check(ada, made + 99, 24)
    with pytest.raises(Conflict):
        plan_check(ada, flow.take_in(), 24)
    assert check_plan() is None


@pytest.mark.parametrize(
    "sent",
    [
        {"do": "check", "submission": "one", "every_h": "24"},
        {"do": "check", "submission": "1", "every_h": ""},
        {"do": "check", "submission": "9" * 40, "every_h": "1"},
        {"do": "check", "submission": "²", "every_h": "1"},
        {},
    ],
)
def test_a_form_that_makes_no_sense_says_so(flow: Flow, ada: Person, sent: dict[str, str]) -> None:
    client = Client()
    client.force_login(User.objects.get(pk=ada.id), backend="django.contrib.auth.backends.ModelBackend")
    answer = client.post("/workers/", sent, follow=True)
    assert answer.status_code == 200
    assert check_plan() is None
    assert 'class="note bad"' in answer.text or "error" in answer.text


def test_the_form_begins_and_ends_it(flow: Flow, ada: Person) -> None:
    made = known(flow)
    client = Client()
    client.force_login(User.objects.get(pk=ada.id), backend="django.contrib.auth.backends.ModelBackend")
    client.post("/workers/", {"do": "check", "submission": str(made), "every_h": "6"})
    plan = check_plan()
    assert plan is not None
    assert plan.every_h == 6
    assert "every 6 h" in page(ada)
    client.post("/workers/", {"do": "end"})
    assert check_plan() is None
