"""What a check of predictions found, and sending them from there."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from podium.rules.errors import Conflict, UserError
from podium.rules.modelboards.declared import read_link, read_name, read_text
from podium.server.accounts.people import Person
from podium.server.files.services import store
from podium.server.modelboards.queries import CheckRow, check_of
from podium.server.modelboards.services import PredictionsWishes, SentFile, submit_predictions
from podium.server.pages import wording
from podium.server.pages.errors import wants_fragment
from podium.server.pages.modelboards.sending import CheckedForm
from podium.server.pages.people import signed_in


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """How the check stands, and the form that sends the file that was checked."""
    person = signed_in(request)
    found = check_of(person, pk)
    form = CheckedForm(request.POST) if request.method == "POST" else CheckedForm()
    problem: UserError | None = None
    if request.method == "POST" and form.is_valid():
        try:
            return redirect("predictions_page", _send(person, found, form))
        except UserError as error:
            problem = error
    context = {
        "check": found,
        "form": form,
        "problem": problem,
        "good": found.ended and not found.problem_count,
        "items": wording.counted(found.count, "item"),
        "problems": found.problems,
        "problem_count": wording.counted(found.problem_count, "problem"),
        "more": max(found.problem_count - len(found.problems), 0),
    }
    name = "check_part" if wants_fragment(request) else "check"
    status = problem.status if problem else 200
    response = render(request, f"podium/modelboards/{name}.html", context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _send(person: Person, found: CheckRow, form: CheckedForm) -> str:
    said = form.cleaned_data
    wishes = PredictionsWishes(
        read_name(said["model"], "model"),
        submitted_by=read_text(said["submitted_by"], "submitted_by", most=200),
        source=read_link(said["source"], "source"),
    )
    if not store().exists(found.sha256):
        raise Conflict("file-gone", "What was checked is not kept any more.", "Choose the file again and send it.")
    sent = SentFile(found.file_name, store().path(found.sha256))
    return str(submit_predictions(person, found.dataset.name, sent, wishes).key)
