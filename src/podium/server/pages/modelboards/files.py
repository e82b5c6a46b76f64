"""Tables of model boards as files to take home."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import FileResponse, QueryDict
from django.urls import reverse

from podium.server.exports.boards.writing import WrittenFile
from podium.server.exports.tables import Head, Table
from podium.server.modelboards.queries import BoardRow, DatasetRow, Statistics
from podium.server.modelboards.queries.matrix import Matrix
from podium.server.pages.modelboards.figures import number
from podium.server.pages.modelboards.matrix import TITLES, by_first, remarks
from podium.server.pages.modelboards.matrix_state import MatrixState
from podium.server.pages.parts import Place

_FORMATS = {"csv": "CSV", "json": "JSON", "tex": "LaTeX", "md": "Markdown"}
_BOARD_HEADS = (
    Head("Rank", is_number=True, key="rank"),
    Head("Best rank", is_number=True, key="best_rank"),
    Head("Worst rank", is_number=True, key="worst_rank"),
    Head("Model", key="model"),
    Head("Score", is_number=True, key="score"),
    Head("Low", is_number=True, key="low"),
    Head("High", is_number=True, key="high"),
    Head("Items", is_number=True, key="items"),
    Head("Badge", key="badge"),
    Head("Baseline", key="baseline"),
    Head("Updated", key="updated"),
    Head("Source", key="source"),
    Head("Results", is_number=True, key="results"),
)


def as_files(name: str, *args: str, query: str = "") -> list[Place]:
    """Links to all formats of the table at the address of this name."""
    ending = f"?{query}" if query else ""
    return [Place(label, f"{reverse(name, args=[*args, kind])}{ending}") for kind, label in _FORMATS.items()]


def sent(file: WrittenFile) -> FileResponse:
    """The answer that sends a file."""
    response = FileResponse(file.content, as_attachment=True, filename=file.name, content_type=file.media_type)
    response.headers["Cache-Control"] = "private, no-store"
    if file.history:
        response.headers["Podium-History"] = file.history
    return response


def query_text(query: QueryDict) -> str:
    """A query as it stands in an address, without what is empty."""
    return urlencode([(name, value) for name, values in query.lists() for value in values if value])


def board_as_table(dataset: DatasetRow, rows: list[BoardRow], statistics: Statistics | None) -> Table:
    """The board of a dataset: every model's result, with the ranks that the data allow where the statistics are of
    today, and the other metrics of those that were scored here."""
    told = statistics.models if statistics is not None and statistics.fresh else {}
    metrics = list(dict.fromkeys(name for row in rows for name in row.metrics if name != dataset.metric))
    return Table(
        title=dataset.name,
        heads=[*_BOARD_HEADS, *(Head(name, is_number=True, key=name) for name in metrics)],
        rows=[
            (
                row.rank,
                told[row.id].best if row.id in told else None,
                told[row.id].worst if row.id in told else None,
                row.model,
                row.score,
                row.ci_low,
                row.ci_high,
                row.count,
                row.badge,
                dataset.baselines.get(row.model, ""),
                row.updated_on.isoformat() if row.updated_on else row.updated,
                row.source,
                row.revisions,
                *(row.metrics[name].score if name in row.metrics else None for name in metrics),
            )
            for row in rows
        ],
        shown=number,
        about={
            "dataset": dataset.name,
            "task_type": dataset.task_type,
            "metric": dataset.metric,
            "lower_is_better": dataset.lower_is_better,
            "changed_at": dataset.changed_at.isoformat(),
        },
        notes=[f"On this dataset the {'lowest' if dataset.lower_is_better else 'highest'} score is the best."],
    )


def matrix_as_table(matrix: Matrix, state: MatrixState) -> Table:
    """The matrix as the page has it. Means and win rates are shares from 0 to 1."""
    wish = state.wish
    order = by_first(wish.by)
    columns = [Head(each.dataset.name, is_number=True, key=f"score:{each.dataset.slug}") for each in matrix.columns]
    return Table(
        title="Models and datasets",
        heads=[
            Head("Rank", is_number=True, key="rank"),
            Head("Model", key="model"),
            *(Head(TITLES[each], is_number=True, key=each) for each in order),
            Head("Datasets", is_number=True, key="datasets"),
            *columns,
        ],
        rows=[
            (
                row.rank,
                row.model,
                *(getattr(row.aggregate, each) for each in order),
                row.aggregate.count,
                *row.scores,
            )
            for row in matrix.rows
        ],
        shown=number,
        about={
            "ranked_by": wish.by,
            "missing": wish.missing.value,
            "scale": wish.scaling,
            "datasets": [
                {
                    "key": f"score:{each.dataset.slug}",
                    "name": each.dataset.name,
                    "metric": each.metric,
                    "lower_is_better": each.dataset.lower_is_better,
                    "weight": each.weight,
                    "scale": None if each.scale is None else [each.scale.low, each.scale.high],
                }
                for each in matrix.columns
            ],
        },
        notes=remarks(matrix, state),
    )
