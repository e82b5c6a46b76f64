from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from podium.rules.deadlines import HEARTBEAT, LEASE, SCORES_GRACE, attempt_end, lease_end
from podium.rules.errors import Conflict, ProgramError
from podium.rules.runs import (
    MAX_ATTEMPTS,
    MAX_RETURNS,
    OURS,
    RUN_ENDED,
    TERMINAL,
    Metadata,
    Outcome,
    Run,
    RunState,
    Step,
    SubmissionStatus,
    cancel,
    check_transition,
    claim,
    end_attempt,
    hurry,
    may_become,
    may_retry,
    parent_status,
    renew,
    steps_needed,
    waiting_status,
)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
S = SubmissionStatus


def test_the_states_are_spelled_as_clients_of_codabench_expect():
    assert [status.value for status in SubmissionStatus] == [
        "None",
        "Submitting",
        "Submitted",
        "Preparing",
        "Running",
        "Scoring",
        "Cancelled",
        "Finished",
        "Failed",
    ]


def test_the_sequence_that_clients_see_is_legal():
    sequence = [S.SUBMITTING, S.SUBMITTED, S.RUNNING, S.PREPARING, S.SCORING, S.RUNNING, S.FINISHED]
    for old, new in pairwise(sequence):
        check_transition(old, new)


def test_a_submission_with_nothing_to_run_goes_to_scoring_directly():
    check_transition(S.SUBMITTING, S.SCORING)


def test_a_lost_prediction_attempt_waits_again():
    check_transition(S.RUNNING, waiting_status(Step.PREDICTION))


def test_a_lost_scoring_attempt_waits_again():
    check_transition(S.RUNNING, waiting_status(Step.SCORING))


def test_predictions_that_exist_are_not_made_again():
    assert not may_become(S.SCORING, S.SUBMITTED)


@pytest.mark.parametrize("status", [S.NONE, S.SUBMITTING, S.SUBMITTED])
def test_nothing_is_finished_before_it_was_worked_on(status):
    assert not may_become(status, S.FINISHED)


@pytest.mark.parametrize("status", sorted(set(S) - TERMINAL))
def test_whatever_has_not_ended_can_be_cancelled(status):
    check_transition(status, S.CANCELLED)


@given(old=st.sampled_from(sorted(TERMINAL)), new=st.sampled_from(S))
def test_no_terminal_state_is_ever_left(old, new):
    if old == new:
        check_transition(old, new)
        return
    with pytest.raises(Conflict) as conflict:
        check_transition(old, new)
    assert conflict.value.code == "submission-ended"


def test_a_conflict_names_both_states():
    with pytest.raises(Conflict, match="Submitted cannot become Finished"):
        check_transition(S.SUBMITTED, S.FINISHED)


@pytest.mark.parametrize(
    ("children", "parent"),
    [
        ([S.FINISHED, S.FINISHED], S.FINISHED),
        ([S.FINISHED, S.FAILED], S.FINISHED),
        ([S.FINISHED, S.CANCELLED], S.FINISHED),
        ([S.FAILED, S.FAILED], S.FAILED),
        ([S.FAILED, S.CANCELLED], S.FAILED),
        ([S.CANCELLED, S.CANCELLED], S.CANCELLED),
        ([S.SUBMITTED, S.SUBMITTED], S.SUBMITTED),
        ([S.SUBMITTING, S.SUBMITTING], S.SUBMITTING),
        ([S.SUBMITTED, S.RUNNING], S.RUNNING),
        ([S.SCORING, S.SCORING], S.RUNNING),
        ([S.FAILED, S.SUBMITTED], S.RUNNING),
        ([S.FINISHED, S.PREPARING], S.RUNNING),
    ],
)
def test_a_parent_stands_where_its_children_put_it(children, parent):
    assert parent_status(children) == parent
    assert parent_status(children[::-1]) == parent


def test_a_parent_without_children_is_a_mistake():
    with pytest.raises(ValueError, match="at least one child"):
        parent_status([])


BOTH = (Step.PREDICTION, Step.SCORING)


