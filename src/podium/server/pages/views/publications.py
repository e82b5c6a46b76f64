"""What of a competition is published to model boards, the form that publishes more, and the buttons that end it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from podium.metrics.registry import task_types
from podium.rules.access import Action
from podium.rules.errors import UserError
from podium.server.pages.heads import opened
from podium.server.pages.people import signed_in
from podium.server.publishing.queries import publications_of, publishable
from podium.server.publishing.services import PublicationWishes, publish, unpublish


@require_http_methods(["GET", "HEAD", "POST"])
def publications(request: HttpRequest, pk: int) -> HttpResponse:
    """The publications of a competition."""
    shown, context = opened(request, pk, "results")
    person = signed_in(request)
    shown.standing.require(Action.EDIT_BOARD)
    problem: UserError | None = None
    if request.method == "POST":
        try:
            if request.POST.get("end"):
                unpublish(person, pk, _number(request.POST["end"]))
                messages.success(request, "The publication is ended, and its results are withdrawn.")
            else:
                publish(person, pk, _wishes(request))
                messages.success(request, "It is published. The model board follows it from now on.")
            return redirect("publications", pk)
        except UserError as error:
            problem = error
    context |= {
        "rows": publications_of(person, pk),
        "columns": publishable(person, pk),
        "task_types": task_types(),
        "problem": problem,
        "sent": request.POST,
    }
    return render(request, "podium/competition/publications.html", context, status=problem.status if problem else 200)


def _wishes(request: HttpRequest) -> PublicationWishes:
    phase, _, rest = request.POST.get("column", "").partition(":")
    leaderboard, _, key = rest.partition(":")
    return PublicationWishes(
        phase_id=_number(phase),
        leaderboard_id=_number(leaderboard),
        column_key=key,
        dataset=request.POST.get("dataset", ""),
        task_type=request.POST.get("task_type", ""),
        description=request.POST.get("description", ""),
    )


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 16):
        raise UserError("column-missing", "No column was chosen.", "Choose one of the list.")
    return int(text)
