"""Feeds of what happened, for readers of news."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils.feedgenerator import Atom1Feed


@dataclass(frozen=True)
class FeedItem:
    """Something that happened, in one sentence; its number is that of its event."""

    number: int
    sentence: str
    at: datetime


def atom(request: HttpRequest, title: str, path: str, items: Iterable[FeedItem]) -> HttpResponse:
    """An Atom feed of a page at `path`, which everybody may read."""
    link = request.build_absolute_uri(path)
    feed = Atom1Feed(title=title, link=link, description="", feed_url=request.build_absolute_uri(), language="en")
    for item in items:
        feed.add_item(
            title=item.sentence,
            link=link,
            description="",
            unique_id=f"{link}#event-{item.number}",
            updateddate=item.at,
            pubdate=item.at,
        )
    response = HttpResponse(feed.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")
    response.headers["Cache-Control"] = "public, max-age=60"
    return response
