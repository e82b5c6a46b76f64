"""Successful submissions are run again in the next phase: all of them, in their order, once."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from tests.integration.server.competition_material import DESCRIPTION, make_person
from tests.integration.server.flow import (
    CODE,
    RESULT,
    Flow,
    SteppedClock,
    assert_all_chains_fit,
    begin,
    claimed,
    finish_scoring,
    kinds,
    say,
    status_of,
    uploaded,
    worker,
)

from podium.rules.errors import NotAllowed, UserError
from podium.rules.history import EventKind
from podium.rules.phases import Migrated
from podium.server.accounts.models import User
from podium.server.accounts.people import Person
from podium.server.competitions.models import Phase
from podium.server.competitions.services import register
from podium.server.duties.rounds import DUTIES
from podium.server.history.models import Event
from podium.server.submissions.models import Run, Submission
from podium.server.submissions.queries.quota import used_quota
from podium.server.submissions.services import migration
from podium.server.submissions.services.board import add_to_board
from podium.server.submissions.services.lifecycle import cancel, delete
from podium.server.submissions.services.migration import migrate_by_hand, migrate_due
from podium.server.submissions.services.submit import SubmissionRequest, run_submission, submit

pytestmark = pytest.mark.django_db

FEBRUARY = datetime(2030, 2, 1, tzinfo=UTC)
"""When the second phase of the usual description begins."""


def migrating(**phase: Any) -> dict[str, Any]:
    description = deepcopy(DESCRIPTION)
    description["phases"][1] |= {"auto_migrate_to_this_phase": True, **phase}
    return description


@pytest.fixture
def two_phases(tmp_path: Path, time: SteppedClock) -> Flow:
    return begin(tmp_path, migrating(max_submissions=1, max_submissions_per_day=1))


@pytest.fixture
def bea(two_phases: Flow) -> Person:
    person = make_person("bea")
    register(person, two_phases.competition_id, accepts_terms=True)
    return person


def final(flow: Flow) -> Phase:
    return Phase.objects.get(competition_id=flow.competition_id, index=1)


def taken_over(flow: Flow) -> list[int | None]:
    rows = Submission.objects.filter(phase=final(flow), parent=None).order_by("created_at", "pk")
    return list(rows.values_list("migrated_from_id", flat=True))


def migrations(flow: Flow) -> list[dict[str, Any]]:
    rows = Event.objects.filter(chain__subject=flow.competition_id, kind=EventKind.PHASE_MIGRATED).order_by("seq")
    return [json.loads(payload) for payload in rows.values_list("payload", flat=True)]


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=person.id), backend="django.contrib.auth.backends.ModelBackend")
    return client


class TestAtTheStartOfAPhase:
    def test_all_successful_submissions_are_run_again_in_their_order(
        self, two_phases: Flow, bea: Person, time: SteppedClock
    ) -> None:
        first = two_phases.scored({"accuracy": 0.5})
        second = two_phases.scored({"accuracy": 0.4}, by=bea)
        third = two_phases.scored({"accuracy": 0.3})
        time.moment = FEBRUARY
        assert migrate_due() == 1

        assert taken_over(two_phases) == [first, second, third]
        again = Submission.objects.filter(phase=final(two_phases)).order_by("pk")
        assert [(row.owner_id, row.number) for row in again] == [
            (two_phases.anna.id, 1),
            (bea.id, 1),
            (two_phases.anna.id, 2),
        ]
        order = claimed(worker())
        assert order["id"] == again[0].pk
        finish_scoring(order, {"accuracy": 0.25})
        assert status_of(again[0].pk) == "Finished"
        assert_all_chains_fit()

    def test_not_a_moment_earlier(self, two_phases: Flow, time: SteppedClock) -> None:
        two_phases.scored({"accuracy": 0.5})
        # The clock steps by a millisecond each time it is read.
        time.moment = datetime(2030, 1, 31, 23, 59, 59, tzinfo=UTC)
        assert migrate_due() == 0
        assert taken_over(two_phases) == []

    def test_failed_cancelled_and_deleted_ones_stay_behind(self, two_phases: Flow, time: SteppedClock) -> None:
        good = two_phases.scored({"accuracy": 0.5})
        gone = two_phases.scored({"accuracy": 0.6})
        delete(two_phases.anna, gone)
        two_phases.take_in()
        say(claimed(worker()), "Failed", details="It did not work.", exit_code=1)
        cancel(two_phases.anna, two_phases.take_in())
        time.moment = FEBRUARY
        migrate_due()
        assert taken_over(two_phases) == [good]

    def test_once_even_where_the_site_was_down_at_that_moment(self, two_phases: Flow, time: SteppedClock) -> None:
        made = two_phases.scored({"accuracy": 0.5})
        time.moment = datetime(2030, 7, 1, tzinfo=UTC)
        assert migrate_due() == 1
        assert migrate_due() == 0
        assert taken_over(two_phases) == [made]
        assert final(two_phases).migrated_at is not None
        expected = {
            "source": two_phases.phase_id,
            "phase": final(two_phases).pk,
            "migrate": "all",
            "submissions": 1,
        }
        assert migrations(two_phases) == [expected]
        assert kinds(two_phases.competition_id)[-1] == EventKind.PHASE_MIGRATED

    def test_a_process_that_is_killed_in_between_is_followed_by_one_that_goes_on(
        self, two_phases: Flow, time: SteppedClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made = [two_phases.scored({"accuracy": number / 10}) for number in range(5)]
        time.moment = FEBRUARY
        monkeypatch.setattr(migration, "_PORTION", 2)
        do_again = migration._do_again

        def killed_at_the_fourth(original: Submission, phase: Phase, by: Person | None) -> None:
            if original.pk == made[3]:
                raise KeyboardInterrupt
            do_again(original, phase, by)

        monkeypatch.setattr(migration, "_do_again", killed_at_the_fourth)
        with pytest.raises(KeyboardInterrupt):
            migrate_due()
        assert taken_over(two_phases) == made[:2]
        assert final(two_phases).migrated_at is None

        monkeypatch.setattr(migration, "_do_again", do_again)
        assert migrate_due() == 1
        assert taken_over(two_phases) == made
        assert [each["submissions"] for each in migrations(two_phases)] == [5]

    def test_it_waits_for_what_is_still_being_run(self, two_phases: Flow, time: SteppedClock) -> None:
        first = two_phases.take_in()
        order = claimed(worker())
        time.moment = FEBRUARY
        assert migrate_due() == 0
        finish_scoring(order, {"accuracy": 0.5})
        assert migrate_due() == 1
        assert taken_over(two_phases) == [first]

    def test_it_does_not_wait_for_an_organizer_who_never_runs_a_submission(
        self, tmp_path: Path, time: SteppedClock
    ) -> None:
        flow = begin(tmp_path, migrating() | {"auto_run_submissions": False})
        flow.take_in()
        time.moment = FEBRUARY
        assert migrate_due() == 1
        assert taken_over(flow) == []

    def test_what_the_organizer_has_started_once_is_not_waited_for_again(
        self, tmp_path: Path, time: SteppedClock
    ) -> None:
        flow = begin(tmp_path, migrating() | {"auto_run_submissions": False})
        made = flow.take_in()
        run_submission(flow.otto, made)
        finish_scoring(claimed(worker()), {"accuracy": 0.5})
        time.moment = FEBRUARY
        migrate_due()
        assert claimed(worker())["id"] == Submission.objects.get(migrated_from=made).pk

    def test_the_page_of_one_says_where_it_came_from(self, two_phases: Flow, time: SteppedClock) -> None:
        two_phases.take_in()
        cancel(two_phases.anna, Submission.objects.get().pk)
        made = two_phases.scored({"accuracy": 0.5})
        time.moment = FEBRUARY
        migrate_due()
        browser = signed_in(two_phases.anna)
        again = Submission.objects.get(migrated_from=made)
        assert "taken over from the phase Practice, submission 2" in browser.get(f"/submissions/{again.pk}/").text
        assert "taken over from" not in browser.get(f"/submissions/{made}/").text

    def test_limits_are_ignored_and_not_used_up(self, two_phases: Flow, time: SteppedClock) -> None:
        for number in range(3):
            two_phases.scored({"accuracy": number / 10})
        time.moment = FEBRUARY
        migrate_due()
        phase = final(two_phases)
        assert len(taken_over(two_phases)) == 3
        assert used_quota(two_phases.anna.id, phase.pk, time()) == {"used_total": 0, "used_today": 0}
        own = submit(two_phases.anna, SubmissionRequest(phase.pk), uploaded(two_phases.anna, RESULT))
        assert Submission.objects.get(pk=own).number == 4
        with pytest.raises(UserError, match="1 of 1"):
            submit(two_phases.anna, SubmissionRequest(phase.pk), uploaded(two_phases.anna, CODE))

    def test_a_phase_that_does_not_say_so_takes_nothing_over(self, flow: Flow, time: SteppedClock) -> None:
        flow.scored({"accuracy": 0.5})
        time.moment = FEBRUARY
        assert migrate_due() == 0
        assert taken_over(flow) == []

    def test_only_board_entries_where_the_bundle_says_so(self, tmp_path: Path, time: SteppedClock) -> None:
        flow = begin(tmp_path, migrating(podium={"migrate": "board"}))
        flow.scored({"accuracy": 0.9})
        chosen = flow.scored({"accuracy": 0.5})
        add_to_board(flow.anna, chosen)
        time.moment = FEBRUARY
        migrate_due()
        assert taken_over(flow) == [chosen]
        assert [each["migrate"] for each in migrations(flow)] == ["board"]

    def test_several_tasks_are_run_again_one_child_for_each(self, tmp_path: Path, time: SteppedClock) -> None:
        description = migrating()
        description["tasks"].append(description["tasks"][0] | {"index": 1, "name": "Barn"})
        description["phases"][1]["tasks"] = [0, 1]
        flow = begin(tmp_path, description)
        flow.scored({"accuracy": 0.5})
        time.moment = FEBRUARY
        migrate_due()
        (parent,) = Submission.objects.filter(phase=final(flow), parent=None)
        assert [child.task.name for child in parent.children.order_by("pk") if child.task] == ["Field", "Barn"]
        assert Run.objects.filter(submission__parent=parent).count() == 2

    def test_the_jobs_process_does_it(self) -> None:
        assert migrate_due in DUTIES


class TestByHand:
    def test_an_organizer_takes_over_what_was_not_before_the_phase_begins(self, flow: Flow, time: SteppedClock) -> None:
        first = flow.scored({"accuracy": 0.5})
        assert migrate_by_hand(flow.otto, flow.phase_id) == 1
        finish_scoring(claimed(worker()), {"accuracy": 0.5})
        second = flow.scored({"accuracy": 0.6})
        assert migrate_by_hand(flow.otto, flow.phase_id) == 1
        assert migrate_by_hand(flow.otto, flow.phase_id) == 0
        assert taken_over(flow) == [first, second]
        assert final(flow).migrated_at is None

    def test_what_was_taken_over_by_hand_is_left_alone_at_the_start(self, two_phases: Flow, time: SteppedClock) -> None:
        made = two_phases.scored({"accuracy": 0.5})
        migrate_by_hand(two_phases.otto, two_phases.phase_id)
        time.moment = FEBRUARY
        migrate_due()
        assert taken_over(two_phases) == [made]

    def test_the_organizer_may_choose_board_entries(self, flow: Flow) -> None:
        flow.scored({"accuracy": 0.9})
        chosen = flow.scored({"accuracy": 0.5})
        add_to_board(flow.anna, chosen)
        assert migrate_by_hand(flow.otto, flow.phase_id, Migrated.BOARD) == 1
        assert taken_over(flow) == [chosen]

    def test_the_last_phase_has_none_to_go_to(self, flow: Flow) -> None:
        with pytest.raises(UserError, match="No phase follows"):
            migrate_by_hand(flow.otto, final(flow).pk)

    def test_participants_may_not(self, flow: Flow) -> None:
        with pytest.raises(NotAllowed):
            migrate_by_hand(flow.anna, flow.phase_id)

    def test_by_the_api_of_the_contract(self, flow: Flow) -> None:
        made = flow.scored({"accuracy": 0.5})
        client = signed_in(flow.otto)
        address = f"/api/phases/{flow.phase_id}/manually_migrate/"
        refused = client.post(address, {"migrate": "none"}, content_type="application/json")
        assert refused.status_code == 400
        response = client.post(address)
        assert (response.status_code, response.json()) == (200, {})
        assert taken_over(flow) == [made]
