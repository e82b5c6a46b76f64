"""A competition from a bundle."""

from __future__ import annotations

from pathlib import Path

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from podium.rules.errors import UserError
from podium.server.accounts.people import Person
from podium.server.competitions.services import publish
from podium.server.configuration import configuration
from podium.server.imports.services import import_bundle
from podium.server.pages.errors import moved, wants_fragment
from podium.server.pages.forms import ImportForm
from podium.server.pages.people import signed_in

_NOTES = 12


@require_http_methods(["GET", "HEAD", "POST"])
def import_competition(request: HttpRequest) -> HttpResponse:
    """The form, and the competition made of what it brings, or everything that is wrong with it."""
    person = signed_in(request)
    form = ImportForm(request.POST, request.FILES) if request.method == "POST" else ImportForm()
    problem: UserError | None = None
    if request.method == "POST":
        try:
            made = _imported(request, person, form)
            return moved(request, reverse("competition", args=[made]))
        except UserError as error:
            problem = error
        if wants_fragment(request):
            raise problem
    context = {"form": form, "problem": problem, "max_bytes": configuration().max_upload_bytes}
    return render(request, "podium/import.html", context, status=problem.status if problem else 200)


def _imported(request: HttpRequest, person: Person, form: ImportForm) -> int:
    if not form.is_valid():
        said = " ".join(str(error) for errors in form.errors.values() for error in errors)
        raise UserError("form-incomplete", said or "Choose a bundle.")
    sent = form.cleaned_data["file"]
    made = import_bundle(person, Path(sent.temporary_file_path()), sent.name or "bundle.zip")
    if form.cleaned_data["publish"]:
        publish(person, made.id)
    messages.success(request, f"“{made.title}” is here.")
    for note in made.notes[:_NOTES]:
        messages.warning(request, str(note))
    if len(made.notes) > _NOTES:
        messages.warning(request, f"There are {len(made.notes) - _NOTES} more notes.")
    return made.id
