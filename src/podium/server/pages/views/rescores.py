"""Rescores: those of a competition and the form that starts one; one beside what it would change, and its decision."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_http_methods

from podium.rules.access import Action
from podium.rules.errors import NotFound, UserError
from podium.server.accounts.people import Person
from podium.server.pages.errors import wants_fragment
from podium.server.pages.heads import opened
from podium.server.pages.people import signed_in
from podium.server.pages.rescores import ROWS, line_of, shown_rescore
from podium.server.rescores.queries import rescorable, rescore_detail, rescores_of
from podium.server.rescores.services import RescoreWish, apply, cancel, start
from podium.server.rescores.services.starting import MOST_SAMPLED, USUAL_SAMPLE

_SAID = {
    "apply": "The rescore is applied: its scores count from now on.",
    "cancel": "The rescore is cancelled: all scores are as they were.",
}


@require_http_methods(["GET", "HEAD", "POST"])
def rescores(request: HttpRequest, pk: int) -> HttpResponse:
    """The rescores of a competition, and the form for another."""
    shown, context = opened(request, pk, "all-submissions")
    person = signed_in(request)
    shown.standing.require(Action.EDIT_SCORES)
    problem: UserError | None = None
    if request.method == "POST":
        try:
            return redirect("rescore", pk, start(person, pk, _wish(request)))
        except UserError as error:
            problem = error
    context |= {
        "rows": [line_of(row) for row in rescores_of(person, pk)],
        "possible": rescorable(person, pk),
        "problem": problem,
        "sent": request.POST,
        "phase": _number(request.POST.get("phase", "") or request.GET.get("phase", "")),
        "submissions": request.POST.get("submissions", "") or " ".join(request.GET.getlist("submission"))[:2000],
        "sample": request.POST.get("sample", str(USUAL_SAMPLE)),
        "most_sampled": MOST_SAMPLED,
    }
    return render(request, "podium/competition/rescores.html", context, status=problem.status if problem else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def rescore(request: HttpRequest, pk: int, rescore: int) -> HttpResponse:
    """A rescore: how far it is, what it would change, and the buttons that apply or cancel it."""
    shown, context = opened(request, pk, "all-submissions")
    person = signed_in(request)
    shown.standing.require(Action.EDIT_SCORES)
    page = max(_number(request.GET.get("page", "")) or 1, 1)
    found = rescore_detail(person, rescore, limit=ROWS, offset=ROWS * (page - 1))
    if found.row.competition_id != pk:
        raise NotFound("rescore-not-found", "This competition has no such rescore.", "Look at those that it has.")
    if request.method == "POST":
        return _decided(request, person, pk, rescore)
    context |= {"shown": shown_rescore(found, page)}
    part = "podium/competition/rescore_state.html"
    response = render(request, part if wants_fragment(request) else "podium/competition/rescore.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _decided(request: HttpRequest, person: Person, pk: int, rescore: int) -> HttpResponse:
    wanted = request.POST.get("do", "")
    if wanted not in _SAID:
        raise UserError("nothing-chosen", "Neither applying nor cancelling was asked for.", "Use one of the buttons.")
    decide = apply if wanted == "apply" else cancel
    decide(person, rescore)
    messages.success(request, _SAID[wanted])
    return redirect("rescore", pk, rescore)


def _wish(request: HttpRequest) -> RescoreWish:
    which, sent = request.POST.get("which", "all"), request.POST
    phase = _number(sent.get("phase", "")) if which == "phase" else None
    if which == "phase" and phase is None:
        raise UserError("phase-missing", "No phase was chosen.", "Choose one of the list.")
    sample = _number(sent.get("sample", ""))
    if sample is None:
        raise UserError("sample-invalid", "How many to score twice is no number.", "Write 0 to score nothing twice.")
    chosen = _numbers(sent.get("submissions", "")) if which == "some" else None
    return RescoreWish(sent.get("reason", ""), phase, chosen, sample)


def _numbers(text: str) -> tuple[int, ...]:
    words = text.replace(",", " ").split()
    numbers = [_number(word) for word in words]
    wrong = next((word for word, number in zip(words, numbers, strict=True) if number is None), None)
    if wrong is not None:
        raise UserError("submission-invalid", f"“{wrong[:40]}” is no number of a submission.", "Write numbers only.")
    if not words:
        raise UserError("nothing-chosen", "No submission was named.", "Write the numbers of those to score once more.")
    return tuple(number for number in numbers if number is not None)


def _number(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else None
