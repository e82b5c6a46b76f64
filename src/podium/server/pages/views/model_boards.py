"""Model boards: the list of datasets, the board of one, and sending a dataset or a result."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from podium.server.modelboards.queries import board_rows, dataset_at, datasets_like, task_types_used
from podium.server.pages import wording
from podium.server.pages.markup import shown
from podium.server.pages.model_boards import BoardView, board_rows_html, dataset_items, in_words


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
