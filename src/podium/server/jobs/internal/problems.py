"""Problems as they are kept with a job that has ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from podium.rules.errors import ArchiveError, BundleError, Problem, UserError

MOST_PROBLEMS = 1000


def kept_problems(problems: Sequence[Problem]) -> list[dict[str, Any]]:
    """Problems as JSON that every database takes; of very many the first, and how many more there were."""
    kept = [asdict(_storable(problem)) for problem in problems[:MOST_PROBLEMS]]
    more = len(problems) - len(kept)
    if more > 0:
        message = f"There are {more:,} more."
        kept.append(asdict(Problem("problems-more", message, "Correct these first.", severity=problems[-1].severity)))
    return kept


def problems_of_error(error: UserError) -> tuple[Problem, ...]:
    """What an error says, as problems: those of a bundle one by one, any other as one."""
    if isinstance(error, BundleError):
        return error.problems
    return (Problem(error.code, error.message, error.hint),)


def error_of_problems(problems: Sequence[Problem]) -> UserError:
    """The error that says these problems: one that lies nowhere in a bundle for itself, all others together."""
    if len(problems) == 1 and not problems[0].place:
        return UserError(problems[0].code, problems[0].message, problems[0].hint)
    codes = {problem.code for problem in problems if problem.severity == "error"}
    return ArchiveError(problems) if all(code.startswith("archive-") for code in codes) else BundleError(problems)


def read_problems(kept: Sequence[Mapping[str, Any]]) -> tuple[Problem, ...]:
    """The problems that `kept_problems` made this of."""
    return tuple(Problem(**each) for each in kept)


def _storable(problem: Problem) -> Problem:
    file = None if problem.file is None else storable_text(problem.file)
    return replace(problem, message=storable_text(problem.message), hint=storable_text(problem.hint), file=file)


def storable_text(text: str) -> str:
    """The text without what not every database stores: characters of code 0, and halves of characters."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
