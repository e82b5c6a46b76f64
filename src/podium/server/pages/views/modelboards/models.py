"""One model on all datasets, and finding models."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from podium.rules.errors import NotFound
from podium.rules.modelboards.names import clean_name, is_name
from podium.server.modelboards.queries.models import MOST_FOUND, models_like, standings_of
from podium.server.pages import wording
from podium.server.pages.modelboards.model_address import model_url
from podium.server.pages.modelboards.model_lines import standing_lines


@require_safe
def model(request: HttpRequest, name: str) -> HttpResponse:
    """All results of a model."""
    name = clean_name(name)
    if not is_name(name):
        raise NotFound("model-not-found", "No model can be called like this.", "Look at the models that there are.")
    standings, total = standings_of(name)
    left_out = total - len(standings)
    context = {
        "name": name,
        "counts": f"Results on {wording.counted(total, 'dataset')}",
        "lines": standing_lines(standings),
        "left_out": wording.counted(left_out, "further dataset") if left_out else "",
        "compare_url": f"{reverse('compare_models')}?{urlencode({'model': name})}",
    }
    return render(request, "podium/modelboards/model.html", context)


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """The models whose name has the words; with `name`, the page of the model of this name."""
    if request.GET.get("name"):
        return model(request, request.GET["name"])
    words = request.GET.get("q", "").replace("\0", "").strip()[:200]
    found = models_like(words)
    context = {
        "words": words,
        "models": [{"name": each.name, "count": f"{each.count:,}", "url": model_url(each.name)} for each in found],
        "full": len(found) == MOST_FOUND,
    }
    return render(request, "podium/modelboards/models.html", context)
