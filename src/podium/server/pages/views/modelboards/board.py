"""The board of one dataset."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from podium.server.modelboards.queries import DatasetRow, board_rows, dataset_at
from podium.server.modelboards.queries.following import stamp_of
from podium.server.pages import wording
from podium.server.pages.markup import shown
from podium.server.pages.modelboards.figures import in_words
from podium.server.pages.modelboards.kept import board_stream, kept_part
from podium.server.pages.modelboards.rows import board_rows_html
from podium.server.pages.modelboards.state import BoardView
from podium.server.pages.news import page_or_part


@require_safe
def board(request: HttpRequest, slug: str) -> HttpResponse:
    """The board of one dataset."""
    dataset = dataset_at(slug)
    stamp = stamp_of(dataset)
    view = BoardView.of(request.path, request.GET.dict())
    state = (dataset.key, stamp, view)
    context = {
        "dataset": dataset,
        "task_type": in_words(dataset.task_type),
        "description": shown(dataset.description),
        "direction": "lower is better" if dataset.lower_is_better else "higher is better",
        "changed": wording.ago(dataset.changed_at),
        "live_url": board_stream(dataset, stamp),
        "board_part": kept_part(state, lambda: _part(dataset, view)),
        "words": view.words,
        "order": view.order,
    }
    return page_or_part(request, "podium/modelboards/board.html", "podium/modelboards/board_live.html", context, state)


def _part(dataset: DatasetRow, view: BoardView) -> str:
    """What of the page changes with the results."""
    rows = board_rows([dataset])[dataset.id]
    chosen = view.chosen(rows)
    context = {
        "count": wording.counted(len(chosen), "model"),
        "ranked": sum(row.rank is not None for row in rows),
        "rows": board_rows_html(chosen, lower_is_better=dataset.lower_is_better),
        "heads": view.heads(),
        "path": view.path,
        "words": view.words,
    }
    return render_to_string("podium/modelboards/board_part.html", context)
