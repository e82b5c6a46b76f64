"""Below /api/leaderboard: references and predictions are sent as files, checked, scored and asked about."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.http import HttpRequest, HttpResponse

from podium.rules.errors import NotFound, UserError
from podium.rules.modelboards.declared import missing_fields, read_link, read_name, read_text
from podium.server.api.answers import PRIVATE_JSON, answer
from podium.server.api.asking import caller_of, person_asking
from podium.server.api.bodies import read_object
from podium.server.api.modelboards.envelopes import success
from podium.server.api.modelboards.later import answered_later
from podium.server.exports.boards.escaping import for_spreadsheet
from podium.server.modelboards.answers import first_problem, predictions_answer, problem_json
from podium.server.modelboards.models import PredictionsState
from podium.server.modelboards.queries import (
    PredictionsRow,
    answer_field,
    check_of,
    dataset_at,
    dataset_named,
    predictions_of,
    references_of,
    source_items,
)
from podium.server.modelboards.services import (
    PredictionsWishes,
    SentFile,
    ask_check,
    put_references,
    show_items,
    submit_predictions,
)

_WAIT_S = 30.0
_CHECK_S = 60.0
_ADDRESS = "/api/leaderboard/predictions/{}/"
_MEDIA = {"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl", "json": "application/json"}


def references_put(request: HttpRequest) -> HttpResponse:
    """Send the references of a dataset, and what models are asked, as files."""
    fields = read_object(request)
    name = read_name(_wanted(fields, "dataset_name"), "dataset_name")
    person = caller_of(request).person
    inputs = _file(request, "inputs") if "inputs" in request.FILES else None
    shown = _yes_or_no(fields.get("items_public"))
    put = put_references(person, name, _file(request, "references"), inputs)
    if shown is not None and person is not None:
        show_items(person, dataset_named(name).key, public=shown)
    response = success(message="References were received.", references=put.number)
    address = f"/api/leaderboard/references/{dataset_named(name).slug}/" if person else ""
    return answered_later(response, put.job, _seconds(fields.get("wait")), address)


def references_told(request: HttpRequest, slug: str) -> HttpResponse:
    """How the references of a dataset stand that were sent last, for its owner."""
    found = references_of(dataset_at(slug), caller_of(request).person)
    if not found:
        raise NotFound("no-references", "This dataset has no references.", "Send some.")
    row = found[0]
    message = f"References are {row.state.label}."
    if row.problems:
        message = first_problem(row.problems, row.problem_count)
    return success(
        message=message,
        references=row.number,
        state=row.state,
        count=row.count,
        problems=[problem_json(each) for each in row.problems],
        problem_count=row.problem_count,
    )


def predictions_sent(request: HttpRequest) -> HttpResponse:
    """Send what a model answered, to be scored; with `wait` the answer comes once it was."""
    fields = read_object(request)
    name = read_name(_wanted(fields, "dataset_name"), "dataset_name")
    wishes = PredictionsWishes(
        model=read_name(_wanted(fields, "model"), "model"),
        submitted_by=read_text(fields.get("submitted_by"), "submitted_by", most=200),
        source=read_link(fields.get("source"), "source"),
    )
    person = caller_of(request).person
    sent = submit_predictions(person, name, _file(request, "file"), wishes)
    row = predictions_of(sent.key, person)
    address = f"{_ADDRESS.format(sent.key)}?outcome=1"
    return answered_later(_told(row, outcome=True), sent.job, _seconds(fields.get("wait")), address)


def predictions_told(request: HttpRequest, key: UUID, outcome: bool = False) -> HttpResponse:
    """How predictions stand; with `outcome` those that were refused are an error."""
    return _told(predictions_of(key, caller_of(request).person), outcome=outcome)


def predictions_checked(request: HttpRequest) -> HttpResponse:
    """Say what is wrong with predictions, without sending them."""
    fields = read_object(request)
    name = read_name(_wanted(fields, "dataset_name"), "dataset_name")
    job = ask_check(person_asking(request), name, _file(request, "file"))
    response = success(message="Predictions are being checked.", check_id=job, state="waiting")
    return answered_later(response, job, _CHECK_S, f"/api/leaderboard/checks/{job}/")


def check_told(request: HttpRequest, number: int) -> HttpResponse:
    """What a check found, for whoever asked for it."""
    found = check_of(person_asking(request), number)
    if not found.ended:
        return success(message="Predictions are being checked.", check_id=number, state="waiting")
    if found.problems:
        return success(
            message=first_problem(found.problems, found.problem_count),
            check_id=number,
            state="refused",
            problems=[problem_json(each) for each in found.problems],
            problem_count=found.problem_count,
        )
    message = f"All {found.count:,} items have a prediction that can be scored."
    return success(message=message, check_id=number, state="valid", count=found.count, problems=[], problem_count=0)


def template(request: HttpRequest, dataset: str = "", format: str = "csv") -> HttpResponse:  # noqa: A002, ARG001
    """A file with the ids of all items, to fill the answers in."""
    if not dataset:
        raise missing_fields(["dataset"])
    if format not in _MEDIA:
        raise UserError("format-unknown", f"The format {format[:20]!r} is not known.", "Ask for csv, jsonl or json.")
    found = dataset_named(dataset)
    if not found.item_count:
        raise NotFound("no-references", "This dataset has no items to answer.", "Declare the score instead.")
    field = answer_field(found)
    ids = [item.id for item in source_items(found, found.item_count)]
    headers = {
        **PRIVATE_JSON,
        "Content-Type": _MEDIA[format],
        "Content-Disposition": f'attachment; filename="{found.slug}-predictions.{format}"',
    }
    return HttpResponse(_filled(ids, field, format), headers=headers)


def _filled(ids: Sequence[str], field: str, form: str) -> bytes:
    if form == "csv":
        written = io.StringIO()
        table = csv.writer(written)
        table.writerow(("id", field))
        table.writerows((for_spreadsheet(each), "") for each in ids)
        return written.getvalue().encode()
    empty: object = [] if field in {"tags", "entities", "ranking"} else ""
    rows = [{"id": each, field: empty} for each in ids]
    if form == "json":
        return orjson.dumps(rows, option=orjson.OPT_INDENT_2)
    return b"\n".join(orjson.dumps(row) for row in rows) + b"\n"


def _told(row: PredictionsRow, *, outcome: bool) -> HttpResponse:
    if outcome and row.state in {PredictionsState.REFUSED, PredictionsState.FAILED}:
        return answer({**predictions_answer(row), "status": "error"}, 400)
    return answer(predictions_answer(row))


def _wanted(fields: Mapping[str, Any], name: str) -> Any:
    if fields.get(name) in (None, ""):
        raise missing_fields([name])
    return fields[name]


def _file(request: HttpRequest, name: str) -> SentFile:
    sent = request.FILES.get(name)
    if not isinstance(sent, UploadedFile):
        raise UserError(
            "file-missing", f"Missing required fields: {name}.", f"Send the file as the field {name} of a form."
        )
    file_name = sent.name or name
    if isinstance(sent, TemporaryUploadedFile):
        return SentFile(file_name, Path(sent.temporary_file_path()))
    return SentFile(file_name, sent.read())


def _yes_or_no(said: object) -> bool | None:
    """Whether a field of a form says yes; None where it is not sent."""
    if said in (None, ""):
        return None
    if said not in ("0", "1"):
        raise UserError("items-public-invalid", "items_public must be 0 or 1.", "Leave it out to keep it as it is.")
    return said == "1"


def _seconds(wait: object) -> float:
    """How long a client wants to wait: `1`, `true` and the like for as long as is usual, or a number of seconds."""
    text = str(wait if wait is not None else "").strip().lower()
    if text in {"", "0", "false", "no"}:
        return 0.0
    if text in {"1", "true", "yes"}:
        return _WAIT_S
    if not text.isdecimal() or len(text) > 4:
        raise UserError("wait-invalid", "wait must be 0, 1 or a number of seconds.", "Leave it out to ask later.")
    return float(text)
