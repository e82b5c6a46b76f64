"""Taking part: the terms and the button, and the organizer's decisions."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from podium.rules.access import Action, ParticipantStatus
from podium.rules.errors import UserError
from podium.server.competitions import services
from podium.server.competitions.queries import ParticipantRow, participants
from podium.server.pages import markup, wording
from podium.server.pages.forms import JoinForm
from podium.server.pages.heads import opened
from podium.server.pages.parts import Kind
from podium.server.pages.people import acting, signed_in

_STATES: dict[ParticipantStatus, tuple[str, Kind]] = {
    ParticipantStatus.PENDING: ("Waiting", "busy"),
    ParticipantStatus.APPROVED: ("Approved", "good"),
    ParticipantStatus.DENIED: ("Denied", "bad"),
}


@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, pk: int) -> HttpResponse:
    """The terms, and the wish to take part under them."""
    shown, context = opened(request, pk, "join")
    person = signed_in(request)
    shown.standing.require(Action.REGISTER)
    form = JoinForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        status = services.register(person, pk, accepts_terms=form.cleaned_data["accept"])
        if status is ParticipantStatus.APPROVED:
            messages.success(request, "You take part. Here you send your first submission.")
            return redirect("submit", pk)
        messages.success(request, "The organizer was asked. You can submit as soon as you are approved.")
        return redirect("competition", pk)
    context |= {
        "form": form,
        "terms": markup.shown(shown.terms, shown.terms_format) if shown.terms.strip() else "",
        "after": "You take part at once."
        if shown.registration_auto_approve
        else "The organizer then decides whether you take part, and sees your e-mail address for that.",
    }
    return render(request, "podium/competition/join.html", context, status=400 if form.errors else 200)


@require_safe
def people(request: HttpRequest, pk: int) -> HttpResponse:
    """Everybody who asked to take part, with the buttons to decide."""
    rows = participants(acting(request), pk)
    shown, context = opened(request, pk, "participants")
    waiting = sum(row.status is ParticipantStatus.PENDING for row in rows)
    context |= {
        "rows": [_row(pk, row) for row in rows],
        "caption": f"{wording.counted(len(rows), 'person', 'people')}, {waiting} waiting for a decision.",
        "empty_more": "Publish the competition, then people can find it."
        if not shown.published
        else "Send them the address of this page's competition.",
    }
    return render(request, "podium/competition/participants.html", context)


@require_POST
def decide(request: HttpRequest, pk: int, participant: int) -> HttpResponse:
    """Approve or deny one of them."""
    wanted = request.POST.get("status", "")
    if wanted not in {status.value for status in ParticipantStatus}:
        raise UserError("decision-unknown", "This is no decision.", "Choose approve or deny.")
    services.decide(signed_in(request), participant, ParticipantStatus(wanted))
    messages.success(request, "Approved." if wanted == ParticipantStatus.APPROVED else "Denied.")
    return redirect("participants", pk)


def _row(competition_id: int, row: ParticipantRow) -> dict[str, object]:
    status, kind = _STATES[row.status]
    choices = (
        {"label": "Approve", "value": ParticipantStatus.APPROVED.value, "kind": "plain"},
        {"label": "Deny", "value": ParticipantStatus.DENIED.value, "kind": "danger"},
    )
    return {
        "name": row.name,
        "email": row.email,
        "status": status,
        "kind": kind,
        "asked": wording.ago(row.created_at),
        "url": reverse("decide_participant", args=[competition_id, row.id]),
        "choices": [choice for choice in choices if choice["value"] != row.status.value],
    }
