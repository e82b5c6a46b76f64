"""Which task types there are: ours, and those that other packages registered by an entry point.

    [project.entry-points."podium.task_types"]
    my_task = "my_package.my_task:TASK_TYPE"

The entry point's name is the slug. One that cannot be loaded is left out and named by `faults()`: a broken package does
not stop a site.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from podium.metrics.task_type import TaskType
from podium.rules.errors import UserError

GROUP = "podium.task_types"
MULTILINGUAL = "multilingual_"
_PARTED = re.compile(r"[\s\-]+")


@dataclass(frozen=True, slots=True)
class _Found:
    types: dict[str, TaskType]
    names: dict[str, str]
    faults: tuple[str, ...]


def task_types() -> tuple[TaskType, ...]:
    """All of them, by slug."""
    found = _found().types
    return tuple(found[slug] for slug in sorted(found))


def faults() -> tuple[str, ...]:
    """What was registered and cannot be used, each with its reason."""
    return _found().faults


def task_type(name: str) -> TaskType:
    """The task type of this slug or alias; before either, `multilingual_` means the same for each language.

    Raises:
        UserError: `task-type-unknown`, naming those that are known.
    """
    found = _found()
    word = _PARTED.sub("_", name.strip().lower())
    if word in found.names:
        return found.types[found.names[word]]
    inner = word.removeprefix(MULTILINGUAL)
    if inner != word and inner in found.names:
        from podium.metrics.multilingual import multilingual

        return multilingual(found.types[found.names[inner]])
    raise UserError(
        "task-type-unknown",
        f"The task type {name[:60]!r} is not known here.",
        f"Known are {', '.join(sorted(found.types))}.",
    )


@cache
def _found() -> _Found:
    types: dict[str, TaskType] = {}
    names: dict[str, str] = {}
    wrong: list[str] = []
    # Ours come first, so that no other package takes a name of theirs.
    for point in sorted(entry_points(group=GROUP), key=lambda each: (not _ours(each), each.name, each.value)):
        try:
            loaded = point.load()
        except (Exception, SystemExit) as error:  # noqa: BLE001 - what a stranger's package may raise is not ours to know
            wrong.append(
                f"The task type {point.name} ({point.value}) cannot be loaded: {type(error).__name__}: {error}"
            )
            continue
        if not isinstance(loaded, TaskType) or loaded.slug != point.name:
            wrong.append(f"The entry point {point.name} ({point.value}) is no task type of that slug.")
            continue
        taken = [word for word in (loaded.slug, *loaded.aliases) if word in names]
        if taken:
            wrong.append(f"The task type {point.name} ({point.value}) uses a name that is taken: {', '.join(taken)}.")
            continue
        types[loaded.slug] = loaded
        names.update(dict.fromkeys((loaded.slug, *loaded.aliases), loaded.slug))
    return _Found(types, names, tuple(wrong))


def _ours(point: EntryPoint) -> bool:
    return point.value.startswith("podium.metrics.")
