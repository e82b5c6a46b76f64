"""A phase as its boards knew it at some moment, found by replaying the events of its competition up to then.

Nothing but events goes in: what a board was made of, who sent what, what it was scored, and who stood where.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from podium.rules.board.marks import Mark
from podium.rules.history import EventKind

Payload = Mapping[str, Any]


@dataclass(frozen=True)
class Sent:
    """A submission: whose it was, by opaque id, when it was sent, and by task the number of what ran on it."""

    user: str
    submitted_at: datetime
    parts: Mapping[int, int]


@dataclass(frozen=True)
class PastMark:
    """What an organizer had decided about an entry; `reason` refers to a text, and is None where none was given."""

    mark: Mark
    reason: str | None


@dataclass
class PhaseThen:
    """All that the boards of one phase are made of, after some events.

    `boards`, `phases` and `tasks` are what events say of them. `entries` has by board the submissions that stand there,
    with the key by which each ranked when that was worked out last; None where it has to be worked out again.
    """

    phase_id: int
    boards: dict[int, Payload] = field(default_factory=dict)
    phases: dict[int, Payload] = field(default_factory=dict)
    tasks: dict[int, Payload] = field(default_factory=dict)
    shown_answers: list[Payload] = field(default_factory=list)
    sent: MutableMapping[int, Sent] = field(default_factory=dict)
    scores: MutableMapping[int, dict[str, float]] = field(default_factory=dict)
    entries: dict[int, dict[int, bytes | None]] = field(default_factory=dict)
    marks: dict[int, dict[int, PastMark]] = field(default_factory=dict)
    tops: dict[int, int] = field(default_factory=dict)
    """By the number of what ran on a task, the submission that it belongs to."""

    def apply(self, kind: str, payload: Payload) -> None:
        """Let one event of the competition happen; those that move no board change nothing."""
        happen = _HAPPEN.get(kind)
        if happen is not None:
            happen(self, payload)

    def forget_keys(self, leaderboard_id: int | None = None) -> None:
        """What a board, or every one, is made of has changed."""
        for pk in self.entries if leaderboard_id is None else {leaderboard_id} & self.entries.keys():
            self.entries[pk] = dict.fromkeys(self.entries[pk])

    def scored_anew(self, part: int, scores: Mapping[str, float]) -> None:
        """Something has other scores on a task."""
        top = self.tops.get(part)
        if top is None:
            return
        self.scores[part] = dict(scores)
        for entries in self.entries.values():
            if top in entries:
                entries[top] = None


def replayed(state: PhaseThen, events: Iterable[tuple[str, Payload]]) -> PhaseThen:
    """The same state, after these events."""
    for kind, payload in events:
        state.apply(kind, payload)
    return state


def _competition(state: PhaseThen, payload: Payload) -> None:
    state.shown_answers = list(payload["shown_answers"])


def _board(state: PhaseThen, payload: Payload) -> None:
    pk = payload["leaderboard"]
    state.boards[pk] = payload["after"]
    state.entries.setdefault(pk, {})
    state.marks.setdefault(pk, {})
    state.forget_keys(pk)


def _board_removed(state: PhaseThen, payload: Payload) -> None:
    for held in (state.boards, state.entries, state.marks):
        held.pop(payload["leaderboard"], None)


def _phase(state: PhaseThen, payload: Payload) -> None:
    before = state.phases.get(payload["phase"])
    state.phases[payload["phase"]] = payload["after"]
    if payload["phase"] == state.phase_id and before is not None and before["tasks"] != payload["after"]["tasks"]:
        state.forget_keys()


def _task(state: PhaseThen, payload: Payload) -> None:
    state.tasks[payload["task"]] = payload["after"]


def _received(state: PhaseThen, payload: Payload) -> None:
    if payload["phase"] != state.phase_id:
        return
    parts = {part["task"]: part["submission"] for part in payload["parts"]}
    at = datetime.fromisoformat(payload["submitted_at"])
    state.sent[payload["submission"]] = Sent(payload["user"], at, parts)
    state.tops.update(dict.fromkeys(parts.values(), payload["submission"]))


def _scored(state: PhaseThen, payload: Payload) -> None:
    state.scored_anew(payload["submission"], payload["scores"])


def _edited(state: PhaseThen, payload: Payload) -> None:
    known = state.scores.get(payload["submission"], {})
    changed = {**known, **payload["scores"]}
    state.scored_anew(payload["submission"], {key: value for key, value in changed.items() if value is not None})


def _added(state: PhaseThen, payload: Payload) -> None:
    # What nobody is known to have sent has nothing to show.
    if payload["phase"] == state.phase_id and payload["submission"] in state.sent:
        state.entries.setdefault(payload["leaderboard"], {})[payload["submission"]] = None


def _removed(state: PhaseThen, payload: Payload) -> None:
    if payload["phase"] == state.phase_id:
        state.entries.get(payload["leaderboard"], {}).pop(payload["submission"], None)


def _marked_as(mark: Mark) -> Callable[[PhaseThen, Payload], None]:
    def happen(state: PhaseThen, payload: Payload) -> None:
        marks = state.marks.setdefault(payload["leaderboard"], {})
        marks[payload["submission"]] = PastMark(mark, payload["reason"])

    return happen


def _unmarked(state: PhaseThen, payload: Payload) -> None:
    state.marks.get(payload["leaderboard"], {}).pop(payload["submission"], None)


_HAPPEN: Mapping[str, Callable[[PhaseThen, Payload], None]] = MappingProxyType(
    {
        EventKind.COMPETITION_IMPORTED: _competition,
        EventKind.COMPETITION_CHANGED: _competition,
        EventKind.BOARD_ADDED: _board,
        EventKind.BOARD_CHANGED: _board,
        EventKind.BOARD_REMOVED: _board_removed,
        EventKind.PHASE_ADDED: _phase,
        EventKind.PHASE_CHANGED: _phase,
        EventKind.TASK_ADDED: _task,
        EventKind.TASK_CHANGED: _task,
        EventKind.SUBMISSION_RECEIVED: _received,
        EventKind.SCORES_ACCEPTED: _scored,
        EventKind.SCORES_SUPERSEDED: _scored,
        EventKind.SCORES_EDITED: _edited,
        EventKind.ENTRY_ADDED: _added,
        EventKind.ENTRY_REMOVED: _removed,
        EventKind.ENTRY_HIDDEN: _marked_as(Mark.HIDDEN),
        EventKind.ENTRY_MADE_BASELINE: _marked_as(Mark.BASELINE),
        EventKind.ENTRY_UNMARKED: _unmarked,
    }
)

MOVING = frozenset(_HAPPEN)
"""The kinds of events that move a board."""
