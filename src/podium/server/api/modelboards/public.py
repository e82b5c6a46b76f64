"""Below /public: what clients of older leaderboards ask for."""

from __future__ import annotations

import csv
import io
from importlib.metadata import version
from typing import Annotated, Any

import orjson
from django.http import HttpRequest, HttpResponse
from ninja import Query

from podium.metrics.registry import task_type
from podium.rules.errors import UserError
from podium.rules.modelboards.declared import missing_fields
from podium.rules.modelboards.imports.every_eval_ever import HUB_REPOSITORY
from podium.rules.modelboards.written import WrittenResult, every_eval_ever, hub_results
from podium.server.api.answers import PRIVATE_JSON, answer
from podium.server.configuration import configuration
from podium.server.exports.boards.escaping import for_spreadsheet
from podium.server.modelboards.queries import BoardRow, DatasetRow, all_datasets, board_rows, dataset_named
from podium.server.modelboards.queries.log import head_of_log

Page = Annotated[int, Query(ge=1, le=1_000_000)]
PageSize = Annotated[int, Query(ge=1, le=1_000_000)]
_LARGEST_PAGE = 100
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
    page_size = min(page_size, _LARGEST_PAGE)
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


def exported(
    request: HttpRequest,  # noqa: ARG001
    format: str = "json",  # noqa: A002 - the contract's word
    dataset: str = "",
    model: str = "",
) -> HttpResponse:
    """All results, those on one dataset, or those of one model, in a format of ours or of others. Of one dataset, the
    header says how its history ended."""
    response = _exported(format, dataset, model)
    if dataset:
        response.headers["Podium-History"] = str(head_of_log(dataset_named(dataset)))
    return response


def _exported(form: str, dataset: str, model: str) -> HttpResponse:
    rows = [(each, row) for each, row in _rows(dataset) if model in ("", row.model)]
    if form == "json":
        return answer({"success": True, "leaderboard": [_row(each, row) for each, row in rows]})
    if form == "csv":
        return _file(_csv(rows), "text/csv; charset=utf-8", "leaderboard.csv")
    if form == "every_eval_ever":
        records = every_eval_ever(_written(rows), site=configuration().url, version=version("podium"))
        return _file(orjson.dumps(records, option=orjson.OPT_INDENT_2), "application/json", "every_eval_ever.json")
    if form == "eval_results":
        if not model:
            raise UserError("model-missing", "A file of .eval_results is of one model.", "Name it as model.")
        return _file(hub_results(_written(rows)), "application/yaml", "eval_results.yaml")
    raise UserError(
        "format-unknown",
        f"The format {form[:20]!r} is not known.",
        "Ask for json, csv, every_eval_ever or eval_results.",
    )


def _csv(rows: list[tuple[DatasetRow, BoardRow]]) -> bytes:
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow(_CSV_COLUMNS)
    told = [_row(each, row) for each, row in rows]
    table.writerows([_cell(row[column]) for column in _CSV_COLUMNS] for row in told)
    return written.getvalue().encode()


def _file(content: bytes, media_type: str, name: str) -> HttpResponse:
    headers = {
        **PRIVATE_JSON,
        "Content-Type": media_type,
        "Content-Disposition": f'attachment; filename="{name}"',
    }
    return HttpResponse(content, headers=headers)


def _written(rows: list[tuple[DatasetRow, BoardRow]]) -> list[WrittenResult]:
    return [
        WrittenResult(
            dataset=dataset.name,
            dataset_url=dataset.url,
            hub_repository=str(dataset.extra.get(HUB_REPOSITORY) or ""),
            task=str(dataset.extra.get("task_id") or ""),
            metric=dataset.metric,
            lower_is_better=dataset.lower_is_better,
            model=row.model,
            score=row.score,
            low=row.ci_low,
            high=row.ci_high,
            day=row.updated_on.isoformat() if row.updated_on else "",
            source=row.source,
            submitted_by=row.submitted_by or row.submitter,
            badge=row.badge,
            at=row.created_at,
            bounds=_bounds(dataset),
        )
        for dataset, row in rows
    ]


def _bounds(dataset: DatasetRow) -> tuple[float, float] | None:
    """Between what the dataset's metric lies, where its task type says so of both ends."""
    metric = next((each for each in task_type(dataset.task_type).metrics if each.name == dataset.metric), None)
    return None if metric is None or metric.low is None or metric.high is None else (metric.low, metric.high)


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
        "languages": dataset.languages,
        "item_count": dataset.item_count,
        "items_public": dataset.items_public,
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
