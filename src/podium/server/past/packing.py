"""A replayed phase as bytes, and back.

What is known of each submission lies on a line of its own, and is only read once it is looked at: a page of a board
looks at a hundred of them, and to make objects of all would take most of the time that there is.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Any, Generic, TypeVar

import orjson

from podium.rules.board.marks import Mark
from podium.rules.board.replay import PastMark, PhaseThen, Sent

FORM = 1
"""Grows with every change of what is written, or of how keys are made: older ones are worked out again."""

_NO_KEY = "-"
Value = TypeVar("Value")


class Folded(MutableMapping[int, Value], Generic[Value]):
    """Values by number, each of which is kept as a line of JSON until somebody asks for it."""

    def __init__(self, lines: dict[int, bytes], read: Callable[[Any], Value]) -> None:
        self._lines = lines
        self._read = read
        self._values: dict[int, Value] = {}

    def __getitem__(self, key: int) -> Value:
        """The value; KeyError where there is none."""
        if key not in self._values:
            self._values[key] = self._read(orjson.loads(self._lines[key]))
        return self._values[key]

    def __setitem__(self, key: int, value: Value) -> None:
        """Another value from now on."""
        self._lines[key] = b""
        self._values[key] = value

    def __delitem__(self, key: int) -> None:
        """Without this one."""
        del self._lines[key]
        self._values.pop(key, None)

    def __iter__(self) -> Iterator[int]:
        """The numbers."""
        return iter(self._lines)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._lines)

    def line(self, key: int, write: Callable[[Value], object]) -> bytes:
        """A value as a line of JSON."""
        return orjson.dumps(write(self._values[key])) if key in self._values else self._lines[key]


def packed(state: PhaseThen) -> bytes:
    """The state, compressed."""
    head = {
        "boards": list(state.boards.items()),
        "phases": list(state.phases.items()),
        "tasks": list(state.tasks.items()),
        "shown_answers": state.shown_answers,
        "sent": list(state.sent),
        "scores": list(state.scores),
        "tops": list(chain.from_iterable(state.tops.items())),
        "entries": [
            [board, list(entries), " ".join(_NO_KEY if key is None else key.hex() for key in entries.values())]
            for board, entries in state.entries.items()
        ],
        "marks": [
            [board, [[pk, each.mark, each.reason] for pk, each in marks.items()]]
            for board, marks in state.marks.items()
        ],
    }
    lines = [orjson.dumps(head), *_lines(state.sent, _sent_said), *_lines(state.scores, dict)]
    return zlib.compress(b"\n".join(lines), 1)


def unpacked(phase_id: int, content: bytes) -> PhaseThen:
    """What `packed` wrote of this phase."""
    first, *lines = zlib.decompress(content).split(b"\n")
    head = orjson.loads(first)
    sent, scores, tops = head["sent"], head["scores"], head["tops"]
    return PhaseThen(
        phase_id=phase_id,
        boards=dict(head["boards"]),
        phases=dict(head["phases"]),
        tasks=dict(head["tasks"]),
        shown_answers=head["shown_answers"],
        sent=Folded(dict(zip(sent, lines[: len(sent)], strict=True)), _sent_read),
        scores=Folded(dict(zip(scores, lines[len(sent) :], strict=True)), dict),
        entries={board: _keyed(ids, keys) for board, ids, keys in head["entries"]},
        marks={
            board: {pk: PastMark(Mark(mark), reason) for pk, mark, reason in marks} for board, marks in head["marks"]
        },
        tops=dict(zip(tops[::2], tops[1::2], strict=True)),
    )


def _lines(values: Mapping[int, Value], write: Callable[[Value], object]) -> list[bytes]:
    if isinstance(values, Folded):
        return [values.line(key, write) for key in values]
    return [orjson.dumps(write(value)) for value in values.values()]


def _keyed(ids: Sequence[int], keys: str) -> dict[int, bytes | None]:
    written = keys.split(" ") if ids else []
    return {pk: None if key == _NO_KEY else bytes.fromhex(key) for pk, key in zip(ids, written, strict=True)}


def _sent_said(sent: Sent) -> list[object]:
    return [sent.user, sent.submitted_at.isoformat(), list(sent.parts.items())]


def _sent_read(said: Sequence[Any]) -> Sent:
    user, at, parts = said
    return Sent(user, datetime.fromisoformat(at), dict(parts))
