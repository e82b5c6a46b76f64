"""Updating a competition from a new version of its bundle: the form, what would change, and the button that does it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from podium.rules.access import Action
from podium.rules.bundle.changes import Change
from podium.rules.errors import UserError
from podium.server.accounts.people import Person
from podium.server.configuration import configuration
from podium.server.pages import wording
from podium.server.pages.errors import moved, wants_fragment
from podium.server.pages.forms import UpdateForm
from podium.server.pages.heads import opened
from podium.server.pages.people import signed_in
from podium.server.updates.services import ProposedUpdate, confirm, propose, proposed


@dataclass(frozen=True)
class ChangedPart:
    """A part of the competition, and a line for each thing that changes about it."""

    name: str
    lines: tuple[str, ...]


@require_http_methods(["GET", "HEAD", "POST"])
def update(request: HttpRequest, pk: int) -> HttpResponse:
    """The form for a bundle; for one that was sent, what it would change; and that change once it is confirmed."""
    shown, context = opened(request, pk, "update")
    person = signed_in(request)
    shown.standing.require(Action.EDIT_COMPETITION)
    form = UpdateForm(request.POST, request.FILES) if "file" in request.FILES or request.POST else UpdateForm()
    problem: UserError | None = None
    found: ProposedUpdate | None = None
    try:
        if request.method == "POST" and "proposal" in request.POST:
            return _confirmed(request, person, pk)
        if request.method == "POST":
            return moved(request, f"{request.path}?{urlencode({'proposal': _sent(person, pk, form)})}")
        if "proposal" in request.GET:
            found = proposed(person, pk, request.GET["proposal"])
    except UserError as error:
        if wants_fragment(request):
            raise
        problem = error
    context |= {"form": form, "problem": problem, "max_bytes": configuration().max_upload_bytes} | _described(found)
    return render(request, "podium/competition/update.html", context, status=problem.status if problem else 200)


def _sent(person: Person, pk: int, form: UpdateForm) -> str:
    if not form.is_valid():
        said = " ".join(str(error) for errors in form.errors.values() for error in errors)
        raise UserError("form-incomplete", said or "Choose a bundle.")
    sent = form.cleaned_data["file"]
    return propose(person, pk, Path(sent.temporary_file_path()), sent.name or "bundle.zip").proposal


def _confirmed(request: HttpRequest, person: Person, pk: int) -> HttpResponse:
    done = confirm(person, pk, request.POST["proposal"], request.POST.get("seen", ""))
    messages.success(request, f"“{done.title}” is updated: {wording.counted(len(done.changes), 'change')}.")
    return moved(request, reverse("competition", args=[pk]))


def _described(found: ProposedUpdate | None) -> dict[str, Any]:
    if found is None:
        return {"proposed": None}
    return {
        "proposed": found,
        "parts": _parts(found.changes),
        "count": wording.counted(len(found.changes), "change"),
        "problems": found.notes,
    }


def _parts(changes: Sequence[Change]) -> list[ChangedPart]:
    """The changes below the names of what they change."""
    parts = []
    for (part, name), group in groupby(changes, key=lambda change: (change.part, change.name)):
        called = f"{part.capitalize()} “{name}”" if name else part.capitalize()
        parts.append(ChangedPart(called, tuple(change.text for change in group)))
    return parts
