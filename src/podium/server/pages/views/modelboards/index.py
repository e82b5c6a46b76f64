"""The list of datasets that models are compared on."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from podium.server.modelboards.queries import datasets_like, task_types_used
from podium.server.modelboards.queries.following import stamp_of_list
from podium.server.pages import wording
from podium.server.pages.modelboards.figures import in_words
from podium.server.pages.modelboards.index import dataset_items
from podium.server.pages.modelboards.kept import kept_part, list_stream
from podium.server.pages.news import page_or_part


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The datasets, those that changed last first, by words and by task type."""
    stamp = stamp_of_list()
    words = request.GET.get("q", "").replace("\0", "").strip()[:200]
    types = task_types_used()
    task_type = request.GET.get("task", "") if request.GET.get("task", "") in types else ""
    state = (stamp, words, task_type)
    context = {
        "words": words,
        "types": [(name, in_words(name), name == task_type) for name in types],
        "filtered": bool(words or task_type),
        "live_url": list_stream(stamp),
        "list_part": kept_part(state, lambda: _part(words, task_type)),
    }
    return page_or_part(request, "podium/modelboards/index.html", "podium/modelboards/index_live.html", context, state)


def _part(words: str, task_type: str) -> str:
    """What of the page changes with datasets and results."""
    items = dataset_items(datasets_like(words, task_type))
    context = {
        "items": items,
        "count": wording.counted(len(items), "dataset"),
        "filtered": bool(words or task_type),
    }
    return render_to_string("podium/modelboards/index_part.html", context)
