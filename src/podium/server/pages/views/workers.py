"""The workers of the site, for administrators."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from podium.rules.access import Action, require, roles_towards
from podium.server.jobs.crew import all_workers
from podium.server.pages.crew import worker_items
from podium.server.pages.people import signed_in
from podium.server.submissions.queries.at_work import slots_at_work


@require_safe
def workers(request: HttpRequest) -> HttpResponse:
    """Every worker: whether it is alive, what it works on, and how its sandbox holds."""
    require(Action.ADMINISTER, roles_towards(signed_in=True, admin=signed_in(request).is_admin))
    return render(request, "podium/workers.html", {"workers": worker_items(all_workers(), slots_at_work())})
