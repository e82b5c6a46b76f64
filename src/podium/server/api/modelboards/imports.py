"""Below /api/leaderboard: results come in the files of other tools."""

from __future__ import annotations

from pathlib import Path

from django.core.files.uploadedfile import TemporaryUploadedFile
from django.http import HttpRequest, HttpResponse

from podium.rules.errors import UserError
from podium.rules.modelboards.declared import missing_fields, read_name, read_text
from podium.rules.modelboards.imports import ImportWishes
from podium.server.api.asking import caller_of
from podium.server.api.bodies import read_object
from podium.server.api.modelboards.envelopes import success
from podium.server.modelboards.services import ImportReport, import_results

_TRUE = frozenset(("1", "true", "yes", "on"))
_FALSE = frozenset(("", "0", "false", "no", "off"))


def imported(request: HttpRequest) -> HttpResponse:
    """Declare every result of the file in `file`, or none; with `dry_run` only say what would become of it."""
    fields = read_object(request)
    sent = request.FILES.get("file")
    if not isinstance(sent, TemporaryUploadedFile):
        raise missing_fields(["file"])
    report = import_results(
        caller_of(request).person,
        Path(sent.temporary_file_path()),
        sent.name or "results",
        ImportWishes(
            model=_name(fields.get("model"), "model"),
            dataset=_name(fields.get("dataset"), "dataset"),
            metric=read_text(fields.get("metric"), "metric", most=100),
            parts=_yes(fields.get("parts"), "parts"),
        ),
        task_type_name=read_text(fields.get("task_type"), "task_type", most=100),
        dry_run=_yes(fields.get("dry_run"), "dry_run"),
    )
    return success(
        message=_said(report, dry_run=_yes(fields.get("dry_run"), "dry_run")),
        tool=report.tool,
        new_datasets=report.new_datasets,
        results=[
            {
                "place": each.place,
                "dataset": each.dataset,
                "model": each.model,
                "score": each.score,
                "outcome": each.outcome,
                "reason": each.reason,
            }
            for each in report.results
        ],
        left_out=[{"place": each.place, "reason": each.reason} for each in report.left_out],
    )


def _said(report: ImportReport, *, dry_run: bool) -> str:
    counts = ", ".join(f"{report.counted(outcome)} {outcome}" for outcome in ("added", "updated", "skipped"))
    return f"{'Nothing is changed yet. ' if dry_run else ''}Results: {counts}."


def _name(value: object, at: str) -> str:
    return "" if value in (None, "") else read_name(value, at)


def _yes(value: object, at: str) -> bool:
    word = read_text(value, at, most=10).lower()
    if word not in _TRUE | _FALSE:
        raise UserError("flag-invalid", f"{at} must be 1 or 0.")
    return word in _TRUE
