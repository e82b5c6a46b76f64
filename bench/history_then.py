"""A board of 10,000 entries as it was: from an address to the answer, and from the events alone. Medians in
milliseconds; `cpu` is time of this process on a processor, which other work of the machine does not lengthen."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

from django.test import Client, override_settings
from tests.integration.server.competition_material import described, make_person
from tests.integration.server.flow import begin

from podium.rules.history import Event as ChainEvent
from podium.rules.history import EventKind, append, canonical_json
from podium.server import clock
from podium.server.competitions.models import Competition, PhaseTask
from podium.server.history.models import Chain, Event
from podium.server.leaderboards.models import Leaderboard
from podium.server.past.queries import past_board
from podium.server.past.services import keep_snapshot
from podium.server.past.sight import past_phase
from podium.server.past.states import state_at
from podium.server.submissions.queries.shared import answers_of

ENTRIES = 10_000
PEOPLE = 200
SINCE_SNAPSHOT = 999
"""The most events that lie between a moment and the last snapshot before it."""
REPEATS = 15
_START = datetime(2025, 1, 10, tzinfo=UTC)


def ten_thousand_then() -> dict[str, float]:
    """What a page of the past costs, where the last snapshot is as far away as it gets."""
    with tempfile.TemporaryDirectory() as folder:
        flow = begin(Path(folder), described(phases=[{"name": "Open", "start": "2020-01-01", "tasks": [0]}]))
        Competition.objects.update(published=True)
        head, at = _write_events(flow.competition_id, flow.phase_id)
        assert keep_snapshot(flow.competition_id, flow.phase_id, head - SINCE_SNAPSHOT, 0)

    def page(offset: int) -> object:
        phase = past_phase(None, flow.phase_id, at)
        return past_board(phase, None, limit=100, offset=offset, answers_of=answers_of)

    client = Client()
    address = f"/api/v1/phases/{flow.phase_id}/board/?at={at.isoformat().replace('+00:00', 'Z')}"
    with override_settings(ALLOWED_HOSTS=["testserver"]):
        assert client.get(address).json()["count"] == ENTRIES
        figures = _timed("address", lambda: client.get(address))
        figures |= _timed("first_page", lambda: page(0))
        figures |= _timed("last_page", lambda: page(ENTRIES - 100))
    figures |= _timed("events_alone", lambda: state_at(flow.competition_id, flow.phase_id, head, from_events=True), 3)
    return figures


def _timed(name: str, do: Callable[[], object], repeats: int = REPEATS) -> dict[str, float]:
    do()
    passed, used = [], []
    for _ in range(repeats):
        begun, before = perf_counter(), process_time()
        do()
        passed.append(perf_counter() - begun)
        used.append(process_time() - before)
    return {f"{name}_ms": 1000 * median(passed), f"{name}_cpu_ms": 1000 * median(used)}


def _write_events(competition_id: int, phase_id: int) -> tuple[int, datetime]:
    """What is recorded when so many submissions come, are scored and go to the board, a minute after each other.
    Returns the last number and a moment after it."""
    row = Chain.objects.get(kind="competition", subject=competition_id)
    last = row.events.order_by("-seq").first()
    assert last is not None
    name = f"competition:{competition_id}"
    event = ChainEvent(name, last.seq, last.kind, last.at, last.actor, {}, last.prev_hash, last.hash)
    people = [make_person(f"person{number}").opaque_id for number in range(PEOPLE)]
    board = Leaderboard.objects.get(competition=competition_id).pk
    task = PhaseTask.objects.get(phase=phase_id).task_id
    made = []
    at = max(_START, clock.now() - timedelta(days=1))
    for number in range(1, ENTRIES + 1):
        at += timedelta(seconds=5)
        for kind, payload in _happenings(number, phase_id, board, task, str(people[number % PEOPLE]), at):
            event = append(event, chain=name, kind=kind, at=at, actor="", payload=payload)
            made.append(
                Event(
                    chain=row,
                    seq=event.seq,
                    kind=kind,
                    at=at,
                    payload=canonical_json(payload),
                    prev_hash=event.prev_hash,
                    hash=event.hash,
                )
            )
    Event.objects.bulk_create(made, batch_size=2000)
    Chain.objects.filter(pk=row.pk).update(head_seq=event.seq, head_hash=event.hash, head_at=at)
    return event.seq, at + timedelta(seconds=1)


def _happenings(
    number: int, phase: int, board: int, task: int, user: str, at: datetime
) -> list[tuple[EventKind, dict[str, Any]]]:
    submission = 1_000_000 + number
    sent = {
        "submission": submission,
        "phase": phase,
        "user": user,
        "number": 1 + number // PEOPLE,
        "submitted_at": at.isoformat(timespec="microseconds"),
        "sha256": "0" * 64,
        "parts": [{"submission": submission, "task": task}],
        "task_rerun": False,
    }
    scores = {"accuracy": (number * 7919 % ENTRIES) / ENTRIES, "seconds": float(number % 100)}
    attempt = {"submission": submission, "step": "scoring", "attempt": 1}
    return [
        (EventKind.SUBMISSION_RECEIVED, sent),
        (EventKind.ATTEMPT_STARTED, {**attempt, "worker": 1, "made_from": {"program_data": "0" * 64}}),
        (EventKind.ATTEMPT_ENDED, {**attempt, "outcome": "finished", "exit_code": 0}),
        (EventKind.SCORES_ACCEPTED, {"submission": submission, "task": task, "attempt": 1, "scores": scores}),
        (EventKind.SUBMISSION_FINISHED, {"submission": submission}),
        (EventKind.ENTRY_ADDED, {"submission": submission, "phase": phase, "leaderboard": board}),
    ]