@pytest.mark.parametrize(
    ("metadata", "has_ingestion", "only_scoring", "steps"),
    [
        (Metadata.ABSENT, False, False, (Step.SCORING,)),
        (Metadata.WITH_COMMAND, False, False, BOTH),
        (Metadata.ABSENT, True, False, BOTH),
        (Metadata.WITHOUT_COMMAND, True, False, BOTH),
        (Metadata.WITH_COMMAND, True, False, BOTH),
        (Metadata.ABSENT, True, True, (Step.SCORING,)),
        (Metadata.WITHOUT_COMMAND, True, True, (Step.SCORING,)),
        (Metadata.WITH_COMMAND, True, True, BOTH),
        (Metadata.ABSENT, False, True, (Step.SCORING,)),
    ],
)
def test_there_is_a_prediction_step_where_something_runs_in_it(metadata, has_ingestion, only_scoring, steps):
    assert (
        steps_needed(metadata, has_ingestion_program=has_ingestion, ingestion_only_during_scoring=only_scoring) == steps
    )


def test_a_submission_whose_metadata_names_no_command_is_told_what_to_write():
    with pytest.raises(ProgramError) as error:
        steps_needed(Metadata.WITHOUT_COMMAND, has_ingestion_program=False)
    assert error.value.code == "no-command"
    assert "command:" in error.value.hint


@pytest.mark.parametrize("outcome", Outcome)
def test_only_failures_of_the_site_are_tried_again_and_at_most_three_times(outcome):
    tried = [attempt for attempt in range(1, 10) if may_retry(attempt, outcome)]
    assert tried == ([1, 2] if outcome in {Outcome.LOST, Outcome.INFRASTRUCTURE, Outcome.RETURNED} else [])


def test_a_lease_of_a_worker_that_reports_outlives_two_lost_heartbeats_and_is_short():
    assert 3 * HEARTBEAT < lease_end(NOON) - NOON <= timedelta(seconds=30)


def test_a_lease_of_a_silent_worker_covers_the_time_limit_and_half_an_hour():
    assert lease_end(NOON, heartbeats=False, execution_time_limit_s=600) == NOON + timedelta(minutes=40)


def test_the_first_retry_is_at_once_and_the_second_waits():
    run = claim(Run(), NOON, lease_end(NOON))
    run = end_attempt(run, 1, Outcome.LOST, NOON, "The worker stopped.")
    assert run.may_be_claimed(NOON)
    assert run.reason == "The worker stopped."
    run = end_attempt(claim(run, NOON, lease_end(NOON)), 2, Outcome.LOST, NOON)
    assert not run.may_be_claimed(NOON)
    assert run.may_be_claimed(NOON + timedelta(seconds=5))


def test_a_lease_is_over_at_its_end_and_not_before():
    run = claim(Run(), NOON, lease_end(NOON))
    assert not run.lease_is_over(NOON + LEASE - timedelta(microseconds=1))
    assert run.lease_is_over(NOON + LEASE)


def test_a_run_that_is_given_back_may_be_taken_at_once_and_has_lost_no_attempt():
    run = Run()
    for number in range(1, MAX_RETURNS + 1):
        run = end_attempt(claim(run, NOON, lease_end(NOON)), number, Outcome.RETURNED, NOON, "Stopped.")
        assert (run.attempts, run.excused) == (number, number)
        assert run.may_be_claimed(NOON)
    # From now on it counts: the first of three.
    for left in (2, 1, 0):
        run = end_attempt(claim(run, NOON, lease_end(NOON)), run.attempts + 1, Outcome.RETURNED, NOON, "Stopped.")
        assert run.ended == (left == 0)
        run = replace(run, not_before=None)


def test_after_a_return_a_run_still_has_three_attempts():
    run = end_attempt(claim(Run(), NOON, lease_end(NOON)), 1, Outcome.RETURNED, NOON)
    ends = []
    while not run.ended:
        run = end_attempt(claim(run, NOON, lease_end(NOON)), run.attempts + 1, Outcome.LOST, NOON)
        ends.append(run.state)
        run = replace(run, not_before=None)
    assert ends == [RunState.WAITING, RunState.WAITING, RunState.FAILED]


def test_no_heartbeat_prolongs_an_attempt_beyond_its_deadline():
    end = attempt_end(NOON, 600)
    assert end == NOON + timedelta(minutes=40)
    run = claim(Run(), NOON, lease_end(NOON), end)
    assert renew(run, 1, lease_end(NOON)).lease_until == NOON + LEASE
    late = renew(run, 1, lease_end(end))
    assert late.lease_until == end
    assert late.lease_is_over(end)


