"""Which phases and submissions are taken."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from podium.cli.local.choose import choose_entrants, choose_phases, plan_phases, tasks_of
from podium.rules.bundle.spec import CompetitionSpec, FileRef, PhaseSpec, SolutionSpec, TaskSpec
from podium.rules.errors import NotFound, UserError

START = datetime(2025, 1, 1, tzinfo=UTC)


def phase(index: int, name: str, *tasks: int) -> PhaseSpec:
    return PhaseSpec(index=index, name=name, start=START, tasks=tasks)


def competition(**parts: object) -> CompetitionSpec:
    return CompetitionSpec.model_validate(
        {"version": "2", "title": "T", "image": "i.png", "terms": "t", **parts}, strict=False
    )


PHASES = competition(phases=(phase(0, "1", 0), phase(1, "Dev", 1), phase(2, "Final", 1)))


@pytest.mark.parametrize(
    ("wanted", "indexes"),
    [
        (None, [0, 1, 2]),
        ("final", [2]),
        ("2", [2]),
        ("1", [0]),  # a name comes before an index
    ],
)
def test_phases_by_name_then_index(wanted: str | None, indexes: list[int]) -> None:
    assert [phase.index for phase in choose_phases(PHASES, wanted)] == indexes


def test_an_unknown_phase_lists_what_there_is() -> None:
    with pytest.raises(UserError, match=r"1 \(Dev\), 2 \(Final\)") as refused:
        choose_phases(PHASES, "third")
    assert refused.value.code == "phase-unknown"


def test_without_submissions_the_solutions_for_the_phase_are_taken() -> None:
    spec = competition(
        solutions=(
            SolutionSpec(index=0, tasks=(0,), path=FileRef(path="a.zip")),
            SolutionSpec(index=1, tasks=(1, 2), path=FileRef(path="b.zip"), name="Bee"),
        )
    )
    entrants = choose_entrants(spec, phase(0, "P", 2, 0), [])
    assert [(entrant.name, entrant.tasks) for entrant in entrants] == [("a.zip", (0,)), ("Bee", (2,))]
    assert choose_entrants(spec, phase(0, "P", 5), []) == []


def test_a_submission_that_is_not_there_is_named_before_anything_runs(tmp_path: Path) -> None:
    (tmp_path / "there.zip").touch()
    with pytest.raises(NotFound) as caught:
        plan_phases(PHASES, PHASES.phases, [tmp_path / "there.zip", tmp_path / "gone.zip"])
    assert caught.value.code == "submission-missing"
    assert "gone.zip" in caught.value.message


def test_submissions_of_the_same_file_name_are_told_apart_by_their_paths(tmp_path: Path) -> None:
    paths = [tmp_path / "a" / "s.zip", tmp_path / "b" / "s.zip", tmp_path / "other"]
    entrants = choose_entrants(competition(), phase(0, "P", 0), paths)
    assert [entrant.name for entrant in entrants] == [str(paths[0]), str(paths[1]), "other"]


def test_tasks_of_the_same_name_are_told_apart_by_their_index() -> None:
    spec = competition(tasks=tuple(TaskSpec(index=i, name=name) for i, name in enumerate(("X", "X", "Y", ""))))
    names = [name for name, _ in tasks_of(spec, phase(0, "P", 0, 1, 2, 3)).values()]
    assert names == ["X (0)", "X (1)", "Y", "Task (3)"]


def test_a_task_that_only_a_server_has_is_an_error() -> None:
    spec = competition(tasks=(TaskSpec(index=0, key=UUID(int=7)),))
    with pytest.raises(UserError) as refused:
        tasks_of(spec, phase(0, "P", 0))
    assert refused.value.code == "bundle-needs-server"
