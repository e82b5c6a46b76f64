"""Models against datasets, and boards and this table as files."""

from __future__ import annotations

from dataclasses import replace

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from podium.server.exports.tables import table_file
from podium.server.modelboards.queries import board_rows, dataset_at, statistics_of, task_types_used
from podium.server.modelboards.queries.log import head_of_log
from podium.server.modelboards.queries.matrix import matrix_of
from podium.server.pages import wording
from podium.server.pages.modelboards.figures import in_words
from podium.server.pages.modelboards.files import as_files, board_as_table, matrix_as_table, sent
from podium.server.pages.modelboards.matrix import MEANINGS, TITLES, by_first, choices, heads, remarks, rows_html
from podium.server.pages.modelboards.matrix_state import AGGREGATES, MOST_WEIGHT, MatrixState
from podium.server.pages.parts import Fact

_MISSING = {
    "last": "it comes last there",
    "own": "it is judged by the others",
    "complete": "it is left out",
}
_SCALINGS = {"metric": "the scale of each metric", "seen": "from the lowest to the highest here"}


@require_safe
def matrix(request: HttpRequest) -> HttpResponse:
    """The table that the address asks for, and the form to ask for another."""
    state = MatrixState.of(request.path, request.GET)
    sent = [(name, value) for name, values in request.GET.lists() for value in values]
    if not state.unread and not set(sent) <= set(state.fields()):
        # A form sends everything; what goes without saying need not stand in an address that people pass on.
        return redirect(state.at(request.path))
    found = matrix_of(state.wish)
    lines = choices(found, state)
    in_form = {"find", "task", "dataset", "by", "missing", "scale", *(line.weight_field for line in lines)}
    context = {
        "wish": state.wish,
        "there": bool(found.rows),
        "filtered": state.filtered,
        "counts": f"{wording.counted(len(found.rows), 'model')}, {wording.counted(len(found.columns), 'dataset')}",
        "types": [(name, in_words(name), name == state.wish.task_type) for name in task_types_used()],
        "hidden": state.fields(*in_form),
        "choices": lines,
        "problem": _problem(state),
        "aggregates": [(each, TITLES[each], each == state.wish.by) for each in AGGREGATES],
        "missing": [(value, title, value == state.wish.missing) for value, title in _MISSING.items()],
        "scalings": [(value, title, value == state.wish.scaling) for value, title in _SCALINGS.items()],
        "heads": heads(found, state),
        "by_rank": state.sorted_by(""),
        "rows": rows_html(found, state),
        "meanings": [Fact(TITLES[each], MEANINGS[each]) for each in by_first(state.wish.by)],
        "remarks": remarks(found, state),
        "files": as_files("model_matrix_table", query=state.query),
    }
    return render(request, "podium/modelboards/matrix.html", context, status=400 if state.unread else 200)


@require_safe
def matrix_table(request: HttpRequest, ending: str) -> FileResponse:
    """The same table as a file."""
    state = MatrixState.of(request.path, request.GET)
    return sent(table_file(matrix_as_table(matrix_of(state.wish), state), ending))


@require_safe
def board_table(request: HttpRequest, slug: str, ending: str) -> FileResponse:  # noqa: ARG001
    """The board of a dataset as a file, with the end of its history."""
    dataset = dataset_at(slug)
    rows = board_rows([dataset])[dataset.id]
    file = table_file(board_as_table(dataset, rows, statistics_of(dataset)), ending)
    return sent(replace(file, history=str(head_of_log(dataset))))


def _problem(state: MatrixState) -> str:
    if not state.unread:
        return ""
    named = ", ".join(state.unread[:5])
    return f"A weight is a number from 0 to {MOST_WEIGHT:,}. What was sent for {named} is none, and counts as 1."
