"""What a person organizes, takes part in, and has sent."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from podium.server.accounts.people import Person
from podium.server.competitions.queries import Involvement, competitions_visible_to
from podium.server.pages.lists import CompetitionItem, items
from podium.server.pages.news import list_stream
from podium.server.pages.people import signed_in
from podium.server.pages.views.submissions import listed
from podium.server.submissions.queries.following import follow_list, place_of
from podium.server.submissions.queries.listing import own_submissions

_LATEST = 20


@require_safe
def running(request: HttpRequest) -> HttpResponse:
    """The competitions that the person runs."""
    found = _of(signed_in(request), Involvement.RUNS)
    return render(request, "podium/work/running.html", {"tab": "work", "organizing": found})


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """The competitions that the person takes part in, and the latest submissions."""
    person = signed_in(request)
    place = place_of(follow_list(person, None))
    context = {
        "live_url": list_stream(place, None),
        "tab": "work",
        "participating": _of(person, Involvement.TAKES_PART),
        "heading": "Your latest submissions",
        "with_competition": True,
        "empty": "You have sent nothing yet.",
        "empty_more": "Join a competition, then submit on its page or by `podium submit`.",
    }
    rows = own_submissions(person, limit=_LATEST)
    return listed(request, rows, context, "podium/work/overview.html")


def _of(person: Person, involvement: Involvement) -> list[CompetitionItem]:
    return items(competitions_visible_to(person, competition_type=None, involvement=involvement))
