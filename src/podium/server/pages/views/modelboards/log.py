"""The log of a dataset as a page, as JSON and as an Atom feed."""

from __future__ import annotations

import orjson
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from podium.server.modelboards.queries import DatasetRow, dataset_at
from podium.server.modelboards.queries.log import LogPage, log_of
from podium.server.pages import wording
from podium.server.pages.feeds import FeedItem, atom
from podium.server.pages.modelboards.log import sentence

_MOST_DIGITS = 18
_TOLD = (
    *("name", "description", "task_type", "metric", "lower_is_better"),
    *("model", "revision", "score", "ci", "items", "updated", "badge", "counts"),
)
"""Fields of events that are written as they are; references to texts that were erased stay references."""


@never_cache
@require_safe
def log(request: HttpRequest, slug: str) -> HttpResponse:
    """What happened, the newest first."""
    dataset, page = _asked(request, slug)
    context = {
        "dataset": dataset,
        "number": wording.counted(page.head.seq, "event"),
        "chain_end": str(page.head),
        "rows": [
            {"seq": event.seq, "at": wording.at(event.at), "text": sentence(event), "hash": event.hash}
            for event in page.events
        ],
        "older": f"?before={page.older}" if page.older else "",
        "paged": bool(request.GET.get("before")),
    }
    return render(request, "podium/modelboards/log.html", context)


@never_cache
@require_safe
def log_json(request: HttpRequest, slug: str) -> HttpResponse:
    """The same for programs; `older` is the address of the next page, null at the end."""
    dataset, page = _asked(request, slug)
    content = {
        "dataset": {"id": dataset.key, "name": dataset.name},
        "head": {"seq": page.head.seq, "hash": page.head.hash},
        "events": [
            {
                "seq": event.seq,
                "kind": event.kind,
                "at": event.at,
                "who": event.who or None,
                "sentence": sentence(event),
                **{name: event.texts.get(name, event.payload[name]) for name in _TOLD if name in event.payload},
                "hash": event.hash,
            }
            for event in page.events
        ],
        "older": request.build_absolute_uri(f"{request.path}?before={page.older}") if page.older else None,
    }
    return HttpResponse(orjson.dumps(content), content_type="application/json")


@require_safe
def log_feed(request: HttpRequest, slug: str) -> HttpResponse:
    """The newest events as an Atom feed."""
    dataset, page = _asked(request, slug)
    items = [FeedItem(event.seq, sentence(event), event.at) for event in page.events]
    return atom(request, dataset.name, reverse("model_board", args=[slug]), items)


def _asked(request: HttpRequest, slug: str) -> tuple[DatasetRow, LogPage]:
    before = request.GET.get("before", "")
    number = int(before) if before.isascii() and before.isdecimal() and len(before) <= _MOST_DIGITS else 0
    dataset = dataset_at(slug)
    return dataset, log_of(dataset, number)
