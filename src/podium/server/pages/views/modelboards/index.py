"""The list of datasets that models are compared on."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from podium.server.modelboards.queries import languages_used, page_of_datasets, task_types_used
from podium.server.modelboards.queries.following import stamp_of_list
from podium.server.pages import wording
from podium.server.pages.modelboards.facets import Choice
from podium.server.pages.modelboards.figures import in_words
from podium.server.pages.modelboards.index import ListView, dataset_items, modalities_of, types_of
from podium.server.pages.modelboards.kept import kept_part, list_stream
from podium.server.pages.news import page_or_part


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The datasets, those that changed last first, by words, task type, language and modality."""
    stamp = stamp_of_list()
    used, languages = task_types_used(), languages_used()
    modalities = sorted({each for name in used for each in modalities_of(name)})
    view = ListView.of(request.GET).known(used, languages, modalities)
    state = (stamp, view)
    context = {
        "view": view,
        "types": [Choice(name, in_words(name), name == view.task) for name in used],
        "languages": [Choice(name, name, name == view.language) for name in languages],
        "modalities": [Choice(name, in_words(name), name == view.modality) for name in modalities],
        "live_url": list_stream(stamp),
        "list_part": kept_part(state, lambda: _part(view, used)),
    }
    return page_or_part(request, "podium/modelboards/index.html", "podium/modelboards/index_live.html", context, state)


def _part(view: ListView, used: Sequence[str]) -> str:
    """What of the page changes with datasets and results."""
    rows, total = page_of_datasets(view.words, types_of(view, used), view.language, view.page)
    context = {
        "items": dataset_items(rows),
        "count": wording.counted(total, "dataset"),
        "filtered": view.filtered,
        "pages": view.pages(total),
    }
    return render_to_string("podium/modelboards/index_part.html", context)
