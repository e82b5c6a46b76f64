"""Which part of one version of a bundle is which part of the next one."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from podium.rules.bundle.spec import CompetitionSpec, PhaseSpec, SolutionSpec, TaskSpec

Part = TypeVar("Part")
Identity = Callable[[Any], object]


def _key(part: Any) -> object:
    return part.key


def _name(part: Any) -> object:
    return part.name


def _title(part: Any) -> object:
    return part.title


def _index(part: Any) -> object:
    return part.index


def _key_if_any(part: Any) -> object:
    return part.key or object()


def _name_if_any(part: Any) -> object:
    return part.name or object()


PAGES: tuple[Identity, ...] = (_title, _index)
QUESTIONS: tuple[Identity, ...] = (_key,)
TASKS: tuple[Identity, ...] = (_key_if_any, _name_if_any, _index)
SOLUTIONS: tuple[Identity, ...] = (_key_if_any, _name_if_any, _index)
PHASES: tuple[Identity, ...] = (_name, _index)
LEADERBOARDS: tuple[Identity, ...] = (_key, _title)
COLUMNS: tuple[Identity, ...] = (_key, _index)
"""What tells that two parts are the same: the first that both share; the others count where that finds none."""


def paired(old: Sequence[Part], new: Sequence[Part], identities: Sequence[Identity]) -> list[tuple[Part, Part]]:
    """What is the same in both by the first identity that both share, in the order of the new ones."""
    partners: dict[int, Part] = {}
    left = list(old)
    for identity in identities:
        waiting: dict[object, deque[Part]] = defaultdict(deque)
        for other in left:
            waiting[identity(other)].append(other)
        for place, each in enumerate(new):
            if place not in partners and waiting[identity(each)]:
                partners[place] = waiting[identity(each)].popleft()
        taken = {id(part) for part in partners.values()}
        left = [other for other in left if id(other) not in taken]
    return [(partners[place], each) for place, each in enumerate(new) if place in partners]


def without_partner(parts: Sequence[Part], partnered: Sequence[Part]) -> list[Part]:
    """Those of the parts that are in no pair, where `partnered` are those that are."""
    taken = {id(part) for part in partnered}
    return [part for part in parts if id(part) not in taken]


def numbered_by_use(spec: CompetitionSpec) -> tuple[CompetitionSpec, Mapping[int, int]]:
    """The same with its tasks numbered from 0 in the order in which phases name them, and the old number of each task.

    Tasks of no phase, and solutions of none of the tasks that are left, are no part of a competition and are left
    out. So two versions of a bundle can be compared whatever numbers they give to their tasks.
    """
    numbers: dict[int, int] = {}
    for phase in spec.phases:
        for index in phase.tasks:
            numbers.setdefault(index, len(numbers))
    tasks: list[TaskSpec] = [
        task.model_copy(update={"index": numbers[task.index]}) for task in spec.tasks if task.index in numbers
    ]
    phases: list[PhaseSpec] = [
        phase.model_copy(update={"tasks": tuple(numbers[index] for index in phase.tasks)}) for phase in spec.phases
    ]
    update = {
        "tasks": tuple(sorted(tasks, key=lambda task: task.index)),
        "phases": tuple(phases),
        "solutions": tuple(_renumbered(spec.solutions, numbers)),
    }
    return spec.model_copy(update=update), {number: index for index, number in numbers.items()}


def _renumbered(solutions: Sequence[SolutionSpec], numbers: Mapping[int, int]) -> list[SolutionSpec]:
    """Without a name they are called by the number that the bundle gives them, as they are where they are stored."""
    kept: list[SolutionSpec] = []
    for solution in solutions:
        tasks = tuple(sorted(numbers[index] for index in solution.tasks if index in numbers))
        if tasks:
            name = solution.name or ("" if solution.key else f"Solution {solution.index}")
            kept.append(solution.model_copy(update={"index": len(kept), "name": name, "tasks": tasks}))
    return kept
