"""The board of one dataset."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from podium.server.modelboards.queries import board_rows, dataset_at
from podium.server.pages import wording
from podium.server.pages.markup import shown
from podium.server.pages.modelboards.figures import in_words
from podium.server.pages.modelboards.rows import board_rows_html
from podium.server.pages.modelboards.state import BoardView


@require_safe
def board(request: HttpRequest, slug: str) -> HttpResponse:
    """The board of one dataset."""
    dataset = dataset_at(slug)
    rows = board_rows([dataset])[dataset.id]
    view = BoardView.of(request.path, request.GET.dict())
    chosen = view.chosen(rows)
    context = {
        "dataset": dataset,
        "task_type": in_words(dataset.task_type),
        "description": shown(dataset.description),
        "direction": "lower is better" if dataset.lower_is_better else "higher is better",
        "count": wording.counted(len(chosen), "model"),
        "changed": wording.ago(dataset.changed_at),
        "rows": board_rows_html(chosen, lower_is_better=dataset.lower_is_better),
        "heads": view.heads(),
        "words": view.words,
        "order": view.order,
    }
    return render(request, "podium/modelboards/board.html", context)
