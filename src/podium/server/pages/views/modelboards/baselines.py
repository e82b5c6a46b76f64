"""Saying which models of a board others are only measured by."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from podium.server.modelboards.queries import dataset_at
from podium.server.modelboards.services import mark_baseline
from podium.server.pages.people import signed_in


@require_POST
def mark(request: HttpRequest, slug: str) -> HttpResponse:
    """Mark a model as a baseline, or take the mark off."""
    dataset = dataset_at(slug)
    model, baseline = request.POST.get("model", ""), request.POST.get("baseline", "")
    mark_baseline(signed_in(request), dataset.name, model.replace("\0", ""), baseline)
    said = "is shown without a rank from now on" if baseline else "is ranked from now on"
    messages.success(request, f"{model} {said}.")
    return redirect("model_board", slug)
