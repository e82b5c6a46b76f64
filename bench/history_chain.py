"""Appending to a chain of a million events, and proving it, in the database and as an export."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from podium.server.history.services import ChainName

EVENTS = 1_000_000
_APPENDED = 2_000
_PORTION = 20_000
_PEOPLE = 1_000
_RARE = 10_000
"""One event of so many is of a rare kind."""
_REPEATS = 15
_START = datetime(2026, 1, 1, tzinfo=UTC)


def a_million_events() -> dict[str, float]:
    """Milliseconds for one event more, each in a transaction of its own; seconds to prove all of them."""
    from django.db import transaction

    from podium.rules.history import EventKind
    from podium.rules.proof import verify_lines
    from podium.server.history.proving import export_lines, prove_chain
    from podium.server.history.services import ChainName, append

    name = ChainName.competition(1)
    _fill(name)
    took = []
    cpu = time.process_time()
    for number in range(_APPENDED):
        begun = time.perf_counter()
        with transaction.atomic():
            payload = {"submission": number + 1, "phase": 1, "leaderboard": 1}
            append(name, EventKind.ENTRY_ADDED, actor=None, payload=payload)
        took.append((time.perf_counter() - begun) * 1000)
    append_cpu_ms = (time.process_time() - cpu) * 1000 / _APPENDED
    begun, cpu = time.perf_counter(), time.process_time()
    found = prove_chain(name)
    proved_s, proved_cpu_s = time.perf_counter() - begun, time.process_time() - cpu
    if found.misfit is not None or found.head.seq != EVENTS + _APPENDED:
        raise SystemExit(f"The chain does not fit: {found}")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "history.jsonl"
        with file.open("w", encoding="utf-8") as target:
            target.writelines(f"{line}\n" for line in export_lines(name))
        begun = time.perf_counter()
        with file.open(encoding="utf-8") as source:
            exported = verify_lines(source)
        export_s = time.perf_counter() - begun
    if exported.misfit is not None:
        raise SystemExit(f"The export does not fit: {exported}")
    return {
        "append_ms": sum(took) / len(took),
        "append_cpu_ms": append_cpu_ms,
        "append_median_ms": sorted(took)[len(took) // 2],
        "verify_s": proved_s,
        "verify_cpu_s": proved_cpu_s,
        "verify_export_s": export_s,
        **_pages(name),
    }


def _pages(name: ChainName) -> dict[str, float]:
    """Milliseconds for a page of the audit page, by what is asked for: a rare kind, somebody who did a thousand things,
    five hundred submissions, a day long ago."""
    from podium.rules.history import EventKind
    from podium.server.history import finding
    from podium.server.history.finding import Span
    from podium.server.submissions.queries.audit import page_of

    def own(span: Span) -> Iterator[int]:
        return finding.about_submissions(span, range(1, EVENTS, EVENTS // 500))

    asked: Mapping[str, Callable[[Span], Iterator[int]]] = {
        "kind": lambda span: finding.of_kinds(span, [EventKind.SCORES_EDITED]),
        "actor": lambda span: finding.done_by(span, _actor(_PEOPLE // 2)),
        "submissions": own,
        "everything": finding.everything,
    }
    figures = {}
    since = _START + timedelta(milliseconds=EVENTS // 2)
    for about, seqs in asked.items():
        took = []
        for _ in range(_REPEATS):
            begun = time.perf_counter()
            span = finding.span_of(name, until=since if about == "everything" else None)
            assert span is not None
            page = page_of(name.subject, span, seqs(span))
            took.append((time.perf_counter() - begun) * 1000)
            assert page.events
        figures[f"page_by_{about}_ms"] = sorted(took)[_REPEATS // 2]
    return figures


def _actor(seq: int) -> str:
    return f"{seq % _PEOPLE:08d}-0000-0000-0000-000000000000"


def _fill(name: object) -> None:
    """Write the chain as `append` would, many events at a time."""
    from django.db import transaction

    from podium.rules.history import EventKind, canonical_json, moment
    from podium.rules.proof import link_hash
    from podium.server.history.models import Chain, Event

    chain = Chain.objects.create(kind="competition", subject=1, created_at=_START)
    last = ""
    for start in range(1, EVENTS + 1, _PORTION):
        rows = []
        for seq in range(start, min(start + _PORTION, EVENTS + 1)):
            at = _START + timedelta(milliseconds=seq)
            payload = canonical_json({"submission": seq, "task": 1, "attempt": 1, "scores": {"accuracy": seq / EVENTS}})
            kind = EventKind.SCORES_ACCEPTED if seq % _RARE else EventKind.SCORES_EDITED
            actor = _actor(seq)
            digest = link_hash(str(name), seq, kind, moment(at), actor, payload, last)
            rows.append(
                Event(chain=chain, seq=seq, kind=kind, at=at, actor=actor, payload=payload, prev_hash=last, hash=digest)
            )
            last = digest
        with transaction.atomic():
            Event.objects.bulk_create(rows, batch_size=1000)
    Chain.objects.filter(pk=chain.pk).update(head_seq=EVENTS, head_hash=last, head_at=at)
