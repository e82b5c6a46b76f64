"""A replayed phase as bytes, and back."""

from __future__ import annotations

import zlib
from datetime import datetime

import orjson

from podium.rules.board.marks import Mark
from podium.rules.board.replay import PastMark, PhaseThen, Sent

FORM = 1
"""Grows with every change of what is written, or of how keys are made: older ones are worked out again."""


def packed(state: PhaseThen) -> bytes:
    """The state as compressed JSON."""
    content = {
        "boards": list(state.boards.items()),
        "phases": list(state.phases.items()),
        "tasks": list(state.tasks.items()),
        "shown_answers": state.shown_answers,
        "sent": [
            [pk, sent.user, sent.submitted_at.isoformat(), list(sent.parts.items())] for pk, sent in state.sent.items()
        ],
        "scores": list(state.scores.items()),
        "entries": [
            [board, [[pk, key.hex() if key is not None else None] for pk, key in entries.items()]]
            for board, entries in state.entries.items()
        ],
        "marks": [
            [board, [[pk, each.mark, each.reason] for pk, each in marks.items()]]
            for board, marks in state.marks.items()
        ],
    }
    return zlib.compress(orjson.dumps(content), 1)


def unpacked(phase_id: int, content: bytes) -> PhaseThen:
    """What `packed` wrote of this phase."""
    held = orjson.loads(zlib.decompress(content))
    sent = {
        pk: Sent(user, datetime.fromisoformat(at), dict(parts))
        for pk, user, at, parts in held["sent"]
    }
    return PhaseThen(
        phase_id=phase_id,
        boards=dict(held["boards"]),
        phases=dict(held["phases"]),
        tasks=dict(held["tasks"]),
        shown_answers=held["shown_answers"],
        sent=sent,
        scores=dict(held["scores"]),
        entries={
            board: {pk: None if key is None else bytes.fromhex(key) for pk, key in entries}
            for board, entries in held["entries"]
        },
        marks={
            board: {pk: PastMark(Mark(mark), reason) for pk, mark, reason in marks} for board, marks in held["marks"]
        },
        tops={part: pk for pk, each in sent.items() for part in each.parts.values()},
    )
