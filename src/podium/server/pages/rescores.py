"""What the pages of rescores show, in words."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode

from podium.rules.board.display import MISSING
from podium.server.pages import wording
from podium.server.pages.logs import log_title, tail_of
from podium.server.pages.parts import Fact, Kind, Place, Text
from podium.server.rescores.models import RescoreState
from podium.server.rescores.queries import (
    Notice,
    RankMove,
    RescoreDetail,
    RescoreLog,
    RescoreRow,
    ScoreChange,
    ShownItem,
    Superseded,
)
from podium.server.rescores.results import ItemState

ROWS = 100
_MANY = 2000
_LOG_BYTES = 4000
_STATES: dict[ItemState, tuple[str, Kind]] = {
    ItemState.WAITING: ("Waiting", "idle"),
    ItemState.RUNNING: ("Scoring", "busy"),
    ItemState.SCORED: ("Scored", "good"),
    ItemState.FAILED: ("Failed", "bad"),
    ItemState.LEFT: ("Left as it is", "idle"),
}
_ENDED: dict[RescoreState, tuple[str, Kind]] = {
    RescoreState.OPEN: ("Open", "busy"),
    RescoreState.APPLIED: ("Applied", "good"),
    RescoreState.CANCELLED: ("Cancelled", "idle"),
}


@dataclass(frozen=True)
class RescoreLine:
    """A rescore in a list."""

    url: str
    scope: str
    reason: str
    state: str
    kind: Kind
    by: str
    begun: Text
    decided: Text


@dataclass(frozen=True)
class Pair:
    """Something before and after, with its name."""

    name: str
    before: str
    after: str
    changed: bool


@dataclass(frozen=True)
class ItemLine:
    """A submission of a rescore. `remark` says what else there is to know of it; `log` is the end of what its programs
    wrote where they failed, and `logs` lead to all that they wrote."""

    key: int
    url: str
    name: str
    where: str
    state: str
    kind: Kind
    remark: str
    log_title: str
    log: str
    logs: tuple[Place, ...]
    scores: tuple[Pair, ...]
    ranks: tuple[Pair, ...]


@dataclass(frozen=True)
class ShownRescore:
    """A rescore as its page shows it. `apply_note` says what applying does not do, `cannot` why it is not possible;
    `look_every_s` is after how many seconds the page is read again, 0 where nothing more comes."""

    line: RescoreLine
    url: str
    news_url: str
    saying: str
    done: int
    total: int
    twins: str
    twins_kind: str
    notes: tuple[str, ...]
    cannot: str
    is_open: bool
    look_every_s: int
    facts: tuple[Fact, ...]
    items: tuple[ItemLine, ...]
    pages: tuple[Place, ...]


@dataclass(frozen=True)
class SupersededNote:
    """That a submission was rescored: when, why, and its scores before and after."""

    at: Text
    reason: str
    task: str
    scores: tuple[Pair, ...]


def line_of(row: RescoreRow) -> RescoreLine:
    """A rescore in a list of those of its competition."""
    state, kind = _ENDED[row.state]
    scope = row.phase or ("Chosen submissions" if row.chosen else "The whole competition")
    return RescoreLine(
        url=reverse("rescore", args=[row.competition_id, row.id]),
        scope=f"{scope}, {wording.counted(row.submissions, 'submission')}",
        reason=row.reason,
        state=state,
        kind=kind,
        by=row.by,
        begun=wording.ago(row.created_at),
        decided=wording.ago(row.decided_at) if row.decided_at else "",
    )


def shown_rescore(found: RescoreDetail, page: int) -> ShownRescore:
    """A page of a rescore."""
    line = line_of(found.row)
    twins, twins_kind = _twins(found)
    waits = found.is_open and found.waits > 0
    return ShownRescore(
        line=line,
        url=line.url,
        news_url=f"{line.url}?{urlencode({'page': page})}",
        saying=_saying(found),
        done=found.total - found.waits,
        total=found.total,
        twins=twins,
        twins_kind=twins_kind,
        notes=tuple(_notes(found)) if found.is_open else (),
        cannot=_cannot(found),
        is_open=found.is_open,
        look_every_s=(2 if found.total <= _MANY else 10) if waits or _compares(found) else 0,
        facts=_facts(found, line),
        items=tuple(_item(found, item) for item in found.items),
        pages=_pages(found, line.url, page),
    )


def told_on_board(notices: list[Notice]) -> list[Text]:
    """What a board says of the rescores that changed it."""
    return [_told(notice) for notice in notices]


def told_on_submission(found: list[Superseded]) -> list[SupersededNote]:
    """What the page of a submission says of its scores that count no more."""
    return [
        SupersededNote(
            at=wording.at(each.at),
            reason=each.reason,
            task=each.task,
            scores=tuple(
                Pair(score.title, score.before or MISSING, score.after or MISSING, score.before != score.after)
                for score in each.scores
            ),
        )
        for each in found
    ]


def _told(notice: Notice) -> Text:
    return format_html("Submissions were rescored on {}. {}", wording.at(notice.at), notice.reason)


def _saying(found: RescoreDetail) -> str:
    if not found.is_open:
        return ""
    if found.waits:
        return f"{found.total - found.waits:,} of {wording.counted(found.total, 'submission')} done"
    return "Everything has been scored"


def _compares(found: RescoreDetail) -> bool:
    return found.is_open and found.twins.compared < found.twins.sampled - found.kept


def _twins(found: RescoreDetail) -> tuple[str, str]:
    twins = found.twins
    sampled = wording.counted(twins.sampled, "submission")
    if not twins.sampled:
        return "No submission was scored twice, so that nothing says whether the program is deterministic.", ""
    if twins.differing:
        said = (
            f"The program is not deterministic: of {sampled} scored twice, {twins.differing:,} got other scores then."
        )
        return f"{said} Ranks that lie close together may be chance.", "warn"
    if not twins.compared:
        return f"{sampled} of {found.total:,} are scored twice, to see whether the program is deterministic.", ""
    said = f"{twins.compared:,} of {sampled} scored twice got the same scores both times."
    return f"{said} The sample is {twins.sampled:,} of {found.total:,}.", ""


def _notes(found: RescoreDetail) -> list[str]:
    notes = []
    if found.kept:
        notes.append(f"{_are(found.kept)} not scored anew and will keep the scores that they have.")
    if found.edited:
        notes.append(f"{_are(found.edited)} scored by hand; applying replaces these scores too.")
    return notes


def _are(count: int) -> str:
    return f"{wording.counted(count, 'submission')} {'is' if count == 1 else 'are'}"


def _cannot(found: RescoreDetail) -> str:
    if not found.is_open:
        return ""
    if found.outdated:
        return (
            "A program or data of a task was replaced after this rescore had begun. Cancel it and start another: these "
            "scores are not those of the task as it is now."
        )
    if found.waits:
        return "It can be applied when everything has been scored."
    return "" if found.scored else "Nothing could be scored, so there is nothing to apply."


def _facts(found: RescoreDetail, line: RescoreLine) -> tuple[Fact, ...]:
    facts = [
        Fact("Reason", line.reason),
        Fact("Begun", line.begun),
        Fact("By", line.by),
        Fact("Other scores", f"{found.changed:,} of {found.total:,}"),
    ]
    if found.is_open:
        facts.append(Fact("Other ranks", f"{found.moved:,}"))
    if found.row.decided_at is not None:
        facts.append(Fact(line.state, line.decided))
        facts.append(Fact("Decided by", found.row.decided_by))
    return tuple(facts)


def _item(found: RescoreDetail, item: ShownItem) -> ItemLine:
    state, kind = _STATES[item.state]
    task = found.tasks.get(item.task_id, "") if item.part_id != item.submission_id else ""
    phase = found.phases.get(item.phase_id, "")
    logs = found.logs.get(item.part_id, ())
    log = logs[0] if logs and item.state is ItemState.FAILED else None
    return ItemLine(
        key=item.part_id,
        url=reverse("submission", args=[item.submission_id]),
        name=f"{found.owners.get(item.owner_id, '')}, #{found.numbers.get(item.submission_id, 0)}",
        where=", ".join(part for part in (phase, task) if part),
        state=state,
        kind=kind,
        remark=_remark(item),
        log_title=log_title(log.kind) if log else "",
        log=tail_of(log.file, _LOG_BYTES)[0] if log else "",
        logs=tuple(_log(found.row.id, each, twice=any(other.scoring > 1 for other in logs)) for each in logs),
        scores=tuple(_score(score) for score in item.scores),
        ranks=tuple(_rank(rank) for rank in item.ranks),
    )


def _log(rescore_id: int, log: RescoreLog, *, twice: bool) -> Place:
    title = log_title(log.kind)
    if twice:
        title = f"{title}, {'second' if log.scoring > 1 else 'first'} time"
    return Place(title, f"/api/v1/rescores/{rescore_id}/logs/{log.part_id}/{log.scoring}/{log.kind}/")


def _remark(item: ShownItem) -> str:
    said = [item.reason] if item.reason else []
    if item.differs:
        said.append("Other scores the second time.")
    if item.edited:
        said.append("Scored by hand before.")
    return " ".join(said)


def _score(score: ScoreChange) -> Pair:
    return Pair(score.title, score.before_text, score.after_text, score.changed)


def _rank(rank: RankMove) -> Pair:
    before, after = (MISSING if each is None else f"{each:,}" for each in (rank.before, rank.after))
    return Pair(rank.board, before, after, rank.moved)


def _pages(found: RescoreDetail, url: str, page: int) -> tuple[Place, ...]:
    places = []
    if page > 1:
        places.append(Place("Rows before", f"{url}?page={page - 1}"))
    if page * ROWS < found.total:
        places.append(Place("Rows after", f"{url}?page={page + 1}"))
    return tuple(places)
