"""Boards with columns that come from ranks: marked when a row changes, and made again for all rows by a duty."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.integration.server.competition_material import described, make_person, two_tasks
from tests.integration.server.flow import (
    Flow,
    SteppedClock,
    assert_all_chains_fit,
    begin,
    claimed,
    finish_scoring,
    worker,
)

from podium.server.accounts.people import Person
from podium.server.competitions.models import Phase
from podium.server.competitions.services import register
from podium.server.leaderboards.models import Entry, StaleBoard
from podium.server.leaderboards.queries import board
from podium.server.leaderboards.services import rebuild, rebuild_stale_boards
from podium.server.submissions.models import Submission
from podium.server.submissions.services import board as boards
from podium.server.submissions.services.lifecycle import delete

BOARD: dict[str, Any] = {
    "title": "Results",
    "key": "main",
    "submission_rule": "Force_Last",
    "primary_index": 2,
    "podium": {"mean_of_ranks": ["mean"], "mean_reciprocal_rank": ["mrr"]},
    "columns": [
        {"title": "Accuracy", "key": "accuracy", "index": 0},
        {"title": "Seconds", "key": "seconds", "index": 1, "sorting": "asc"},
        {
            "title": "Mean rank",
            "key": "mean",
            "index": 2,
            "sorting": "asc",
            "computation": "avg",
            "computation_indexes": [0, 1],
        },
        {"title": "MRR", "key": "mrr", "index": 3, "computation": "avg", "computation_indexes": [0, 1]},
    ],
}


def begun(folder: Path, **changes: Any) -> Flow:
    return begin(folder, described(leaderboards=[BOARD | changes]))


def joined(flow: Flow, name: str) -> Person:
    person = make_person(name)
    register(person, flow.competition_id, accepts_terms=True)
    return person


def means(flow: Flow) -> dict[str, float | None]:
    """The mean of ranks by person, the best first."""
    rows = Entry.objects.filter(phase_id=flow.phase_id).order_by("rank_key")
    return {row.owner.username: row.values["mean"] for row in rows.select_related("owner")}


@pytest.mark.django_db
class TestRebuilding:
    def test_a_new_row_moves_all_others(self, tmp_path: Path, time: SteppedClock) -> None:
        flow = begun(tmp_path)
        bert = joined(flow, "bert")
        flow.scored({"accuracy": 0.5, "seconds": 1.0})
        assert rebuild_stale_boards() == 1
        assert means(flow) == {"anna": 1.0}
        flow.scored({"accuracy": 0.9, "seconds": 0.5}, by=bert)
        # Until the duty has come round, anna's row says what it said and bert's has no mean.
        assert means(flow) == {"anna": 1.0, "bert": None}
        assert rebuild_stale_boards() == 1
        # bert leads both columns, so anna is second in both.
        assert means(flow) == {"bert": 1.0, "anna": 2.0}
        assert rebuild_stale_boards() == 0
        assert_all_chains_fit()

    def test_many_changes_are_one_rebuild(self, tmp_path: Path, time: SteppedClock) -> None:
        flow = begun(tmp_path)
        for accuracy in (0.1, 0.2, 0.3):
            flow.scored({"accuracy": accuracy, "seconds": 1.0})
        assert StaleBoard.objects.count() == 1
        assert rebuild_stale_boards() == 1
        assert not StaleBoard.objects.exists()

    def test_a_row_that_goes_moves_the_others_up(self, tmp_path: Path, time: SteppedClock) -> None:
        flow = begun(tmp_path)
        bert = joined(flow, "bert")
        first = flow.scored({"accuracy": 0.9, "seconds": 1.0}, by=bert)
        flow.scored({"accuracy": 0.5, "seconds": 2.0})
        rebuild_stale_boards()
        assert means(flow) == {"bert": 1.0, "anna": 2.0}
        delete(flow.otto, first)
        rebuild_stale_boards()
        assert means(flow) == {"anna": 1.0}

    def test_a_row_that_lacks_a_score_has_no_mean_and_the_reason(self, tmp_path: Path, time: SteppedClock) -> None:
        flow = begun(tmp_path)
        bert = joined(flow, "bert")
        flow.scored({"accuracy": 0.9}, by=bert)
        flow.scored({"accuracy": 0.5, "seconds": 2.0})
        rebuild_stale_boards()
        # bert still takes the first rank of accuracy: anna has (2 + 1) / 2.
        assert means(flow) == {"anna": 1.5, "bert": None}
        last = board(flow.anna, flow.phase_id).rows[-1]
        assert [cell.reason for cell in last.cells if cell.missing][1] == "Mean rank needs Seconds."

    def test_a_board_without_such_columns_is_never_marked(self, flow: Flow) -> None:
        boards.add_to_board(flow.anna, flow.scored({"accuracy": 0.5, "seconds": 1.0}))
        assert not StaleBoard.objects.exists()

    def test_what_is_killed_before_its_end_leaves_the_mark(
        self, tmp_path: Path, time: SteppedClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        flow = begun(tmp_path)
        flow.scored({"accuracy": 0.5, "seconds": 1.0})

        def dies(*_: object, **__: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patched:
            patched.setattr("podium.server.leaderboards.services.ranks.write_entries", dies)
            with pytest.raises(KeyboardInterrupt):
                rebuild_stale_boards()
        assert means(flow) == {"anna": None}
        assert rebuild_stale_boards() == 1
        assert means(flow) == {"anna": 1.0}

    def test_a_mark_is_taken_back_with_the_change_that_made_it(self, tmp_path: Path, time: SteppedClock) -> None:
        flow = begun(tmp_path, submission_rule="Add")
        made = flow.scored({"accuracy": 0.5, "seconds": 1.0})
        with transaction.atomic():
            boards.add_to_board(flow.anna, made)
            assert StaleBoard.objects.exists()
            transaction.set_rollback(True)
        assert not StaleBoard.objects.exists()

    def test_the_mark_of_a_phase_that_is_gone_goes_with_it(self, tmp_path: Path, time: SteppedClock) -> None:
        flow = begun(tmp_path)
        made = flow.scored({"accuracy": 0.5, "seconds": 1.0})
        assert StaleBoard.objects.exists()
        Entry.objects.filter(submission_id=made).delete()
        other = Phase.objects.filter(competition_id=flow.competition_id).order_by("index").last()
        assert other is not None
        StaleBoard.objects.update(phase=other)
        other.delete()
        assert rebuild_stale_boards() == 0

    def test_force_best_compares_by_the_other_columns(self, tmp_path: Path, time: SteppedClock) -> None:
        flow = begun(tmp_path, submission_rule="Force_Best")
        flow.scored({"accuracy": 0.5, "seconds": 9.0})
        best = flow.scored({"accuracy": 0.9, "seconds": 9.0})
        flow.scored({"accuracy": 0.7, "seconds": 1.0})
        rebuild_stale_boards()
        assert list(Entry.objects.values_list("submission_id", flat=True)) == [best]

    def test_pages_learn_since_when_ranks_are_behind(self, tmp_path: Path, time: SteppedClock) -> None:
        flow = begun(tmp_path)
        flow.scored({"accuracy": 0.5, "seconds": 1.0})
        assert board(flow.anna, flow.phase_id).stale_since is not None
        rebuild_stale_boards()
        assert board(flow.anna, flow.phase_id).stale_since is None


@pytest.mark.django_db
def test_several_tasks_rank_each_task_and_the_row_has_the_mean(tmp_path: Path, time: SteppedClock) -> None:
    flow = begin(tmp_path, two_tasks(leaderboards=[BOARD]))
    bert = joined(flow, "bert")
    first = {flow.anna: (0.9, 0.2), bert: (0.5, 0.8)}
    for person, accuracies in first.items():
        flow.take_in(by=person)
        for accuracy in accuracies:
            finish_scoring(claimed(worker()), {"accuracy": accuracy, "seconds": 1.0})
    rebuild_stale_boards()
    # Seconds are equal: rank 1 for both. Accuracy: anna is 1st on Field and 2nd on Barn, bert the other way round.
    # Means of ranks: anna (1+1)/2 = 1 and (2+1)/2 = 1.5, together 1.25; bert 1.5 and 1, together 1.25.
    assert means(flow) == {"anna": 1.25, "bert": 1.25}
    cells = Entry.objects.get(owner_id=flow.anna.id).cells
    assert sorted(part["values"]["mean"] for part in cells.values()) == [1.0, 1.5]


SCORES = st.fixed_dictionaries(
    {"other": st.just(1.0)},
    optional={"accuracy": st.integers(0, 3).map(float), "seconds": st.sampled_from([-0.0, 0.0, 5e-324, 1e308])},
)
ACTIONS = st.lists(st.tuples(st.sampled_from(["anna", "bert", "carl"]), SCORES, st.booleans()), max_size=8)


@pytest.mark.slow
@pytest.mark.django_db
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(actions=ACTIONS)
def test_a_board_made_again_from_scratch_is_the_one_that_changes_left(
    tmp_path: Path, time: SteppedClock, actions: list[tuple[str, Mapping[str, float], bool]]
) -> None:
    with transaction.atomic():
        flow = begun(tmp_path)
        people = {"anna": flow.anna, "bert": joined(flow, "bert"), "carl": joined(flow, "carl")}
        Phase.objects.update(max_submissions=None, max_submissions_per_day=None)
        for name, scores, looked_at in actions:
            flow.scored(dict(scores), by=people[name])
            if looked_at:
                rebuild_stale_boards()
        rebuild_stale_boards()
        stored = list(Entry.objects.order_by("rank_key").values("submission_id", "rank_key", "values", "reasons"))
        sent = [each for person in people.values() for each in boards.candidates_of(flow.phase_id, person.id)]
        Entry.objects.update(rank_key=b"", values={}, reasons={}, cells={})
        rebuild(flow.phase_id, sent)
        again = list(Entry.objects.order_by("rank_key").values("submission_id", "rank_key", "values", "reasons"))
        assert [_plain(row) for row in again] == [_plain(row) for row in stored]
        transaction.set_rollback(True)


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "rank_key": bytes(row["rank_key"])}


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_rebuilds_at_once_and_a_score_between_them_leave_the_right_ranks(
    tmp_path: Path, time: SteppedClock
) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite lets one transaction write at a time.")
    flow = begun(tmp_path)
    bert = joined(flow, "bert")
    flow.scored({"accuracy": 0.5, "seconds": 1.0})
    flow.scored({"accuracy": 0.9, "seconds": 0.5}, by=bert)

    def rebuilt(_: int) -> int:
        try:
            return rebuild_stale_boards()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(rebuilt, range(4))) == 1
    assert means(flow) == {"bert": 1.0, "anna": 2.0}
    assert Submission.objects.filter(on_board=True).count() == 2
