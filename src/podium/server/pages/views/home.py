"""The list of all competitions."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from podium.server.competitions.queries import competitions_visible_to
from podium.server.pages import wording
from podium.server.pages.lists import items
from podium.server.pages.people import acting


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Every competition that the person may see."""
    found = items(competitions_visible_to(acting(request), competition_type=None))
    count = wording.counted(len(found), "competition") if found else ""
    return render(request, "podium/home.html", {"items": found, "count": count})


@require_safe
def competitions(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """The address under which other sites of this kind list competitions."""
    return HttpResponseRedirect(reverse("home"))