def test_what_is_half_told_has_to_be_completed_soon():
    run = hurry(claim(Run(), NOON, lease_end(NOON), attempt_end(NOON, 600)), 1, NOON + SCORES_GRACE)
    assert run.lease_until == NOON + LEASE
    assert renew(run, 1, lease_end(NOON + SCORES_GRACE)).lease_until == NOON + SCORES_GRACE
    # A worker without heartbeats holds a long lease, which is cut.
    silent = claim(Run(), NOON, lease_end(NOON, heartbeats=False, execution_time_limit_s=600))
    assert hurry(silent, 1, NOON + SCORES_GRACE).lease_until == NOON + SCORES_GRACE
    # It never gives more time than there was.
    assert hurry(run, 1, NOON + timedelta(hours=1)).deadline == NOON + SCORES_GRACE
    with pytest.raises(Conflict):
        hurry(run, 2, NOON)


class RunMachine(RuleBasedStateMachine):
    """Workers, old and new, the sweeper and a person who cancels, in any order."""

    @initialize()
    def begin(self):
        self.now = NOON
        self.run = Run()
        self.accepted_ends = 0
        self.outcomes: list[Outcome] = []

    @rule(seconds=st.integers(0, 60))
    def time_passes(self, seconds):
        self.now += timedelta(seconds=seconds)

    @rule()
    def a_worker_claims(self):
        before = self.run
        if before.may_be_claimed(self.now):
            self.run = claim(before, self.now, lease_end(self.now))
            assert self.run.attempts == before.attempts + 1
        else:
            with pytest.raises(Conflict):
                claim(before, self.now, lease_end(self.now))

    @rule(token=st.integers(0, MAX_ATTEMPTS + 1), outcome=st.sampled_from(Outcome))
    def some_attempt_reports_its_end(self, token, outcome):
        before = self.run
        if before.state is RunState.LEASED and token == before.attempts:
            self.run = end_attempt(before, token, outcome, self.now)
            self.outcomes.append(outcome)
            counted = token - before.excused
            assert (self.run.state is RunState.WAITING) == (
                outcome is Outcome.RETURNED or (outcome in OURS and counted < MAX_ATTEMPTS)
            )
        else:
            with pytest.raises(Conflict) as conflict:
                end_attempt(before, token, outcome, self.now)
            assert conflict.value.code == "attempt-lost"

    @rule(token=st.integers(0, MAX_ATTEMPTS + 1))
    def some_attempt_sends_a_heartbeat(self, token):
        before = self.run
        if before.state is RunState.LEASED and token == before.attempts:
            self.run = renew(before, token, lease_end(self.now))
            assert not self.run.lease_is_over(self.now)
        else:
            with pytest.raises(Conflict):
                renew(before, token, lease_end(self.now))

    @rule()
    @precondition(lambda self: self.run.lease_is_over(self.now))
    def the_sweeper_comes(self):
        self.run = end_attempt(self.run, self.run.attempts, Outcome.LOST, self.now, "The worker was lost.")
        self.outcomes.append(Outcome.LOST)

    @rule()
    @precondition(lambda self: not self.run.ended)
    def a_person_cancels(self):
        self.run = cancel(self.run)
        assert self.run.state is RunState.CANCELLED

    @rule()
    @precondition(lambda self: self.run.ended)
    def a_person_cancels_what_has_ended(self):
        assert cancel(self.run) == self.run

    @invariant()
    def there_are_never_more_attempts_than_allowed(self):
        # Those that were given back do not count.
        assert self.run.excused == self.outcomes.count(Outcome.RETURNED)
        assert self.run.attempts - self.run.excused <= MAX_ATTEMPTS

    @invariant()
    def a_lease_exists_exactly_while_somebody_works(self):
        assert (self.run.lease_until is not None) == (self.run.state is RunState.LEASED)

    @invariant()
    def only_the_last_outcome_can_be_one_that_is_not_retried(self):
        assert all(outcome in OURS for outcome in self.outcomes[:-1])

    @invariant()
    def what_has_ended_knows_how(self):
        if self.run.state in RUN_ENDED:
            assert self.run.outcome is not None


TestRuns = RunMachine.TestCase
