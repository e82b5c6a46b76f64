"""What was found wrong with predictions that were only to be checked."""

from __future__ import annotations

from dataclasses import dataclass

from podium.rules.errors import Problem
from podium.server.accounts.people import Person
from podium.server.jobs.internal.problems import read_problems
from podium.server.jobs.internal.queries import job_status
from podium.server.modelboards.queries.datasets import DatasetRow, dataset_with

CHECKING = "model-check"


@dataclass(frozen=True)
class CheckRow:
    """How a check of predictions stands. Once it has ended without problems, all of `count` items can be scored; what
    was checked is kept under `sha256` for a day."""

    id: int
    dataset: DatasetRow
    file_name: str
    sha256: str
    ended: bool
    count: int
    problems: tuple[Problem, ...]
    problem_count: int


def check_of(by: Person, number: int) -> CheckRow:
    """A check that a person asked for.

    Raises:
        NotFound: the person asked for none of this number.
    """
    found = job_status(by, CHECKING, number)
    told = found.result
    # One that could not be made says why where any other job does.
    problems = read_problems(told.get("problems", [])) or found.problems
    return CheckRow(
        id=number,
        dataset=dataset_with(found.payload["dataset"]),
        file_name=found.payload["name"],
        sha256=found.payload["sha256"],
        ended=found.ended,
        count=told.get("count", 0),
        problems=problems,
        problem_count=told.get("problem_count", len(problems)),
    )
