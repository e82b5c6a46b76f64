"""A person's queues."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from podium.rules.errors import NotAllowed, UserError
from podium.rules.limits import line_of_limits
from podium.server.accounts.queries import person_named
from podium.server.pages.forms import QueueForm, QueuePowersForm
from podium.server.pages.parts import Fact
from podium.server.pages.people import signed_in
from podium.server.queues.queries import QueueDetail, queue_for, queues_of_person
from podium.server.queues.services import (
    QueuePowers,
    QueueWishes,
    change_queue,
    delete_queue,
    empower_queue,
    open_queue,
)


@require_http_methods(["GET", "HEAD", "POST"])
def queues(request: HttpRequest) -> HttpResponse:
    """The queues that the person owns or organizes, and a new one."""
    person = signed_in(request)
    form = QueueForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            open_queue(person, _wishes(form))
        except UserError as error:
            form.add_error(None, f"{error.message} {error.hint}".strip())
        else:
            messages.success(request, "The queue is made.")
            return redirect("queues")
    rows = [_line(each) for each in queues_of_person(person)]
    context = {"tab": "queues", "rows": rows, "form": form}
    return render(request, "podium/work/queues.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def queue(request: HttpRequest, pk: int) -> HttpResponse:
    """One queue: its settings for its owner, which post to the same address."""
    person = signed_in(request)
    found = queue_for(person, pk)
    if request.method == "POST" and request.POST.get("do") == "delete":
        delete_queue(person, pk)
        messages.success(request, "The queue is deleted.")
        return redirect("queues")
    if request.method == "POST" and request.POST.get("do") == "powers":
        return _empower(request, found)
    row = found.row
    names = ", ".join(name for _, name in found.organizers)
    start = {"name": row.name, "is_public": row.is_public, "organizers": names}
    form = QueueForm(request.POST if request.method == "POST" else None, initial=start)
    if request.method == "POST" and form.is_valid():
        try:
            change_queue(person, pk, _wishes(form))
        except UserError as error:
            if isinstance(error, NotAllowed):
                raise
            form.add_error(None, f"{error.message} {error.hint}".strip())
        else:
            messages.success(request, "Saved.")
            return redirect("queue", pk)
    context = _context(request, found, form)
    return render(request, "podium/work/queue.html", context, status=400 if form.errors else 200)


def _empower(request: HttpRequest, found: QueueDetail) -> HttpResponse:
    person = signed_in(request)
    powers = QueuePowersForm(request.POST)
    if not powers.is_valid():
        if not person.is_admin:
            raise NotAllowed("queue-powers", "Only an administrator decides that.", "Ask one of them.")
        context = _context(request, found, None, powers)
        return render(request, "podium/work/queue.html", context, status=400)
    chosen = powers.cleaned_data
    wishes = QueuePowers(
        chosen["limit_defaults"], chosen["limit_maxima"], chosen["network"], chosen["runs_per_person"] or 0
    )
    empower_queue(person, found.row.id, wishes)
    messages.success(request, "Saved.")
    return redirect("queue", found.row.id)


def _context(
    request: HttpRequest, found: QueueDetail, form: QueueForm | None, powers: QueuePowersForm | None = None
) -> dict[str, object]:
    person, row = signed_in(request), found.row
    if powers is None and person.is_admin:
        start = {
            "limit_defaults": line_of_limits(row.limit_defaults),
            "limit_maxima": line_of_limits(row.limit_maxima),
            "network": row.network,
            "runs_per_person": row.runs_per_person,
        }
        powers = QueuePowersForm(initial=start)
    return {
        "tab": "queues",
        "queue": row,
        "limits": [
            Fact("Network", "programs reach it" if row.network else "none"),
            Fact("A run gets at most", line_of_limits(row.limit_maxima) or "what the site gives"),
            Fact("Without a word it gets", line_of_limits(row.limit_defaults) or "what the site gives"),
        ],
        "form": form if found.is_owner or person.is_admin else None,
        "powers": powers,
        "competitions": [
            {"url": reverse("competition", args=[pk]), "title": title} for pk, title in found.competitions
        ],
    }


def _wishes(form: QueueForm) -> QueueWishes:
    names = [name.strip() for name in form.cleaned_data["organizers"].split(",") if name.strip()]
    people = frozenset(person_named(name).id for name in names)
    return QueueWishes(form.cleaned_data["name"], form.cleaned_data["is_public"], people)


def _line(found: QueueDetail) -> dict[str, object]:
    row = found.row
    return {
        "name": row.name,
        "url": reverse("queue", args=[row.id]),
        "vhost": row.vhost,
        "owner": "you" if found.is_owner else row.owner,
        "use": "everybody" if row.is_public else "its owner and organizers",
    }
