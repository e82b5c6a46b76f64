"""Below /public: what clients of older leaderboards ask for."""

from __future__ import annotations

import csv
import io
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Query

from podium.rules.errors import UserError
from podium.rules.modelboards.declared import missing_fields
from podium.server.api.answers import PRIVATE_JSON, answer
from podium.server.exports.boards.escaping import for_spreadsheet
from podium.server.modelboards.queries import BoardRow, DatasetRow, all_datasets, board_rows, dataset_named

Page = Annotated[int, Query(ge=1, le=1_000_000)]
PageSize = Annotated[int, Query(ge=1, le=100)]
_CSV_COLUMNS = (
    "dataset_name",
    "task_type",
    "rank",
    "model_name",
    "evaluation_metric",
    "score",
    "ci_low",
    "ci_high",
    "updated",
    "badge",
    "submitted_by",
    "submitted_at",
)


def datasets(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """All datasets, without their results."""
    found = all_datasets()
    rows = board_rows(found)
    return answer({"success": True, "datasets": [_dataset(each, rows[each.id]) for each in found]})


def dataset_details(request: HttpRequest, name: str = "") -> HttpResponse:  # noqa: ARG001
    """One dataset."""
    if not name:
        raise missing_fields(["name"])
    found = dataset_named(name)
    rows = board_rows([found])[found.id]
    return answer({"success": True, "dataset": {**_dataset(found, rows), "extra": found.extra}})


def leaderboard(
    request: HttpRequest,  # noqa: ARG001
    dataset: str = "",
    page: Page = 1,
    page_size: PageSize = 20,
) -> HttpResponse:
    """A page of the results on one dataset in order of rank; without a name those of all, one after another."""
    rows = _rows(dataset)
    start = (page - 1) * page_size
    shown = [_row(each, row) for each, row in rows[start : start + page_size]]
    return answer(
        {
            "success": True,
            "leaderboard": shown,
            "entries": shown,
            "page": page,
            "page_size": page_size,
            "total": len(rows),
            "next_cursor": page + 1 if start + page_size < len(rows) else None,
        }
    )


def exported(request: HttpRequest, format: str = "json", dataset: str = "") -> HttpResponse:  # noqa: A002, ARG001
    """All results, or those on one dataset, as JSON or CSV."""
    rows = [_row(each, row) for each, row in _rows(dataset)]
    if format == "json":
        return answer({"success": True, "leaderboard": rows})
    if format != "csv":
        raise UserError("format-unknown", f"The format {format[:20]!r} is not known.", "Ask for json or csv.")
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow(_CSV_COLUMNS)
    table.writerows([_cell(row[column]) for column in _CSV_COLUMNS] for row in rows)
    headers = {
        **PRIVATE_JSON,
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": 'attachment; filename="leaderboard.csv"',
    }
    return HttpResponse(written.getvalue().encode(), headers=headers)


def _rows(dataset: str) -> list[tuple[DatasetRow, BoardRow]]:
    wanted = [dataset_named(dataset)] if dataset else all_datasets()
    rows = board_rows(wanted)
    return [(each, row) for each in wanted for row in rows[each.id]]


def _cell(value: object) -> object:
    if isinstance(value, str):
        return for_spreadsheet(value)
    return "" if value is None else value


def _dataset(dataset: DatasetRow, rows: list[BoardRow]) -> dict[str, Any]:
    return {
        "id": dataset.key,
        "name": dataset.name,
        "slug": dataset.slug,
        "url": dataset.url,
        "task_type": dataset.task_type,
        "description": dataset.description,
        "evaluation_metric": dataset.metric,
        "metric_direction": "asc" if dataset.lower_is_better else "desc",
        "submission_count": sum(row.revisions for row in rows),
        "model_count": len(rows),
        "created_at": dataset.created_at,
        "updated_at": dataset.changed_at,
    }


def _row(dataset: DatasetRow, row: BoardRow) -> dict[str, Any]:
    return {
        "rank": row.rank,
        "submission_id": str(row.id),
        "model_name": row.model,
        "dataset_name": dataset.name,
        "url": dataset.url,
        "submission_count": row.revisions,
        "task_type": dataset.task_type,
        "evaluation_metric": dataset.metric,
        "score": row.score,
        "ci_low": row.ci_low,
        "ci_high": row.ci_high,
        "submitted_by": row.submitted_by or row.submitter,
        "metadata": row.extra,
        "detailed_scores": row.detailed_scores,
        "primary_metric": dataset.metric,
        "submitted_at": row.created_at,
        "updated": row.updated,
        "declared_rank": row.declared_rank,
        "badge": row.badge,
        "source": row.source,
    }
