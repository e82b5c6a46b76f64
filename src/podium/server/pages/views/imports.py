"""A competition from a bundle: the form that takes it in, and what became of it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from podium.rules.errors import BundleError, UserError
from podium.rules.runs import RunState
from podium.server.accounts.people import Person
from podium.server.configuration import configuration
from podium.server.imports.jobs import cancel_import, send_bundle
from podium.server.imports.queries import ImportStatus, import_status
from podium.server.pages.errors import moved, wants_fragment
from podium.server.pages.forms import ImportForm
from podium.server.pages.people import signed_in
from podium.server.pages.wording import size

_HEADINGS = {
    RunState.FINISHED: "The competition is here",
    RunState.FAILED: "Nothing was imported",
    RunState.CANCELLED: "The import was cancelled",
}


@require_http_methods(["GET", "HEAD", "POST"])
def import_competition(request: HttpRequest) -> HttpResponse:
    """The form; what it brings is imported afterwards."""
    person = signed_in(request)
    form = ImportForm(request.POST, request.FILES) if request.method == "POST" else ImportForm()
    problem: UserError | None = None
    if request.method == "POST":
        try:
            return moved(request, reverse("import_progress", args=[_sent(person, form)]))
        except UserError as error:
            problem = error
        if wants_fragment(request):
            raise problem
    context = {"form": form, "problem": problem, "max_bytes": configuration().max_upload_bytes}
    return render(request, "podium/import.html", context, status=problem.status if problem else 200)


@require_safe
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far an import is, and then the competition, or everything that is wrong with its bundle."""
    found = import_status(signed_in(request), pk)
    seen = hashlib.sha256(repr(found).encode("utf-8", "replace")).hexdigest()[:16]
    if wants_fragment(request) and request.GET.get("seen") == seen:
        return HttpResponse(status=204)
    template = "podium/import/live.html" if wants_fragment(request) else "podium/import/page.html"
    poll_url = f"{request.path}?{urlencode({'seen': seen})}"
    response = render(request, template, _shown(found) | {"poll_url": poll_url})
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop an import that has not ended."""
    cancel_import(signed_in(request), pk)
    return redirect("import_progress", pk)


def _sent(person: Person, form: ImportForm) -> int:
    if not form.is_valid():
        said = " ".join(str(error) for errors in form.errors.values() for error in errors)
        raise UserError("form-incomplete", said or "Choose a bundle.")
    sent = form.cleaned_data["file"]
    path = Path(sent.temporary_file_path())
    return send_bundle(person, path, sent.name or "bundle.zip", publish=form.cleaned_data["publish"])


def _shown(found: ImportStatus) -> dict[str, Any]:
    """An import in the words of its page."""
    cancelled = found.state is RunState.CANCELLED
    return {
        "status": found,
        "heading": _HEADINGS.get(found.state, "Checking the bundle"),
        "saying": _saying(found),
        "error": None if cancelled else found.error,
        "cancelled": cancelled,
        "problems": found.error.problems if isinstance(found.error, BundleError) else (),
    }


def _saying(found: ImportStatus) -> str:
    if found.saying and found.done:
        return f"{found.saying}: {size(found.done)} of {size(found.total)}."
    if found.saying:
        return f"{found.saying}."
    return f"{found.reason} It is tried again." if found.reason else "It waits for its turn."
