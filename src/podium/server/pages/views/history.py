"""What happened in a competition: for its organizers, for a participant, and as a feed for everybody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from podium.rules.access import Action
from podium.server.exports.boards.writing import file_stem, text_file
from podium.server.history.proving import export_lines
from podium.server.history.services import ChainName
from podium.server.pages import wording
from podium.server.pages.feeds import FeedItem, atom
from podium.server.pages.heads import headed
from podium.server.pages.people import acting, signed_in
from podium.server.pages.sentences import kinds, sentence
from podium.server.submissions.queries.audit import AuditFilter, AuditPage, audit_page, own_timeline, public_changes

_LARGEST = 2**63 - 1


@never_cache
@require_safe
def audit(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything that happened, newest first, with filters that stand in the address."""
    wanted = _filter(request.GET)
    page = audit_page(acting(request), pk, wanted)
    _, context = headed(request, pk, "history")
    context |= _shown(request, page, staff=True) | {
        "competition_id": pk,
        "kinds": [{"value": value, "label": label, "chosen": value == wanted.kind} for value, label in kinds()],
        "wanted": {name: request.GET.get(name, "") for name in ("person", "submission", "since", "until")},
        "filtered": any(request.GET.get(name) for name in ("kind", "person", "submission", "since", "until")),
        "number": wording.counted(page.head.seq, "event"),
        "chain_end": str(page.head),
    }
    return render(request, "podium/competition/history.html", context)


@never_cache
@require_safe
def timeline(request: HttpRequest, pk: int) -> HttpResponse:
    """What happened to one's own submissions and participation."""
    page = own_timeline(signed_in(request), pk, _number(request.GET.get("before", "")))
    shown, context = headed(request, pk, "timeline")
    context |= _shown(request, page, staff=shown.standing.may(Action.SEE_HIDDEN_BOARD))
    return render(request, "podium/competition/timeline.html", context)


@require_safe
def export(request: HttpRequest, pk: int) -> FileResponse:
    """All events as a file that `podium history verify --export` proves."""
    shown, _ = headed(request, pk, "history")
    shown.standing.require(Action.SEE_HISTORY)
    lines = (f"{line}\n" for line in export_lines(ChainName.competition(pk)))
    content = text_file(lambda target: target.writelines(lines))
    name = f"{file_stem(shown.title)} history.jsonl"
    response = FileResponse(content, as_attachment=True, filename=name, content_type="application/jsonl")
    response.headers["Cache-Control"] = "private, no-store"
    return response


@require_safe
def feed(request: HttpRequest, pk: int) -> HttpResponse:
    """The newest public changes as an Atom feed."""
    page = public_changes(acting(request), pk)
    shown, _ = headed(request, pk, "overview")
    items = [FeedItem(event.seq, sentence(event, page.names, staff=False), event.at) for event in page.events]
    return atom(request, shown.title, reverse("competition", args=[pk]), items)


def _shown(request: HttpRequest, page: AuditPage, *, staff: bool) -> dict[str, Any]:
    rows = [
        {
            "seq": event.seq,
            "at": wording.at(event.at),
            "text": sentence(event, page.names, staff=staff),
            "hash": event.hash,
            "short": event.hash[:12],
        }
        for event in page.events
    ]
    query = request.GET.copy()
    query["before"] = str(page.older)
    return {
        "rows": rows,
        "older": f"?{query.urlencode()}" if page.older else "",
        "ended_after": f"{page.ended_after:,}" if page.ended_after else "",
        "paged": bool(request.GET.get("before")),
    }


def _filter(said: QueryDict) -> AuditFilter:
    """What an address asks for; what is no number or day counts for nothing."""
    until = _day(said.get("until", ""))
    return AuditFilter(
        kind=said.get("kind", "")[:60],
        person=said.get("person", "").strip()[:100],
        submission=_number(said.get("submission", "")),
        since=_day(said.get("since", "")),
        until=until + timedelta(days=1) if until else None,
        before=_number(said.get("before", "")),
    )


def _number(text: str) -> int:
    return min(int(text), _LARGEST) if text.isascii() and text.isdecimal() and len(text) < 20 else 0


def _day(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        return None
