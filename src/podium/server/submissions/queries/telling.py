"""What has happened to what open pages show, told to those who may know it.

A page follows one subject from a place on. One reading serves all pages of a process: the number of its queries grows
with what happened and with the competitions concerned, not with the pages.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from podium.server.history.queries import Happened, events_after, heads
from podium.server.leaderboards.queries import stamps_of_phases
from podium.server.submissions.models import Submission
from podium.server.submissions.queries.access import DETAILED_RESULTS
from podium.server.submissions.queries.follower_access import FollowerAccess
from podium.server.submissions.queries.following import Follower, Place, Subject, Told
from podium.server.submissions.queries.live import LiveNews, live_news, live_seqs

_MOST_EVENTS = 500
_ON_BOARDS = (
    *("entry-", "board-", "scores-", "submission-finished", "submission-deleted"),
    *("phase-", "task-", "competition-"),
)
_FOR_ACCESS = ("participant-", "phase-", "competition-", "board-")


@dataclass
class _News:
    heads: Mapping[int, int]
    events: dict[int, list[Happened]] = field(default_factory=dict)
    rows: Mapping[int, tuple[int, int, int]] = field(default_factory=dict)
    live_seqs: Mapping[int, int] = field(default_factory=dict)
    stamps: Mapping[int, int] = field(default_factory=dict)
    live: Mapping[int, list[LiveNews] | None] = field(default_factory=dict)


def tell(followers: Sequence[Follower]) -> list[Told]:
    """What is new for each follower since its place; who has nothing new is left out.

    Each `Told.follower` stands at its new place. Access is asked for again before anything is told.
    """
    news = _read(followers)
    if news is None:
        return []
    touched = [each for each in followers if _is_behind(each, news)]
    told = {each.id: _told(each, news) for each in touched}
    asking = [each for each in touched if _matters(told[each.id]) or _access_changed(each, news)]
    allowed = FollowerAccess(asking)
    return [allowed.cut(told[each.id]) if each in asking else told[each.id] for each in touched]


def _read(followers: Sequence[Follower]) -> _News | None:
    """Everything new for any of the followers, read once; None where nothing is."""
    places: dict[int, int] = {}
    live: dict[int, int] = {}
    for each in followers:
        for competition, seq in each.place.events:
            places[competition] = min(seq, places.get(competition, seq))
        if each.subject.submission:
            submission = each.subject.submission
            live[submission] = min(each.place.live, live.get(submission, each.place.live))
    phases = {each.subject.phase for each in followers if each.subject.kind == "board"}
    news = _News(heads(places), live_seqs=live_seqs(live), stamps=stamps_of_phases(phases))
    behind = {pk: seq for pk, seq in places.items() if news.heads[pk] > seq}
    unread = {pk: seq for pk, seq in live.items() if news.live_seqs[pk] > seq}
    if not behind and not unread and not any(_board_changed(each, news) for each in followers):
        return None
    # Who missed more than that reads the page again anyway.
    near = {pk: seq for pk, seq in behind.items() if news.heads[pk] - seq <= _MOST_EVENTS}
    for event in events_after(near):
        news.events.setdefault(event.competition, []).append(event)
    news.rows = _rows(event.payload.get("submission") for events in news.events.values() for event in events)
    news.live = live_news(unread)
    return news


def _rows(ids: Iterable[Any]) -> Mapping[int, tuple[int, int, int]]:
    """(the submission it belongs to, owner, phase) of submissions, children among them, by id."""
    wanted = {pk for pk in ids if isinstance(pk, int)}
    if not wanted:
        return {}
    rows = Submission.objects.filter(pk__in=wanted).values_list("pk", "parent_id", "owner_id", "phase_id")
    return {pk: (parent or pk, owner, phase) for pk, parent, owner, phase in rows}


def _is_behind(each: Follower, news: _News) -> bool:
    submission = each.subject.submission
    return (
        any(news.heads[pk] > seq for pk, seq in each.place.events)
        or (submission != 0 and news.live_seqs[submission] > each.place.live)
        or _board_changed(each, news)
    )


def _board_changed(each: Follower, news: _News) -> bool:
    """Whether a board shows something else, also where no event tells of it: ranks were made again, say."""
    return each.subject.kind == "board" and news.stamps[each.subject.phase] != each.place.live


def _told(each: Follower, news: _News) -> Told:
    subject = each.subject
    events = [event for pk, seq in each.place.events for event in news.events.get(pk, []) if event.seq > seq]
    missed = any(news.heads[pk] - seq > _MOST_EVENTS for pk, seq in each.place.events)
    changed = missed or _board_changed(each, news) or any(_concerns(event, subject, news) for event in events)
    live = news.live.get(subject.submission, []) if subject.submission else []
    live_seq = news.live_seqs[subject.submission] if subject.submission else 0
    # What was committed since the place was read comes with the next telling, and must not come twice.
    fresh = [message for message in live or [] if each.place.live < message.seq <= live_seq]
    changed = changed or live is None or any(_is_file(message) for message in fresh)
    place = Place(
        tuple((pk, news.heads[pk]) for pk, _ in each.place.events),
        news.stamps[subject.phase] if subject.kind == "board" else live_seq,
    )
    return Told(
        replace(each, place=place),
        each.place,
        changed=changed,
        messages=tuple(message for message in fresh if message.is_log),
        details=tuple(message for message in fresh if message.kind == DETAILED_RESULTS),
    )


def _is_file(message: LiveNews) -> bool:
    return not message.is_log and message.kind != DETAILED_RESULTS


def _concerns(event: Happened, subject: Subject, news: _News) -> bool:
    top, owner, phase = news.rows.get(event.payload.get("submission", 0), (0, 0, 0))
    if subject.kind == "board":
        here = event.payload.get("phase", phase)
        return event.kind.startswith(_ON_BOARDS) and here in {subject.phase, 0}
    if not top:
        return event.kind.startswith(("phase-", "competition-", "board-"))
    return top == subject.submission if subject.kind == "submission" else subject.owner in {owner, 0}


def _matters(told: Told) -> bool:
    return told.changed or bool(told.messages) or bool(told.details)


def _access_changed(each: Follower, news: _News) -> bool:
    return any(event.kind.startswith(_FOR_ACCESS) for pk, _ in each.place.events for event in news.events.get(pk, []))
