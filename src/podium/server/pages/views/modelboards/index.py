"""The list of datasets that models are compared on."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from podium.server.modelboards.queries import datasets_like, task_types_used
from podium.server.pages import wording
from podium.server.pages.modelboards.figures import in_words
from podium.server.pages.modelboards.index import dataset_items


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The datasets, those that changed last first, by words and by task type."""
    words = request.GET.get("q", "").replace("\0", "").strip()[:200]
    types = task_types_used()
    task_type = request.GET.get("task", "") if request.GET.get("task", "") in types else ""
    items = dataset_items(datasets_like(words, task_type))
    context = {
        "items": items,
        "count": wording.counted(len(items), "dataset"),
        "words": words,
        "types": [(name, in_words(name), name == task_type) for name in types],
        "filtered": bool(words or task_type),
    }
    return render(request, "podium/modelboards/index.html", context)
