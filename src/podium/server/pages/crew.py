"""The workers of the site, as its page shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.html import format_html
from django.utils.safestring import SafeString

from podium.server.jobs.crew import WorkerRow
from podium.server.pages import wording
from podium.server.pages.parts import Fact, Kind
from podium.server.pages.worker_checks import ShownCheck, shown_check
from podium.server.submissions.queries.at_work import SlotAtWork
from podium.server.submissions.queries.worker_checks import WorkerChecks

_ENFORCED = "enforced"
_KINDS: dict[str, Kind] = {_ENFORCED: "good", "approximate": "busy", "not enforced": "bad"}
_SKEW_WORTH_TELLING_S = 30.0


@dataclass(frozen=True)
class LimitLine:
    """How one limit is held."""

    limit: str
    enforcement: str
    kind: Kind
    detail: str
    advice: str


@dataclass(frozen=True)
class SlotLine:
    """A slot and what it does; `submission` is 0 where it waits."""

    number: int
    submission: int = 0
    step: str = ""
    competition: str = ""
    since: SafeString | str = ""


@dataclass(frozen=True)
class WorkerItem:
    """A worker, ready for the page. The report is `open` where something in it needs a look."""

    name: str
    state: str
    kind: Kind
    refusal: str
    facts: tuple[Fact, ...]
    slots: tuple[SlotLine, ...]
    limits: tuple[LimitLine, ...]
    summary: str
    open: bool
    check: ShownCheck | None


def worker_items(
    crew: Sequence[WorkerRow], busy: Sequence[SlotAtWork], checks: Mapping[int, WorkerChecks]
) -> list[WorkerItem]:
    """The workers with what their slots do, and how each compares with the others."""
    return [_item(row, [each for each in busy if each.worker_id == row.id], checks.get(row.id)) for row in crew]


def _item(row: WorkerRow, busy: Sequence[SlotAtWork], checks: WorkerChecks | None) -> WorkerItem:
    state, kind = _state(row)
    limits = tuple(_limit(line) for line in row.report)
    return WorkerItem(
        name=row.name,
        state=state,
        kind=kind,
        refusal=row.refusal,
        facts=_facts(row),
        slots=_slots(row, busy),
        limits=limits,
        summary=_summary(limits),
        open=any(line.enforcement != _ENFORCED for line in limits),
        check=shown_check(checks) if checks else None,
    )


def _state(row: WorkerRow) -> tuple[str, Kind]:
    if row.refusal:
        return "Takes no runs", "bad"
    if row.is_alive:
        return "Alive", "good"
    return ("Never started", "idle") if row.last_seen_at is None else ("Not heard of", "bad")


def _facts(row: WorkerRow) -> tuple[Fact, ...]:
    facts = [
        Fact("Last heard of", "never" if row.last_seen_at is None else wording.ago(row.last_seen_at)),
        Fact("Takes runs of", ", ".join(row.queues) or "competitions without a queue"),
    ]
    if row.sandbox:
        facts.append(Fact("Sandbox", row.sandbox))
        facts.append(Fact("Queues with a network", row.no_network or "their runs are taken"))
    if row.host:
        facts.append(Fact("Machine", row.host))
    if row.version:
        facts.append(Fact("Version", row.version))
    if row.clock_skew_s is not None and abs(row.clock_skew_s) > _SKEW_WORTH_TELLING_S:
        way = "ahead" if row.clock_skew_s > 0 else "behind"
        facts.append(Fact("Its clock", format_html("{} {}", wording.duration(abs(row.clock_skew_s)), way)))
    return tuple(facts)


def _slots(row: WorkerRow, busy: Sequence[SlotAtWork]) -> tuple[SlotLine, ...]:
    at_work = {each.slot: each for each in busy}
    return tuple(
        _slot(number, at_work.get(number)) for number in sorted(set(range(min(row.slots, 1000))) | set(at_work))
    )


def _slot(number: int, at_work: SlotAtWork | None) -> SlotLine:
    if at_work is None:
        return SlotLine(number + 1)
    since = "" if at_work.since is None else wording.ago(at_work.since)
    return SlotLine(number + 1, at_work.submission_id, at_work.step, at_work.competition, since)


def _limit(line: Mapping[str, str]) -> LimitLine:
    said = line.get("enforcement", "")
    return LimitLine(
        limit=line.get("limit", ""),
        enforcement=said,
        kind=_KINDS.get(said, "idle"),
        detail=line.get("detail", ""),
        advice=line.get("advice", ""),
    )


def _summary(limits: Sequence[LimitLine]) -> str:
    said = [f"{count} {word}" for word in _KINDS if (count := sum(line.enforcement == word for line in limits))]
    return f"How it holds programs: {', '.join(said)}"
