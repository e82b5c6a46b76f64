"""The board of one dataset."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_safe

from podium.server.modelboards.queries import dataset_at, may_browse, may_manage
from podium.server.modelboards.queries.following import stamp_of
from podium.server.pages import wording
from podium.server.pages.markup import shown
from podium.server.pages.modelboards.contents import contents_of
from podium.server.pages.modelboards.figures import in_words
from podium.server.pages.modelboards.files import as_files
from podium.server.pages.modelboards.kept import board_stream, kept_part
from podium.server.pages.modelboards.parts import board_part
from podium.server.pages.modelboards.state import BoardView
from podium.server.pages.news import page_or_part
from podium.server.pages.people import acting


@require_safe
def board(request: HttpRequest, slug: str) -> HttpResponse:
    """The board of one dataset."""
    dataset = dataset_at(slug)
    stamp = stamp_of(dataset)
    view = BoardView.of(request.path, request.GET)
    person = acting(request)
    browses = may_browse(dataset, person)

    def part() -> str:
        contents = contents_of(dataset, view, may_browse=browses)
        return render_to_string("podium/modelboards/board_part.html", board_part(contents, person))

    state = (dataset.key, stamp, view, browses)
    context = {
        "dataset": dataset,
        "task_type": in_words(dataset.task_type),
        "languages": ", ".join(dataset.languages),
        "description": shown(dataset.description),
        "changed": wording.ago(dataset.changed_at),
        "live_url": board_stream(dataset, stamp),
        "board_part": kept_part(state, part),
        "files": as_files("model_board_export", dataset.slug),
        "manages": may_manage(dataset, person),
        "log_url": reverse("model_board_log", args=[dataset.slug]),
    }
    return page_or_part(request, "podium/modelboards/board.html", "podium/modelboards/board_live.html", context, state)
