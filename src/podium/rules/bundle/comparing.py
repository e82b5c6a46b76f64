"""What changes for people between two versions of a bundle, whatever the order and the names of its files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, TypeVar

from podium.rules.board.columns import Column
from podium.rules.bundle import pairing
from podium.rules.bundle.changes import Change, Contents, as_change, file_change, text_change
from podium.rules.bundle.keys import (
    COLUMN,
    COMPETITION,
    FACT_SHEET_QUESTION,
    LEADERBOARD,
    PHASE,
    SOLUTION,
    TASK,
    Level,
)
from podium.rules.bundle.pairing import Identity, paired, without_partner
from podium.rules.bundle.spec import CompetitionSpec, FileRef, LeaderboardSpec, PageSpec, PhaseSpec, SolutionSpec

Part = TypeVar("Part")
_ATTRIBUTES = {"execution_time_limit": "execution_time_limit_s", "podium": "extensions"}
# These are compared part by part, or only say how parts name one another.
_APART = frozenset(
    {
        "pages", "tasks", "solutions", "phases", "leaderboards", "leaderboard", "fact_sheet", "columns", "terms",
        "image", "index", "primary_index", "computation_indexes",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Version:
    """One version of a bundle: what it says, and the contents of the files that it names."""

    spec: CompetitionSpec
    contents: Callable[[FileRef], Contents]


def compare(old: Version, new: Version) -> tuple[Change, ...]:
    """Every change from the old version to the new one, in the order of the format."""
    return tuple(_Comparison(old, new).changes())


class _Comparison:
    def __init__(self, old: Version, new: Version) -> None:
        self._old = old
        self._new = new

    def changes(self) -> Iterator[Change]:
        old, new = self._old.spec, self._new.spec
        yield from self._keys("competition", "", COMPETITION, old, new)
        image = [FileRef(path=spec.image) for spec in (old, new)]
        yield from self._file("competition", "", "image", image[0], image[1])
        yield from text_change("competition", "", "terms", old.terms, new.terms)
        yield from self._parts("page", old.pages, new.pages, pairing.PAGES, self._page)
        yield from self._parts(
            "question", old.fact_sheet, new.fact_sheet, pairing.QUESTIONS, self._question, name="key"
        )
        yield from self._parts("task", old.tasks, new.tasks, pairing.TASKS, self._task, ordered=False)
        yield from self._parts(
            "solution", old.solutions, new.solutions, pairing.SOLUTIONS, self._solution, ordered=False
        )
        yield from self._parts("phase", old.phases, new.phases, pairing.PHASES, self._phase)
        yield from self._parts("leaderboard", old.leaderboards, new.leaderboards, pairing.LEADERBOARDS, self._board)

    def _parts(
        self,
        part: str,
        old: Sequence[Part],
        new: Sequence[Part],
        identities: Sequence[Identity],
        inside: Callable[[str, Any, Any], Iterator[Change]],
        *,
        name: str = "",
        ordered: bool = True,
    ) -> Iterator[Change]:
        """What was added, removed, put into another order, and what changed inside of what both have."""

        def called(each: object) -> str:
            return _name_of(each) if not name else str(getattr(each, name))

        pairs = paired(old, new, identities)
        for each in without_partner(old, [pair[0] for pair in pairs]):
            yield Change(part, called(each), "", "removed")
        for each in without_partner(new, [pair[1] for pair in pairs]):
            yield Change(part, called(each), "", "added")
        places = {id(each): place for place, each in enumerate(old)}
        before = [called(kept) for _, kept in sorted(pairs, key=lambda pair: places[id(pair[0])])]
        after = [called(kept) for _, kept in pairs]
        if ordered and before != after:
            yield from as_change(part, "", "order", before, after)
        for one, other in pairs:
            yield from inside(called(one), one, other)

    def _page(self, name: str, old: PageSpec, new: PageSpec) -> Iterator[Change]:
        yield from as_change("page", name, "title", old.title, new.title)
        yield from as_change("page", name, "format", _is_html(old.file), _is_html(new.file))
        yield from text_change("page", name, "text", old.content, new.content)

    def _question(self, name: str, old: object, new: object) -> Iterator[Change]:
        return self._keys("question", name, FACT_SHEET_QUESTION, old, new)

    def _task(self, name: str, old: object, new: object) -> Iterator[Change]:
        return self._keys("task", name, TASK, old, new)

    def _solution(self, name: str, old: SolutionSpec, new: SolutionSpec) -> Iterator[Change]:
        yield from self._keys("solution", name, SOLUTION, old, new)
        yield from self._task_names("solution", name, sorted(old.tasks), sorted(new.tasks))

    def _phase(self, name: str, old: PhaseSpec, new: PhaseSpec) -> Iterator[Change]:
        yield from self._keys("phase", name, PHASE, old, new)
        yield from self._task_names("phase", name, old.tasks, new.tasks)

    def _task_names(self, part: str, name: str, old: Sequence[int], new: Sequence[int]) -> Iterator[Change]:
        """The tasks by name, as their numbers mean nothing by themselves."""
        before, after = self._names_of_tasks
        yield from as_change(part, name, "tasks", [before[each] for each in old], [after[each] for each in new])

    @cached_property
    def _names_of_tasks(self) -> tuple[dict[int, str], dict[int, str]]:
        """The name of each task of both versions by its index; one that is called otherwise now has its new name in
        both, because it is the same."""
        old, new = self._old.spec.tasks, self._new.spec.tasks
        before, after = ({task.index: _name_of(task) for task in tasks} for tasks in (old, new))
        renamed = {one.index: after[other.index] for one, other in paired(old, new, pairing.TASKS)}
        return before | renamed, after

    def _board(self, name: str, old: LeaderboardSpec, new: LeaderboardSpec) -> Iterator[Change]:
        yield from self._keys("leaderboard", name, LEADERBOARD, old, new)
        keys = [{column.index: column.key for column in board.columns} for board in (old, new)]
        yield from as_change(
            "leaderboard", name, "primary column", keys[0].get(old.primary_index), keys[1].get(new.primary_index)
        )

        def column(title: str, one: Column, other: Column) -> Iterator[Change]:
            yield from self._keys("column", title, COLUMN, one, other)
            made_of = [
                [known.get(index) for index in each.computation_indexes]
                for known, each in zip(keys, (one, other), strict=True)
            ]
            yield from as_change("column", title, "computed from", made_of[0], made_of[1])

        yield from self._parts("column", old.columns, new.columns, pairing.COLUMNS, column, name="key")

    def _keys(self, part: str, name: str, level: Level, old: object, new: object) -> Iterator[Change]:
        for key in level.keys:
            if key.name in _APART or (key.name == "tasks" and level is not COMPETITION):
                continue
            attribute = _ATTRIBUTES.get(key.name, key.name)
            before, after = getattr(old, attribute), getattr(new, attribute)
            if key.kind == "member":
                yield from self._file(part, name, key.name, before, after)
            elif key.kind == "text":
                yield from text_change(part, name, key.name, before, after)
            else:
                nothing = "no limit" if key.name.startswith("max_") else "none"
                yield from as_change(part, name, key.name, before, after, nothing=nothing)

    def _file(self, part: str, name: str, key: str, old: FileRef | None, new: FileRef | None) -> Iterator[Change]:
        before = None if old is None else self._old.contents(old)
        after = None if new is None else self._new.contents(new)
        yield from file_change(part, name, key, before, after)


def _name_of(part: Any) -> str:
    """What people call a part: its name or title, else its number or key."""
    named = getattr(part, "name", "") or getattr(part, "title", "")
    return str(named or getattr(part, "key", None) or getattr(part, "index", ""))


def _is_html(file: str) -> Literal["HTML", "Markdown"]:
    return "HTML" if file.lower().endswith((".htm", ".html")) else "Markdown"
