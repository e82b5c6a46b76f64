"""One change between two versions of a bundle, in words."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Literal
from uuid import UUID

Contents = Mapping[str, str]
"""The hashes of the files of a folder or zip by their names in it; a single file has the name "", a stored data set
that is not in the bundle "key"."""

_LONGEST_TEXT = 60
_MOST_FILES = 8


@dataclass(frozen=True)
class Change:
    """A change of the part `part` that is called `name` (empty for the competition itself).

    `key` is what changes about it; empty where the part itself was added or removed. `old` and `new` say it in words.
    """

    part: str
    name: str
    key: str
    kind: Literal["added", "removed", "changed"]
    old: str = ""
    new: str = ""

    @property
    def text(self) -> str:
        """The change as a line below the name of its part."""
        if not self.key:
            return self.kind
        if not self.old and not self.new:
            return f"{self.key}: {self.kind}"
        return f"{self.key}: {self.old} -> {self.new}" if self.old else f"{self.key}: {self.new}"


def as_change(part: str, name: str, key: str, old: object, new: object, *, nothing: str = "none") -> Iterator[Change]:
    """A change of one value into another, if it is one; `nothing` is what a missing one is called."""
    if old != new:
        said = [nothing if value is None else in_words(value) for value in (old, new)]
        yield Change(part, name, key, "changed", *said)


def text_change(part: str, name: str, key: str, old: str, new: str) -> Iterator[Change]:
    """A change of a text; of a long one, how many lines it is."""
    if all(len(text) <= _LONGEST_TEXT and "\n" not in text for text in (old, new)):
        yield from as_change(part, name, key, old, new)
    elif old != new:
        yield Change(part, name, key, "changed", "", _line_changes(old.splitlines(), new.splitlines()))


def file_change(part: str, name: str, key: str, old: Contents | None, new: Contents | None) -> Iterator[Change]:
    """A change of what a file or folder contains, with the names of the files in it."""
    if old == new:
        return
    if old is None or new is None:
        yield Change(part, name, key, "added" if old is None else "removed")
        return
    said = [f"{file} added" for file in sorted(new.keys() - old.keys()) if file]
    said += [f"{file} removed" for file in sorted(old.keys() - new.keys()) if file]
    said += [f"{file} changed" for file in sorted(old.keys() & new.keys()) if file and old[file] != new[file]]
    if len(said) > _MOST_FILES:
        said = [*said[:_MOST_FILES], f"and {len(said) - _MOST_FILES} more"]
    yield Change(part, name, key, "changed", "", ", ".join(said))


def in_words(value: object) -> str:
    """A value as one line."""
    if value is None or value in ("", (), [], {}):
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    if isinstance(value, (list, tuple)):
        return ", ".join(in_words(each) for each in value)
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, (int, float, UUID)):
        return str(value)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    text = " ".join(text.split())
    return f'"{text}"' if len(text) <= _LONGEST_TEXT else f'"{text[: _LONGEST_TEXT - 3]}..."'


def _line_changes(old: list[str], new: list[str]) -> str:
    """How many lines went and came. Lines that moved count as neither: to find the shortest way from one text to the
    other takes minutes for long ones, and a server answers strangers by this."""
    before, after = Counter(old), Counter(new)
    removed, added = (before - after).total(), (after - before).total()
    if removed or added:
        return f"{_lines(added)} added, {_lines(removed)} removed"
    return "ends of lines" if old == new else "lines in another order"


def _lines(count: int) -> str:
    return f"{count} line{'' if count == 1 else 's'}"
