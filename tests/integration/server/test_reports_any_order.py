"""What workers report arrives in any order and any number of times, from attempts that are over too: a submission ends
the same way, and every score exists once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from tests.integration.server.competition_material import DESCRIPTION
from tests.integration.server.flow import (
    CODE,
    Flow,
    SteppedClock,
    assert_all_chains_fit,
    begin,
    claimed,
    kinds,
    put,
    say,
    score,
    status_of,
    worker,
)
from tests.small_bundles import zipped

from podium.rules.deadlines import LEASE
from podium.rules.errors import Conflict
from podium.server.files.services import store
from podium.server.leaderboards.models import Column, Entry, Leaderboard
from podium.server.submissions.models import Attempt, RunFile, Score, Submission
from podium.server.submissions.services.board import add_to_board
from podium.server.submissions.services.report import StatusReport, report_status
from podium.server.submissions.services.sweep import sweep

SCORES = {"accuracy": 0.5, "seconds": 3.5}
# The same bytes each time: a zip tells when it was made.
PREDICTED = zipped({"labels.csv": b"1\n"})
SCORED = zipped({"scores.json": b"{}"})
Order = dict[str, Any]
Message = Callable[[Order], None]

_PREDICTION: dict[str, Message] = {
    "running": lambda order: say(order, "Running", details="ingestion_hostname-lab"),
    "preparing": lambda order: say(order, "Preparing"),
    "log": lambda order: put(order["prediction_stdout"], b"one\n"),
    "done": lambda order: say(order, "Scoring"),
    "result": lambda order: put(order["prediction_result"], PREDICTED),
}
_SCORING: dict[str, Message] = {
    "running": lambda order: say(order, "Running", details="scoring_hostname-lab"),
    "log": lambda order: put(order["scoring_stdout"], b"two\n"),
    "done": lambda order: say(order, "Finished"),
    "result": lambda order: score(order, SCORES | {"made up": 1.0}),
    "zip": lambda order: put(order["scoring_result"], SCORED),
}


def messages_of(order: Order) -> dict[str, Message]:
    return _SCORING if order["is_scoring"] else _PREDICTION


class Reports(RuleBasedStateMachine):
    """One submission of code, the worker that holds its run, and what came of attempts before."""

    flow: Flow
    time: SteppedClock

    def __init__(self) -> None:
        super().__init__()
        self.outer = transaction.atomic()
        self.outer.__enter__()
        self.made = self.flow.take_in(CODE)
        self.order: Order | None = claimed(worker())
        self.said: set[str] = set()
        self.lost: list[Order] = []
        self.ended: list[Order] = []
        self.times_lost = 0

    def send(self, order: Order, name: str) -> None:
        with transaction.atomic():
            messages_of(order)[name](order)

    @precondition(lambda self: self.order is not None)
    @rule(name=st.sampled_from(["running", "preparing", "log", "done", "done", "result", "result", "zip"]))
    def report(self, name: str) -> None:
        assert self.order is not None
        if name not in messages_of(self.order):
            return
        self.send(self.order, name)
        self.said.add(name)
        self._go_on()

    def _go_on(self) -> None:
        """Take the next run where this one is complete."""
        if self.order is None or not {"done", "result"} <= self.said:
            return
        self.ended.append(self.order)
        self.order = None if self.order["is_scoring"] else claimed(worker())
        self.said = set()

    @precondition(lambda self: self.order is not None and self.times_lost < 2)
    @rule()
    def lose(self) -> None:
        assert self.order is not None
        self.lost.append(self.order)
        self.times_lost += 1
        self.time.add(seconds=LEASE.total_seconds() + 1)
        assert sweep() == 1
        self.time.add(minutes=10)
        self.order = claimed(worker())
        self.said = set()

    @precondition(lambda self: self.lost)
    @rule(data=st.data())
    def hear_late(self, data: st.DataObject) -> None:
        order = data.draw(st.sampled_from(self.lost))
        name = data.draw(st.sampled_from(sorted(messages_of(order))))
        before = picture()
        with pytest.raises(Conflict):
            self.send(order, name)
        assert picture() == before

    @precondition(lambda self: self.ended)
    @rule(data=st.data())
    def hear_again(self, data: st.DataObject) -> None:
        order = data.draw(st.sampled_from(self.ended))
        name = data.draw(st.sampled_from(["done", "result"]))
        before = picture()
        self.send(order, name)
        assert picture() == before

    @invariant()
    def every_score_is_there_once(self) -> None:
        living = dict(Score.objects.filter(superseded_at=None).values_list("column_key", "value"))
        assert living == (SCORES if self.order is None else {})
        assert Score.objects.count() == len(living)
        assert kinds(self.flow.competition_id).count("scores-accepted") == (1 if living else 0)
        assert (status_of(self.made) == "Finished") is (self.order is None)

    def teardown(self) -> None:
        try:
            while self.order is not None:
                for name in ("done", "result"):
                    if name not in self.said:
                        self.send(self.order, name)
                        self.said.add(name)
                self._go_on()
            self.every_score_is_there_once()
            assert kinds(self.flow.competition_id).count("submission-finished") == 1
            add_to_board(self.flow.anna, self.made)
            assert Entry.objects.count() == 1
        finally:
            transaction.set_rollback(True)
            self.outer.__exit__(None, None, None)


def picture() -> tuple[object, ...]:
    """Everything that a report may change."""
    return (
        list(Attempt.objects.order_by("pk").values_list("pk", "outcome", "reported_done", "exit_code")),
        list(Score.objects.order_by("pk").values_list("pk", "superseded_at")),
        list(RunFile.objects.order_by("pk").values_list("pk", "ticket__blob", "noted")),
        Attempt.objects.count(),
    )


@pytest.mark.slow
def test_whatever_the_order_a_submission_ends_the_same_way(flow: Flow, time: SteppedClock) -> None:
    machine = type("Bound", (Reports,), {"flow": flow, "time": time})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=12,
            stateful_step_count=15,
            deadline=None,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert connection.in_atomic_block


def test_scores_for_no_column_and_for_a_computed_one_are_noted_in_the_log(flow: Flow) -> None:
    board = Leaderboard.objects.get(index=0)
    computed = {"sorting": "desc", "computation": "avg", "computation_indexes": [0, 1]}
    Column.objects.create(leaderboard=board, index=9, key="overall", title="Overall", **computed)
    Column.objects.create(leaderboard=board, index=10, key="unseen", title="Unseen", hidden=True, **computed)
    made = flow.take_in()
    order = claimed(worker())
    put(order["scoring_stderr"], b"a warning")
    score(order, {"overall": 9.0, "unseen": 9.0, "accuracy": 0.5, "made up": 1.0})
    say(order, "Finished")
    assert list(Score.objects.filter(submission=made).values_list("column_key", "value")) == [("accuracy", 0.5)]
    log = RunFile.objects.get(kind="scoring_stderr")
    assert log.noted is not None
    with store().open(log.noted.sha256) as content:
        text = content.read().decode()
    assert text == (
        "a warning\n"
        '[podium] The score "overall" was left out: the leaderboard computes this column itself.\n'
        # The participant reads this, too.
        "[podium] A score was left out: the leaderboard computes this column itself.\n"
        '[podium] The score "made up" was left out: the leaderboard has no such column.\n'
    )


def predictions(order: Order, metadata: bytes) -> None:
    put(order["prediction_result"], zipped({"labels.csv": b"1\n", "metadata": metadata}))
    say(order, "Scoring")


@pytest.mark.parametrize(
    ("metadata", "reason"),
    [
        (b"exitCode: 3\nelapsedTime: 1.5\n", "The submission ended with exit code 3."),
        (b"exitCode: 0\ningestionExitCode: 1\n", "The ingestion program ended with exit code 1."),
    ],
)
def test_a_failure_that_only_the_metadata_of_another_worker_tells_is_one(
    flow: Flow, metadata: bytes, reason: str
) -> None:
    made = flow.take_in(CODE)
    predictions(claimed(worker()), metadata)
    assert status_of(made) == "Failed"
    assert Attempt.objects.get().reason == reason


@pytest.mark.parametrize(
    "metadata", [b"exitCode: 0\n", b"exitCode:\n", b"exitCode: true\n", b"[1, 2", b"\xff\xfe", b"a: &a [*a]\n"]
)
def test_other_metadata_fails_nothing(flow: Flow, metadata: bytes) -> None:
    made = flow.take_in(CODE)
    predictions(claimed(worker()), metadata)
    assert status_of(made) == "Scoring"


@pytest.mark.parametrize(
    ("files", "status"),
    [
        ({"answer.csv": b"1"}, "Scoring"),
        ({"src/model.R": b"m"}, "Failed"),
        ({"metadata": b"description: mine"}, "Failed"),
    ],
)
def test_an_ingestion_program_that_stumbles_over_results_does_not_keep_them_from_scoring(
    db: None, time: SteppedClock, tmp_path: Path, files: dict[str, bytes], status: str
) -> None:
    task = DESCRIPTION["tasks"][0] | {"ingestion_program": "scoring_program"}
    made = begin(tmp_path, DESCRIPTION | {"tasks": [task]}).take_in(files)
    order = claimed(worker())
    put(order["prediction_stderr"], b"no model.py\n")
    predictions(order, b"exitCode:\ningestionExitCode: 1\n")
    assert status_of(made) == status
    log = RunFile.objects.get(kind="prediction_stderr")
    assert (log.noted is None) is (status == "Failed")
    if log.noted is not None:
        with store().open(log.noted.sha256) as content:
            assert content.read().decode() == (
                "no model.py\n[podium] The ingestion program ended with exit code 1. "
                "The submission holds no code, so its files count as results.\n"
            )


def test_a_task_may_score_what_failed_programs_left(flow: Flow) -> None:
    from podium.server.competitions.models import Task

    Task.objects.update(extensions={"score_failed_predictions": True})
    made = flow.take_in(CODE)
    order = claimed(worker())
    assert order["score_failed_predictions"] is True
    predictions(order, b"exitCode: 3\n")
    assert status_of(made) == "Scoring"


def test_a_worker_of_ours_says_itself_what_failed(flow: Flow) -> None:
    made = flow.take_in(CODE)
    order = claimed(worker())
    put(order["prediction_result"], zipped({"metadata": b"ingestionExitCode: 1\n"}))
    report_status(order["id"], order["secret"], StatusReport("Scoring", runtime="science 1234"))
    assert status_of(made) == "Scoring"


def test_scores_that_come_with_the_end_are_taken_once(flow: Flow) -> None:
    made = flow.take_in()
    order = claimed(worker())
    for _ in range(2):
        say(order, "Finished", exit_code=0, scores={"accuracy": 0.5})
    assert status_of(made) == "Finished"
    assert list(Score.objects.filter(submission_id=made).values_list("column_key", "value")) == [("accuracy", 0.5)]
    # The same again in the way of other workers changes nothing either.
    score(order, {"accuracy": 0.5})
    assert Score.objects.filter(submission_id=made).count() == 1
    assert_all_chains_fit()


def test_what_comes_with_the_end_and_is_no_score_fails_the_submission(flow: Flow) -> None:
    made = flow.take_in()
    say(claimed(worker()), "Finished", exit_code=0, scores={"accuracy": "much"})
    assert status_of(made) == "Failed"
    assert Submission.objects.get(pk=made).reason_code == "scores-invalid"
    assert not Score.objects.filter(submission_id=made).exists()
