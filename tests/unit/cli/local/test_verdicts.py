"""What `podium test` makes of the results of a run."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from podium.cli.local.board import make_boards, unscored
from podium.cli.local.choose import Entrant, plan_phases
from podium.cli.local.results import EntrantResult, StepRun, TaskResult
from podium.cli.local.verdicts import Verdict, judge
from podium.rules.board.columns import Column, Computation, Sorting
from podium.rules.bundle.spec import CompetitionSpec, FileRef, LeaderboardSpec, PhaseSpec, SolutionSpec, TaskSpec
from podium.rules.errors import ProgramError, UserError
from podium.rules.runs import Step
from podium.sandbox.interface import Ending, Outcome
from podium.worker.execute import ProgramRun, Role

COLUMNS = (
    Column("a", "A", 0),
    Column("b", "B", 1),
    Column("mean", "Mean", 2, computation=Computation.AVERAGE, computation_indexes=(0, 1)),
)
PHASES = tuple(
    PhaseSpec(index=index, name=name, start=datetime(2025 + index, 1, 1, tzinfo=UTC), tasks=tasks)
    for index, (name, tasks) in enumerate([("First", (0,)), ("Second", (0, 1)), ("Third", (2,))])
)


def solution(index: int = 0, tasks: tuple[int, ...] = (0,), **extensions: object) -> SolutionSpec:
    return SolutionSpec(index=index, tasks=tasks, name=f"S{index}", path=FileRef(path="s"), extensions=extensions)


def competition(*solutions: SolutionSpec) -> CompetitionSpec:
    return CompetitionSpec(
        version="2",
        title="T",
        image="i.png",
        terms="t",
        tasks=tuple(TaskSpec(index=index, name=f"Task {index}") for index in range(3)),
        phases=PHASES,
        solutions=solutions,
        leaderboards=(LeaderboardSpec(title="L", key="l", columns=COLUMNS),),
    )


def ran(*seconds: float) -> tuple[ProgramRun, ...]:
    """Programs that ran side by side for so long."""
    return tuple(ProgramRun(Role.PROGRAM, ("p",), Outcome(Ending.EXITED, 0, each), "", "") for each in seconds)


def verdicts(of: SolutionSpec, *tasks: TaskResult) -> list[Verdict]:
    spec = competition(of)
    entrant = Entrant(of.name, of.tasks, reference=of.path, solution=of)
    return judge([make_boards(spec, PHASES[1], [task.task for task in tasks], [EntrantResult(entrant, tasks)])])


def test_a_solution_with_scores_passes_if_nothing_is_expected() -> None:
    steps = (StepRun(Step.PREDICTION, True, ran(1.5, 0.75)), StepRun(Step.SCORING, True, ran(0.5)))
    (verdict,) = verdicts(solution(), TaskResult("Task 0", {"a": 1.0, "b": 0.5}, steps=steps))
    # The mean of 1 and a half.
    assert (verdict.passed, verdict.scores, verdict.compared) == (True, {"a": 1.0, "b": 0.5, "mean": 0.75}, 0)
    assert (verdict.phase, verdict.solution, verdict.task, verdict.elapsed_s) == ("Second", "S0", "Task 0", 2.0)


def test_expected_scores_are_compared_computed_ones_too() -> None:
    of = solution(expected_scores={"a": 1, "mean": 0.8, "b": 0.5})
    (verdict,) = verdicts(of, TaskResult("Task 0", {"a": 1.0, "b": 0.5}))
    assert verdict.complaints == ("mean is 0.75; 0.8 was expected.",)
    assert verdict.compared == 3


def test_a_score_that_was_not_written_is_missed() -> None:
    (verdict,) = verdicts(solution(expected_scores={"b": 1}), TaskResult("Task 0", {"a": 1.0}))
    assert verdict.complaints == ("b is missing; 1.0 was expected.",)


def test_a_solution_without_a_value_for_the_column_that_ranks_is_not_scored() -> None:
    (verdict,) = verdicts(solution(), TaskResult("Task 0", {"b": 1.0}))
    assert verdict.complaints == ("It was not scored: The scoring program wrote no score named a.",)


def test_expected_scores_may_be_those_of_any_leaderboard() -> None:
    of = solution(expected_scores={"a": 1, "c": 3})
    second = LeaderboardSpec(title="M", key="m", columns=(Column("c", "C", 0),))
    spec = competition(of).model_copy(
        update={"leaderboards": (LeaderboardSpec(title="L", key="l", columns=COLUMNS), second)}
    )
    results = [
        EntrantResult(
            Entrant(of.name, of.tasks, reference=of.path, solution=of), (TaskResult("T", {"a": 1.0, "c": 2.0}),)
        )
    ]
    phase = make_boards(spec, PHASES[0], ["T"], results)
    assert [board.entries[0].values.notes for board in phase.boards] == [(), ()]
    (verdict,) = judge([phase])
    assert verdict.complaints == ("c is 2.0; 3.0 was expected.",)


def test_each_task_has_its_own_expectations() -> None:
    of = solution(tasks=(0, 1), expected_scores={"a": 1, "1": {"a": 2}})
    first, second = verdicts(of, TaskResult("Task 0", {"a": 1.0}), TaskResult("Task 1", {"a": 1.0}))
    assert first.passed
    assert second.complaints == ("a is 1.0; 2.0 was expected.",)


def test_a_failure_is_the_only_complaint_and_keeps_its_log() -> None:
    failure = ProgramError("exit-code", "It failed.", "See the log.", log_tail="boom")
    (verdict,) = verdicts(solution(expected_scores={"a": 1}), TaskResult("Task 0", failure=failure))
    assert (verdict.complaints, verdict.log_tail) == (("It failed. See the log.",), "boom")
    assert not verdict.passed


def test_verdicts_come_in_the_order_of_the_bundle_and_not_of_the_board() -> None:
    worst, best = solution(0), solution(1)
    results = [
        EntrantResult(Entrant(s.name, (0,), reference=s.path, solution=s), (TaskResult("Task 0", {"a": value}),))
        for s, value in ((worst, 0.0), (best, 1.0))
    ]
    board = make_boards(competition(worst, best), PHASES[0], ["Task 0"], results)
    assert [entry.result.entrant.name for entry in board.boards[0].entries] == ["S1", "S0"]
    assert [verdict.solution for verdict in judge([board])] == ["S0", "S1"]


def test_every_phase_with_solutions_is_planned_and_the_others_are_named() -> None:
    plans, without = plan_phases(competition(solution(0, (0,)), solution(1, (1,))), PHASES, ())
    assert [(plan.phase.name, [entrant.name for entrant in plan.entrants]) for plan in plans] == [
        ("First", ["S0"]),
        ("Second", ["S0", "S1"]),
    ]
    assert without == ["Third"]


def test_submissions_take_the_place_of_solutions_in_every_phase(tmp_path: Path) -> None:
    mine = tmp_path / "mine.zip"
    mine.touch()
    plans, without = plan_phases(competition(), PHASES, [mine])
    assert [[entrant.name for entrant in plan.entrants] for plan in plans] == [["mine"]] * 3
    assert without == []


def test_a_bundle_without_any_solution_cannot_be_tested() -> None:
    with pytest.raises(UserError) as refused:
        plan_phases(competition(), PHASES, ())
    assert refused.value.code == "nothing-to-run"


def test_ranks_are_computed_among_the_submissions_that_did_not_fail() -> None:
    columns = (
        Column("a", "A", 0),
        Column("rank", "Rank", 1, Sorting.ASCENDING, computation=Computation.AVERAGE_RANK, computation_indexes=(0,)),
    )
    board = LeaderboardSpec(title="L", key="l", columns=columns, primary_index=1)
    spec = competition().model_copy(update={"leaderboards": (board,)})
    failure = ProgramError("exit-code", "It failed.", "See the log.")
    results = [
        EntrantResult(Entrant("low", (0,)), (TaskResult("T", {"a": 1.0}),)),
        EntrantResult(Entrant("broken", (0,)), (TaskResult("T", failure=failure),)),
        EntrantResult(Entrant("high", (0,)), (TaskResult("T", {"a": 9.0}),)),
    ]
    (ranked,) = make_boards(spec, PHASES[0], ["T"], results).boards
    assert [(entry.result.entrant.name, entry.values.values["rank"]) for entry in ranked.entries] == [
        ("high", 1.0),
        ("low", 2.0),
        ("broken", None),
    ]
    assert list(unscored(ranked, ranked.entries[0])) == []
