"""Where in competition.yaml something stands, found by its content once a problem needs a place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from podium.rules.bundle.document import MAX_TEXT_BYTES, parse_yaml
from podium.rules.bundle.files import decode_text
from podium.rules.bundle.findings import Findings, Mark
from podium.rules.bundle.location import Location, locate_yaml
from podium.rules.bundle.nodes import Listing, Node, Scalar, Table
from podium.rules.bundle.paths import tidy_path
from podium.rules.bundle.source import BundleSource
from podium.rules.bundle.values import parse_uuid
from podium.rules.errors import Problem, Severity, UserError


@dataclass(frozen=True, slots=True)
class _Value:
    """A text and the key that it stands under."""

    key: str
    text: str
    mark: Mark


class Places:
    """The places of texts in the competition.yaml of `source`, in whichever version it is written.

    The file is read once more, and only when a place is asked for: a bundle without problems costs nothing.
    """

    def __init__(self, source: BundleSource) -> None:
        self._source = source
        location = locate_yaml(source)
        self.file = location.name if isinstance(location, Location) else "competition.yaml"

    def path(self, path: str, key: str = "") -> Mark | None:
        """Where a file or folder is named, by preference under `key`."""
        return self._first([value for value in self._values if tidy_path(value.text) == path], key)

    def text(self, text: str, key: str) -> Mark | None:
        """Where the text stands under `key`, or is itself a key."""
        return self._first([value for value in self._values if value.text == text and value.key == key], key) or next(
            (mark for _, name, mark in self._keys if name == text), None
        )

    def uuid(self, named: UUID, key: str) -> Mark | None:
        """Where something is named by its UUID, however that is written, by preference under `key`."""
        return self._first([value for value in self._values if parse_uuid(value.text) == named], key)

    def key(self, name: str, inside: str) -> Mark | None:
        """Where a key of that name stands in a table under the key `inside`."""
        return next((mark for above, key, mark in self._keys if (above, key) == (inside, name)), None)

    def problem(self, code: str, severity: Severity, message: str, at: Mark | None, hint: str = "") -> Problem:
        """A problem of competition.yaml at that place."""
        line, column = (at.line, at.column) if at else (None, None)
        return Problem(code, message, hint, file=self.file, line=line, column=column, severity=severity)

    @staticmethod
    def _first(found: list[_Value], key: str) -> Mark | None:
        best = [value for value in found if value.key == key] or found
        return best[0].mark if best else None

    @cached_property
    def _root(self) -> Node | None:
        try:
            content = self._source.read(self.file, limit_bytes=MAX_TEXT_BYTES)
        except UserError:
            return None
        return parse_yaml(decode_text(content)[0], Findings(self.file))

    @cached_property
    def _values(self) -> list[_Value]:
        return list(_values_of(self._root)) if self._root else []

    @cached_property
    def _keys(self) -> list[tuple[str, str, Mark]]:
        return list(_keys_of(self._root)) if self._root else []


def _values_of(node: Node, key: str = "") -> Iterator[_Value]:
    if isinstance(node, Scalar):
        yield _Value(key, node.text.strip(), node.mark)
    elif isinstance(node, Listing):
        for item in node.items:
            yield from _values_of(item, key)
    else:
        for name, entry in node.entries.items():
            yield from _values_of(entry.value, name)


def _keys_of(node: Node, above: str = "") -> Iterator[tuple[str, str, Mark]]:
    """The key above, the key and its place, for every key."""
    if isinstance(node, Listing):
        for item in node.items:
            yield from _keys_of(item, above)
    elif isinstance(node, Table):
        for name, entry in node.entries.items():
            yield above, name, entry.key.mark
            yield from _keys_of(entry.value, name)
