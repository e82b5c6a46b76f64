"""The workers of the site, for administrators."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from podium.rules.access import Action, require, roles_towards
from podium.rules.errors import UserError
from podium.server.accounts.people import Person
from podium.server.jobs.crew import all_workers
from podium.server.pages.crew import worker_items
from podium.server.pages.people import signed_in
from podium.server.submissions.queries.at_work import slots_at_work
from podium.server.submissions.queries.worker_checks import check_plan, checks_of_workers
from podium.server.submissions.services.worker_checks import end_checks, plan_check

_LARGEST = 2**63 - 1


@require_http_methods(["GET", "HEAD", "POST"])
def workers(request: HttpRequest) -> HttpResponse:
    """Every worker: whether it is alive, what it works on, how its sandbox holds, and how it compares. Its forms set by
    which submission and how often workers are compared."""
    person = signed_in(request)
    require(Action.ADMINISTER, roles_towards(signed_in=True, admin=person.is_admin))
    if request.method == "POST":
        return _plan(request, person)
    crew = worker_items(all_workers(), slots_at_work(), checks_of_workers())
    return render(request, "podium/workers.html", {"workers": crew, "plan": check_plan()})


def _plan(request: HttpRequest, person: Person) -> HttpResponseRedirect:
    try:
        if request.POST.get("do") == "end":
            end_checks(person)
            messages.success(request, "Workers are compared no more.")
        else:
            plan_check(person, _number(request, "submission"), _number(request, "every_h"))
            messages.success(request, "Every worker that is alive is checked now.")
    except UserError as refused:
        messages.error(request, f"{refused.message} {refused.hint}".strip())
    return redirect("workers")


def _number(request: HttpRequest, name: str) -> int:
    text = request.POST.get(name, "").strip()
    if not (text.isascii() and text.isdecimal()):
        raise UserError("number-invalid", "Both must be whole numbers.", "Write the number of a submission, and hours.")
    return min(int(text[:20]), _LARGEST)
